"""Writing to the persons who wait for something: at most once a day, and only when mail is set up."""

import logging
from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone
from django.utils.translation import gettext, ngettext, override

from jalons.collection.quality.models import Finding
from jalons.collection.submissions.models import Flag
from jalons.foundation.accounts.models import User

log = logging.getLogger(__name__)
DAY = timedelta(days=1)


def tell() -> int:
    """Write to whoever is named by a check about what it found in a day; how many messages left.

    The message says how many and where to read them, never what was answered.
    """
    new = Finding.objects.filter(created_at__gte=timezone.now() - DAY, flag__state=Flag.State.OPEN)
    counts = Counter(new.exclude(quality_check__told=None).values_list("quality_check__told", flat=True))
    people = [person for person in User.objects.filter(pk__in=counts, is_active=True) if person.may("quality")]
    return sum(_tell(person, counts[person.pk]) for person in people)


def _tell(person: User, n: int) -> int:
    with override(person.language):
        text = ngettext(
            "%(n)s signalement nouveau vous attend dans Jalons, sous Données, Qualité.",
            "%(n)s signalements nouveaux vous attendent dans Jalons, sous Données, Qualité.", n,
        )  # fmt: skip
        return send(gettext("Jalons : des données à vérifier"), text % {"n": n}, [person.email])


def send(subject: str, text: str, addresses: list[str]) -> int:
    """How many messages left; one that does not leave fails nothing, the log says it without the address."""
    if not settings.EMAIL_HOST:
        return 0
    left = 0
    for address in addresses:
        try:
            left += send_mail(subject, text, None, [address])
        except OSError as fault:
            log.error("a message did not leave: %s", type(fault).__name__)
    return left
