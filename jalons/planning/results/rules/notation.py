"""Short notations that a person can type in one cell: disaggregations of a figure, and of a formula."""

import json
import re
from collections.abc import Iterator
from typing import Any

from jalons.core.errors import Refused, _

LEVELS = {"commune": "commune", "province": "province", "region": "région", "country": "pays"}
_LEVEL_OF = {word: code for code, label in LEVELS.items() for word in (code, label)}
_SPECIAL = re.compile(r'[;:=,{}\[\]"\n]|\.\.|^\s|\s$|^$')
_HEAD = re.compile(r"\s*([^\s:]+)\s*:\s*(.*)", re.DOTALL)


def write_place(cell: dict[str, str]) -> str:
    """A disaggregation as people type it, dimensions in alphabetical order.

    Source: IATI `dimension`, a name and a value for each.

    >>> write_place({"sex": "female", "age": "0-14"})
    'age=0-14; sex=female'
    """
    return "; ".join(f"{_quoted(code)}={_quoted(category)}" for code, category in sorted(cell.items()))


def read_place(text: str) -> dict[str, str]:
    """The disaggregation that a text names; nothing for the total.

    Error:  Refused with the part that cannot be read.
    Source: as `write_place`.

    >>> read_place("sex = female")
    {'sex': 'female'}
    """
    found = {}
    for part in _cut(text, ";"):
        code, category = _pair(part, "=", _("« %(part)s » ne se lit pas. Écrivez par exemple sex=female."))
        found[code] = category
    return found


def write_splits(splits: dict[str, Any]) -> str:
    """The disaggregations of a formula, one per line, in alphabetical order as the database forgets theirs.

    Source: the formula record: expression with categories, with bands, or level of territory.

    >>> write_splits({"sex": {"value": "${s}", "categories": {"f": "female"}}, "territory": {"level": "province"}})
    'sex: ${s} {f=female}\\nterritory: province'
    """
    return "\n".join(f"{code}: {_write_split(split)}" for code, split in sorted(splits.items()))


def read_splits(text: str) -> dict[str, Any]:
    """The disaggregations that lines describe; a line without code goes on the one before.

    Error:  Refused with the line or the part that cannot be read.
    Source: as `write_splits`.

    >>> read_splits("age: ${age} [0-14: 0..14; 60+: 60..]")["age"]["bands"]
    [['0-14', 0, 14], ['60+', 60, None]]
    """
    return {code: _read_split(code, rest.strip()) for code, rest in _lines(text)}


def write_categories(categories: list[dict[str, Any]]) -> str:
    """The categories of a dimension, one per line, with their French label and their bounds.

    Source: IATI `dimension/@value`.

    >>> write_categories([{"code": "60+", "label": {"fr": "60 ans et plus"}, "from": 60, "to": None}])
    '60+ = 60 ans et plus [60..]'
    """
    lines = []
    for category in categories:
        bounds = f" [{_bound(category['from'])}..{_bound(category.get('to'))}]" if "from" in category else ""
        lines.append(f"{_quoted(category['code'])} = {category['label'].get('fr', '')}{bounds}")
    return "\n".join(lines)


def read_categories(text: str) -> list[dict[str, Any]]:
    """The categories that lines describe.

    Error:  Refused with the line that cannot be read.
    Source: as `write_categories`.

    >>> read_categories("f = Femmes")
    [{'code': 'f', 'label': {'fr': 'Femmes'}}]
    """
    wrong = _("« %(part)s » ne se lit pas. Écrivez code = libellé.")
    found = []
    for line in filter(str.strip, text.split("\n")):
        code, label = _pair(line, "=", wrong)
        bounds = re.search(r"\[([^\[\]]*)\.\.([^\[\]]*)\]$", label)
        category: dict[str, Any] = {"code": code, "label": {"fr": label[: bounds.start()].strip() if bounds else label}}
        if bounds:
            category |= dict(zip(("from", "to"), _band(f"x: {bounds[1]}..{bounds[2]}")[1:], strict=True))
        found.append(category)
    return found


def _write_split(split: dict[str, Any]) -> str:
    if "level" in split:
        return LEVELS[split["level"]]
    expression = re.sub(r"\s*\n\s*", " ", split["value"].strip())
    if split.get("bands"):
        bands = (f"{_quoted(code)}: {_bound(low)}..{_bound(high)}" for code, low, high in split["bands"])
        return f"{expression} [{'; '.join(bands)}]"
    if split.get("categories"):
        answers = (f"{_quoted(answer)}={_quoted(code)}" for answer, code in sorted(split["categories"].items()))
        return f"{expression} {{{'; '.join(answers)}}}"
    return expression


def _read_split(code: str, text: str) -> dict[str, Any]:
    if level := _LEVEL_OF.get(text.casefold()):
        return {"level": level}
    expression, mark, body = _open(text)
    if not expression:
        raise Refused(_("« %(code)s » : écrivez d’où vient la réponse, par exemple ${sexe}."), code=code)
    if not mark:
        return {"value": expression}
    if not body.endswith("}" if mark == "{" else "]"):
        raise Refused(_("« %(code)s » : il manque « } » ou « ] » à la fin de la ligne."), code=code)
    parts = _cut(body[:-1], ";")
    if mark == "{":
        wrong = _("« %(part)s » ne se lit pas. Écrivez réponse=catégorie, par exemple f=female.")
        return {"value": expression, "categories": dict(_pair(part, "=", wrong) for part in parts)}
    return {"value": expression, "bands": [_band(part) for part in parts]}


def _band(part: str) -> list:
    wrong = _("« %(part)s » ne se lit pas. Écrivez tranche: début..fin, par exemple 15-24: 15..24.")
    code, bounds = _pair(part, ":", wrong)
    low, found, high = bounds.partition("..")
    try:
        if not found:
            raise ValueError
        return [code, _figure(low), _figure(high)]
    except ValueError:
        raise Refused(wrong, part=part) from None


def _lines(text: str) -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    for line in filter(str.strip, text.split("\n")):
        if head := _HEAD.match(line):
            lines.append((head[1], head[2]))
        elif lines:
            lines[-1] = (lines[-1][0], f"{lines[-1][1]} {line}")
        else:
            raise Refused(_("« %(line)s » : commencez par le code de la désagrégation et « : »."), line=line.strip())
    return lines


def _open(text: str) -> tuple[str, str, str]:
    """An expression, the bracket that follows it outside of quotes and of ${…}, and the rest."""
    for place, character in _bare(text):
        if character == "[" or (character == "{" and text[place - 1 : place] != "$"):
            return text[:place].strip(), character, text[place + 1 :].strip()
    return text.strip(), "", ""


def _bare(text: str) -> Iterator[tuple[int, str]]:
    """The characters that stand outside of quotes, with their place."""
    quote = ""
    for place, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        else:
            yield place, character


def _tokens(text: str) -> Iterator[tuple[str, bool]]:
    """Characters one by one, a quoted text ("…", as in JSON) in one piece; and whether it was quoted."""
    place = 0
    while place < len(text):
        if text[place] == '"' and (quoted := re.compile(r'"(?:[^"\\]|\\.)*"').match(text, place)):
            yield quoted[0], True
            place = quoted.end()
        else:
            yield text[place], False
            place += 1


def _cut(text: str, separator: str) -> list[str]:
    parts = [""]
    for token, quoted in _tokens(text):
        if not quoted and token in (separator, "\n"):
            parts.append("")
        else:
            parts[-1] += token
    return [part.strip() for part in parts if part.strip()]


def _pair(part: str, separator: str, wrong: str) -> tuple[str, str]:
    sides: list[str] = [""]
    for token, quoted in _tokens(part):
        if token == separator and not quoted and len(sides) == 1:
            sides.append("")
        else:
            sides[-1] += token
    if len(sides) != 2 or not sides[0].strip() or not sides[1].strip():
        raise Refused(wrong, part=part)
    return _unquoted(sides[0].strip()), _unquoted(sides[1].strip())


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if _SPECIAL.search(text) else text


def _unquoted(text: str) -> str:
    try:
        return json.loads(text) if len(text) > 1 and text[0] == text[-1] == '"' else text
    except ValueError:
        return text.strip('"')


def _bound(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if float(f"{value:g}") == value else repr(value)


def _figure(text: str) -> float | int | None:
    text = text.strip().replace(",", ".")
    if not text:
        return None
    if not re.fullmatch(r"-?(\d+\.?\d*|\.\d+)", text):
        raise ValueError(text)
    return int(text) if "." not in text else float(text)
