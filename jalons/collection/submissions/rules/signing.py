"""Signatures by which a program knows that what it is sent comes from here."""

import base64
import hashlib
import hmac
import secrets

PREFIX = "whsec_"


def new_secret() -> str:
    """A secret as programs expect it.

    Source: Standard Webhooks 1.0, symmetric signatures.

    >>> len(base64.b64decode(new_secret().removeprefix(PREFIX)))
    32
    """
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(secret: str, identifier: str, timestamp: int, body: bytes) -> dict[str, str]:
    """What goes with a message: who it is, when it was sent (seconds since 1970), and its signature.

    Source: Standard Webhooks 1.0, `{id}.{timestamp}.{payload}` under HMAC-SHA256.

    >>> secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    >>> headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')["webhook-signature"]
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.digest(key, f"{identifier}.{timestamp}.".encode() + body, hashlib.sha256)
    return {
        "webhook-id": identifier, "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }  # fmt: skip
