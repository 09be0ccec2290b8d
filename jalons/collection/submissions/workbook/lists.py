"""The lists that cells offer: written once on a hidden sheet, whole or narrowed by another answer."""

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from jalons.collection.forms.models import FormVersion
from jalons.collection.submissions.workbook.layout import Field, shown

SHEET = "_listes"


class Lists:
    """Writes the lists of one workbook, and tells the formula by which a cell offers one."""

    def __init__(self, page: Worksheet, version: FormVersion, language: str) -> None:
        self.page, self.version, self.language = page, version, language
        self.columns = 0
        self.known: dict[tuple[str, ...], str] = {}
        self.labels: dict[str, dict[str, str]] = {}

    def shown(self, name: str) -> dict[str, str]:
        """The text of each choice of a list, by its code."""
        if name not in self.labels:
            self.labels[name] = shown(self.version.choices.get(name, []), self.language)
        return self.labels[name]

    def whole(self, name: str) -> str:
        """The formula of a list that nothing narrows; empty when the form has no such list."""
        labels = list(self.shown(name).values())
        return self._kept((name,), labels, []) if labels else ""

    def words(self, words: list[str]) -> str:
        """The formula of a list of our own words."""
        return self._kept(("", *words), words, [])

    def narrowed(self, field: Field, parent: Field, cell: str) -> str:
        """The formula of a list whose choices depend on the answer in another cell of the row."""
        own, above = self.shown(field.list_name), self.shown(parent.list_name)
        column = field.parent.column
        held = {str(c["name"]): str(c.get(column, "")) for c in self.version.choices.get(field.list_name, ())}
        rank = {code: place for place, code in enumerate(above)}
        codes = sorted((code for code in own if held[code] in above), key=lambda code: rank[held[code]])
        if not codes:
            return self.whole(field.list_name)
        return self._kept(
            (field.list_name, column, parent.list_name),
            [own[code] for code in codes],
            [above[held[code]] for code in codes],
        ).replace("@", cell)

    def _kept(self, key: tuple[str, ...], labels: list[str], parents: list[str]) -> str:
        if key not in self.known:
            first, second = (xl_col_to_name(self.columns + place, True) for place in (0, 1))
            self.page.write_column(0, self.columns, labels)
            self.page.write_column(0, self.columns + 1, parents)
            self.columns += 2
            under, count = f"{SHEET}!{second}$1:{second}${len(labels)}", len(labels)
            self.known[key] = (
                f"=OFFSET({SHEET}!{first}$1,MATCH(@,{under},0)-1,0,COUNTIF({under},@),1)"
                if parents
                else f"={SHEET}!{first}$1:{first}${count}"
            )
        return self.known[key]
