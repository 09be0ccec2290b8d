"""What templates need to show values as the reader expects them."""

from django import template

from jalons.core.cells import cell, number_text
from jalons.core.fields import translated

register = template.Library()

register.filter("cell", cell)
register.filter("tr", translated)


@register.filter
def number(value, digits=None):
    """A number as the reader's language writes it; an empty string when it is unknown."""
    return "" if value is None else number_text(value, digits)
