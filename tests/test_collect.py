"""JavaRosa, the engine of ODK Collect and KoboCollect, opens what phones download and fills it in; we read the same.

Needs Java (Debian: default-jdk-headless); JavaRosa comes with pyxform.
"""

import copy
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
import pyxform
from django.core.files.uploadedfile import SimpleUploadedFile
from lxml import etree

from jalons.cli.demo.forms import workbook
from jalons.collection.forms.actions import import_form, publish
from jalons.collection.submissions.actions import bring_in, open_device
from jalons.collection.submissions.mending import recomputed
from jalons.collection.submissions.models import Arrival, Flag, SubmissionVersion
from jalons.collection.submissions.reading import Ready
from tests.builders import a_programme, a_user
from tests.shared_data import SHARED, needs_shared_data

JAVAROSA = Path(pyxform.__file__).parent / "validators/odk_validate/bin/ODK_Validate.jar"
HERE = Path(__file__).parent / "collect"
OURS = ["capacite_association", "feuille_presence", "parcours_travailleur", "suivi_beneficiaire", "visite_accueil"]
OTHERS = ["iaso_MIT/hydro.xlsx", "iaso_MIT/odk_instance_repeat_group_form.xlsx", "pyodk_Apache2/simple_repeat.xlsx",
          "odk-web-forms_Apache2/socio-economic-survey-v20240515.xlsx", "pyxform-tests_BSD2/UCL_Biomass_Plot_Form.xlsx",
          "unhcr-surveydesigner_MIT/question_bank_pdm-food-livelihood_447q.xlsx"]  # fmt: skip
EACH = 3

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("javac"), reason="Java is absent"),
]


@pytest.fixture
def phone(client):
    """What a phone may do: list, download, send; and who opens forms to it."""
    programme = a_programme()
    officer = a_user("me_officer", programme)
    holder = a_user("data_collector", programme)
    device = open_device(programme=programme, name="Tablette", holder=holder, by=officer)
    return programme, officer, f"/openrosa/key/{device.given_key}"


@pytest.mark.parametrize("theirs", [False, pytest.param(True, marks=needs_shared_data)], ids=["ours", "theirs"])
def test_what_collect_fills_in_comes_in_as_collect_says_it(client, phone, tmp_path, theirs):
    programme, officer, base = phone
    found = [SHARED / "xlsforms" / name for name in OTHERS] if theirs else [Path(f"{name}.xlsx") for name in OURS]
    for path in found:
        content = path.read_bytes() if theirs else workbook(path.stem)
        version = import_form(programme=programme, data=content, file_name=path.name, by=officer)
        publish(form=version.form, by=officer)

    download(client, base, tmp_path)
    faults = fill(tmp_path)
    lacking = send(client, base, tmp_path)
    bring_in()

    assert not faults
    assert len(lacking) == len(found) * EACH == Arrival.objects.filter(state=Arrival.State.IN).count()
    flags = Flag.objects.select_related("submission")
    assert {flag.check_code for flag in flags} <= {"required"}
    blank = {name: Counter() for name in lacking}
    for flag in flags:
        blank[flag.submission.instance_id][flag.question.rpartition("/")[2]] += 1
    assert blank == lacking
    for version in SubmissionVersion.objects.select_related("form_version"):
        assert not version.unread
        ready, answers = Ready(version.form_version), copy.deepcopy(version.answers)
        names = {step.item.name for step in ready.rulebook.calculations}
        assert recomputed(answers, ready, names, "") == []


def download(client, base, folder):
    """The forms that a phone sees, each with its files, as it keeps them."""
    for n, listed in enumerate(etree.fromstring(client.get(f"{base}/formList").content).iter("{*}xform")):
        (folder / f"{n}.xml").write_bytes(client.get(listed.findtext("{*}downloadUrl")).content)
        (folder / str(n)).mkdir()
        if manifest := listed.findtext("{*}manifestUrl"):
            for medium in etree.fromstring(client.get(manifest).content).iter("{*}mediaFile"):
                served = client.get(medium.findtext("{*}downloadUrl"))
                (folder / str(n) / medium.findtext("{*}filename")).write_bytes(served.getvalue())


def fill(folder):
    """Sheets filled in at random; what did not open, and why."""
    subprocess.run(["javac", "-nowarn", "-cp", JAVAROSA, "-d", folder, HERE / "Collect.java"], check=True)
    command = ["java", "-cp", f"{JAVAROSA}:{folder}", "Collect", folder, str(EACH)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def send(client, base, folder):
    """Every sheet sent; required questions that JavaRosa knows blank, by identifier."""
    lacking = {}
    for path in folder.glob("*.filled/*.xml"):
        content = path.read_bytes()
        sent = SimpleUploadedFile("sheet.xml", content, "text/xml")
        assert client.post(f"{base}/submission", {"xml_submission_file": sent}).status_code == 201
        lacking[etree.fromstring(content).findtext(".//{*}instanceID")] = Counter(
            path.with_suffix(".txt").read_text().split()
        )
    return lacking
