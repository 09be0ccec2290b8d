"""XLSForm expressions: from the text that a form author writes to a small immutable tree."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

from jalons.core.errors import Refused, _

# XPath 1.0 as XLSForm uses it. An operator is a function written between its arguments: one kind of node serves both.
GRAMMAR = r"""
?start: or
?or: and | or OR and -> binary
?and: equality | and AND equality -> binary
?equality: relation | equality EQUALITY relation -> binary
?relation: sum | relation RELATION sum -> binary
?sum: product | sum SIGN product -> binary
?product: unary | product TIMES unary -> binary
?unary: value | SIGN unary -> signed
?value: primary | primary (predicate | SLASH step)+ -> path | SLASH step (SLASH step)* -> path
?primary: NUMBER -> number
    | STRING -> string
    | QUESTION -> question
    | HERE -> here
    | NAME "(" [or ("," or)*] ")" -> call
    | "(" or ")"
    | NAME -> path
    | PARENT -> path
step: (NAME | PARENT | HERE | STAR) predicate*
predicate: "[" or "]"

OR: "or"
AND: "and"
EQUALITY: "!=" | "="
RELATION: "<=" | ">=" | "<" | ">"
SIGN: "+" | "-"
TIMES: "*" | "div" | "mod"
STAR: "*"
SLASH: "//" | "/"
PARENT: ".."
HERE: "."
NUMBER.2: /\d+(\.\d*)?|\.\d+/
STRING: /"[^"]*"|'[^']*'|‘[^‘’]*’|’[^‘’]*’|“[^“”]*”|”[^“”]*”/
QUESTION: /\$\{\s*[^{}\s]+\s*\}/
NAME: /@?[^\W\d][\w.-]*(::?[^\W\d][\w.-]*)*/
%ignore /[\s\u200b\ufeff]+/
"""
CHAINED = ("and", "or", "+")  # a sum of three hundred terms is one node, not three hundred levels
DEEPEST = 150
# pyxform writes these words of the `relevant` and `required` columns as true() and false().
WORDS = dict.fromkeys(("yes", "Yes", "YES", "true", "True", "TRUE"), "true") | dict.fromkeys(
    ("no", "No", "NO", "false", "False", "FALSE"), "false"
)


class Unreadable(Refused):
    """An expression that is not one. The message is for the person who wrote the form."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A number or a text written in the expression."""

    value: float | str
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Question:
    """The answer to a question, `${name}`."""

    name: str
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Current:
    """The answer being given, `.`."""

    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Path:
    """A walk in the form’s XML, or a column of a list of choices: kept as written, and not computed."""

    text: str
    parts: tuple["Node", ...] = ()
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Apply:
    """A function or an operator, and what it applies to."""

    function: str
    arguments: tuple["Node", ...] = ()
    at: int = field(default=0, compare=False, repr=False)


Node = Literal | Question | Current | Path | Apply


class Reader(Transformer):
    """From the grammar's branches to nodes."""

    def binary(self, parts: list) -> Apply:
        left, operator, right = parts
        chained = operator in CHAINED and isinstance(left, Apply) and left.function == operator
        return Apply(str(operator), (*(left.arguments if chained else (left,)), right), operator.start_pos)

    def signed(self, parts: list) -> Node:
        sign, operand = parts
        return operand if sign == "+" else Apply("negative", (operand,), sign.start_pos)

    def call(self, parts: list) -> Apply:
        name, *arguments = parts
        return Apply(str(name), tuple(a for a in arguments if a is not None), name.start_pos)

    def number(self, parts: list) -> Literal:
        return Literal(float(parts[0]), parts[0].start_pos)

    def string(self, parts: list) -> Literal:
        return Literal(str(parts[0][1:-1]), parts[0].start_pos)

    def question(self, parts: list) -> Node:
        name = parts[0][2:-1].strip()
        if name.startswith("last-saved#"):
            return Path(str(parts[0]), (), parts[0].start_pos)
        return Question(name, parts[0].start_pos)

    def here(self, parts: list) -> Current:
        return Current(parts[0].start_pos)

    def step(self, parts: list) -> Path:
        return Path(str(parts[0]), tuple(parts[1:]), parts[0].start_pos)

    def predicate(self, parts: list) -> Node:
        return parts[0]

    def path(self, parts: list) -> Path:
        nodes = tuple(part for part in parts if not isinstance(part, Token))
        text = "".join(part.text if isinstance(part, Path) else str(part) for part in parts if _is_step(part))
        first = parts[0]
        return Path(text, nodes, first.start_pos if isinstance(first, Token) else first.at)


def _is_step(part: object) -> bool:
    return isinstance(part, Token | Path)


PARSER = Lark(GRAMMAR, parser="lalr", transformer=Reader())


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """The tree of one expression.

    Missing: an empty text is refused; a form that states no condition has none to parse.
    Error:   Unreadable, with the place of the first character that could not be read and what to do.
    Source:  ODK XForms specification, XPath 1.0 subset; XLSForm `${name}` and the words that pyxform converts.

    >>> parse("${age} >= 18")
    Apply(function='>=', arguments=(Question(name='age'), Literal(value=18.0)))
    """
    if text.strip() in WORDS:
        return Apply(WORDS[text.strip()])
    try:
        node = PARSER.parse(text)
    except UnexpectedEOF:
        raise Unreadable(UNFINISHED, text=text) from None
    except UnexpectedCharacters as error:
        raise _refusal(text, error.pos_in_stream) from None
    except UnexpectedToken as error:
        raise _refusal(text, error.token.start_pos if error.token.type != "$END" else len(text)) from None
    if depth(node) > DEEPEST:
        raise Unreadable(TOO_DEEP, text=f"{text[:60]}…")
    return node


UNFINISHED = _("« %(text)s » n’est pas finie : il manque un terme ou une parenthèse fermante. Complétez l’expression.")
TOO_DEEP = _("« %(text)s » est trop imbriquée. Coupez l’expression en plusieurs calculs (type « calculate »).")
REFUSALS = (  # what stands around the place that cannot be read -> what to say
    (
        r"\d,\d",
        _("« %(text)s » ne se lit pas au caractère %(position)s, « %(rest)s ». Écrivez les décimales avec un point."),
    ),
    (
        r"\$\(",
        _("« %(text)s » ne se lit pas au caractère %(position)s, « %(rest)s ». Une question s’écrit ${nom}."),
    ),
    (
        r"\$\{[^}]*$",
        _("« %(text)s » ne se lit pas au caractère %(position)s, « %(rest)s ». Fermez l’accolade après la question."),
    ),
    (
        r"[&|]|=|<>",
        _("« %(text)s » ne se lit pas au caractère %(position)s, « %(rest)s ». Employez and, or, = et !=."),
    ),
    (
        r"",
        _(
            "« %(text)s » ne se lit pas au caractère %(position)s, « %(rest)s ». "
            "Vérifiez les parenthèses, les guillemets autour des textes et ${…} autour des questions."
        ),
    ),
)


def _refusal(text: str, position: int) -> Unreadable:
    if position >= len(text.rstrip()):
        return Unreadable(UNFINISHED, text=text)
    around = text[max(0, position - 1) :]
    message = next(message for pattern, message in REFUSALS if re.match(f".?(?:{pattern})", around))
    return Unreadable(message, text=text, position=position + 1, rest=text[position : position + 12])


def _below(node: Node) -> tuple[Node, ...]:
    return getattr(node, "arguments", None) or getattr(node, "parts", ())


def depth(node: Node) -> int:
    """How many nodes stand one under the other, the longest way down.

    Source: ours; keeps every recursive reading of a tree far from the interpreter's limit.

    >>> depth(parse("1 + 2 + 3"))
    2
    """
    level, count = [node], 0
    while level:
        level, count = [part for upper in level for part in _below(upper)], count + 1
    return count


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, top first.

    Source: ours.

    >>> [type(n).__name__ for n in walk(parse("not(${a})"))]
    ['Apply', 'Question']
    """
    yield node
    for part in _below(node):
        yield from walk(part)


def names(node: Node | None) -> set[str]:
    """The questions that an expression reads.

    Missing: no expression reads no question.
    Source:  XLSForm, `${name}`.

    >>> sorted(names(parse("if(selected(${work}, 'yes'), ${income}, 0) > .")))
    ['income', 'work']
    """
    return {part.name for part in walk(node) if isinstance(part, Question)} if node else set()
