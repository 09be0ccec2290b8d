"""Forms that come with Jalons: adopted in one click, whole, once."""

import pytest
from django.urls import reverse

from jalons.collection.forms import shipped
from jalons.collection.forms.actions import adopt
from jalons.collection.forms.models import Form
from jalons.core.errors import Refused
from tests.builders import a_programme, a_user

pytestmark = pytest.mark.django_db


def test_the_attendance_sheet_is_adopted_with_its_questions_declared(client):
    programme = a_programme()
    officer = a_user("me_officer", programme)
    client.force_login(officer)
    page = client.get(reverse("forms:form-add")).content.decode()

    client.post(reverse("forms:form-adopt"), {"attendance-programme": programme.pk, "attendance-code": "attendance"})

    form = Form.objects.get()
    version = form.versions.get()
    assert "Feuille de présence" in page and form.state == "draft"
    assert (form.date_question, form.territory_question, form.sex_question) == ("event_date", "event_commune", "sex")
    assert version.warnings == [] and [language["code"] for language in version.languages] == ["fr", "ar"]
    people = {q.name: q.identifies for q in version.questions.filter(table="participants")}
    assert people["family_name"] == people["phone"] == "direct" and people["year_of_birth"] == "indirect"
    with pytest.raises(Refused, match="déjà ce formulaire"):
        adopt(programme=programme, code="attendance", by=officer)


def test_a_shipped_form_is_always_the_same_bytes():
    first = shipped.workbook("attendance")
    shipped.workbook.cache_clear()

    assert shipped.workbook("attendance") == first
