"""What is seen of a person by someone limited to a region: what is told there, as long as it holds."""

import pytest
from django.urls import reverse

from jalons.collection.people import actions
from jalons.collection.people.models import Alias, Link, Pair, Person
from jalons.collection.people.tests.builders import a_sheet, a_source, the_person, told
from jalons.collection.submissions.models import Submission
from jalons.core.errors import Refused
from jalons.core.levels import Level
from tests.builders import a_programme, a_region, a_user

FATIMA = ("El Alaoui", "Fatima", "F", "1990", "Oujda", "0612345678")
FATIMA_IN_ARABIC = ("العلوي", "فاطمة", "", "1990", "Oujda", "0612345678")
KHADIJA = ("Tazi", "Khadija", "F", "1985", "Agadir", "0698765432")
ZAHRA = ("Bennani Smires", "Fatima Zahra", "F", "1979", "Rabat", "0655443322")


class Regions:
    """A person told in two regions, in another spelling in each."""

    def __init__(self):
        self.form, self.officer = a_sheet()
        a_source(self.form, self.officer)
        self.here, self.there = a_region(), a_region()
        for region, people in ((self.here, (FATIMA,)), (self.there, (FATIMA_IN_ARABIC, ZAHRA))):
            told(self.form, self.officer, *people)
            Submission.objects.filter(region=None).update(region=region)
        actions.feed()
        self.coordinator = a_user("regional_coordinator", self.form.programme, region=self.here)
        self.person = the_person("Fatima")

    def split(self):
        """The telling of here turns out to be of another person."""
        return actions.split(alias=Alias.objects.get(given="Fatima"), by=self.officer)


@pytest.fixture
def regions(db):
    return Regions()


def test_a_person_is_closed_to_a_region_where_nothing_is_told_of_them_any_more(regions):
    assert regions.person.is_open_to(regions.coordinator, Level.EDIT)
    left = Link.objects.get(alias__given="Fatima", until=None).person

    regions.split()

    assert not left.is_open_to(regions.coordinator, Level.EDIT)
    assert the_person("Fatima").is_open_to(regions.coordinator, Level.EDIT)
    assert Person.objects.for_user(regions.coordinator, Level.EDIT).count() == 1


def test_a_name_told_in_another_region_stays_there(regions, client):
    assert (regions.person.name, regions.person.sex) == ("فاطمة العلوي", "F")
    client.force_login(regions.coordinator)

    shown = client.get(reverse("people:person-list")).content.decode()
    page = client.get(reverse("people:person-detail", args=[regions.person.pk])).content.decode()
    export = b"".join(client.get(reverse("people:person-list") + "?format=csv")).decode()

    for text in (shown, page, export):
        assert "Fatima El Alaoui" in text and "فاطمة" not in text and "Zahra" not in text


def test_a_doubt_is_open_to_who_sees_both_of_its_sides(regions):
    narrow = a_user("me_officer", regions.form.programme, region=regions.here)
    pair = regions.split()

    assert pair.is_open_to(regions.officer, Level.DECIDE)
    assert not pair.is_open_to(narrow, Level.DECIDE)


def test_who_sees_a_part_of_a_person_does_not_erase_the_whole(regions):
    narrow = a_user("me_officer", regions.form.programme, region=regions.here)

    with pytest.raises(Refused, match="autre région"):
        actions.erase(person=regions.person, why_erased="Demande du 3 mai", by=narrow)

    assert Alias.objects.filter(given="Fatima").exists()


@pytest.mark.parametrize("name", ["Fatima Zahra", "Bennani Smires", "بناني", "Fatima Zahra Bennani Smires", "smires"])
def test_someone_is_found_by_one_of_their_names_alone(regions, client, name):
    client.force_login(regions.officer)

    page = client.post(reverse("people:person-find"), {"name": name})

    found = [person.name for person in page.context["persons"]]
    assert found == (["Fatima Zahra Bennani Smires"] if name not in ("بناني", "smires") else [])


def test_the_page_to_erase_someone_lists_the_doubts_about_them(regions, client):
    client.force_login(regions.officer)
    other, mine = Alias.objects.get(given="Fatima Zahra"), Alias.objects.get(given="Fatima")
    one, two = sorted((other, mine), key=lambda alias: alias.pk)
    pair = Pair.objects.create(operator=mine.operator, one=one, other=two, score=0.4)

    page = client.get(reverse("people:person-erase", args=[regions.person.pk])).content.decode()

    assert reverse("people:pair-detail", args=[pair.pk]) in page
    assert "فاطمة العلوي" in page


def test_what_another_programme_of_the_operator_tells_stays_out_of_a_limited_role(regions, client):
    other = a_programme(operator=regions.form.programme.operator)
    form, officer = a_sheet(other)
    a_source(form, officer)
    told(form, officer, KHADIJA)
    Submission.objects.filter(form=form).update(region=regions.here)
    actions.feed()

    client.force_login(regions.officer)
    page = client.get(reverse("people:person-detail", args=[the_person("Khadija").pk])).content.decode()
    assert "Khadija" in page and reverse("submissions:submission-list") not in page.partition("<main")[2]
    assert not the_person("Khadija").is_open_to(regions.coordinator, Level.EDIT)
    assert not Link.objects.for_user(regions.coordinator).filter(alias__given="Khadija").exists()
