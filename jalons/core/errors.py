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


def violated(model: type, error: Exception) -> str:
    """The sentence of the constraint that PostgreSQL names in an error, for the person who filled the form."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    for constraint in model._meta.constraints:
        if constraint.name == name:
            return constraint.get_violation_error_message()
    return _("Cette valeur contredit une autre donnée déjà enregistrée ; vérifiez les champs et recommencez.")
