#!/usr/bin/env python3
"""Tell people on GitHub what umap-bot said, and read what they answer. The standard library alone.

    tell.py ready             is it set up? (output `ready`; if not, what is left to do)
    tell.py pages             does this repository publish pages? (outputs `publish` and `url`)
    tell.py ticked FOLDER     which boxes of the issue somebody has just ticked (output `answers`)
    tell.py summary FOLDER    what was said, on the run's page
    tell.py preview FOLDER    the plan as the one comment of the pull request
    tell.py waiting FOLDER    the issue of what waits: opened once, updated, closed when settled
    tell.py proposals FILE    a pull request for each branch that proposals.sh named: opened once, updated

FOLDER is what run.sh writes. Everything else comes from the environment that GitHub gives to each step.
"""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Set
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import answers

PREVIEW: Final = "<!-- umap-bot: preview -->"
WAITING: Final = "<!-- umap-bot: waiting -->"
PROPOSAL: Final = "<!-- umap-bot: proposal -->"
LABEL: Final = "umap-bot"
ROBOT: Final = "github-actions[bot]"
MAY_WRITE: Final = ("admin", "write")
MOST: Final = 65_000  # GitHub takes 65 536 characters
NOT_FOUND: Final = 404
FORBIDDEN: Final = 403
WAITS: Final = 3
ADDRESS: Final = re.compile(r"https://[^\s@]+")
COMMIT: Final = re.compile(r"(?!0{40})[0-9a-f]{40}")


def main(words: list[str]) -> int:
    with_folder: dict[str, Callable[[Path], None]] = {
        "ticked": ticked,
        "summary": summary,
        "preview": preview,
        "waiting": waiting,
        "proposals": proposals,
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
    repository, commit = (os.environ.get(name, "").strip() for name in ("PROGRAM", "PROGRAM_COMMIT"))
    maps = _manifest().get("map") or {"": _manifest()}
    found = {
        "UMAP_BOT_REPOSITORY": ("repository", bool(ADDRESS.fullmatch(repository))),
        "UMAP_BOT_COMMIT": ("commit", bool(COMMIT.fullmatch(commit))),
        "umap_map_url": ("address", all(each.get("umap_map_url") for each in maps.values())),
    }
    missing = [name for name, (_, there) in found.items() if not there]
    _output("ready", "no" if missing else "yes")
    if not missing:
        return
    newest = _words("later") if "UMAP_BOT_REPOSITORY" in missing else _newest(repository)
    steps = [_words(found[name][0], newest=newest) for name in missing]
    steps += [_words("sign in"), _words("table")] if "umap_map_url" in missing else []
    listed = "\n".join(f"{number}. {step.rstrip()}" for number, step in enumerate(steps, 1))
    sys.stdout.write(f"::warning::{_words('not ready', missing=', '.join(missing))}\n")
    _append("GITHUB_STEP_SUMMARY", _words("to do", steps=listed))


def _newest(repository: str) -> str:
    """Say which commit a person may write down; which program gets the secrets is theirs to decide."""
    git = ["git", "ls-remote", "--", repository, "HEAD"]
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    done = subprocess.run(git, capture_output=True, check=False, encoding="utf-8", env=environment)  # noqa: S603
    commit = done.stdout[:40]
    return _words("newest", commit=commit) if COMMIT.fullmatch(commit) else _words("unread")


def pages() -> None:
    """Only pages that a workflow may publish; switching them on is a person's choice."""
    found = _ask("GET", "pages", missing={})
    if found.get("build_type") == "workflow":
        _output("publish", "yes")
        _output("url", str(found.get("html_url", "")))


def ticked(folder: Path) -> None:
    """Write down the answers that this one edit has ticked: they are of who made it. Other ticks have an
    event of their own, which comes after this one."""
    event = json.loads(_read(Path(os.environ["GITHUB_EVENT_PATH"])))
    number, by = int(event["issue"]["number"]), str(event["sender"]["login"])
    before = str(event["changes"]["body"]["from"] or "")
    new = answers.ticked(str(event["issue"]["body"] or "")) - answers.ticked(before)
    issue = _ask("GET", f"issues/{number}")
    mine = issue["state"] == "open" and _is_ours(issue, WAITING)
    if not new or not mine:
        return _output("answers", "no")
    still = answers.ticked(issue["body"])
    if _ask("GET", f"collaborators/{by}/permission", missing={}).get("permission") not in MAY_WRITE:
        _ask("PATCH", f"issues/{number}", {"body": answers.with_ticks(issue["body"], still - new)})
        _comment(number, _words("refused", by=by))
        return _output("answers", "no")
    offered = answers.load()
    wanted = [answer for answer in offered if answer.line in new & still]
    answers.write_chosen(folder, by, wanted)
    if new - {answer.line for answer in offered}:
        _comment(number, _words("gone", by=by))
    return _output("answers", "yes" if wanted else "no")


def summary(folder: Path) -> None:
    """What was told is Markdown already, and escaped; all else is shown as it is, between fences."""
    said = _read(folder / "said.txt").strip()
    code, pairs = _code(folder), _read(folder / "pairs.csv").strip()
    what = os.environ.get("WHAT", "sync")
    parts = [_boxed(_read(folder / "told.md")), _fenced(said) if said else ""]
    parts += [_words("again", what=what)] if code == WAITS and what != "sync" else []
    parts += [_words("pairs"), _fenced(pairs)] if _has_gaps(pairs) else []
    if code and f"code {code}" not in said:  # else it is said there
        parts.append(_words("ended", code=str(code)))
    _append("GITHUB_STEP_SUMMARY", "\n\n".join(part for part in parts if part))


def _has_gaps(pairs: str) -> bool:
    """Tell whether a person could pair more: features without a row, or rows with a feature in doubt."""
    table = csv.DictReader(pairs.splitlines(), delimiter=";" if ";" in pairs.partition("\n")[0] else ",")
    columns = table.fieldnames or []
    return any(not row[columns[0]] or row[columns[4]] for row in table)


def preview(folder: Path) -> None:
    plan = _boxed(_read(folder / "told.md")) or _fenced(_read(folder / "said.txt").strip())
    body = _cut(f"{PREVIEW}\n### {_words('preview')}\n\n{plan}")
    number = int(os.environ["PULL_REQUEST"])
    old = _ours(_listed(f"issues/{number}/comments"), PREVIEW)
    if old is None:
        _ask("POST", f"issues/{number}/comments", {"body": body})
    elif old["body"] != body:
        _ask("PATCH", f"issues/comments/{int(old['id'])}", {"body": body})


def waiting(folder: Path) -> None:
    """Keep the issue as the state has it: beside a layer that fails, others may wait."""
    issue = _ours(_listed(f"issues?state=open&labels={LABEL}"), WAITING)
    layers = json.loads(_read(folder / "status.json") or "{}").get("layers", [])
    asking = [each for each in layers if each["asked"]]
    told = _read(folder / "told.md").strip()
    if issue is not None:
        _answered(folder, int(issue["number"]))
    if any(each["status"] != "trouble" for each in asking) or (asking and issue is None):
        _open(issue, told or _fenced(_read(folder / "said.txt").strip()), folder)
    elif layers and not asking and all(each["status"] == "ok" for each in layers):
        _settle(issue)
    elif issue is not None:
        _update(issue, {"body": _without_answered(issue["body"], folder)})


def proposals(file: Path) -> None:
    """Ask for the merge of each branch. One that a person has closed is asked for again when its commit is
    another one."""
    for branch in _read(file).split():
        sha, title, told = _git("log", "-1", "--format=%H%x00%s%x00%b", f"refs/heads/{branch}").split("\0")
        owner = os.environ["GITHUB_REPOSITORY"].partition("/")[0]
        body = f"{PROPOSAL}\n{_words('proposal')}\n\n{_fenced(told.strip())}"
        known = _listed(f"pulls?state=all&head={quote(f'{owner}:{branch}', safe=':')}")
        mine = [each for each in known if _is_ours(each, PROPOSAL)]
        if one := next((each for each in mine if each["state"] == "open"), None):
            if (one["title"], one["body"]) != (title, body):
                _ask("PATCH", f"pulls/{int(one['number'])}", {"title": title, "body": body})
        elif not any(each["head"]["sha"] == sha for each in mine):
            _open_pull_request({"title": title, "body": body, "head": branch, "base": os.environ["BASE"]})


def _open_pull_request(told: dict[str, str]) -> None:
    try:
        _ask("POST", "pulls", told)
    except HTTPError as error:
        if error.code != FORBIDDEN:
            raise
        sys.stdout.write(f"::warning::{_words('no pull requests', branch=told['head'])}\n")


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], capture_output=True, check=True, encoding="utf-8")  # noqa: S603, S607
    return done.stdout


def _answered(folder: Path, number: int) -> None:
    """Say under the issue who answered what, and what umap-bot said to it."""
    by, _ = answers.chosen(folder)
    done = json.loads(_read(folder / "answered.json") or "[]")
    if not done:
        return
    parts = [_words("answered", by=by)]
    for each in done:
        failed = f" **{_words('failed', code=str(each['code']))}**" if each["code"] else ""
        parts += [f"- {each['line'].removeprefix(answers.BOX)}{failed}"]
        parts += [_fenced(each["said"])] if each["said"] else []
    _comment(number, _cut("\n\n".join(parts)))


def _settle(issue: dict[str, Any] | None) -> None:
    answers.save([])
    if issue is not None:
        number = int(issue["number"])
        _comment(number, _words("settled"))
        _ask("PATCH", f"issues/{number}", {"state": "closed", "state_reason": "completed"})


def _open(issue: dict[str, Any] | None, plan: str, folder: Path) -> None:
    offered = answers.offered(plan)
    codes = {answer.code for answer in offered} - {""}
    rows = not offered and answers.BOX not in plan  # nothing to decide, only rows that can't be read
    code = _words("code", code=codes.pop()) if len(codes) == 1 else ""
    how = _words("rows how") if rows else _words("how", code=code)
    shown = _cut(f"{WAITING}\n{plan}", spare=len(how))
    there = [answer for answer in offered if answer.line in shown.split("\n")]
    body = f"{_boxed(shown, {answer.line for answer in there})}\n\n---\n{how}"
    if issue is not None:
        body = answers.with_ticks(body, answers.ticked(_without_answered(issue["body"], folder)))
    answers.save(there)
    told = {"title": _words("rows title" if rows else "title"), "body": body}
    if issue is None:
        _ask("POST", "issues", {**told, "labels": [LABEL]})
    else:
        _update(issue, told)


def _boxed(text: str, lines: Set[str] = frozenset()) -> str:
    """Leave a box only where to tick it does something: on these lines."""
    return "\n".join(
        f"- {line.removeprefix(answers.BOX)}" if line.startswith(answers.BOX) and line not in lines else line
        for line in text.split("\n")
    )


def _without_answered(body: str, folder: Path) -> str:
    """Return an issue's text with the boxes empty that this run carried out: others may be ticked by now."""
    _, carried = answers.chosen(folder)
    return answers.with_ticks(body, answers.ticked(body) - {answer.line for answer in carried})


def _update(issue: dict[str, Any], told: dict[str, str]) -> None:
    if {name: issue[name] for name in told} != told:
        _ask("PATCH", f"issues/{int(issue['number'])}", told)


def _comment(number: int, body: str) -> None:
    _ask("POST", f"issues/{number}/comments", {"body": body})


def _fenced(text: str) -> str:
    """Between fences that are longer than any in the text: nothing in it is Markdown."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def _cut(text: str, spare: int = 0) -> str:
    mark = _words("cut")
    return text if len(text) + spare <= MOST else text[: MOST - spare - len(mark)] + mark


def _ours(found: list[dict[str, Any]], mark: str) -> dict[str, Any] | None:
    return next((each for each in found if _is_ours(each, mark)), None)


def _is_ours(thing: dict[str, Any], mark: str) -> bool:
    """Tell whether this workflow wrote it: anybody can write the mark, only we are github-actions."""
    return str(thing.get("body") or "").startswith(mark) and thing["user"]["login"] == ROBOT


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
    language = "fr" if _manifest().get("report_language") == "fr" else "en"
    words = str(tomllib.loads(_read(Path(__file__).with_name(f"words.{language}.toml")))[of])
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
