"""How a rule says no, in words for the reader."""


def _(text: str) -> str:
    """Mark a message for translation. Rules know no Django; the page translates."""
    return text


class Refused(Exception):
    """A rule says no.

    message: French sentence with %(name)s places, translated by whoever shows it.
    field:   name of the form field at fault, when there is one.
    values:  what fills the places of the message.
    """

    def __init__(self, message: str, *, field: str | None = None, **values: object) -> None:
        super().__init__(message % values if values else message)
        self.message, self.field, self.values = message, field, values
