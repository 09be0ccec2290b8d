"""KoboToolbox, through its API v2: read what it holds, and write there forms, corrections and reviews."""

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import requests

from jalons.collection.submissions.mending import Change
from jalons.collection.submissions.models import SubmissionVersion
from jalons.collection.submissions.reading import Ready, Record, Refusal, Versions
from jalons.collection.submissions.rewriting import Unsendable, whole
from jalons.collection.submissions.rules import instances, servers
from jalons.collection.submissions.rules.identity import canonical
from jalons.collection.submissions.rules.kobo import places, tree
from jalons.collection.submissions.servers import (
    A_PAGE,
    DENIED,
    STALE,
    Absent,
    Denied,
    Entry,
    Line,
    Project,
    Sight,
    TooLarge,
)
from jalons.core.errors import Refused, _

MOST = 1_000  # what a page holds at most; a larger limit is cut in silence
FEW = 100  # submissions asked by their numbers; beyond, by their range
FIELDS = ["_id", "_uuid", "meta/rootUuid", "meta/instanceID", "_validation_status", "_submitted_by"]
REVIEWS = {ours: theirs for theirs, ours in servers.KOBO.items()}
TOKEN = re.compile("[0-9a-f]{40}")
OPENROSA = {"X-OpenRosa-Version": "1.0"}
ATTEMPTS, PAUSE = 60, 1.0  # of an import there
CUT = _(
    "Kobo annonce d’autres fiches après le n° %(last)s et ne les donne pas. Rien n’est perdu : le relevé reprendra."
)
NO_TOKEN = _(
    "Kobo refuse cet accès, qui n’a pas la forme d’un jeton (40 chiffres et lettres de a à f). Copiez celui de "
    "« Paramètres du compte › Sécurité » : un mot de passe n’ouvre rien ici ; le jeton marche aussi avec la double "
    "authentification."
)
NOT_IMPORTED = _("Kobo n’a pas accepté le formulaire : %(text)s")
NO_ENTRANCE = _(
    "Ce serveur Kobo ne dit pas par où les téléphones lui envoient : la correction n’y est pas écrite d’ici. "
    "Faites-y la même : le prochain relevé la reconnaîtra."
)
UNENDED = _("Kobo n’a pas fini de lire le formulaire. Recommencez dans quelques minutes.")


class Kobo:
    """One KoboToolbox server. Submissions are asked by their number, which only grows: no page limit is trusted."""

    handful = 500

    def __init__(self, address: str, account: str, secret: str, *, waits: bool = False) -> None:
        session = requests.Session()
        session.headers["Authorization"] = f"Token {secret}"
        self.line, self.announced = Line(address, session, waits=waits), None
        self.has_token = bool(TOKEN.fullmatch(secret))
        self.assets: dict[str, dict[str, Any]] = {}

    def close(self) -> None:
        self.line.session.close()

    # Projects and their forms

    def test(self) -> None:
        try:
            self._rows(self.line.json("/api/v2/assets/", params={"q": "asset_type:survey", "limit": 1}))
        except Denied as refusal:
            raise (refusal if self.has_token or refusal.message != DENIED else Denied(NO_TOKEN)) from None

    def projects(self) -> Iterator[Project]:
        path, params = "/api/v2/assets/", {"q": "asset_type:survey", "limit": 100}
        while path:
            page = self.line.json(path, params=params)
            yield from (self._project(asset) for asset in self._rows(page))
            path, params = page.get("next"), None

    def project(self, remote_id: str) -> Project:
        return self._project(self._asset(remote_id))

    def _asset(self, remote_id: str) -> dict[str, Any]:
        found = self.line.json(f"/api/v2/assets/{remote_id}/", params={"format": "json"})
        if not isinstance(found, dict) or "uid" not in found:
            raise self.line.changed("uid")
        return found

    def _project(self, asset: dict[str, Any]) -> Project:
        title = asset.get("name") or asset["uid"]
        version = asset.get("deployed_version_id") or ""
        count = asset.get("deployment__submission_count")
        return Project(asset["uid"], title[:300], asset["uid"], count, version, bool(asset.get("has_deployment")))

    def workbook(self, remote_id: str) -> tuple[bytes, str]:
        return self.line.content(f"/api/v2/assets/{remote_id}.xls"), f"{remote_id}.xls"

    def asked(self, remote_id: str) -> list[str]:
        """The names of the questions of a project."""
        return _questions(self._asset(remote_id))

    def media(self, remote_id: str) -> Iterator[tuple[str, str]]:
        """Name and path of the files that a form needs."""
        path = f"/api/v2/assets/{remote_id}/files/"
        params = {"file_type": "form_media", "limit": 100}
        while path:
            page = self.line.json(path, params=params)
            for file in self._rows(page):
                name = (file.get("metadata") or {}).get("filename")
                if name and file.get("content") and file.get("file_type", "form_media") == "form_media":
                    yield name, file["content"]
            path, params = page.get("next"), None

    # Submissions

    def sights(self, remote_id: str, cursor: dict[str, Any]) -> Iterator[tuple[list[Sight], dict[str, Any]]]:
        last, first = cursor.get("id", 0), True
        while True:
            rows, count = self._page(remote_id, {"_id": {"$gt": last}}, fields=FIELDS)
            rows = [row for row in rows if row["_id"] > last]
            if first:
                self.announced, first = count, False
            if count and not rows:
                raise Refused(CUT, last=last)
            if rows:
                last = max(row["_id"] for row in rows)
                yield [self._sight(row) for row in rows], {"id": last}
            if len(rows) >= count:
                return

    def fetch(self, remote_id: str, sights: list[Sight]) -> list[Entry]:
        wanted = {int(sight.remote_id) for sight in sights}
        found: dict[int, dict[str, Any]] = {}
        if len(wanted) <= FEW:
            asked: dict[str, Any] = {"$in": sorted(wanted)}
        else:
            asked = {"$gte": min(wanted), "$lte": max(wanted)}
        while True:
            rows, count = self._page(remote_id, {"_id": asked})
            found |= {row["_id"]: row for row in rows if row["_id"] in wanted}
            if not rows or len(rows) >= count:
                break
            asked = {**asked, "$gt": max(row["_id"] for row in rows)}
        return [self._entry(remote_id, found[number]) for number in sorted(found)]

    def _page(self, remote_id: str, query: dict, fields: list[str] | None = None) -> tuple[list[dict], int]:
        """One page in the order of numbers, smaller when it would be too large, and how many rows answer in all."""
        limit = MOST
        while True:
            params = {"query": json.dumps(query), "sort": '{"_id":1}', "limit": limit, "format": "json"}
            try:
                page = self.line.json(
                    f"/api/v2/assets/{remote_id}/data/",
                    params=params | ({"fields": json.dumps(fields)} if fields else {}),
                )
                break
            except TooLarge:
                if limit == 1:
                    raise
                limit //= 10
        rows = self._rows(page)
        if not isinstance(page.get("count"), int) or any(not isinstance(row.get("_id"), int) for row in rows):
            raise self.line.changed("count, _id")
        return rows, page["count"]

    def _sight(self, row: dict[str, Any]) -> Sight:
        name = _name(row) or str(row["_id"])
        root = canonical(row.get("meta/rootUuid") or "") or name
        status = row.get("_validation_status") or {}
        review = servers.KOBO.get(status.get("uid", ""), "none")
        return Sight(str(row["_id"]), root, name, review, (row.get("_submitted_by") or "")[:249])

    def _entry(self, remote_id: str, row: dict[str, Any]) -> Entry:
        content = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()
        files = []
        for file in row.get("_attachments") or []:
            if not file.get("is_deleted"):
                name = file.get("media_file_basename") or (file.get("filename") or "").rpartition("/")[2]
                number = file.get("uid") or file.get("id")
                files.append((name, f"/api/v2/assets/{remote_id}/data/{row['_id']}/attachments/{number}/"))
        return Entry(self._sight(row), [content], files)

    def is_gone(self, remote_id: str, row: str) -> bool:
        """Whether a submission is no more, asked for itself."""
        try:
            self.line.json(f"/api/v2/assets/{remote_id}/data/{row}/", params={"format": "json"})
        except Absent:
            return True
        return False

    def stream(self, path: str) -> Iterator[bytes]:
        return self.line.stream(path)

    def _rows(self, page: Any) -> list[dict[str, Any]]:
        if not isinstance(page, dict) or not isinstance(page.get("results"), list):
            raise self.line.changed("results")
        return page["results"]

    # Writing

    def review(self, remote_id: str, row: str, review: str) -> None:
        self.line.sent(
            "PATCH", f"/api/v2/assets/{remote_id}/data/{row}/validation_status/",
            json={"validation_status.uid": REVIEWS[review]},
        )  # fmt: skip

    def rewrite(
        self, remote_id: str, content: bytes, ours: SubmissionVersion, ready: Ready, changes: list[Change]
    ) -> bytes:
        """The instance whole, repeats included; Kobo refuses (409) that its root be told twice: no edit is lost."""
        said = json.loads(content)
        xml = self.line.content(f"/api/v2/assets/{remote_id}/data/{said['_id']}.xml")
        if instances.header(instances.parse(xml), xml).instance_id != _name(said):
            raise Refused(STALE)
        if remote_id not in self.assets:
            self.assets[remote_id] = self._asset(remote_id)
        meta = {"rootUuid": root} if (root := said.get("meta/rootUuid")) else {}
        return whole(xml, ours, ready, changes, _questions(self.assets[remote_id]), **meta)

    def amend(self, remote_id: str, sight: Sight, written: bytes) -> str:
        """Sent as Enketo sends an edit, to the host where phones send, by the token."""
        links = (self.assets[remote_id].get("deployment__data_download_links") or {}).values()
        if not (address := servers.entrance(self.line.base, links)):
            raise Unsendable(NO_ENTRANCE)
        sent = {"files": {"xml_submission_file": ("submission.xml", written, "text/xml")}, "headers": OPENROSA}
        entrance = Line(address, self.line.session)
        try:
            told, _nothing = entrance.sent("POST", "/submission", raw=True, **sent)
        except Refused as refusal:
            raise (Refused(STALE) if refusal.values.get("status") == 409 else refusal) from None
        if b"OpenRosaResponse" not in told:
            raise Refused(A_PAGE, host=entrance.host)
        return instances.header(instances.parse(written), written).instance_id

    def deploy(self, remote_id: str, name: str, workbook: tuple[bytes, str], files: list[tuple[str, bytes]]) -> str:
        """Import a workbook as a project, or as the new version of one, with its files, and open it to collection."""
        data, file_name = workbook
        sent = {"name": name, "library": "false"}
        if remote_id:
            sent["destination"] = f"{self.line.base}/api/v2/assets/{remote_id}/"
        _content, task = self.line.sent("POST", "/api/v2/imports/", data=sent, files={"file": (file_name, data)})
        uid = self._imported(task, remote_id)
        present = {name for name, _path in self.media(uid)}
        for title, content in files:
            if title not in present:
                described = {"file_type": "form_media", "description": "default",
                             "metadata": json.dumps({"filename": title})}  # fmt: skip
                self.line.sent(
                    "POST", f"/api/v2/assets/{uid}/files/", data=described, files={"content": (title, content)}
                )
        asset, path = self._asset(uid), f"/api/v2/assets/{uid}/deployment/"
        if asset.get("has_deployment"):
            self.line.sent("PATCH", path, json={"active": True, "version_id": asset.get("version_id")})
        else:
            self.line.sent("POST", path, json={"active": True})
        return uid

    def _imported(self, task: Any, remote_id: str) -> str:
        for _attempt in range(ATTEMPTS):
            if task.get("status") == "complete":
                made = [one for kind in ("created", "updated") for one in (task.get("messages") or {}).get(kind, [])]
                uid = next((one["uid"] for one in made if one.get("uid")), remote_id)
                if not uid:
                    raise self.line.changed("messages")
                return uid
            if task.get("status") == "error":
                raise Refused(NOT_IMPORTED, text=json.dumps(task.get("messages"), ensure_ascii=False)[:300])
            time.sleep(PAUSE)
            task = self.line.json(f"/api/v2/imports/{task['uid']}/")
        raise Refused(UNENDED)


def _name(row: dict[str, Any]) -> str:
    """Which version of a submission a row is: each edit gives it another name."""
    return canonical(row.get("_uuid") or row.get("meta/instanceID") or "")


def _questions(asset: dict[str, Any]) -> list[str]:
    return [path.rpartition("/")[2] for path in places(asset.get("content") or {})]


def read(entry: Entry, versions: Versions, known: dict[str, int]) -> Iterator[Record | Refusal]:
    """The records of a submission. known: {name of a version there: key of ours}."""
    for content in entry.contents:
        said = json.loads(content)
        ready = versions.by_key.get(known.get(said.get("__version__") or "", 0)) or versions.named(
            said.get("__version__") or ""
        )
        try:
            reading = instances.read(tree(said), ready.schema)
        except Refused as refusal:
            yield Refusal(entry.sight.remote_id, refusal.message, refusal.values)
            continue
        instance = canonical(said.get("meta/instanceID") or said.get("_uuid") or "") or entry.sight.root
        yield Record(
            entry.sight.remote_id, instance, canonical(said.get("meta/deprecatedID") or ""), entry.sight.root, ready,
            entry.sight.submitter, content, reading, flat=False, again=True,
        )  # fmt: skip
