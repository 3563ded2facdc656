"""Console blocks of a page: what is typed in them, and what is shown below it, compared as people read it.

    ```console          carried out, in order
    $ umap-bot plan
    …                   any lines
    ```

Blocks of another language (sh, text) are read by nobody but people. Pages in French show French answers; the
blanks there that hold two words together are blanks like all others.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

ANY: Final = "…"
_BLOCK: Final = re.compile(r"^ *```console(?P<of>[^\n]*)\n(?P<lines>.*?)^ *```$", re.MULTILINE | re.DOTALL)
_PROMPT: Final = "$ umap-bot "
_MONTH: Final = r"(?:[A-Z][a-z]{2}|janv\.|févr\.|mars|avr\.|mai|juin|juil\.|août|sept\.|oct\.|nov\.|déc\.)"
_MARKS: Final = (
    (re.compile("\u00a0"), " "),
    (re.compile(rf"\b\d{{1,2}} {_MONTH} \d{{4}} \d{{2}}:\d{{2}}\b"), "DATE"),
    (re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}\b"), "CODE"),
    (re.compile(r"\b(version|version is|version est|file|fichier) [0-9a-f]{7}\b"), r"\1 COMMIT"),
    (re.compile(r"\buMap \d+(\.\d+)+"), "uMap RELEASE"),
    (re.compile(r"https?://[^\s)”\"]*[\w/]"), "ADDRESS"),
    (re.compile(r"\b\d+[.,]\d s\b"), "DURATION"),
    (re.compile(r" {2,}"), "  "),
)


class Step(NamedTuple):
    """A command, and the lines that the page shows below it. `line` is where it stands in the page."""

    words: tuple[str, ...]
    shown: tuple[str, ...]
    line: int


def steps(page: Path, of: str = "") -> list[Step]:
    """Return the commands of the console blocks of a page in their order; `of` is a word behind `console`."""
    text = page.read_text(encoding="utf-8")
    found: list[Step] = []
    for block in _BLOCK.finditer(text):
        if block["of"].strip() == of:
            first = text.count("\n", 0, block.start("lines")) + 1
            found += _steps(block["lines"].splitlines(), first)
    return found


def kinds(page: Path) -> set[str]:
    """Return the words behind `console` of a page's blocks, "" for none."""
    return {block["of"].strip() for block in _BLOCK.finditer(page.read_text(encoding="utf-8"))}


def _steps(lines: Sequence[str], first: int) -> list[Step]:
    starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
    assert starts[:1] == [0], f"line {first}: a console block begins with what is typed"
    ends = [*starts[1:], len(lines)]
    return [_step(lines[start:end], first + start) for start, end in zip(starts, ends, strict=True)]


def _step(lines: Sequence[str], line: int) -> Step:
    typed = 1
    while lines[typed - 1].endswith("\\"):  # a long command goes on in the next line
        typed += 1
    command = " ".join(part.rstrip("\\").strip() for part in lines[:typed])
    assert command.startswith(_PROMPT), f"line {line}: another program than umap-bot: use sh"
    return Step(tuple(shlex.split(command.removeprefix(_PROMPT))), tuple(lines[typed:]), line)


def marked(text: str) -> list[str]:
    """Return the lines with what differs at each run replaced by fixed marks, without empty ones."""
    for pattern, mark in _MARKS:
        text = pattern.sub(mark, text)
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def unlike(shown: Sequence[str], said: str) -> str | None:
    """Tell where what is shown is not what was said; None if it is. A line … stands for any lines."""
    wanted, there = marked("\n".join(shown)), marked(said)
    pieces = _split(wanted)
    if len(pieces) == 1:
        return None if there == wanted else _told(wanted, there)
    first, *middle, last = pieces
    if there[: len(first)] != first:
        return _told(first, there)
    at = len(first)
    for piece in middle:
        found = next((n for n in range(at, len(there) + 1) if there[n : n + len(piece)] == piece), None)
        if found is None:
            return _told(piece, there[at:])
        at = found + len(piece)
    if len(there) - len(last) < at or there[len(there) - len(last) :] != last:
        return _told(last, there[at:])
    return None


def _split(lines: Sequence[str]) -> list[list[str]]:
    pieces: list[list[str]] = [[]]
    for line in lines:
        if line.strip() == ANY:
            pieces.append([])
        else:
            pieces[-1].append(line)
    return pieces


def _told(wanted: Sequence[str], there: Sequence[str]) -> str:
    missing = next((line for line in wanted if line not in there), "(the order)")
    return "\n".join(["not said:", f"  {missing}", "said:", *(f"  {line}" for line in there)])
