"""ODK Central, through pyodk's session: read what it holds, and write there forms, corrections and reviews."""

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from pyodk._utils.session import Session
from pyodk.errors import PyODKError

from jalons.collection.submissions.mending import Change
from jalons.collection.submissions.models import SubmissionVersion
from jalons.collection.submissions.reading import Ready, Record, Refusal, Versions, read_instance
from jalons.collection.submissions.rewriting import whole
from jalons.collection.submissions.rules import servers
from jalons.collection.submissions.rules.identity import canonical
from jalons.collection.submissions.servers import A_PAGE, DENIED, STALE, Absent, Denied, Entry, Line, Project, Sight
from jalons.core.errors import Refused, _

PAGE, AT_ONCE = 1_000, 4
OVERLAP = timedelta(minutes=5)  # rows that were still being written when the list was read
REVIEWS = {"approved": "approved", "rejected": "rejected", "on_hold": "hasIssues"}
XLSX, XLS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/vnd.ms-excel"
EXTENDED = {"X-Extended-Metadata": "true"}
NO_LOGIN = _(
    "Ce serveur ODK Central n’ouvre pas de session par mot de passe : il passe sans doute par une connexion unique "
    "(SSO), avec ou sans double authentification, que Jalons ne suit pas. Demandez à qui le tient de rouvrir les mots "
    "de passe, ou exportez-en les soumissions et importez-les ici."
)
ODD_NEXT = _("ODK Central ne donne pas la suite de sa liste. Rien n’est perdu : le relevé reprendra.")


class Odk:
    """One ODK Central server. `remote_id` is its project and its form, with a slash between."""

    handful = 100

    def __init__(self, address: str, account: str, secret: str, *, waits: bool = False) -> None:
        self.session = Session(address, "v1", account, secret, cache_path=None)  # no token on the disk
        self.line, self.announced = _Central(address, self.session, waits=waits), None
        self.questions: dict[str, list[str]] = {}

    def close(self) -> None:
        if "Authorization" in self.session.headers:
            with contextlib.suppress(Refused):  # it ends by itself within a day
                self.line.sent("DELETE", "/v1/sessions/current")
        self.session.close()

    # Projects and their forms

    def test(self) -> None:
        self.line.json("/v1/users/current")

    def projects(self) -> Iterator[Project]:
        for project in self._list("/v1/projects"):
            for form in self._list(f"/v1/projects/{project['id']}/forms", headers=EXTENDED):
                yield self._project(form, project.get("name", ""))

    def project(self, remote_id: str) -> Project:
        return self._project(self.line.json(self._form(remote_id), headers=EXTENDED))

    def _project(self, form: dict[str, Any], project: str = "") -> Project:
        name = form.get("name") or form["xmlFormId"]
        return Project(
            f"{form['projectId']}/{form['xmlFormId']}", (f"{project} · {name}" if project else name)[:300],
            form["xmlFormId"], form.get("submissions"), form.get("version") or "", bool(form.get("publishedAt")),
        )  # fmt: skip

    def workbook(self, remote_id: str) -> tuple[bytes, str]:
        return self.line.content(f"{self._form(remote_id)}.xlsx"), f"{remote_id.partition('/')[2]}.xlsx"

    def asked(self, remote_id: str) -> list[str]:
        fields = self._list(f"{self._form(remote_id)}/fields", params={"odata": "true"})
        return [f["name"] for f in fields if f["type"] not in ("structure", "repeat") and "/meta/" not in f["path"]]

    def media(self, remote_id: str) -> Iterator[tuple[str, str]]:
        form = self._form(remote_id)
        for file in self._list(f"{form}/attachments"):
            if file.get("exists"):
                yield file["name"], f"{form}/attachments/{self._quoted(file['name'])}"

    # Submissions

    def sights(self, remote_id: str, cursor: dict[str, Any]) -> Iterator[tuple[list[Sight], dict[str, Any]]]:
        """The list comes with the newest first: how far it was read is known at its end only."""
        params: dict[str, Any] | None = {"$select": "__id,__system", "$top": PAGE, "$count": "true"}
        if since := cursor.get("since"):
            params["$filter"] = f"__system/submissionDate ge {since} or __system/updatedAt ge {since}"
        path, newest, seen = f"{self._form(remote_id)}.svc/Submissions", since or "", set()
        while path:
            page = self.line.json(path, params=params)
            rows = self._values(page)
            fresh = [row for row in rows if row["__id"] not in seen]
            seen |= {row["__id"] for row in rows}
            self.announced = page.get("@odata.count", self.announced)
            newest = max([newest, *(_moment(row["__system"]) for row in rows)])
            path, params = page.get("@odata.nextLink"), None
            if path and not fresh:
                raise Refused(ODD_NEXT)
            moved = {"since": _earlier(newest)} if newest and not path else cursor
            yield [self._sight(row) for row in fresh], moved

    def fetch(self, remote_id: str, sights: list[Sight]) -> list[Entry]:
        self.session.auth.login()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = pool.map(lambda sight: self._entry(remote_id, sight), sights)
            return [entry for entry in found if entry]

    def _entry(self, remote_id: str, sight: Sight) -> Entry | None:
        path = f"{self._form(remote_id)}/submissions/{self._quoted(sight.remote_id)}"
        try:
            if sight.marker.startswith("0/"):
                contents = [self.line.content(f"{path}.xml")]
            else:
                held = self._list(f"{path}/versions")
                ids = [version["instanceId"] for version in reversed(held)]
                contents = [self.line.content(f"{path}/versions/{self._quoted(one)}.xml") for one in ids]
            files = self._list(f"{path}/attachments") if sight.files else []
        except Absent:
            return None  # deleted since the list was read
        kept = [(f["name"], f"{path}/attachments/{self._quoted(f['name'])}") for f in files if f.get("exists")]
        return Entry(sight, contents, kept)

    def is_gone(self, remote_id: str, row: str) -> bool:
        """Whether a submission is no more, asked for itself."""
        try:
            found = self.line.json(f"{self._form(remote_id)}/submissions/{self._quoted(row)}")
        except Absent:
            return True
        return bool(found.get("deletedAt"))

    def stream(self, path: str) -> Iterator[bytes]:
        return self.line.stream(path)

    def _sight(self, row: dict[str, Any]) -> Sight:
        told = row["__system"]
        marker = f"{told.get('edits') or 0}/{told.get('attachmentsPresent') or 0}"
        review = servers.ODK.get(told.get("reviewState") or "", "none")
        name = (told.get("submitterName") or "")[:249]
        return Sight(row["__id"], canonical(row["__id"]), marker, review, name, told.get("attachmentsExpected") or 0)

    def _form(self, remote_id: str) -> str:
        project, _slash, form = remote_id.partition("/")
        return f"/v1/projects/{self._quoted(project)}/forms/{self._quoted(form)}"

    def _quoted(self, name: str) -> str:
        return Session.urlquote(name)

    def _list(self, path: str, **options: Any) -> list[dict[str, Any]]:
        found = self.line.json(path, **options)
        if not isinstance(found, list):
            raise self.line.changed(path.rpartition("/")[2])
        return found

    def _values(self, page: Any) -> list[dict[str, Any]]:
        rows = page.get("value") if isinstance(page, dict) else None
        if not isinstance(rows, list) or any("__id" not in row or "__system" not in row for row in rows):
            raise self.line.changed("value, __id, __system")
        return rows

    # Writing

    def review(self, remote_id: str, row: str, review: str) -> None:
        path = f"{self._form(remote_id)}/submissions/{self._quoted(row)}"
        self.line.sent("PATCH", path, json={"reviewState": REVIEWS[review]})

    def rewrite(
        self, remote_id: str, content: bytes, ours: SubmissionVersion, ready: Ready, changes: list[Change]
    ) -> bytes:
        if remote_id not in self.questions:
            self.questions[remote_id] = self.asked(remote_id)
        return whole(content, ours, ready, changes, self.questions[remote_id])

    def amend(self, remote_id: str, sight: Sight, written: bytes) -> str:
        """Central refuses (409) what does not take the place of its current version."""
        path = f"{self._form(remote_id)}/submissions/{self._quoted(sight.remote_id)}"
        try:
            self.line.sent("PUT", path, data=written, headers={"Content-Type": "application/xml"})
        except Refused as refusal:
            raise (Refused(STALE) if refusal.values.get("status") == 409 else refusal) from None
        edits, _slash, files = sight.marker.partition("/")
        return f"{int(edits) + 1}/{files}"

    def deploy(self, remote_id: str, name: str, workbook: tuple[bytes, str], files: list[tuple[str, bytes]]) -> str:
        """Send a workbook as the draft of a form with its files, then publish it.

        remote_id: the number of a project alone for a new form.
        """
        data, file_name = workbook
        project, _slash, code = remote_id.partition("/")
        kind = XLS if data.startswith(b"\xd0\xcf\x11\xe0") else XLSX
        fallback = self._quoted(file_name.rpartition(".")[0])
        sent = {"data": data, "headers": {"Content-Type": kind, "X-XlsForm-FormId-Fallback": fallback}}
        if not code:
            path = f"/v1/projects/{self._quoted(project)}/forms"
            _content, form = self.line.sent("POST", path, params={"ignoreWarnings": "true"}, **sent)
            code = form["xmlFormId"]
        else:
            self.line.sent("POST", f"{self._form(remote_id)}/draft", params={"ignoreWarnings": "true"}, **sent)
        form = self._form(f"{project}/{code}")
        for title, content in files:
            kept = f"{form}/draft/attachments/{self._quoted(title)}"
            self.line.sent("POST", kept, data=content, headers={"Content-Type": "application/octet-stream"})
        self.line.sent("POST", f"{form}/draft/publish")
        return f"{project}/{code}"


class _Central(Line):
    """pyodk opens the session at the first request, and says in its own way that it could not."""

    def _once(self, method: str, path: str, raw: bool, options: dict[str, Any]) -> tuple[bytes, Any]:
        try:
            return super()._once(method, path, raw, options)
        except PyODKError as fault:
            response = fault.args[1] if len(fault.args) > 1 else None
            raise (Denied(NO_LOGIN) if getattr(response, "status_code", 0) in (404, 501) else Denied(DENIED)) from None
        except ValueError:
            raise Refused(A_PAGE, host=self.host) from None


def _moment(told: dict[str, Any]) -> str:
    return max(told.get("submissionDate") or "", told.get("updatedAt") or "")


def _earlier(moment: str) -> str:
    at = datetime.fromisoformat(moment.replace("Z", "+00:00")) - OVERLAP
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read(entry: Entry, versions: Versions, known: dict[str, int]) -> Iterator[Record | Refusal]:
    """The records of a submission, the oldest version first."""
    for content in entry.contents:
        found = read_instance(entry.sight.remote_id, content, versions)
        if isinstance(found, Record):
            found.collector, found.root_id, found.again = entry.sight.submitter, entry.sight.root, True
        yield found
