"""Secrets of other servers, sealed in the database by a key that is not in it."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from jalons.core.errors import Refused, _

LOST = _(
    "La clé qui protège les accès aux autres serveurs n’est plus celle d’avant : ce jeton ne se lit plus. "
    "Remettez l’ancienne clé (vault_key), ou redonnez le jeton."
)


def seal(secret: str) -> str:
    """A secret as the database keeps it: unreadable without the key, and authenticated."""
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret again. Error: Refused when the key is another one."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Refused(LOST) from None


def _box() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(settings.VAULT_KEY.encode()).digest()))
