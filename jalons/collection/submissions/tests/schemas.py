"""What tests of the pure rules start from: a small form with a group, two nested repeats, a choice of several."""

from types import SimpleNamespace

from jalons.collection.submissions.rules.schema import Schema, schema

LISTS = {
    "sexe": [
        {"name": "f", "labels": {"fr": "Féminin", "ar": "أنثى"}},
        {"name": "m", "labels": {"fr": "Masculin", "ar": "ذكر"}},
    ],
    "besoins": [
        {"name": code, "labels": {"fr": label}}
        for code, label in (("eau", "De l’eau"), ("toit", "Un toit"), ("food", "Manger"))
    ],
}
FORM = (
    ("jour", "date", "", {}),
    ("commune", "text", "", {}),
    ("foyer/taille", "integer", "", {"required": "true()", "constraint": ". > 0", "labels": {"fr": "Taille du foyer"}}),
    ("foyer/revenu", "decimal", "", {"relevant": "${taille} > 1"}),
    ("foyer/besoins", "select_multiple", "", {"list_name": "besoins"}),
    ("foyer/total", "calculate", "", {"calculation": "${taille} * 2"}),
    ("foyer/mineurs", "calculate", "", {"calculation": "sum(${mineur})"}),
    ("note", "note", "", {}),
    ("membre/nom", "text", "membre", {}),
    ("membre/sexe", "select_one", "membre", {"list_name": "sexe"}),
    ("membre/age", "integer", "membre", {"constraint": ". >= 0 and . < 120"}),
    ("membre/travail", "text", "membre", {"relevant": "${age} >= 15 and ${taille} > 1"}),
    ("membre/mineur", "calculate", "membre", {"calculation": "if(${age} < 18, 1, 0)"}),
    ("membre/trajet/pays", "text", "trajet", {}),
    ("membre/trajet/carte", "text", "trajet", {"relevant": "pulldata('a', 'b', 'c', ${pays}) = '1'"}),
)


def a_question(position, path, kind, table, **fields):
    name = path.rpartition("/")[2]
    default = {"list_name": "", "labels": {}, "relevant": "", "required": "", "constraint": "", "calculation": ""}
    return SimpleNamespace(
        position=position, path=path, name=name, kind=kind, table=table, column=name.lower(), **{**default, **fields}
    )


def a_schema(form=FORM, lists=LISTS) -> Schema:
    return schema(
        [a_question(n, path, kind, table, **extra) for n, (path, kind, table, extra) in enumerate(form)], lists, "1"
    )
