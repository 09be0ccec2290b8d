"""XForms of other tools, real and hostile: each is served to phones, and its instance taken or refused in words."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from lxml import etree

from jalons.collection.submissions.actions import bring_in, open_device
from jalons.collection.submissions.models import Arrival
from jalons.collection.submissions.tests.builders import a_received_form
from tests.builders import a_user
from tests.shared_data import SHARED, needs_shared_data

XFORMS = sorted((SHARED / "xforms").rglob("*.xml"))
ROOT = "{http://www.w3.org/1999/xhtml}html"
READ = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def _root(path):
    try:
        return etree.parse(path, READ).getroot()
    except etree.XMLSyntaxError:
        return None


@pytest.fixture
def door(db):
    form, officer = a_received_form()
    form.state = "published"
    form.save()
    holder = a_user("data_collector", form.programme)
    device = open_device(programme=form.programme, name="Tablette", holder=holder, by=officer)
    return form.versions.get(), f"/openrosa/key/{device.given_key}"


@needs_shared_data
@pytest.mark.slow
def test_each_is_served_and_its_instance_taken_or_refused_in_words(client, door):
    version, base = door
    found = [(path, root) for path in XFORMS if (root := _root(path)) is not None and root.tag == ROOT]
    assert len(found) > 100
    for path, root in found:
        version.xform = path.read_text()
        version.save(update_fields=["xform"])
        listed = etree.fromstring(client.get(f"{base}/formList").content)
        for tag in ("downloadUrl", "manifestUrl"):
            for url in listed.iter(f"{{*}}{tag}"):
                served = client.get(url.text)
                assert (served.status_code, served["Content-Security-Policy"]) == (200, "sandbox"), path
                etree.fromstring(served.content)
        assert client.get(listed.findtext(".//{*}downloadUrl")).content == version.xform.encode()
        for content in _instances(root, version.form.code):
            sent = SimpleUploadedFile("fiche.xml", content, "text/xml")
            answer = client.post(f"{base}/submission", {"xml_submission_file": sent})
            assert answer.status_code in (201, 202, 400, 404, 409), path
            assert etree.fromstring(answer.content)[0].text, path

    bring_in()
    assert set(Arrival.objects.values_list("state", flat=True)) <= {"in", "aside", "conflict"}


def _instances(root, code):
    """The empty instance of a form as it is, then as one of ours."""
    for primary in root.findall(".//{*}model/{*}instance[1]/*[1]"):
        yield etree.tostring(primary)
        primary.set("id", code)
        yield etree.tostring(primary)
