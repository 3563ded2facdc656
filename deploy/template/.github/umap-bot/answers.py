#!/usr/bin/env python3
"""The answers that a run offers, and the carrying out of those that people chose. The standard library alone.

    answers.py offer FOLDER              where no box can be ticked: give each answer of told.md its name
    answers.py choose FOLDER BY NAMES    write down the answers of these names, separated by blanks or commas
    answers.py carry FOLDER              carry out what was written down; for `sync`, its options

What can be carried out is what a run offered, as it stands in `offered.json` beside the state; never a
command that somebody wrote. FOLDER is what run.sh writes: `chosen.json` goes in; `answered.json` comes out,
with what umap-bot said to each, and `options`, a word on each line.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

BOX: Final = "- [ ] "
TICKED: Final = re.compile(r"- \[[xX]\] (.*)")
CODE: Final = re.compile(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}")
KEEPING: Final = ("--drift", "--deleted", "--foreign")
NOT_OFFERED: Final = 64


class Answer(NamedTuple):
    """`line` is the line with its empty box, as the run wrote it; `words` are those of its command."""

    line: str
    words: list[str]

    @property
    def name(self) -> str:
        """What people type where there are no boxes: the same as long as the answer is the same."""
        return sha256(json.dumps(self.words).encode()).hexdigest()[:6]

    @property
    def code(self) -> str:
        """The approval code of what it approves, "" if it approves nothing."""
        return next((word for word in self.words if CODE.fullmatch(word)), "")


def offered(told: str) -> list[Answer]:
    """Return the answers of a run's Markdown that can be carried out.

    Words of map and table begin no line with a box, and their backticks are escaped; the command is the code
    that ends the line.
    """
    lines = dict.fromkeys(line for line in told.split("\n") if line.startswith(BOX))
    found = (Answer(line, _words(line)) for line in lines)
    return [answer for answer in found if _command(answer, "")]


def ticked(body: str) -> set[str]:
    """Return the lines of an issue whose box is ticked, as they were before."""
    found = (TICKED.fullmatch(line.rstrip()) for line in body.split("\n"))
    return {f"{BOX}{each[1]}" for each in found if each}


def with_ticks(body: str, lines: set[str]) -> str:
    """Return an issue's text in which just the boxes of these lines are ticked."""
    plain = [
        f"{BOX}{found[1]}" if (found := TICKED.fullmatch(line.rstrip())) else line
        for line in body.split("\n")
    ]
    return "\n".join(f"- [x] {line.removeprefix(BOX)}" if line in lines else line for line in plain)


def load() -> list[Answer]:
    """Return what the last run offered."""
    file = _file()
    return [Answer(*each) for each in json.loads(file.read_text("utf-8"))] if file.is_file() else []


def save(answers: list[Answer]) -> None:
    """Remember what this run offers, with the state."""
    _file().write_text(json.dumps(answers, ensure_ascii=False, indent=1), "utf-8")


def write_chosen(folder: Path, by: str, answers: list[Answer]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    told = {"by": by, "answers": answers}
    (folder / "chosen.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")


def chosen(folder: Path) -> tuple[str, list[Answer]]:
    """Return who chose, and what; nobody and nothing without `chosen.json`."""
    file = folder / "chosen.json"
    told: dict[str, Any] = (
        json.loads(file.read_text("utf-8")) if file.is_file() else {"by": "", "answers": []}
    )
    return told["by"], [Answer(*each) for each in told["answers"]]


def main(words: list[str]) -> int:
    match words:
        case ["offer", folder]:
            offer(Path(folder))
            return 0
        case ["choose", folder, by, names]:
            return choose(Path(folder), by, re.split(r"[\s,;]+", names.strip()))
        case ["carry", folder]:
            carry(Path(folder))
            return 0
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 64


def offer(folder: Path) -> None:
    """Remember what is offered, and write `asked.md`: told.md with the answers' names in place of boxes."""
    file = folder / "told.md"
    told = file.read_text("utf-8") if file.is_file() else ""
    found = offered(told)
    if found or (folder / "code").read_text("utf-8").strip() == "0":  # else a layer that fails told nothing
        save(found)
    names = {answer.line: answer.name for answer in found}
    lines = [_named(line, names.get(line, "")) for line in told.split("\n")]
    (folder / "asked.md").write_text("\n".join(lines), "utf-8")


def _named(line: str, name: str) -> str:
    if not line.startswith(BOX):
        return line
    return f"- {f'**ANSWER={name}** ' if name else ''}{line.removeprefix(BOX)}"


def choose(folder: Path, by: str, names: list[str]) -> int:
    known = {answer.name: answer for answer in load()}
    unknown = [name for name in names if name.lower() not in known]
    if unknown:
        there = f"There are: {', '.join(known)}." if known else "Nothing waits for an answer."
        sys.stderr.write(f"The last run offers no answer {', '.join(unknown)}. {there} Nothing was done.\n")
        return NOT_OFFERED
    write_chosen(folder, by, [known[name.lower()] for name in names])
    return 0


def carry(folder: Path) -> None:
    """Carry out what was chosen, one after the other; what goes wrong is told, and stops no other."""
    by, answers = chosen(folder)
    told, options = [], []
    for answer in answers:
        command, code, said = _command(answer, by), 0, ""
        if command[1] == "sync":
            options += command[2:]
        else:
            done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8")  # noqa: S603
            code, said = done.returncode, f"{done.stdout}{done.stderr}".strip()
        told.append({"line": answer.line, "code": code, "said": said})
    (folder / "answered.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    options += ["--by", by] if options else []
    (folder / "options").write_text("".join(f"{word}\n" for word in options), "utf-8")


def _command(answer: Answer, by: str) -> list[str]:
    """Return what is to be run for an answer; nothing for what is none that a run can carry out.

    To approve at once is to approve, since a sync follows; to keep all of a kind is an option of that sync.
    """
    match answer.words:
        case ["umap-bot", ("keep" | "approve") as what, *rest]:
            return ["umap-bot", what, "--by", by, *rest]
        case ["umap-bot", "sync", "--approve", code] if CODE.fullmatch(code):
            return ["umap-bot", "approve", "--by", by, code]
        case ["umap-bot", "sync", option, "keep"] if option in KEEPING:
            return ["umap-bot", "sync", option, "keep"]
    return []


def _words(line: str) -> list[str]:
    """Return the words of the command that ends a line."""
    spans = [*_code(line)]
    if not spans or spans[-1][1] != len(line):
        return []
    try:
        return shlex.split(spans[-1][0])
    except ValueError:
        return []


def _code(line: str) -> Iterator[tuple[str, int]]:
    """Return each code of a line of Markdown, with the place where it ends."""
    at = 0
    while at < len(line):
        fence = re.compile("`+").match(line, at)
        if fence is None:
            at += 2 if line[at] == "\\" else 1
            continue
        end = re.compile(rf"(?<!`){fence[0]}(?!`)").search(line, fence.end())
        if end is None:
            at = fence.end()
            continue
        inner = line[fence.end() : end.start()]
        yield inner[1:-1] if inner[:1] == inner[-1:] == " " and inner.strip() else inner, end.end()
        at = end.end()


def _file() -> Path:
    return Path(os.environ["BOT_FOLDER"]) / "state" / "offered.json"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
