"""Questions that only Kobo has (matrix, score, rank): their forms are taken, their answers are read and corrected."""

import pytest

from jalons.collection.forms.rules.faults import Refusals
from jalons.collection.forms.rules.reading import read_form
from jalons.collection.forms.tests.workbooks import a_form
from jalons.collection.submissions import actions, servers
from jalons.collection.submissions.actions import Access
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.tests import other_servers
from jalons.collection.submissions.tests.other_servers import TOKEN, a_kobo_row, serving
from tests.builders import a_programme, a_user

HEADER = ["type", "name", "label", "kobo--score-choices", "kobo--rank-items", "kobo--rank-constraint-message",
          "kobo--matrix_list", "required", "relevant"]  # fmt: skip
SCORE = [["begin_score", "avis", "Votre avis", "echelle", "", "", "", "true"], ["score__row", "accueil", "Accueil"],
         ["score__row", "delai", "Délai"], ["end_score"]]  # fmt: skip
RANK = [["begin_rank", "besoins", "Besoins", "", "liste", "Pas deux fois"], ["rank__level", "un", "Premier"],
        ["rank__level", "deux", "Deuxième"], ["end_rank"]]  # fmt: skip
MATRIX = [["begin_kobomatrix", "biens", "Biens", "", "", "", "objets"], ["select_one yn", "a", "En a-t-il"],
          ["integer", "nb", "Combien", "", "", "", "", "", "${a} = 'oui'"], ["end_kobomatrix"]]  # fmt: skip
CHOICES = [["list_name", "name", "label"], ["echelle", "bien", "Bien"], ["echelle", "mal", "Mal"],
           ["liste", "eau", "Eau"], ["liste", "toit", "Toit"], ["objets", "velo", "Vélo"], ["objets", "tv", "Télé"],
           ["yn", "oui", "Oui"], ["yn", "non", "Non"]]  # fmt: skip
ANSWERS = {"avis/accueil": "bien", "avis/delai": "mal", "besoins/un": "toit", "besoins/deux": "eau",
           "biens_velo/biens_velo_a": "oui", "biens_velo/biens_velo_nb": "2", "biens_tv/biens_tv_a": "non"}  # fmt: skip


def a_kobo_form(*rows):
    filled = [[*row, *[""] * (len(HEADER) - len(row))] for row in rows]
    return a_form(*filled, header=HEADER, choices=CHOICES, settings=[["form_id", "version"], ["biens", "v1"]])


def content():
    """The same form as the API tells it."""
    rows = [dict(zip(HEADER, row, strict=False)) for row in (*SCORE, *RANK, *MATRIX)]
    return {"survey": rows, "choices": [dict(zip(CHOICES[0], row, strict=True)) for row in CHOICES[1:]]}


@pytest.fixture
def kobo(db, settings, monkeypatch):
    settings.PRIVATE_SERVERS = True
    monkeypatch.setattr(servers, "PAUSE", 0)
    with serving(other_servers.Kobo) as (address, state):
        state.assets["aBiens"] = {"uid": "aBiens", "name": "Biens", "has_deployment": True, "deployed_version_id": "v1",
                                  "content": content()}  # fmt: skip
        state.workbooks["aBiens"] = a_kobo_form(*SCORE, *RANK, *MATRIX)
        state.rows["aBiens"] = [a_kobo_row(1, **ANSWERS)]
        state.address = address
        yield state


def test_each_becomes_the_questions_that_phones_ask_at_the_rows_of_its_sheet():
    form = read_form(a_kobo_form(["text", "nom", "Nom"], *SCORE, *RANK, *MATRIX), "biens.xlsx")

    assert [(q.row, q.path, q.kind, q.list_name) for q in form.questions] == [
        (2, "nom", "text", ""),
        (4, "avis/accueil", "select_one", "echelle"), (5, "avis/delai", "select_one", "echelle"),
        (8, "besoins/un", "select_one", "liste"), (9, "besoins/deux", "select_one", "liste"),
        (12, "biens_velo/biens_velo_a", "select_one", "yn"), (13, "biens_velo/biens_velo_nb", "integer", ""),
        (12, "biens_tv/biens_tv_a", "select_one", "yn"), (13, "biens_tv/biens_tv_nb", "integer", ""),
    ]  # fmt: skip
    by_name = {q.name: q for q in form.questions}
    assert by_name["biens_tv_nb"].asked_if == ("${biens_tv_a} = 'oui'",)
    assert by_name["biens_velo_a"].labels == {"und": "Vélo – En a-t-il"}
    assert by_name["deux"].constraint == "${deux} != ${un}"
    assert by_name["accueil"].required


@pytest.mark.parametrize(
    ("rows", "row", "column"),
    [([["begin_score", "avis", "Avis"], *SCORE[1:]], 2, "kobo--score-choices"),
     ([["text", "nom", "Nom"], *MATRIX[:-1]], 3, "kobo--matrix_list"),
     ([RANK[0], ["text", "un", "Premier"], RANK[-1]], 2, "kobo--rank-items"),
     ([["text", "nom", "Nom"], ["end_rank"]], 3, "kobo--rank-items")],
)  # fmt: skip
def test_one_that_is_not_whole_is_refused_with_its_row_and_what_to_do(rows, row, column):
    verdict = read_form(a_kobo_form(*rows), "biens.xlsx")

    assert isinstance(verdict, Refusals)
    (fault,) = [fault for fault in verdict.faults if fault.code == "kobo_type"]
    assert (fault.sheet, fault.row, fault.column) == ("survey", row, column)
    assert "XLS" in fault.fill(fault.advice.remedy)


def test_such_a_project_is_taken_pulled_and_corrected(kobo):
    programme = a_programme()
    officer, other = a_user("me_officer", programme), a_user("me_officer", programme)
    access = Access("kobo", kobo.address, "", TOKEN)
    connection = actions.open_connection(programme=programme, name="Kobo", access=access, by=officer)
    tie = actions.tie_project(connection=connection, remote_id="aBiens", by=officer)

    assert actions.pull(tie, officer).received == 1
    held = Submission.objects.get()
    assert held.current.answers == {
        "accueil": "bien", "delai": "mal", "un": "toit", "deux": "eau", "biens_velo_a": "oui", "biens_velo_nb": 2,
        "biens_tv_a": "non",
    }  # fmt: skip
    assert held.current.unread == []
    actions.amend(submission=held, answers={"biens_velo_nb": 3, "accueil": "mal"}, version=1, reason="vu", by=officer)
    actions.validate(submission=Submission.objects.get(), by=other)

    assert actions.pull(tie, officer).sent == 1
    (row,) = kobo.rows["aBiens"]
    assert (row["avis/accueil"], row["biens_velo/biens_velo_nb"], row["biens_tv/biens_tv_a"]) == ("mal", "3", "non")
    assert actions.pull(tie, officer, whole=True).updated == 0


def test_our_form_that_asks_the_same_is_tied_to_it(kobo):
    programme = a_programme()
    officer = a_user("me_officer", programme)
    access = Access("kobo", kobo.address, "", TOKEN)
    connection = actions.open_connection(programme=programme, name="Kobo", access=access, by=officer)
    ours = actions.tie_project(connection=connection, remote_id="aBiens", by=officer).form
    kobo.assets["aCopie"] = {**kobo.assets["aBiens"], "uid": "aCopie"}

    assert actions.tie_project(connection=connection, remote_id="aCopie", form=ours, by=officer).form == ours
