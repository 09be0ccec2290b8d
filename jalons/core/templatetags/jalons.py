"""What templates need to show values as the reader expects them."""

from django import template
from django.utils import formats

from jalons.core.cells import cell
from jalons.core.fields import translated

register = template.Library()

register.filter("cell", cell)
register.filter("tr", translated)


@register.filter
def number(value, digits=None):
    """A number as the reader's language writes it; an empty string when it is unknown."""
    if value is None:
        return ""
    return formats.number_format(value, decimal_pos=digits, use_l10n=True, force_grouping=True)
