"""What OpenRosa clients read and send: lists of forms, manifests, answers to a submission, credentials, settings."""

import base64
import hashlib
import hmac
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.request import parse_http_list, parse_keqv_list
from xml.sax.saxutils import escape, quoteattr

REALM = "Jalons"
MOST = 100_000_000  # bytes of one request, attachments included
HEADERS = {
    "X-OpenRosa-Version": "1.0",
    "X-OpenRosa-Accept-Content-Length": str(MOST),
    "Content-Security-Policy": "sandbox",  # a form or a file opened in a browser runs nothing
    "Cache-Control": "no-store",
}
FORMS = "http://openrosa.org/xforms/xformsList"
FILES = "http://openrosa.org/xforms/xformsManifest"
ANSWER = "http://openrosa.org/http/response"
TITLE = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True, slots=True)
class Entry:
    """One form as a phone lists it. manifest: address of its list of files, if it needs any."""

    code: str
    name: str
    version: str
    md5: str
    url: str
    manifest: str | None


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file that a form needs on the phone."""

    name: str
    md5: str
    url: str


def form_list(entries: Iterable[Entry]) -> str:
    """The forms that a device may fill.

    Source: OpenRosa Form Discovery API.
    """
    forms = "".join(
        f"<xform><formID>{escape(e.code)}</formID><name>{escape(e.name)}</name><version>{escape(e.version)}</version>"
        f"<hash>md5:{e.md5}</hash><downloadUrl>{escape(e.url)}</downloadUrl>"
        + (f"<manifestUrl>{escape(e.manifest)}</manifestUrl>" if e.manifest else "")
        + "</xform>"
        for e in entries
    )
    return f"{TITLE}<xforms xmlns={quoteattr(FORMS)}>{forms}</xforms>"


def manifest(files: Iterable[MediaFile]) -> str:
    """The files that a form needs: pictures, sounds, lists of choices.

    Source: OpenRosa Form Discovery API, manifest.
    """
    rows = "".join(
        f"<mediaFile><filename>{escape(f.name)}</filename><hash>md5:{f.md5}</hash>"
        f"<downloadUrl>{escape(f.url)}</downloadUrl></mediaFile>"
        for f in files
    )
    return f"{TITLE}<manifest xmlns={quoteattr(FILES)}>{rows}</manifest>"


def answer(message: str, *, good: bool = False) -> str:
    """What the phone shows after sending.

    Source: OpenRosa Form Submission API, response.
    """
    nature = "submit_success" if good else "error"
    return (
        f"{TITLE}<OpenRosaResponse xmlns={quoteattr(ANSWER)}>"
        f'<message nature="{nature}">{escape(message)}</message></OpenRosaResponse>'
    )


def md5(content: bytes) -> str:
    """What clients compare to know whether a file changed; no secret rests on it.

    Source: OpenRosa Form Discovery API, hash.
    """
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def key_digest(key: str) -> str:
    """What is kept of the secret part of an address.

    Source: ours; the key is 32 random bytes, which no dictionary holds.
    """
    return hashlib.sha256(key.encode()).hexdigest()


def secret(user_name: str, password: str) -> str:
    """HA1, to which a password comes down for Basic and for Digest.

    Source: RFC 2617 §3.2.2.2, MD5.

    >>> secret("Mufasa", "Circle Of Life") == md5(b"Mufasa:Jalons:Circle Of Life")
    True
    """
    return md5(f"{user_name}:{REALM}:{password}".encode())


def basic(header: str) -> tuple[str, str] | None:
    """User name and HA1 of a Basic header; None when it is none.

    Source: RFC 7617.

    >>> basic("Basic " + base64.b64encode(b"tab:pass").decode()) == ("tab", secret("tab", "pass"))
    True
    """
    scheme, _space, given = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(given, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (name, secret(name, password)) if colon and "\0" not in name else None


def digest(header: str) -> dict[str, str] | None:
    """The parts of a Digest header; None when it is none, or lacks one.

    Source: RFC 2617 §3.2.2.

    >>> digest('Digest username="tab", realm="Jalons", nonce="n", uri="/x", response="r"')["username"]
    'tab'
    """
    scheme, _space, rest = header.partition(" ")
    if scheme.lower() != "digest":
        return None
    try:
        parts = parse_keqv_list(parse_http_list(rest))
    except (ValueError, IndexError):
        return None
    needed = {"username", "realm", "nonce", "uri", "response"} | ({"nc", "cnonce"} if "qop" in parts else set())
    return parts if needed <= parts.keys() and "\0" not in parts["username"] else None


def answers_challenge(parts: dict[str, str], ha1: str, method: str) -> bool:
    """Whether a Digest response was made with this HA1.

    Source: RFC 2617 §3.2.2.1, qop absent or auth.

    >>> ha1 = md5(b"Mufasa:testrealm@host.com:Circle Of Life")
    >>> sent = {"uri": "/dir/index.html", "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093", "qop": "auth",
    ...         "nc": "00000001", "cnonce": "0a4f113b", "response": "6629fae49393a05397450978507c4ef1"}
    >>> answers_challenge(sent, ha1, "GET")
    True
    """
    ha2 = md5(f"{method}:{parts['uri']}".encode())
    middle = [parts[name] for name in ("nonce", "nc", "cnonce", "qop")] if "qop" in parts else [parts["nonce"]]
    expected = md5(":".join([ha1, *middle, ha2]).encode())
    return hmac.compare_digest(expected.encode(), parts["response"].lower().encode())


def challenges(nonce: str, domain: str, *, stale: bool) -> list[str]:
    """The two ways offered to a client that has not said who it is.

    Source: OpenRosa Authentication API: `domain` is required.
    """
    late = ", stale=true" if stale else ""
    return [
        f'Digest realm="{REALM}", domain="{domain}", nonce="{nonce}", algorithm=MD5, qop="auth"{late}',
        f'Basic realm="{REALM}", charset="UTF-8"',
    ]


def collect_settings(server_url: str, project: str) -> str:
    """What the QR code of a device holds: the settings of ODK Collect, sent and fetched without asking.

    Source: ODK Collect, settings by QR code: JSON, zlib, base64.

    >>> settings = collect_settings("https://jalons.example/openrosa/", "PRIM 2")
    >>> json.loads(zlib.decompress(base64.b64decode(settings)))["project"]
    {'name': 'PRIM 2'}
    """
    general = {
        "server_url": server_url, "form_update_mode": "match_exactly", "automatic_update": True,
        "periodic_form_updates_check": "every_one_hour", "autosend": "wifi_and_cellular", "delete_send": False,
    }  # fmt: skip
    told = {"general": general, "admin": {}, "project": {"name": project}}
    return base64.b64encode(zlib.compress(json.dumps(told).encode())).decode()
