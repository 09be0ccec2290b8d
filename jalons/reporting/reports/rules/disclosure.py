"""How a report says what it keeps: small numbers of people."""

from jalons.core.errors import _

MASKED = _("masqué")
WHY = _("« masqué » : moins de cinq personnes, ou ce qui permettrait de les retrouver par soustraction.")
