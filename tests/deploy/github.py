"""A GitHub on loopback: one repository's issues, comments and pages, as far as the template asks for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from tests.deploy.web import Request, page, serving

ROBOT: Final = "github-actions[bot]"
TOKEN: Final = "a-token-of-this-run"
REPOSITORY: Final = "labo/cartes"
_PULL: Final = re.compile(r"/pulls/(\d+)")
_ISSUE: Final = re.compile(r"/issues/(\d+)")
_COMMENTS: Final = re.compile(r"/issues/(\d+)/comments")
_COMMENT: Final = re.compile(r"/issues/comments/(\d+)")
_PERMISSION: Final = re.compile(r"/collaborators/([\w-]+)/permission")
Thing = dict[str, Any]


@dataclass
class GitHub:
    """`asked` is every request: method, and path below the repository. `pages` is None if there are none.

    `writers` are those who may write to the repository, `tips` the commits of its branches.
    """

    url: str = ""
    issues: list[Thing] = field(default_factory=list)
    comments: list[Thing] = field(default_factory=list)
    pulls: list[Thing] = field(default_factory=list)
    pages: Thing | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)
    writers: tuple[str, ...] = ("ada",)
    tips: dict[str, str] = field(default_factory=dict)

    def add_comment(self, issue: int, body: str, login: str = ROBOT) -> Thing:
        made = {"id": len(self.comments) + 1, "issue": issue, "body": body, "user": {"login": login}}
        self.comments.append(made)
        return made

    def add_issue(self, told: Thing, login: str = ROBOT) -> Thing:
        number = len(self.issues) + 1
        made = {"number": number, "state": "open", "labels": [], **told, "user": {"login": login}}
        self.issues.append(made)
        return made

    def tick(self, issue: Thing, part: str, by: str = "ada") -> Thing:
        """Tick the one box of an issue whose line has this in it, as a browser does, and return the event."""
        before = issue["body"]
        (line,) = [line for line in before.splitlines() if line.startswith("- [ ] ") and part in line]
        issue["body"] = before.replace(line, line.replace("[ ]", "[x]", 1)).replace("\n", "\r\n")
        return {"issue": dict(issue), "sender": {"login": by}, "changes": {"body": {"from": before}}}

    def answer(self, request: Request) -> Any:
        """Return the answer's content; None is a 404."""
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        path = request.path.removeprefix(f"/repos/{REPOSITORY}")
        self.asked.append((request.method, path))
        return {"GET": self._get, "POST": self._post, "PATCH": self._patch}[request.method](path, request)

    def _get(self, path: str, request: Request) -> Any:
        if path == "/pages":
            return self.pages
        if one := _ISSUE.fullmatch(path):
            return self.issues[int(one[1]) - 1]
        if of := _PERMISSION.fullmatch(path):
            return {"permission": "write" if of[1] in self.writers else "read"}
        if path == "/pulls":
            assert request.query["state"] == "all"
            found = [each for each in self.pulls if f"labo:{each['head']['ref']}" == request.query["head"]]
        elif path == "/issues":
            found = [each for each in self.issues if _is_asked_for(each, request)]
        else:
            of = _COMMENTS.fullmatch(path)
            found = [each for each in self.comments if of and each["issue"] == int(of[1])]
        return page(found, request.query)

    def _post(self, path: str, request: Request) -> Any:
        if path == "/issues":
            return self.add_issue(request.told)
        if path == "/pulls":
            head = {"ref": request.told["head"], "sha": self.tips[request.told["head"]]}
            number = len(self.pulls) + 1
            self.pulls.append(
                {**request.told, "number": number, "state": "open", "head": head, "user": {"login": ROBOT}}
            )
            return self.pulls[-1]
        of = _COMMENTS.fullmatch(path)
        return of and self.add_comment(int(of[1]), request.told["body"])

    def _patch(self, path: str, request: Request) -> Any:
        if comment := _COMMENT.fullmatch(path):
            return _changed(self.comments[int(comment[1]) - 1], request.told)
        if pull := _PULL.fullmatch(path):
            return _changed(self.pulls[int(pull[1]) - 1], request.told)
        issue = _ISSUE.fullmatch(path)
        return issue and _changed(self.issues[int(issue[1]) - 1], request.told)


def _is_asked_for(issue: Thing, request: Request) -> bool:
    state, label = request.query.get("state", "open"), request.query.get("labels")
    return issue["state"] == state and (label is None or label in issue["labels"])


def _changed(thing: Thing, told: Thing) -> Thing:
    thing.update(told)
    return thing


@contextmanager
def made() -> Iterator[GitHub]:
    """A GitHub with nothing in it, for as long as it is needed."""
    github = GitHub()
    with serving(github.answer) as url:
        github.url = url
        yield github
