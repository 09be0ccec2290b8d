"""Forms and submissions that no one here wrote, through both doors: the command and the pages.

The household survey goes through its pages in a real Chromium: tests/browser/test_imports.py.
"""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from typer.testing import CliRunner

from jalons.cli.commands import app
from jalons.collection.forms.models import Form
from jalons.collection.submissions.models import Batch, Submission
from jalons.collection.submissions.projection import table_name
from jalons.core.errors import Refused
from tests.builders import a_programme, a_user
from tests.shared_data import SHARED, needs_shared_data

pytestmark = [needs_shared_data, pytest.mark.django_db, pytest.mark.slow]
FORMS = SHARED / "xlsforms"
MSNA = FORMS / "impact-humind-msna_MIT/REACH_2024_MSNA-kobo-tool_draft_v11.xlsx"
HOUSEHOLDS = SHARED / "submissions/impact-msna-dummy_MIT/dummy_raw_data.xlsx"
READ = ["pyodk_Apache2/simple_repeat.xlsx", "iaso_MIT/hydro.xlsx", "iaso_MIT/odk_instance_repeat_group_form.xlsx",
        "pyxform-tests_BSD2/repeat_date_test.xls"]  # fmt: skip
REFUSED = ["iaso_MIT/odk_form_blatantly_invalid.xlsx", "pyxform-tests_BSD2/unknown_question_type.xls"]


@pytest.fixture
def officer(client):
    officer = a_user("me_officer", a_programme(code="enquete"))
    client.force_login(officer)
    return officer


def type_in(officer, *words):
    return CliRunner().invoke(app, [*map(str, words), "--programme", "enquete", "--by", officer.email])


def send(client, page, path, **fields):
    return client.post(reverse(page), {**fields, "file": SimpleUploadedFile(path.name, path.read_bytes())})


def confirm(client, shown):
    told = {"programme": shown.context["programme"].pk, "sha256": shown.context["form"].initial["sha256"]}
    return client.post(reverse("forms:form-confirm"), told, follow=True)


def programme_of(officer):
    return officer.memberships.get().programme_id


def check_households():
    form = Form.objects.get()
    counted = {}
    with connection.cursor() as cursor:
        for repeat in ("", "roster", "edu_ind", "health_ind", "nut_ind"):
            cursor.execute(f"select count(*) from projection.{table_name(form.pk, repeat)}")
            counted[repeat] = cursor.fetchone()[0]
    assert counted == {"": 241, "roster": 965, "edu_ind": 965, "health_ind": 965, "nut_ind": 965}
    assert Submission.objects.count() == Batch.objects.get().report["received"] == 241


def test_a_household_survey_comes_in_by_the_command(officer):
    brought = type_in(officer, "form", "import", MSNA)
    assert brought.exit_code == 0, brought.output
    form = Form.objects.get()

    done = type_in(officer, "submissions", "import", HOUSEHOLDS, "--form", form.code)

    assert done.exit_code == 0, done.output
    assert "Reçues : 241 ;" in done.output and "lignes refusées : 0." in done.output.replace("\n", " ")
    check_households()


@pytest.mark.parametrize("name", READ)
def test_a_real_workbook_becomes_the_same_form_by_both_doors(client, officer, name):
    path = FORMS / name

    shown = send(client, "forms:form-add", path, programme=programme_of(officer))
    assert shown.status_code == 200 and not Form.objects.exists()
    confirm(client, shown)
    sent = Form.objects.get()
    typed = type_in(officer, "form", "import", path)

    assert typed.exit_code == 0, typed.output
    assert Form.objects.get() == sent and sent.versions.get().questions.exists()  # the same bytes: nothing new
    assert f"Questions : {sent.versions.get().questions.count()}." in typed.output


@pytest.mark.parametrize("name", REFUSED)
def test_a_real_workbook_that_is_no_form_is_refused_with_its_reasons_by_both_doors(client, officer, name):
    path = FORMS / name

    shown = send(client, "forms:form-add", path, programme=programme_of(officer))
    typed = type_in(officer, "form", "import", path)

    reasons = [refusal["message"] for refusal in shown.context["refusals"]]
    assert shown.status_code == 422 and reasons and all(refusal["remedy"] for refusal in shown.context["refusals"])
    assert isinstance(typed.exception, Refused) and typed.exit_code == 1
    assert all(reason in " ".join(typed.output.split()) for reason in reasons)
    assert not Form.objects.exists()


def test_the_command_refuses_what_is_no_file_of_submissions_and_the_page_asks_what_its_columns_are(client, officer):
    type_in(officer, "form", "import", FORMS / READ[0])
    form, file = Form.objects.get(), Path(FORMS / REFUSED[0])

    sent = send(client, "submissions:batch-add", file, form=form.pk)
    typed = type_in(officer, "submissions", "import", file, "--form", form.code)

    assert sent.status_code == 302 and isinstance(typed.exception, Refused)
    assert not Submission.objects.exists()
