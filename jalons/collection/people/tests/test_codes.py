import io
from datetime import date

import pytest

from jalons.collection.people import codes
from jalons.core.errors import Refused

KEY = "k7f2-9qx1-ab33-zz90"
OURS = "nom,prenom,sexe,annee_naissance\nEl Alaoui,Fatima,F,1990\nTazi,Khadija,F,1985\nAmzil,Said,H,1979\n"
THEIRS = "الاسم العائلي,الاسم الشخصي,الجنس,سنة الازدياد\nالعلوي,فاطمة,أنثى,1990\nالسوسي,عادل,ذكر,1979\n"


def a_list(text, key=KEY):
    written, count, without = codes.coded(io.BytesIO(text.encode()), "liste.csv", key, date(2026, 11, 28))
    return codes.read(io.BytesIO(written.encode()), "liste.codes.csv"), written, count, without


def test_two_lists_in_two_scripts_have_one_person_in_common():
    found = codes.overlap(a_list(OURS)[0], a_list(THEIRS)[0])

    assert found == (3, 2, 1, 0)


def test_codes_hold_no_name_and_nothing_in_the_order_of_the_list():
    _codes, written, count, without = a_list(OURS + ",,F,1990\n,,,\n")

    assert (count, without) == (3, 1)
    assert "Fatima" not in written and "1990" not in written
    numbers = [int(line.split(",")[1], 16) for line in written.splitlines()[1:]]
    assert numbers == sorted(numbers)


def test_another_key_finds_nobody():
    assert codes.overlap(a_list(OURS)[0], a_list(OURS, KEY[::-1])[0]).sure == 0


def test_an_unknown_year_makes_a_doubt_never_a_match():
    without_year = "nom,prenom,sexe\nEl Alaoui,Fatima,F\n"

    assert codes.overlap(a_list(OURS)[0], a_list(without_year)[0])[2:] == (0, 1)


@pytest.mark.parametrize("key", ["", "court", " " * 30])
def test_a_key_that_can_be_guessed_is_refused(key):
    with pytest.raises(Refused):
        a_list(OURS, key)


@pytest.mark.parametrize("content", [b"", b"nom,prenom\n", b"jalons-codes-1,names,whole\nx,zz,\n", b"\xff\xfe\x00"])
def test_a_file_that_holds_no_codes_is_refused(content):
    with pytest.raises(Refused):
        codes.read(io.BytesIO(content), "autre.csv")


def test_lists_that_would_keep_the_server_for_minutes_are_compared_elsewhere():
    with pytest.raises(Refused, match="hors ligne"):
        codes.check_length([None] * 30_000, [None] * 30_000)
