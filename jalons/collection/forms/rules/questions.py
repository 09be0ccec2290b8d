"""The questions of a form, flat and in order, each with its place, its column and its words in every language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pyxform import constants
from pyxform.aliases import BINDING_CONVERSIONS
from pyxform.external_instance import ExternalInstance
from pyxform.question import MultipleChoiceQuestion, Question
from pyxform.section import RepeatingSection, Section
from pyxform.survey import Survey
from pyxform.survey_element import SurveyElement

from jalons.collection.forms.rules.columns import unique_column
from jalons.collection.forms.rules.languages import language_code

# the names pyxform gives to types -> the names XLSForm gives them today
KINDS = {
    "select one": "select_one",
    "select one external": "select_one",
    "select all that apply": "select_multiple",
    "photo": "image",
    "trigger": "acknowledge",
    "binary": "file",
    "phone number": "text",
    "osm": "file",
}
KEPT_KINDS = frozenset({
    "text", "integer", "decimal", "range", "date", "time", "dateTime", "note", "calculate", "hidden", "acknowledge",
    "geopoint", "geotrace", "geoshape", "start-geopoint", "background-geopoint", "image", "audio", "background-audio",
    "video", "file", "barcode", "audit", "rank", "start", "end", "today", "deviceid", "username", "email",
    "phonenumber", "subscriberid", "simserial",
})  # fmt: skip
# type of the bind -> kind, for the old spellings of types
BIND_KINDS = {"string": "text", "int": "integer", "binary": "file", "odk:rank": "rank"}
PRELOADED = {"property": None, "timestamp": None, "date": "today"}

Words = Mapping[str, str]


@dataclass(frozen=True)
class Choice:
    """One answer of a list, with the columns that filter it."""

    name: str
    labels: Words
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FormSection:
    """A group or a repeat. `repeat` is the repeat it lies in, if any."""

    name: str
    path: str
    is_repeat: bool
    table: str
    labels: Words
    relevant: str
    count: str
    position: int


@dataclass(frozen=True)
class FormQuestion:
    """One question as the form asks it.

    path:        place in the instance, names joined by "/", without the root.
    table:       innermost repeat that holds it, "" for the form itself.
    column:      its column in the table of its repeat.
    asked_if:    relevance of each ancestor and its own, outermost first: it is asked when all hold.
    list_name:   its list of choices, or the name of the file that holds them.
    extra:       columns of the sheet that XLSForm does not know (theme, indicator, module).
    row:         row of the survey sheet; None for what pyxform adds (the text of or_other, a loop's copies).
    """

    name: str
    path: str
    groups: tuple[str, ...]
    table: str
    kind: str
    column: str
    list_name: str
    labels: Words
    hints: Words
    required: str
    asked_if: tuple[str, ...]
    constraint: str
    constraint_messages: Words
    calculation: str
    choice_filter: str
    appearance: str
    default: str
    extra: Mapping[str, str]
    position: int
    row: int | None

    @property
    def relevant(self) -> str:
        """One expression for "is it asked": the conditions joined by and."""
        if len(self.asked_if) < 2:
            return "".join(self.asked_if)
        return " and ".join(f"({condition})" for condition in self.asked_if)


def questions(survey: Survey, rows: Mapping[tuple[str, ...], int], default: str) -> tuple[FormQuestion, ...]:
    """All questions of a form in its order, those of repeats and groups included, metadata of the instance not.

    default: language of texts whose column names none.
    Source:  pyxform's own tree of the form, so that order and nesting are those of the XForm it makes.
    """
    taken: dict[str, set[str]] = {}
    found = []
    for position, element in enumerate(_elements(survey)):
        if isinstance(element, Question):
            found.append(_question(element, position, rows, default, taken))
    return tuple(found)


def sections(survey: Survey, default: str) -> tuple[FormSection, ...]:
    """Groups and repeats of a form in its order.

    Source: pyxform's own tree of the form.
    """
    return tuple(
        FormSection(
            element.name,
            _path(element),
            isinstance(element, RepeatingSection),
            _repeat(element),
            words(element.label, default),
            _bind(element, "relevant"),
            str((element.control or {}).get("jr:count", "")),
            position,
        )
        for position, element in enumerate(_elements(survey))
        if isinstance(element, Section)
    )


def choice_lists(survey: Survey, default: str) -> dict[str, tuple[Choice, ...]]:
    """The lists of choices of a form, in the order of its choices sheet.

    Source: XLSForm choices sheet; columns it does not know serve choice_filter.
    """
    return {
        name: tuple(
            Choice(option.name, words(option.label, default), {k: str(v) for k, v in (option.extra_data or {}).items()})
            for option in itemset.options
        )
        for name, itemset in (survey.choices or {}).items()
    }


def words(text: str | Mapping[str, str] | None, default: str) -> dict[str, str]:
    """A text in each language it is written in, by language code; blanks left out.

    Source: XLSForm `label::Language (code)` columns.

    >>> words({"French (fr)": "Sexe", "العربية": "الجنس", "English": " "}, "fr")
    {'fr': 'Sexe', 'ar': 'الجنس'}
    """
    if not isinstance(text, Mapping):
        text = {default: text or ""}
    spoken: dict[str, str] = {}
    for language, value in text.items():
        if str(value or "").strip():
            spoken.setdefault(language_code(default if language == "default" else language), str(value))
    return spoken


def _elements(survey: Survey) -> Iterator[SurveyElement]:
    """Sections and questions in order; not the root, the instance's metadata, nor external files."""
    for element in survey.iter_descendants():
        in_meta = any(ancestor.name == constants.META for ancestor, _ in element.iter_ancestors())
        is_meta = element.name == constants.META and isinstance(element, Section)
        if element is not survey and not in_meta and not is_meta and not isinstance(element, ExternalInstance):
            yield element


def _question(
    element: Question, position: int, rows: Mapping[tuple[str, ...], int], default: str, taken: dict[str, set[str]]
) -> FormQuestion:
    path = _path(element)
    kind, repeat = _kind(element), _repeat(element)
    groups = tuple(path.split("/")[:-1])
    column = unique_column(element.name, groups, taken.setdefault(repeat, set()))
    taken[repeat].add(column)
    return FormQuestion(
        name=element.name,
        path=path,
        groups=groups,
        table=repeat,
        kind=kind,
        column=column,
        list_name=_list_name(element),
        labels=words(element.label, default),
        hints=words(element.hint, default),
        required=_bind(element, "required").replace("false()", ""),
        asked_if=tuple(_asked_if(element)),
        constraint=_bind(element, "constraint"),
        constraint_messages=words((element.bind or {}).get("jr:constraintMsg"), default),
        calculation=_bind(element, "calculate"),
        choice_filter=str(element.choice_filter or ""),
        appearance=str((element.control or {}).get("appearance", "")),
        default=str(element.default or ""),
        extra={k: v for k, v in (element.extra_data or {}).items() if isinstance(v, str)},
        position=position,
        row=rows.get(tuple(path.split("/"))),
    )


def _list_name(element: Question) -> str:
    return str((element.itemset if isinstance(element, MultipleChoiceQuestion) else element.query) or "")


def _path(element: SurveyElement) -> str:
    return element.get_xpath().split("/", 2)[2] if element.get_xpath().count("/") > 1 else element.name


def _repeat(element: SurveyElement) -> str:
    repeats = (a.name for a, _ in element.iter_ancestors() if isinstance(a, RepeatingSection))
    return next(repeats, "")


def _bind(element: SurveyElement, key: str) -> str:
    value = str((element.bind or {}).get(key, "") or "")
    return BINDING_CONVERSIONS.get(value, value)


def _asked_if(element: SurveyElement) -> Iterator[str]:
    ancestors = [ancestor for ancestor, _ in element.iter_ancestors()]
    for holder in (*reversed(ancestors), element):
        if condition := _bind(holder, "relevant") if getattr(holder, "bind", None) else "":
            yield condition


def _kind(element: Question) -> str:
    kind = element.type
    if kind in KEPT_KINDS:
        return kind
    if kind in KINDS:
        return KINDS[kind]
    bind, control = element.bind or {}, element.control or {}
    if preload := bind.get("jr:preload"):
        return PRELOADED.get(preload) or str(bind["jr:preloadParams"]).removeprefix("uri:")
    if control.get("tag") == "upload":
        return str(control.get("mediatype", "file/")).split("/")[0]
    return _kind_of_control(str(control.get("tag", "")), bind)


def _kind_of_control(tag: str, bind: Mapping[str, str]) -> str:
    by_tag = {"": "calculate", "trigger": "acknowledge", "select1": "select_one", "select": "select_multiple"}
    if tag in by_tag:
        return by_tag[tag]
    if bind.get("readonly") == "true()" and bind.get("type") == "string":
        return "note"
    return BIND_KINDS.get(bind.get("type", ""), bind.get("type", "text"))
