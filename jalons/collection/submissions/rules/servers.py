"""What we make of another server: its address, what its reviews mean, when to try again, whether a form fits."""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from jalons.core.errors import Refused, _

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
LONGEST_WAIT = 360  # minutes
# what the registries reserve and Python takes for public; IPv6 networks whose last bytes are an IPv4 address
RESERVED = [
    ipaddress.ip_network(net)
    for net in ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "fec0::/10", "3fff::/20", "5f00::/16")
]
GATEWAYS = [ipaddress.IPv6Network(net) for net in ("::/96", "64:ff9b::/96", "64:ff9b:1::/48")]
# our words for what other servers decided of a submission
KOBO = {
    "validation_status_approved": "approved",
    "validation_status_not_approved": "rejected",
    "validation_status_on_hold": "on_hold",
}
# where phones send, by where persons work, on the public servers
ENTRANCES = {
    "https://kf.kobotoolbox.org": "https://kc.kobotoolbox.org",
    "https://eu.kobotoolbox.org": "https://kc-eu.kobotoolbox.org",
}
ODK = {"approved": "approved", "rejected": "rejected", "hasIssues": "on_hold", "edited": "edited"}
OURS = {"validated": "approved", "rejected": "rejected"}  # state of a submission here -> review there
NO_ADDRESS = _("« %(address)s » n’est pas l’adresse d’un serveur, telle que https://exemple.org.")
NO_HTTPS = _("L’adresse commence par http:// : ce qui y passe se lirait en chemin. Écrivez https://.")
WITH_ACCOUNT = _("N’écrivez ni compte ni mot de passe dans l’adresse.")
PRIVATE = _(
    "« %(host)s » est une adresse de réseau privé. Si ce serveur est bien le vôtre, l’administration de l’installation "
    "peut l’ouvrir (JALONS_PRIVATE_SERVERS)."
)
UNFIT = _(
    "Ce projet pose des questions que « %(form)s » n’a pas (%(names)s). Reprenez plutôt le formulaire de là-bas, ou "
    "importez ici la version qui les a."
)
OTHER_CODE = _(
    "Sur ODK Central ce formulaire se nomme « %(there)s », ici « %(here)s » : leurs fiches ne se liraient pas. "
    "Choisissez le formulaire du même identifiant, ou reprenez celui de là-bas."
)


def base_address(typed: str) -> str:
    """The scheme, host and port of what a person typed, whatever page they copied.

    Error:  Refused without https, except for this machine; with an account; when it is no address.
    Source: RFC 3986; a token sent in clear is a token lost.

    >>> base_address(" https://EU.kobotoolbox.org/#/forms/aX/summary ")
    'https://eu.kobotoolbox.org'
    """
    typed = typed.strip()
    try:
        parts = urlsplit(typed if "://" in typed else f"https://{typed}")
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise Refused(NO_ADDRESS, field="address", address=typed[:100]) from None
    if parts.scheme not in ("https", "http") or not host or any(c.isspace() for c in host):
        raise Refused(NO_ADDRESS, field="address", address=typed[:100])
    if parts.username or parts.password:
        raise Refused(WITH_ACCOUNT, field="address")
    if parts.scheme == "http" and host not in LOCAL:
        raise Refused(NO_HTTPS, field="address")
    named = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{named}" + (f":{port}" if port else "")


def entrance(base: str, told: Iterable[str]) -> str | None:
    """Where phones send to a Kobo: a host beside the one that was typed, as its links to files name it.

    told:    addresses that the server gives; one outside its own domain is not followed: the token goes along.
    Missing: None when it is neither told nor known.
    Source:  KoboToolbox API v2, `deployment__data_download_links`; its documentation, KPI and KoboCAT domains.

    >>> entrance("https://kobo.unhcr.org", ["https://ailleurs.org/csv/", "https://kobocat.unhcr.org/moi/csv/"])
    'https://kobocat.unhcr.org'
    >>> entrance("https://eu.kobotoolbox.org", [])
    'https://kc-eu.kobotoolbox.org'
    """
    here = urlsplit(base)
    beside = (here.hostname or "").partition(".")[2]
    for address in told:
        there = urlsplit(address)
        host = there.hostname or ""
        is_beside = "." in beside and host.partition(".")[2] == beside and host not in LOCAL
        if there.scheme == here.scheme and (host == here.hostname or is_beside):
            return f"{there.scheme}://{there.netloc}"
    return ENTRANCES.get(base)


def check_public(ip: str, host: str) -> None:
    """Refuse to talk to a machine of a private network: an address must not open what only this server can reach.

    Source: OWASP, server-side request forgery prevention; IANA special-purpose address registries.

    >>> check_public("93.184.216.34", "exemple.org")
    """
    address = ipaddress.ip_address(ip.partition("%")[0])
    if not all(_is_public(one) for one in (address, *_inside(address))):
        raise Refused(PRIVATE, field="address", host=host)


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.is_global and not address.is_multicast and not any(address in net for net in RESERVED)


def _inside(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """The IPv4 addresses that an IPv6 one leads to through a gateway: mapped, compatible, 6to4, NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    last = [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)] if any(address in net for net in GATEWAYS) else []
    return [one for one in (address.ipv4_mapped, address.sixtofour, *last) if one]


def check_written(address: str) -> None:
    """Refuse an address that names a private machine by itself; what a name leads to is seen when it is called.

    Source: as `check_public`.

    >>> check_written("https://exemple.org/avis")
    """
    host = (urlsplit(address).hostname or "").lower()
    try:
        check_public("127.0.0.1" if host in LOCAL else host, host)
    except ValueError:
        return


def wait(every: int, failures: int) -> int:
    """Minutes until the next attempt: twice as long after each failure, six hours at most.

    Source: ours.

    >>> wait(15, 0), wait(15, 2), wait(15, 40)
    (15, 60, 360)
    """
    return max(every, min(every * 2 ** min(failures, 12), LONGEST_WAIT))


def check_fit(form: str, asked: Iterable[str], known: Iterable[str]) -> None:
    """Refuse to tie a project to a form that lacks questions it asks: their answers would have no place.

    Source: ours; a question that moved to another group keeps its name.
    """
    missing = sorted(set(asked) - set(known))
    if missing:
        names = ", ".join(missing[:5]) + ("…" if len(missing) > 5 else "")
        raise Refused(UNFIT, field="form", form=form, names=names)
