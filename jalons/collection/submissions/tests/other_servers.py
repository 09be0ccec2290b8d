"""KoboToolbox and ODK Central as their documentation describes them, on this machine: what tests talk to.

Answers recorded from a real Kobo are served as they are (`recorded`); the rest holds submissions in memory, cuts pages
at a thousand in silence, edits without moving `_submission_time`, deletes, fails on request.
"""

import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from lxml import etree

from jalons.collection.submissions.tests.kobo_instances import as_xml, flat, repeats

TOKEN = "0123456789abcdef0123456789abcdef01234567"
HTML = b"<!doctype html><html><body>Sign in</body></html>"
BOUNDARY = re.compile(rb'name="(\w+)"(?:; filename="([^"]*)")?')


@dataclass
class State:
    """What a server holds, and how it misbehaves. faults: {part of a verb and path: [fault, fault…]}, each once."""

    token: str = TOKEN
    denial: str = "Invalid token."
    most: int = 1_000
    faults: dict[str, list[str]] = field(default_factory=dict)
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)
    assets: dict[str, dict] = field(default_factory=dict)
    rows: dict[str, list[dict]] = field(default_factory=dict)
    workbooks: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, list[tuple[str, bytes]]] = field(default_factory=dict)
    photos: dict[str, bytes] = field(default_factory=dict)
    projects: dict[int, str] = field(default_factory=lambda: {3: "Oriental"})
    forms: dict[str, dict] = field(default_factory=dict)
    instances: dict[str, dict[str, dict]] = field(default_factory=dict)
    clock: int = 0

    def now(self) -> str:
        self.clock += 1
        return f"2026-10-02T08:{self.clock // 60 % 60:02}:{self.clock % 60:02}.101Z"


@contextmanager
def serving(handler, state=None):
    """A server on a port of its own: its address, and its state."""
    state = state or State()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (handler,), {"state": state}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: State

    def log_message(self, *_args):
        pass

    def serve(self):
        parts = urlsplit(self.path)
        self.where, self.query = unquote(parts.path), {k: v[0] for k, v in parse_qs(parts.query).items()}
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.state.asked.append((self.command, self.path, self.body))
        asked = f"{self.command} {self.path}"
        fault = next((f.pop(0) for part, f in self.state.faults.items() if part in asked and f), None)
        if fault == "done":  # done, and the answer lost on its way
            self.answer = lambda *_told: None
            self.reply()
            self.close_connection = True
            return self.connection.close()
        if fault:
            return self.fail(fault)
        return self.reply()

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = serve  # noqa: N815

    def fail(self, fault):
        if fault == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "5000")
            self.end_headers()
            self.wfile.write(b'{"count": 3, "results": [')
            self.close_connection = True
        elif fault == "truncated":
            self.answer(200, b'{"count": 3, "results": [{"_id"', "application/json")
        elif fault == "page":
            self.answer(200, HTML, "text/html")
        elif fault == "drop":
            self.close_connection = True
            self.connection.close()
        else:
            self.answer(int(fault), b"busy", "text/plain")

    def answer(self, status, content, kind="application/json"):
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def parts(self):
        """The parts of a multipart body: {name: (file name, content)}."""
        mark = b"--" + self.headers["Content-Type"].rpartition("boundary=")[2].encode()
        found = {}
        for part in self.body.split(mark)[1:-1]:
            head, _blank, content = part.partition(b"\r\n\r\n")
            name = BOUNDARY.search(head)
            found[name[1].decode()] = ((name[2] or b"").decode(), content.removesuffix(b"\r\n"))
        return found


# KoboToolbox


class Kobo(Handler):
    """Source: KoboToolbox API v2, as the reference of formats tells it."""

    def reply(self):
        if self.headers.get("Authorization") != f"Token {self.state.token}":
            return self.answer(401, {"detail": self.state.denial})
        steps = [step for step in self.where.removeprefix("/api/v2/").split("/") if step]
        if steps == ["submission"]:
            return self.edited()
        if steps[0] == "imports":
            return self.imports(steps)
        if len(steps) == 1:
            found = [self.asset(uid) for uid in self.state.assets]
            return self.answer(200, {"count": len(found), "next": None, "results": found})
        uid = steps[1].removesuffix(".xls")
        if uid not in self.state.assets:
            return self.answer(404, {"detail": "Not found."})
        if steps[1].endswith(".xls"):
            return self.answer(200, self.state.workbooks[uid], "application/vnd.ms-excel")
        own = {"data": self.data, "deployment": self.deployment, "files": self.kept}.get(
            steps[2] if len(steps) > 2 else ""
        )
        return own(uid, steps[3:]) if own else self.answer(200, self.asset(uid))

    def asset(self, uid):
        rows = self.state.rows.get(uid, [])
        links = {"csv": f"http://{self.headers['Host']}/moi/exports/{uid}/csv/"}
        told = {"deployment__submission_count": len(rows), "deployment__data_download_links": links}
        return {**told, **self.state.assets[uid]}

    def data(self, uid, rest):
        rows = self.state.rows.setdefault(uid, [])
        if rest:
            return self.row(uid, rows, rest)
        query = json.loads(self.query.get("query", "{}"))
        found = sorted((row for row in rows if matches(row, query)), key=lambda row: row["_id"])
        start, limit = int(self.query.get("start", 0)), min(int(self.query.get("limit", 100)), self.state.most)
        shown = found[start : start + limit]
        if fields := self.query.get("fields"):
            shown = [{name: row[name] for name in json.loads(fields) if name in row} for row in shown]
        after = f"http://elsewhere.example{self.where}?start={start + limit}" if start + limit < len(found) else None
        return self.answer(200, {"count": len(found), "next": after, "previous": None, "results": shown})

    def edited(self):
        """An instance sent where phones send: kpi's `create_instance`, by deprecatedID."""
        xml = self.parts()["xml_submission_file"][1]
        root = etree.fromstring(xml)
        name, old, first = (root.findtext(f"meta/{tag}", "")[5:] for tag in ("instanceID", "deprecatedID", "rootUuid"))
        uid = root.get("id")
        rows = self.state.rows[uid]
        row = next((row for row in rows if row["_uuid"] == old), None)
        if row is None or not old:
            known = any(row.get("meta/rootUuid") == f"uuid:{first}" for row in rows)
            return self.answer(
                409 if known else 500, "<OpenRosaResponse><message>Conflict</message></OpenRosaResponse>"
            )
        said = {key: value for key, value in row.items() if key.startswith("_") or key == "formhub/uuid"}
        row.clear()
        row.update(said | flat(root, "", repeats(self.state.assets[uid])) | {"_uuid": name})
        return self.answer(201, b"<OpenRosaResponse><message>Successful submission.</message></OpenRosaResponse>")

    def row(self, uid, rows, rest):
        row = next((row for row in rows if str(row["_id"]) == rest[0].removesuffix(".xml")), None)
        if row is None:
            return self.answer(404, {"detail": "Not found."})
        if rest[0].endswith(".xml"):
            return self.answer(200, as_xml(uid, row), "text/xml")
        if rest[1:2] == ["attachments"]:
            return self.answer(200, self.state.photos[rest[2]], "image/jpeg")
        if rest[1:] == ["validation_status"]:
            row["_validation_status"] = {"uid": json.loads(self.body)["validation_status.uid"], "timestamp": 1759480000}
            return self.answer(200, row["_validation_status"])
        return self.answer(200, row)

    def imports(self, steps):
        if len(steps) == 1:
            parts = self.parts()
            target = parts.get("destination", ("", b""))[1].decode().rstrip("/").rpartition("/")[2]
            uid = target or f"aNew{len(self.state.assets)}"
            old = self.state.assets.get(uid, {"uid": uid, "has_deployment": False, "asset_type": "survey"})
            number = int(old.get("version_id", "v0")[1:]) + 1
            self.state.assets[uid] = {**old, "name": parts["name"][1].decode(), "version_id": f"v{number}"}
            self.state.workbooks[uid] = parts["file"][1]
            self.state.faults["task"] = [uid]
            return self.answer(201, {"uid": "i1", "status": "processing"})
        uid = self.state.faults.pop("task")[0]
        return self.answer(200, {"uid": "i1", "status": "complete", "messages": {"created": [{"uid": uid}]}})

    def deployment(self, uid, _rest):
        asset, said = self.state.assets[uid], json.loads(self.body)
        if self.command == "POST" and asset["has_deployment"]:
            return self.answer(405, {"detail": "already deployed"})
        if self.command == "PATCH" and said.get("version_id") != asset["version_id"]:
            return self.answer(400, {"error": "only the current version"})
        asset |= {"has_deployment": True, "deployed_version_id": asset["version_id"]}
        return self.answer(200, {"active": True, "version_id": asset["version_id"]})

    def kept(self, uid, rest):
        files = self.state.files.setdefault(uid, [])
        if self.command == "POST":
            files.append(self.parts()["content"])
            return self.answer(201, {})
        if rest:
            return self.answer(200, dict(files)[rest[0]], "text/csv")
        found = [{"metadata": {"filename": name}, "content": f"http://elsewhere.example{self.where}{name}/",
                  "file_type": "form_media"} for name, _content in files]  # fmt: skip
        return self.answer(200, {"count": len(found), "next": None, "results": found})


def matches(row, query):
    tests = {"$gt": int.__gt__, "$gte": int.__ge__, "$lte": int.__le__, "$in": lambda value, those: value in those}
    return all(tests[op](row[name], value) for name, asked in query.items() for op, value in asked.items())


def a_kobo_row(number, root=None, version="v1", **answers):
    """One submission as the API tells it."""
    uuid = root or f"2f640000-0000-4000-8000-{number:012}"
    return {
        "_id": number, "formhub/uuid": "9c1e", "__version__": version, "meta/instanceID": f"uuid:{uuid}",
        "meta/rootUuid": f"uuid:{uuid}", **answers, "_xform_id_string": "aFoyer", "_uuid": uuid, "_attachments": [],
        "_status": "submitted_via_web", "_geolocation": [None, None], "_submission_time": "2026-10-02T08:20:31",
        "_tags": [], "_notes": [], "_validation_status": {}, "_submitted_by": "agent_rabat",
    }  # fmt: skip


def edit(row, name, **answers):
    """What an edit does: another `_uuid`, the same number, root and time of submission."""
    row |= {"meta/deprecatedID": row["meta/instanceID"], "meta/instanceID": f"uuid:{name}", "_uuid": name, **answers}


# ODK Central


class Central(Handler):
    """Source: ODK Central API, as the reference of formats tells it."""

    account = ("suivi@exemple.org", "une phrase secrète")

    def reply(self):
        steps = [step for step in self.where.removeprefix("/v1/").split("/") if step]
        if steps == ["sessions"]:
            said = json.loads(self.body)
            good = (said["email"], said["password"]) == self.account
            return self.answer(200, {"token": "t" * 64}) if good else self.answer(401, {"code": 401.2, "message": "no"})
        if self.headers.get("Authorization") != f"Bearer {'t' * 64}":
            return self.answer(401, {"code": 401.2, "message": "Could not authenticate"})
        if steps[0] in ("users", "sessions"):
            return self.answer(200, {"id": 1})
        if steps == ["projects"]:
            return self.answer(200, [{"id": pk, "name": name} for pk, name in self.state.projects.items()])
        return self.project(int(steps[1]), steps[3:])

    def project(self, pk, rest):
        if not rest:
            if self.command == "POST":
                return self.draft(pk, unquote(self.headers["X-XlsForm-FormId-Fallback"]))
            return self.answer(200, [self.form(code) for code in self.state.forms])
        code, ending = re.fullmatch(r"(.*?)(\.svc|\.xlsx)?", rest[0]).groups()
        if code not in self.state.forms:
            return self.answer(404, {"code": 404.1, "message": "Could not find the resource"})
        if ending == ".xlsx":
            return self.answer(200, self.state.workbooks[code], "application/octet-stream")
        if ending == ".svc":
            return self.odata(code)
        if rest[1:] == ["fields"]:
            return self.answer(200, self.state.forms[code]["fields"])
        own = {"submissions": self.submission, "draft": self.drafts, "attachments": self.media}.get(
            rest[1] if rest[1:] else ""
        )
        return own(code, rest[2:]) if own else self.answer(200, self.form(code))

    def form(self, code):
        held = [row for row in self.state.instances.get(code, {}).values() if not row["deletedAt"]]
        form = {name: value for name, value in self.state.forms[code].items() if name != "fields"}
        return {"projectId": 3, "xmlFormId": code, "name": code.title(), "submissions": len(held), **form}

    def odata(self, code):
        rows = sorted(self.state.instances.get(code, {}).items(), key=lambda pair: pair[1]["at"], reverse=True)
        found = [(name, row) for name, row in rows if not row["deletedAt"]]
        if chosen := self.query.get("$filter"):
            since = re.search(r"ge (\S+)", chosen)[1]
            found = [(n, r) for n, r in found if r["at"] >= since or (r["updatedAt"] or "") >= since]
        start, size = int(self.query.get("$skiptoken", 0)), min(int(self.query.get("$top", 250)), self.state.most)
        shown = [{"__id": name, "__system": system(row)} for name, row in found[start : start + size]]
        page = {"@odata.count": len(found), "value": shown}
        if start + size < len(found):
            kept = f"&%24filter={chosen}" if chosen else ""
            page["@odata.nextLink"] = (
                f"http://elsewhere.example{self.where}?%24skiptoken={start + size}&%24top={size}{kept}"
            )
        return self.answer(200, page)

    def submission(self, code, rest):
        name, _dot, xml = rest[0].partition(".xml")
        row = self.state.instances.get(code, {}).get(rest[0].removesuffix(".xml"))
        if row is None or row["deletedAt"]:
            return self.answer(404, {"code": 404.1, "message": "Could not find the resource"})
        if self.command == "PUT":
            return self.put(row)
        if self.command == "PATCH":
            row |= {"reviewState": json.loads(self.body)["reviewState"], "updatedAt": self.state.now()}
            return self.answer(200, {})
        if rest[1:] == ["versions"]:
            return self.answer(200, [{"instanceId": version} for version in reversed(row["versions"])])
        if rest[1:2] == ["versions"]:
            return self.answer(200, row["versions"][rest[2].removesuffix(".xml")], "text/xml")
        if rest[1:] == ["attachments"]:
            return self.answer(200, [{"name": file, "exists": True} for file in row["files"]])
        if rest[1:2] == ["attachments"]:
            return self.answer(200, row["files"][rest[2]], "image/jpeg")
        last = list(row["versions"].values())[-1]
        return (
            self.answer(200, last, "text/xml") if rest[0].endswith(".xml") else self.answer(200, {"instanceId": name})
        )

    def put(self, row):
        name, old = (re.search(tag + b">([^<]*)<", self.body)[1].decode() for tag in (b"instanceID", b"deprecatedID"))
        if old != list(row["versions"])[-1] or name in row["versions"]:
            return self.answer(409, {"code": 409.1, "message": "deprecatedID is not the current version"})
        row["versions"][name] = self.body
        row |= {"updatedAt": self.state.now(), "reviewState": "edited"}
        return self.answer(200, {"instanceId": next(iter(row["versions"]))})

    def media(self, code, rest):
        files = dict(self.state.files.get(code, []))
        if rest:
            return self.answer(200, files[rest[0]], "text/csv")
        return self.answer(200, [{"name": name, "exists": True} for name in files])

    def draft(self, pk, code):
        fresh = {"fields": [], "publishedAt": None, "version": ""}
        self.state.forms.setdefault(code, fresh)
        self.state.workbooks[code] = self.body
        return self.answer(200, {"projectId": pk, "xmlFormId": code})

    def drafts(self, code, rest):
        if rest[:1] == ["attachments"]:
            self.state.files.setdefault(code, []).append((rest[1], self.body))
        elif rest == ["publish"]:
            version = f"{len(self.state.asked)}"
            self.state.forms[code] |= {"publishedAt": self.state.now(), "version": version}
        else:
            self.state.workbooks[code] = self.body
        return self.answer(200, {"success": True})


def system(row):
    return {
        "submissionDate": row["at"], "updatedAt": row["updatedAt"], "submitterId": "23", "submitterName": "Agent Rabat",
        "attachmentsPresent": len(row["files"]), "attachmentsExpected": len(row["files"]),
        "reviewState": row["reviewState"], "edits": len(row["versions"]) - 1, "formVersion": "1", "deletedAt": None,
    }  # fmt: skip


def a_central_row(state, code, name, content, **files):
    """One submission sent to Central."""
    row = {"at": state.now(), "updatedAt": None, "deletedAt": None, "reviewState": None, "versions": {name: content}}
    state.instances.setdefault(code, {})[name] = {**row, "files": files}
    return state.instances[code][name]


# Answers recorded from a real Kobo


def recorded(folder):
    """The state of a Kobo that holds what was recorded of a real one."""
    state = State()
    for entry in json.loads((folder / "index.json").read_text()):
        path = urlsplit(entry["uri"]).path.strip("/").split("/")
        found = folder / entry["file"]
        if entry["status"] != 200 or len(path) < 4 or not found.exists():
            continue
        said, uid = json.loads(found.read_text()), path[3].removesuffix(".json")
        if len(path) == 4:
            state.assets[uid] = {
                name: value for name, value in said.items() if name != "deployment__data_download_links"
            }
        elif path[4] == "data.json" and set(parse_qs(urlsplit(entry["uri"]).query)) == {"limit"}:
            state.rows[uid] = said["results"]
    return state
