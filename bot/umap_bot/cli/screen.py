"""How an answer stands on a terminal: no word broken at its right edge, signs and states in colour."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from typing import Final, TextIO

import click

_MARK: Final = re.compile(r" *(?:(?:[✓✗!+~=·→×-]|\d+\.|\d+ ·) +)?")
"""What a line begins with: its indentation, and a sign or a number."""

_LABEL: Final = re.compile(r".*?[^ ] {2,}(?=[^ ])")
"""A name in a column of its own: what is said of it begins below what was said of it."""

_COMMAND: Final = (
    r"umap-bot(?: [a-z]+)?"
    r"(?: (?:--[\w-]+(?: (?!-)(?:'[^']*'|\"[^\"]*\"|[^ ]+))?|\d+(?![^ ])|[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}))*"
)
_WORD: Final = re.compile(rf"({_COMMAND}[^ ]*|[^ ]+)( *)")
"""A word, or a whole command, which is to be copied as it is, and the blanks behind it. A no-break space is
part of a word."""

_SHELL_WORD: Final = re.compile(r"(?:'[^']*'|[^ ])+")

_SIGN: Final = re.compile(r"^( *)([✓✗!+~-])(?= )")
_STATE: Final = re.compile(r"(^|  | · )([A-ZÀ-Þ]{2,}(?:['’ ][A-ZÀ-Þ]+)*)(?=[.:\u00a0]| \()")
_SIGNS: Final = {"✓": "green", "+": "green", "~": "cyan", "!": "yellow", "-": "red", "✗": "red"}


def is_terminal(stream: TextIO | None) -> bool:
    """Return whether somebody sits before it."""
    return stream is not None and stream.isatty()


def has_colours() -> bool:
    """Return whether colours are wanted: NO_COLOR (no-color.org) and TERM=dumb forbid them."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def laid_out(text: str) -> str:
    """Return the lines of an answer as this terminal shows them best."""
    columns = shutil.get_terminal_size().columns
    paint = coloured if has_colours() else str
    return "\n".join("\n".join([paint(first), *more]) for first, *more in _lines(text, columns))


def fitted(text: str, columns: int) -> str:
    """Return the text with lines of at most so many columns, as far as its words allow. Each line goes on
    below its own first word; a command that is too long goes on as a shell reads it."""
    return "\n".join(part for parts in _lines(text, columns) for part in parts)


def coloured(line: str) -> str:
    """Return a line with its sign and its state in colour."""
    signed = _SIGN.sub(lambda found: found[1] + click.style(found[2], fg=_SIGNS[found[2]], bold=True), line)
    return _STATE.sub(lambda found: found[1] + click.style(found[2], bold=True), signed)


def _lines(text: str, columns: int) -> Iterator[list[str]]:
    """Return the lines that each line of the text becomes. Only the first of them has a sign of ours."""
    return (list(_fitted(line, columns)) for line in text.split("\n"))


def _fitted(line: str, columns: int) -> Iterator[str]:
    if len(line) <= columns:
        yield line
        return
    begin = _begin(line, columns)
    hang = " " * (len(begin) if begin.strip() else len(begin) + 2)
    room, said = begin, False
    for word, blanks in _words(line[len(begin) :], columns - len(hang)):
        if said and len(room) + len(word) > columns:
            yield room.rstrip(" ")
            room = hang
        room, said = f"{room}{word}{blanks}", True
    yield room.rstrip(" ")


def _begin(line: str, columns: int) -> str:
    """Return the beginning of a line below which nothing of it stands."""
    mark = _MARK.match(line)
    begin = mark[0] if mark else ""
    label = _LABEL.match(line, len(begin)) if begin.strip() else None
    return line[: label.end()] if label and label.end() <= columns // 2 else begin


def _words(text: str, room: int) -> Iterator[tuple[str, str]]:
    """Return the words with the blanks behind them; of a command without room its parts, each with a \\."""
    for found in _WORD.finditer(text):
        word, blanks = found.groups()
        *first, last = _parts(word, room) if len(word) > room else [word]
        yield from ((f"{part} \\", " ") for part in first)
        yield last, blanks


def _parts(command: str, room: int) -> list[str]:
    parts: list[str] = []
    for word in _SHELL_WORD.findall(command):
        if parts and len(parts[-1]) + 1 + len(word) <= room - len(" \\"):
            parts[-1] += f" {word}"
        else:
            parts.append(word)
    return parts
