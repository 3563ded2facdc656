#!/usr/bin/env python3
"""Tell people on GitHub what umap-bot said: a run's page, an issue, a comment. The standard library alone.

    tell.py ready             is the map's address filled in? (output `ready`; if not, what is left to do)
    tell.py pages             does this repository publish pages? (outputs `publish` and `url`)
    tell.py summary FOLDER    what was said, on the run's page
    tell.py preview FOLDER    the plan as the one comment of the pull request
    tell.py waiting FOLDER    the issue of a sync that waits: opened once, updated, closed when settled

FOLDER is what run.sh wrote. Everything else comes from the environment that GitHub gives to each step.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import Request, urlopen

PREVIEW: Final = "<!-- umap-bot: preview -->"
WAITING: Final = "<!-- umap-bot: waiting -->"
LABEL: Final = "umap-bot"
MOST: Final = 65_000  # GitHub takes 65 536 characters
WAITS: Final = 3
TOLD: Final = 59_000  # from here on what umap-bot told may be cut, and its approval code with it
NOT_FOUND: Final = 404

WORDS: Final = {
    "en": {
        "to do": """## Not set up yet

1. Write the map's address into `umap-bot.toml`, between the quotes of `umap_map_url` (the pencil).
2. *Settings → Secrets and variables → Actions → New repository secret*: name `UMAP_EDIT_LINK`, value the
   map's secret edit link.
3. Put your own table in the place of `carte.ods`, under the same name.
4. *Actions → umap-bot → Run workflow*.
""",
        "preview": "What a sync would do with the map after this change",
        "title": "Approval needed: changes of the map wait for you",
        "how": """**To approve all that waits:** *[Actions → umap-bot]({page}) → Run workflow*, with the
approval code {code}. The code works once. To restore an earlier version of the file: *Revert*, on the
commit's page.

This issue keeps itself up to date, and closes itself when nothing waits any more. [The run]({run})""",
        "rows title": "Rows of the file must be corrected",
        "rows how": """Correct these rows in the file; everything else is on the map.

This issue keeps itself up to date, and closes itself when nothing waits any more. [The run]({run})""",
        "settled": "Settled: nothing waits any more. [The run]({run})",
        "below": "the one that is shown above",
        "cut": "\n\n… *(cut here; [the run]({run}) has all of it)*",
        "ended": "ended with code",
    },
    "fr": {
        "to do": """## Pas encore réglé

1. Écrire l'adresse de la carte dans `umap-bot.toml`, entre les guillemets de `umap_map_url` (le crayon).
2. *Settings → Secrets and variables → Actions → New repository secret* : nom `UMAP_EDIT_LINK`, valeur le lien
   d'édition secret de la carte.
3. Mettre votre propre tableau à la place de `carte.ods`, sous le même nom.
4. *Actions → umap-bot → Run workflow*.
""",
        "preview": "Ce qu'une mise à jour ferait de la carte après ce changement",
        "title": "Accord demandé : des changements de la carte vous attendent",
        "how": """**Pour accepter tout ce qui attend :** *[Actions → umap-bot]({page}) → Run workflow*, avec
le code d'accord {code}. Il ne sert qu'une fois. Pour remettre une version précédente du fichier : page du
commit, *Revert*.

Ce ticket se tient à jour tout seul, et se ferme quand plus rien n'attend. [Le passage]({run})""",
        "rows title": "Des lignes du fichier sont à corriger",
        "rows how": """Corrigez ces lignes dans le fichier ; tout le reste est sur la carte.

Ce ticket se tient à jour tout seul, et se ferme quand plus rien n'attend. [Le passage]({run})""",
        "settled": "C'est réglé : plus rien n'attend. [Le passage]({run})",
        "below": "qui est indiqué ci-dessus",
        "cut": "\n\n… *(coupé ici ; [le passage]({run}) a tout)*",
        "ended": "terminé avec le code",
    },
}


def main(words: list[str]) -> int:
    with_folder: dict[str, Callable[[Path], None]] = {
        "summary": summary,
        "preview": preview,
        "waiting": waiting,
    }
    alone: dict[str, Callable[[], None]] = {"ready": ready, "pages": pages}
    match words:
        case [what, folder] if what in with_folder:
            with_folder[what](Path(folder))
        case [what] if what in alone:
            alone[what]()
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 64
    return 0


def ready() -> None:
    manifest = _manifest()
    maps = manifest.get("map") or {"": manifest}
    filled = all(each.get("umap_map_url") for each in maps.values())
    _output("ready", "yes" if filled else "no")
    if not filled:
        _append("GITHUB_STEP_SUMMARY", _words("to do"))


def pages() -> None:
    """Only pages that a workflow may publish; switching them on is a person's choice."""
    found = _ask("GET", "pages", missing={})
    if found.get("build_type") == "workflow":
        _output("publish", "yes")
        _output("url", str(found.get("html_url", "")))


def summary(folder: Path) -> None:
    """What was told is Markdown already, and escaped; all else is shown as it is, between fences."""
    said = _read(folder / "said.txt").strip()
    code = _code(folder)
    parts = [_read(folder / "told.md"), _fenced(said) if said else ""]
    if code not in (0, None):
        parts.append(f"umap-bot: {_words('ended')} {code}")
    _append("GITHUB_STEP_SUMMARY", "\n\n".join(part for part in parts if part))


def preview(folder: Path) -> None:
    plan = _read(folder / "told.md") or _fenced(_read(folder / "said.txt").strip())
    body = _cut(f"{PREVIEW}\n### {_words('preview')}\n\n{plan}")
    number = int(os.environ["PULL_REQUEST"])
    old = _ours(_listed(f"issues/{number}/comments"), PREVIEW)
    if old is None:
        _ask("POST", f"issues/{number}/comments", {"body": body})
    elif old["body"] != body:
        _ask("PATCH", f"issues/comments/{int(old['id'])}", {"body": body})


def waiting(folder: Path) -> None:
    issue = _ours(_listed(f"issues?state=open&labels={LABEL}"), WAITING)
    code = _code(folder)
    if code == WAITS:
        _open(issue, _read(folder / "told.md").strip())
    elif code == 0 and issue is not None:
        number = int(issue["number"])
        _ask("POST", f"issues/{number}/comments", {"body": _words("settled")})
        _ask("PATCH", f"issues/{number}", {"state": "closed", "state_reason": "completed"})


def _open(issue: dict[str, Any] | None, plan: str) -> None:
    code = _approval(plan)
    rows = not code and len(plan) < TOLD  # nothing waits for approval, only rows that can't be read
    how = _words("rows how") if rows else _words("how", code=code or _words("below"))
    body = _cut(f"{WAITING}\n{plan}", spare=len(how)) + f"\n\n---\n{how}"
    told = {"title": _words("rows title" if rows else "title"), "body": body}
    if issue is None:
        _ask("POST", "issues", {**told, "labels": [LABEL]})
    elif {name: issue[name] for name in told} != told:
        _ask("PATCH", f"issues/{int(issue['number'])}", told)


def _approval(plan: str) -> str:
    """The code stands in a command behind a box to tick. Words of map and table may look like one, but they
    begin no such line, their backticks are escaped, and ids come after the code. "" if there is none."""
    found = re.search(
        r"^- \[ \] .*?(?<!\\)`+umap-bot (?:[^`]*? --approve|approve(?: --\S+ \S+)*?) "
        r"((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})",
        plan,
        re.MULTILINE,
    )
    return f"`{found[1]}`" if found else ""


def _fenced(text: str) -> str:
    """Between fences that are longer than any in the text: nothing in it is Markdown."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _cut(text: str, spare: int = 0) -> str:
    mark = _words("cut")
    return text if len(text) + spare <= MOST else text[: MOST - spare - len(mark)] + mark


def _ours(found: list[dict[str, Any]], mark: str) -> dict[str, Any] | None:
    """What this workflow wrote earlier: anybody can write the mark, only we are github-actions."""
    return next(
        (
            each
            for each in found
            if str(each.get("body") or "").startswith(mark) and each["user"]["login"] == "github-actions[bot]"
        ),
        None,
    )


def _listed(path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for page in range(1, 11):  # a thousand
        some = _ask("GET", f"{path}{'&' if '?' in path else '?'}per_page=100&page={page}")
        found += some
        if len(some) < 100:  # noqa: PLR2004
            break
    return found


def _ask(method: str, path: str, sent: dict[str, Any] | None = None, missing: Any = None) -> Any:
    """Ask GitHub about this repository. `missing` is the answer to what is not there."""
    url = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/{path}"
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
        "Content-Type": "application/json",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    data = None if sent is None else json.dumps(sent).encode()
    try:
        with urlopen(Request(url, data, headers, method=method), timeout=30) as answer:  # noqa: S310
            return json.loads(answer.read() or "null")
    except HTTPError as error:
        if error.code == NOT_FOUND and missing is not None:
            return missing
        raise


def _words(of: str, **values: str) -> str:
    language = _manifest().get("report_language")
    words = WORDS["fr" if language == "fr" else "en"][of]
    repository = f"{os.environ.get('GITHUB_SERVER_URL', '')}/{os.environ.get('GITHUB_REPOSITORY', '')}"
    run = f"{repository}/actions/runs/{os.environ.get('GITHUB_RUN_ID', '')}"
    page = f"{repository}/actions/workflows/umap-bot.yml"
    for name, value in {"run": run, "page": page, **values}.items():
        words = words.replace(f"{{{name}}}", value)
    return words


def _manifest() -> dict[str, Any]:
    return tomllib.loads(_read(Path("umap-bot.toml")))


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8-sig", errors="replace") if file.is_file() else ""


def _code(folder: Path) -> int | None:
    text = _read(folder / "code").strip()
    return int(text) if text else None


def _output(name: str, value: str) -> None:
    _append("GITHUB_OUTPUT", f"{name}={value}")


def _append(variable: str, text: str) -> None:
    """Write to the file that GitHub names; elsewhere, to the screen."""
    file = os.environ.get(variable)
    if file:
        with Path(file).open("a", encoding="utf-8") as open_file:
            open_file.write(f"{text}\n")
    else:
        sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
