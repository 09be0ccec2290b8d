"""A formula told in a French sentence, with the words of the form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from jalons.collection.forms.rules.expressions import Apply, Literal, Node, Question
from jalons.collection.forms.rules.functions import text
from jalons.core.errors import _
from jalons.evidence.measurement.rules.formula import Formula

Say = Callable[[str], str]
QUOTED = _("« %(words)s »")


@dataclass(frozen=True)
class Words:
    """The words of a form: labels of questions, of choices by question, of the form and of its repeat.

    say: translates a sentence; rules know no Django.
    """

    questions: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[tuple[str, str], str] = field(default_factory=dict)
    form: str = ""
    repeat: str = ""
    splits: Mapping[str, str] = field(default_factory=dict)
    say: Say = _

    def question(self, name: str) -> str:
        return self.quoted(self.questions.get(name) or name)

    def quoted(self, words: object) -> str:
        return self.say(QUOTED) % {"words": words}


MEASURES = {
    "count": _("Nombre de réponses"),
    "distinct": _("Nombre de valeurs différentes de %(value)s"),
    "sum": _("Somme de %(value)s"),
    "average": _("Moyenne de %(value)s"),
    "median": _("Médiane de %(value)s"),
    "minimum": _("Plus petite valeur de %(value)s"),
    "maximum": _("Plus grande valeur de %(value)s"),
    "latest": _("Dernière valeur connue de %(value)s"),
}
# whether numerator and denominator are conditions -> how their share is told
SHARES = {
    (True, True): _("Part des réponses où %(numerator)s parmi celles où %(denominator)s"),
    (False, True): _("Moyenne de %(numerator)s parmi les réponses où %(denominator)s"),
    (True, False): _("Rapport du nombre de réponses où %(numerator)s à %(denominator)s"),
    (False, False): _("Rapport de %(numerator)s à %(denominator)s"),
}
PERSONS = _("Nombre de personnes, chacune comptée une fois,")
SHARE_OF_ALL = _("Part des réponses où %(numerator)s")
COMMA = _(", ")
CONDITIONS = {"=", "!=", "<", "<=", ">", ">=", "and", "or", "not", "true", "false", "selected", "contains"}
CONDITIONS |= {"starts-with", "regex", "boolean"}
FORM = _("du formulaire « %(form)s »")
REPEAT = _("du formulaire « %(form)s », une ligne par « %(repeat)s »")
WHERE = _("où %(condition)s")
DATED = _("à la date de %(question)s")
SPLIT = _("Réparti par %(splits)s.")
# operator -> how it is said, the terms in their order
OPERATORS = {
    "=": _("%(0)s est %(1)s"),
    "!=": _("%(0)s n’est pas %(1)s"),
    "<": _("%(0)s est inférieur à %(1)s"),
    "<=": _("%(0)s est au plus %(1)s"),
    ">": _("%(0)s est supérieur à %(1)s"),
    ">=": _("%(0)s est au moins %(1)s"),
    "selected": _("%(0)s comprend %(1)s"),
    "not": _("il est faux que %(0)s"),
    "+": "%(0)s + %(1)s",
    "-": "%(0)s − %(1)s",
    "*": "%(0)s × %(1)s",
    "div": "%(0)s ÷ %(1)s",
    "negative": "−%(0)s",
    "true": _("toujours"),
    "coalesce": _("%(0)s, à défaut %(1)s"),
    "if": _("%(1)s si %(0)s, sinon %(2)s"),
    "count-selected": _("nombre de choix de %(0)s"),
    "contains": _("%(0)s contient %(1)s"),
    "starts-with": _("%(0)s commence par %(1)s"),
    "today": _("aujourd’hui"),
    "int": _("partie entière de %(0)s"),
    "round": _("arrondi de %(0)s"),
}
JOINED = {"and": _(" et "), "or": _(" ou "), "+": " + "}
BLANK = {"=": _("%(0)s est sans réponse"), "!=": _("%(0)s a une réponse")}
TIGHT = {"*", "div", "-", "negative"}


def sentence(formula: Formula, words: Words) -> str:
    """What a formula measures, in one or two sentences.

    Missing: a question without a label is told by its name.
    Source:  product: the method of a figure is readable by those who publish it.

    >>> from jalons.evidence.measurement.rules.formula import read_formula
    >>> record = {"source": {"form": "suivi"}, "measure": "sum", "value": "${h}", "filter": "${sexe} = 'f'"}
    >>> sentence(read_formula(record), Words({"h": "Heures"}, {("sexe", "f"): "Femme"}, "Suivi"))
    'Somme de « Heures » du formulaire « Suivi », où « sexe » est « Femme ».'
    """
    names = ("numerator", "denominator") if formula.measure == "share" else ("value",)
    terms = {name: tell(node, words) for name, node in zip(names, formula.terms, strict=False)}
    origin = REPEAT if formula.repeat else FORM
    parts = [words.say(_measure(formula)) % terms]
    parts[0] += " " + words.say(origin) % {"form": words.form or formula.form, "repeat": words.repeat or formula.repeat}
    if formula.filter is not None:
        parts.append(words.say(WHERE) % {"condition": tell(formula.filter, words)})
    if formula.date:
        parts.append(words.say(DATED) % {"question": words.question(formula.date)})
    told = words.say(COMMA).join(parts) + "."
    if formula.splits:
        splits = (words.splits.get(s.code, s.code) for s in formula.splits)
        told += " " + words.say(SPLIT) % {"splits": words.say(COMMA).join(splits)}
    return told


def _measure(formula: Formula) -> str:
    if formula.counts_persons:
        return PERSONS
    if formula.measure != "share":
        return MEASURES[formula.measure]
    numerator, denominator = (getattr(node, "function", "") in CONDITIONS for node in formula.terms)
    everyone = formula.terms[1] == Apply("true")
    return SHARE_OF_ALL if numerator and everyone else SHARES[numerator, denominator]


def tell(node: Node, words: Words) -> str:
    """An expression in words.

    Source: ours; what has no words is written as a function.

    >>> from jalons.collection.forms.rules.expressions import parse
    >>> tell(parse("${age} >= 18 and selected(${langues}, 'ar')"), Words())
    '« age » est au moins 18 et « langues » comprend « ar »'
    """
    match node:
        case Question():
            return words.question(node.name)
        case Literal(value=str()):
            return words.quoted(node.value)
        case Literal():
            return text(node.value)
        case Apply():
            return _tell_function(node, words)
    return node.text if hasattr(node, "text") else "."


def _tell_function(node: Apply, words: Words) -> str:
    if node.function in BLANK and Literal("") in node.arguments:
        other = next((part for part in node.arguments if part != Literal("")), Literal(""))
        return words.say(BLANK[node.function]) % {"0": tell(other, words)}
    terms = [_tell_term(part, node, words) for part in node.arguments]
    if node.function in JOINED:
        return words.say(JOINED[node.function]).join(terms)
    if node.function not in OPERATORS:
        return f"{node.function}({', '.join(terms)})"
    return words.say(OPERATORS[node.function]) % {str(place): term for place, term in enumerate(terms)}


def _tell_term(part: Node, around: Apply, words: Words) -> str:
    """A term, with the label of the choice that it names, in parentheses where words could be misread."""
    question = next((other.name for other in around.arguments if isinstance(other, Question)), None)
    if isinstance(part, Literal) and (label := words.choices.get((question, text(part.value)))):
        return words.quoted(label)
    told = tell(part, words)
    nested = isinstance(part, Apply) and part.function in JOINED and part.function != around.function
    return f"({told})" if nested and (around.function in JOINED or around.function in TIGHT) else told
