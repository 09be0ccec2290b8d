"""The files that partners send: one per programme, form and sender, first for what is past, then for the rest."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from jalons.cli.demo.exports import archive, instance, kobo_workbook
from jalons.cli.demo.invented import everything
from jalons.cli.demo.invented.chance import Chance
from jalons.cli.demo.invented.filled import Filled
from jalons.collection.forms.models import FormVersion

CLOSED_ON = date(2026, 6, 30)  # end of the period that the first reports tell
MONTHS = {1: "2026-06", 2: "2026-11"}  # month in which the files of each wave are sent
LATE, MENDED = 0.025, 0.5  # shares of past forms that come after the report, and of faulty ones that are sent again
BY_PHONE = ("visite_accueil", "tiznit")  # this office sends instances, the others send workbooks


@dataclass
class Delivery:
    """One file, before it is written."""

    programme: str
    form: str
    sender: str
    wave: int
    forms: list[Filled] = field(default_factory=list)

    @property
    def as_instances(self) -> bool:
        return (self.form, self.sender) == BY_PHONE

    @property
    def name(self) -> str:
        return f"{self.form}_{self.sender}_{MONTHS[self.wave]}.{'zip' if self.as_instances else 'xlsx'}"

    def content(self, version: FormVersion) -> bytes:
        """The bytes of the file: a Kobo workbook, or the XML instances of a phone in a ZIP."""
        if self.as_instances:
            return archive((f"{form.instance}.xml", instance(version, form)) for form in self.forms)
        return kobo_workbook(version, self.forms)


def deliveries() -> list[Delivery]:
    """All files, those of the past first."""
    files: dict[tuple, Delivery] = {}
    chance = Chance("deliveries")
    for wave, form in _in_waves(everything(), chance):
        key = (wave, form.programme, form.form, form.sender)
        file = files.setdefault(key, Delivery(form.programme, form.form, form.sender, wave))
        file.forms.append(form)
    return sorted(files.values(), key=lambda file: file.wave)


def _in_waves(forms: Iterator[Filled], chance: Chance) -> Iterator[tuple[int, Filled]]:
    for form in forms:
        past = form.at.date() <= CLOSED_ON and not chance.yes(LATE)
        yield (1 if past else 2), form
        if past and form.mended and chance.yes(MENDED):
            yield 2, replace(form, answers=form.mended)
