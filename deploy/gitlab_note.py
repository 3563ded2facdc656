#!/usr/bin/env python3
"""Tell people on GitLab what umap-bot said. The standard library alone.

    gitlab_note.py plan FOLDER       the plan on a merge request, as one note that is updated
    gitlab_note.py waiting FOLDER    the issue of what waits: opened once, updated, closed when settled

FOLDER is what run.sh and answers.py write. The environment is what GitLab gives to each job, and GIT_TOKEN: a
project access token with the scope api. A text with a line that GitLab would take for a quick action (/merge)
is refused: it would be carried out with the rights of that token. umap-bot writes none.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

PREVIEW: Final = "<!-- umap-bot: preview -->"
WAITING: Final = "<!-- umap-bot: waiting -->"
LABEL: Final = "umap-bot"
QUICK_ACTION: Final = re.compile(r"^\s*/\w", re.MULTILINE)
BOX: Final = re.compile(r"^- \[ \] ", re.MULTILINE)
"""To tick one on a merge request would do nothing."""
REFUSED: Final = 65

WORDS: Final = {
    "en": {
        "preview": "What a sync would do with the map after this change",
        "title": "Approval needed: changes of the map wait for you",
        "rows title": "Rows of the file must be corrected",
        "how": "**To answer:** *[Build → Pipelines → New pipeline]({page})*; in the field `ANSWER`, write "
        "the letters and digits after “ANSWER=”, several with blanks between. The log names you. Lines "
        "without them say what you can do elsewhere.",
        "kept": "This issue keeps itself up to date, and closes itself when nothing waits any more.",
        "settled": "Settled: nothing waits any more. {job}",
    },
    "fr": {
        "preview": "Ce qu'une mise à jour ferait de la carte après ce changement",
        "title": "Accord demandé : des changements de la carte vous attendent",
        "rows title": "Des lignes du fichier sont à corriger",
        "how": "**Pour répondre :** *[Build → Pipelines → New pipeline]({page})* ; dans le champ `ANSWER`, "
        "écrivez les lettres et chiffres qui suivent « ANSWER= », séparés par des espaces s'il y en a "
        "plusieurs. Le journal donne votre nom. Les autres lignes disent ce que vous pouvez faire ailleurs.",
        "kept": "Ce ticket se tient à jour tout seul, et se ferme quand plus rien n'attend.",
        "settled": "C'est réglé : plus rien n'attend. {job}",
    },
}


def main(words: list[str]) -> int:
    match words:
        case ["plan", folder]:
            return plan(Path(folder))
        case ["waiting", folder]:
            return waiting(Path(folder))
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 64


def plan(folder: Path) -> int:
    told = _read(folder / "told.md")
    if refused := _quick_action("told.md", told):
        return refused
    body = f"{PREVIEW}\n### {_words('preview')}\n\n{BOX.sub('- ', told)}"
    notes = f"merge_requests/{os.environ['CI_MERGE_REQUEST_IID']}/notes"
    old = _ours(notes, "body", PREVIEW)
    if old is None:
        _ask("POST", notes, {"body": body})
    elif old["body"] != body:
        _ask("PUT", f"{notes}/{int(old['id'])}", {"body": body})
    return 0


def waiting(folder: Path) -> int:
    """Keep the issue as the state has it: beside a layer that fails, others may wait."""
    layers = json.loads(_read(folder / "status.json") or "{}").get("layers", [])
    asking = [each for each in layers if each["asked"]]
    issue = _ours(f"issues?state=opened&labels={LABEL}", "description", WAITING)
    if any(each["status"] != "trouble" for each in asking) or (asking and issue is None):
        return _open(issue, _read(folder / "asked.md"))
    if issue is not None and layers and not asking and all(each["status"] == "ok" for each in layers):
        job = os.environ.get("CI_JOB_URL", "")
        _ask("POST", f"issues/{int(issue['iid'])}/notes", {"body": _words("settled", job=job)})
        _ask("PUT", f"issues/{int(issue['iid'])}", {"state_event": "close"})
    return 0


def _open(issue: dict[str, Any] | None, asked: str) -> int:
    if refused := _quick_action("asked.md", asked):
        return refused
    answers = "**ANSWER=" in asked
    page = f"{os.environ.get('CI_PROJECT_URL', '')}/-/pipelines/new"
    end = [_words("how", page=page)] if answers else []
    told = {
        "title": _words("title" if answers else "rows title"),
        "description": "\n\n".join([f"{WAITING}\n{asked.strip()}", "---", *end, _words("kept")]),
    }
    if issue is None:
        _ask("POST", "issues", {**told, "labels": LABEL})
    elif {name: issue[name] for name in told} != told:
        _ask("PUT", f"issues/{int(issue['iid'])}", told)
    return 0


def _quick_action(name: str, text: str) -> int:
    if (found := QUICK_ACTION.search(text)) is None:
        return 0
    line = text.count("\n", 0, found.end()) + 1
    sys.stderr.write(f"{name}, line {line}: a quick action of GitLab's begins there. Nothing was posted.\n")
    return REFUSED


def _ours(path: str, field: str, mark: str) -> dict[str, Any] | None:
    """What this token's user wrote earlier: anybody can write the mark."""
    me = _ask("GET", "/user")["id"]
    for page in range(1, 11):  # a thousand
        found = _ask("GET", f"{path}{'&' if '?' in path else '?'}per_page=100&page={page}")
        for each in found:
            if each["author"]["id"] == me and str(each[field]).startswith(mark):
                return dict(each)
        if len(found) < 100:  # noqa: PLR2004
            break
    return None


def _ask(method: str, path: str, sent: dict[str, Any] | None = None) -> Any:
    """Ask GitLab about this project, or, by a path that begins with a slash, about all of it."""
    within = path if path.startswith("/") else f"/projects/{os.environ['CI_PROJECT_ID']}/{path}"
    headers = {"PRIVATE-TOKEN": os.environ["GIT_TOKEN"], "Content-Type": "application/json"}
    data = None if sent is None else json.dumps(sent).encode()
    request = Request(f"{os.environ['CI_API_V4_URL']}{within}", data, headers, method=method)  # noqa: S310
    with urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.loads(answer.read())


def _words(of: str, **values: str) -> str:
    language = tomllib.loads(_read(Path("umap-bot.toml"))).get("report_language")
    words = WORDS["fr" if language == "fr" else "en"][of]
    for name, value in values.items():
        words = words.replace(f"{{{name}}}", value)
    return words


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8-sig") if file.is_file() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
