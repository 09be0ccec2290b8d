import pytest
from django.urls import reverse

from jalons.foundation.territories.models import Territory
from tests.builders import a_programme, a_user


@pytest.fixture
def places(db, client):
    client.force_login(a_user("me_officer", a_programme()))
    region = Territory.objects.create(code="02", level="region", name={"fr": "L’Oriental", "ar": "جهة الشرق"})
    Territory.objects.create(code="02.381", level="province", name={"fr": "Nador", "ar": "الناظور"}, parent=region)
    Territory.objects.create(code="01.051", level="province", name={"fr": "Al Hoceïma", "ar": "الحسيمة"})
    return region


@pytest.mark.parametrize(
    ("words", "found"),
    [("al hoceima", "Hoceïma"), ("الحسيمه", "Hoceïma"), ("ORIENTAL", "Oriental"), ("النَّاظور", "Nador"),
     ("الناضور", None), ("fr", None)],
)  # fmt: skip
def test_a_place_is_found_without_accents_nor_the_exact_arabic_letter(client, places, words, found):
    page = client.get(reverse("territories:territory-list"), {"q": words})

    names = [row["object"].name["fr"] for row in page.context["rows"]]
    assert len(names) == bool(found)
    assert not found or found in names[0]


def test_a_place_shows_what_lies_in_it(client, places):
    page = client.get(reverse("territories:territory-detail", args=[places.pk]))

    assert [row["object"].code for row in page.context["sections"][0]["rows"]] == ["02.381"]
