from collections import Counter

import pytest

from jalons.foundation.territories.actions import load_territories
from jalons.foundation.territories.models import Territory


@pytest.mark.slow
def test_all_places_come_in_and_again_without_a_double(db):
    first = load_territories()
    second = load_territories()

    assert first == second == Territory.objects.count()
    assert Counter(Territory.objects.filter(code__regex=r"^\d").values_list("level", flat=True)) == {
        "region": 12, "province": 83, "commune": 1503,
    }  # fmt: skip
    assert Counter(Territory.objects.filter(code__startswith="FR-").values_list("level", flat=True)) == {
        "region": 18, "province": 97,
    }  # fmt: skip


@pytest.mark.slow
def test_places_know_their_names_their_place_and_the_census(db):
    load_territories()

    oujda = Territory.objects.get(code="02.411.01.23")
    morocco = oujda.parent.parent.parent

    assert (oujda.name["fr"], oujda.parent.name["fr"], oujda.parent.parent.name["ar"]) == (
        "Oujda",
        "Oujda-Angad",
        "الشرق",
    )
    assert oujda.population > 400_000 and oujda.households
    assert morocco.name == {"fr": "Maroc", "ar": "المغرب", "en": "Morocco"}
    assert morocco.population is None
    assert Territory.objects.get(code="FR-67").parent.name["fr"] == "Grand Est"
    assert Territory.objects.get(code="FR-2A").parent.name["fr"] == "Corse"
