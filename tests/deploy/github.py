"""A GitHub on loopback: one repository's issues, comments and pages, as far as the template asks for them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final
from urllib.parse import parse_qs

ROBOT: Final = "github-actions[bot]"
TOKEN: Final = "a-token-of-this-run"
REPOSITORY: Final = "labo/cartes"
_ISSUE: Final = re.compile(r"/issues/(\d+)")
_COMMENTS: Final = re.compile(r"/issues/(\d+)/comments")
_COMMENT: Final = re.compile(r"/issues/comments/(\d+)")
Thing = dict[str, Any]


@dataclass
class GitHub:
    """`asked` is every request: method, and path below the repository. `pages` is None if there are none."""

    url: str = ""
    issues: list[Thing] = field(default_factory=list)
    comments: list[Thing] = field(default_factory=list)
    pages: Thing | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)

    def add_comment(self, issue: int, body: str, login: str = ROBOT) -> Thing:
        made = {"id": len(self.comments) + 1, "issue": issue, "body": body, "user": {"login": login}}
        self.comments.append(made)
        return made

    def add_issue(self, told: Thing, login: str = ROBOT) -> Thing:
        number = len(self.issues) + 1
        made = {"number": number, "state": "open", "labels": [], **told, "user": {"login": login}}
        self.issues.append(made)
        return made

    def answer(self, method: str, path: str, query: str, told: Thing) -> Any:
        """Give the answer's content; None is a 404. Lists come in pages, as they do there."""
        found = self._whole(method, path, query, told)
        if not isinstance(found, list):
            return found
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        size = int(asked.get("per_page", "30"))
        first = (int(asked.get("page", "1")) - 1) * size
        return found[first : first + size]

    def _whole(self, method: str, path: str, query: str, told: Thing) -> Any:
        return {"GET": self._get, "POST": self._post, "PATCH": self._patch}[method](path, query, told)

    def _get(self, path: str, query: str, _: Thing) -> Any:
        if path == "/pages":
            return self.pages
        if path == "/issues":
            return [each for each in self.issues if self._is_asked_for(each, query)]
        of = _COMMENTS.fullmatch(path)
        return of and [each for each in self.comments if each["issue"] == int(of[1])]

    def _post(self, path: str, _: str, told: Thing) -> Any:
        if path == "/issues":
            return self.add_issue(told)
        of = _COMMENTS.fullmatch(path)
        return of and self.add_comment(int(of[1]), told["body"])

    def _patch(self, path: str, _: str, told: Thing) -> Any:
        if comment := _COMMENT.fullmatch(path):
            return _changed(self.comments[int(comment[1]) - 1], told)
        issue = _ISSUE.fullmatch(path)
        return issue and _changed(self.issues[int(issue[1]) - 1], told)

    def _is_asked_for(self, issue: Thing, query: str) -> bool:
        return ("state=open" not in query or issue["state"] == "open") and (
            "labels=umap-bot" not in query or "umap-bot" in issue["labels"]
        )


def _changed(thing: Thing, told: Thing) -> Thing:
    thing.update(told)
    return thing


@contextmanager
def serving() -> Iterator[GitHub]:
    """A GitHub with nothing in it, for as long as it is needed."""
    github = GitHub()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                self.send_error(401)
                return
            path, _, query = self.path.removeprefix(f"/repos/{REPOSITORY}").partition("?")
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or "{}")
            github.asked.append((str(self.command), path))
            found = github.answer(str(self.command), path, query, told)
            content = json.dumps(found).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def do_PATCH(self) -> None:
            self._serve()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the library's
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        github.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield github
        finally:
            server.shutdown()
            thread.join()
