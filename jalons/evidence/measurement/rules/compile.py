"""From the tree of an XLSForm expression to a typed sqlglot tree: one meaning for PostgreSQL and for NumPy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlglot import exp

from jalons.collection.forms.rules.expressions import Apply, Current, Literal, Node, Path, Question
from jalons.core.errors import _
from jalons.evidence.measurement.rules.formula import Faulty
from jalons.evidence.measurement.rules.functions import FUNCTIONS
from jalons.evidence.measurement.rules.trees import (
    BLANK,
    CHOICES,
    CONVERSIONS,
    KINDS,
    NUMBER,
    SQL_TYPES,
    TEXT,
    WORDS,
    Typed,
    double,
    number,
    string,
)


@dataclass(frozen=True)
class Column:
    """A column of answers: in which table of the source (0 is the counted one), its name, its kind, its choices.

    free: whether people answer in words of their own.
    """

    table: int
    name: str
    kind: str
    choices: frozenset[str] = frozenset()
    free: bool = False


@dataclass(frozen=True)
class Source:
    """Where answers are read: the counted table, then those that it hangs from, up to the form's own.

    columns: question name -> column. The day of an answer with a time is its day in `zone`.
    persons: of the register, where rows of the counted table are told to be of persons; None when it is not read.
    """

    form: str
    tables: tuple[str, ...]
    columns: Mapping[str, Column] = field(hash=False)
    repeat: str = ""
    zone: str = "Africa/Casablanca"
    persons: int | None = None


@dataclass(frozen=True)
class Compiler:
    """Compiles the expressions of one place of a formula (`filter`, `value`…) over one source."""

    source: Source
    place: str
    today: date

    def compile(self, node: Node) -> Typed:
        """The typed tree of an expression.

        Missing: a blank answer is NULL and three-valued logic follows; comparing with '' asks whether it is blank.
        Error:   Faulty, with the place in the formula and the character at fault.
        Source:  ODK XForms functions on SQL:1992 logic; XForms has no unknown, here unknown wins.
        """
        match node:
            case Literal(value=str()):
                return Typed(string(node.value), TEXT) if node.value else Typed(exp.Null(), BLANK)
            case Literal():
                return Typed(number(node.value), NUMBER)
            case Question():
                return self._answer(node)
            case Current():
                raise self.fault(node, _("« . » n’a pas de sens dans une formule : nommez la question, ${…}."))
            case Path():
                raise self.fault(node, _("« %(name)s » ne se lit pas dans une formule : nommez la question, ${…}."))
        return self._apply(node)

    def fault(self, node: Node, message: str, **values: object) -> Faulty:
        name = getattr(node, "function", getattr(node, "name", getattr(node, "text", "")))
        return Faulty(self.place, message, **{"name": name, "position": node.at + 1, **values})

    def turn(self, value: Typed, kind: str, node: Node) -> exp.Expression:
        """A value as another kind, as XPath converts it, or a refusal."""
        if value.kind == kind:
            return value.tree
        if value.kind == BLANK:
            return exp.cast(exp.Null(), SQL_TYPES[kind])
        convert = CONVERSIONS.get((value.kind, kind))
        converted = convert and convert(value.tree, self.source.zone)
        if converted is not None:
            return converted
        if value.kind == CHOICES:
            message = _("Caractère %(position)s : une question à plusieurs choix se lit par selected(${…}, 'choix').")
        else:
            message = _("Caractère %(position)s : %(given)s ne convient pas là où il faut %(needed)s.")
        raise self.fault(node, message, given=WORDS[value.kind], needed=WORDS[kind])

    def check_choice(self, question: Node, choice: Node) -> None:
        """Refuse a choice that the question does not offer: it would count nobody, silently."""
        if not (isinstance(question, Question) and isinstance(choice, Literal)):
            return
        offered = self.source.columns[question.name].choices
        if offered and str(choice.value).strip() not in offered:
            message = _("« %(choice)s » n’est pas un choix de « %(question)s ». Ses choix : %(offered)s.")
            names = sorted(offered)
            shown = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
            raise self.fault(choice, message, choice=choice.value, question=question.name, offered=shown)

    def _answer(self, node: Question) -> Typed:
        column = self.source.columns.get(node.name)
        if column is None:
            message = _("La question « %(name)s » n’existe pas dans le formulaire « %(form)s ». Vérifiez son nom.")
            raise self.fault(node, message, form=self.source.form)
        if column.kind not in KINDS:
            raise self.fault(node, _("Plusieurs questions du formulaire s’appellent « %(name)s ». Renommez-en une."))
        tree = exp.column(column.name, table=f"t{column.table}", quoted=True)
        return Typed(double(tree) if column.kind == "integer" else tree, KINDS[column.kind])

    def _apply(self, node: Apply) -> Typed:
        signature = FUNCTIONS.get(node.function)
        if signature is None:
            raise self.fault(node, _("La fonction « %(name)s » ne se mesure pas. Faites-en un calcul du formulaire."))
        if not signature.least <= len(node.arguments) <= signature.most:
            message = _("Caractère %(position)s : « %(name)s » n’a pas le bon nombre de termes (%(given)s).")
            raise self.fault(node, message, given=len(node.arguments))
        return signature.build(self, node, [self.compile(part) for part in node.arguments])
