#!/usr/bin/env python3
"""Put a plan on a merge request of GitLab, as one note that is updated. The standard library alone.

    gitlab_note.py PLAN.md

The environment is what GitLab gives to each job, and GIT_TOKEN: a project access token with the scope api.
A text with a line that GitLab would take for a quick action (/merge) is refused: it would be carried out with
the rights of that token. umap-bot writes none.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

MARK: Final = "<!-- umap-bot: preview -->"
QUICK_ACTION: Final = re.compile(r"^\s*/\w", re.MULTILINE)
REFUSED: Final = 65
HEADING: Final = "### What a sync would do with the map after this change"


def main(words: list[str]) -> int:
    if len(words) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return 64
    plan = Path(words[0]).read_text(encoding="utf-8")
    if (found := QUICK_ACTION.search(plan)) is not None:
        line = plan.count("\n", 0, found.end()) + 1
        sys.stderr.write(
            f"{words[0]}, line {line}: a quick action of GitLab's begins there. Nothing was posted.\n"
        )
        return REFUSED
    body = f"{MARK}\n{HEADING}\n\n{plan}"
    notes = (
        f"projects/{os.environ['CI_PROJECT_ID']}/merge_requests/{os.environ['CI_MERGE_REQUEST_IID']}/notes"
    )
    old = _ours(notes)
    if old is None:
        _ask("POST", notes, {"body": body})
    elif old["body"] != body:
        _ask("PUT", f"{notes}/{int(old['id'])}", {"body": body})
    return 0


def _ours(notes: str) -> dict[str, Any] | None:
    """What this token's user wrote earlier: anybody can write the mark."""
    me = _ask("GET", "user")["id"]
    for page in range(1, 11):  # a thousand
        found = _ask("GET", f"{notes}?per_page=100&page={page}")
        for note in found:
            if note["author"]["id"] == me and str(note["body"]).startswith(MARK):
                return dict(note)
        if len(found) < 100:  # noqa: PLR2004
            break
    return None


def _ask(method: str, path: str, sent: dict[str, Any] | None = None) -> Any:
    headers = {"PRIVATE-TOKEN": os.environ["GIT_TOKEN"], "Content-Type": "application/json"}
    data = None if sent is None else json.dumps(sent).encode()
    request = Request(f"{os.environ['CI_API_V4_URL']}/{path}", data, headers, method=method)  # noqa: S310
    with urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.loads(answer.read())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
