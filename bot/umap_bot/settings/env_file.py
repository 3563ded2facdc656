"""`.env` as a file: each of its lines is a setting, a comment, or blank; any other is an error with its
number, and never with its words, which may be a secret."""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final, NamedTuple
from unicodedata import category, normalize

from dotenv.parser import Binding, parse_stream

from umap_bot.errors import SettingsError
from umap_bot.settings.model import KNOWN, PREFIXES
from umap_bot.settings.problems import unknown
from umap_bot.text import Text, say

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NEWLINE: Final = re.compile(r"\r\n|\n|\r")
_A_SETTING: Final = re.compile(rf"^\s*(?:export\s+)?(?:{'|'.join(PREFIXES)})\w*\s*=", re.MULTILINE)
_QUOTED: Final = re.compile(r"\s*(?:export\s+)?\w+\s*=\s*[\"']")
_CURLY: Final = frozenset("“”„‟‘’‚‛")
_NO_LETTERS: Final = re.compile(r"[\W_]+")
_LIKENESS: Final = 0.9
"""Of a name that may be somebody else's: more than where the prefix is ours."""


class _Line(NamedTuple):
    """What one line says, or several of a value in quotes. `raw` is its text as it stands."""

    name: str
    value: str
    number: int
    raw: str


def written(file: Path, *, must_exist: bool = False) -> dict[str, str]:
    """Return what each name of the file is set to; nothing if there is no file that must exist.

    Raise SettingsError for a file that can't be read, a line that is no setting, a name that is set twice.
    """
    lines: dict[str, _Line] = {}
    for line in _lines(_text(file, must_exist=must_exist), file):
        _check_name(line, file)
        _check_value(line, file)
        first = lines.setdefault(line.name, line)
        if first is not line:
            raise SettingsError(
                say(
                    "{file} sets {name} twice, in lines {first} and {second}.",
                    file=str(file), name=line.name, first=first.number, second=line.number,
                ),
                way_out=say("Remove one of them."),
            )  # fmt: skip
    return {line.name: line.value for line in lines.values()}


def glance(file: Path, name: str) -> str:
    """Return what a name is set to, by the last line that sets it, whatever is wrong elsewhere in the file;
    "" if it is not set, or the file can't be read."""
    try:
        bindings = _bindings(_text(file, must_exist=False))
    except SettingsError:
        return ""
    return next((each.value or "" for each in reversed(bindings) if each.key == name), "")


def _text(file: Path, *, must_exist: bool) -> str:
    if not os.path.lexists(file) and not must_exist:  # False too for a path that no system takes
        return ""
    name_it = say("Give the settings file with --env-file.")
    if not os.path.exists(file):  # noqa: PTH110
        raise SettingsError(say("The file {file} does not exist.", file=str(file)), way_out=name_it)
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise SettingsError(say("{file} is not an ordinary file.", file=str(file)), way_out=name_it)
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            say(
                "{file} can't be read: it is not UTF-8 text, or you are not allowed to read it.",
                file=str(file),
            ),
            way_out=say("Save it as UTF-8 text, and check its permissions."),
        ) from error
    return text


def _bindings(text: str) -> list[Binding]:
    """Return the lines as python-dotenv takes them, without interpolation: a `$` in a password is a `$`."""
    return list(parse_stream(io.StringIO(text, newline="")))


def _lines(text: str, file: Path) -> Iterator[_Line]:
    for binding in _bindings(text):
        raw = binding.original.string
        blank = raw[: len(raw) - len(raw.lstrip())]
        number = binding.original.line + len(_NEWLINE.findall(blank))
        if binding.error or (binding.key is not None and binding.value is None):
            raise _unreadable(file, number, raw)
        if binding.key is not None and binding.value is not None:
            yield _Line(binding.key, binding.value, number, raw.strip())


def _unreadable(file: Path, number: int, raw: str) -> SettingsError:
    if _QUOTED.match(raw):
        problem = say("the quotes are not closed, or something follows them")
        return _bad_line(file, number, problem, say("Write NAME='value'."))
    return _bad_line(
        file,
        number,
        say("it is neither a setting nor a comment"),
        say("Write NAME=value; a comment begins with #."),
    )


def _check_name(line: _Line, file: Path) -> None:
    """Refuse what no name can be, and what is nearly one of ours: it would be no setting, without a word."""
    valid = _NAME.fullmatch(line.name)
    if valid and line.name.startswith(PREFIXES):
        if line.name not in KNOWN:
            raise unknown(line.name, say("line {number} of {file}", number=line.number, file=str(file)))
        return
    near = get_close_matches(_squeezed(line.name), _SQUEEZED, 1, _LIKENESS)
    if near:
        name = _SQUEEZED[near[0]]
        raise _bad_line(
            file,
            line.number,
            say("there is no setting of that name"),
            say("Did you mean {name}?", name=name),
        )
    if not valid:
        raise _bad_line(
            file,
            line.number,
            say("the name contains characters that are not allowed"),
            say("Write NAME=value. A name has only letters, digits and _."),
        )


def _squeezed(name: str) -> str:
    """Return a name without all that is not a letter or a digit, whatever its capitals and its form."""
    return _NO_LETTERS.sub("", normalize("NFKC", name)).upper()


def misspelt(name: str) -> str:
    """Return the setting whose name this is in other letters or signs, `sync_drift` or `SYNC-DRIFT`; "" if
    there is none."""
    meant = _SQUEEZED.get(_squeezed(name), "")
    return "" if meant == name else meant


_SQUEEZED: Final[Mapping[str, str]] = {_squeezed(name): name for name in KNOWN}


def _check_value(line: _Line, file: Path) -> None:
    """Refuse a value that is not what the person sees: a quote that ends lines later, quotes that are none,
    characters that nobody sees or that a backslash made."""
    if _A_SETTING.search(line.value):
        raise _bad_line(
            file,
            line.number,
            say("the quotes are not closed, so the settings below it are part of the value"),
            say("Close the quotes."),
        )
    if any(category(each) == "Cc" and (each not in "\t\r\n" or each not in line.raw) for each in line.value):
        raise _bad_line(
            file,
            line.number,
            say("it contains a control character"),
            say("Retype it. Inside double quotes, write a backslash twice."),
        )
    ends = {line.value[:1], line.value[-1:]}
    if len(line.value) > 1 and ends <= _CURLY and line.raw.endswith(line.value):
        raise _bad_line(
            file,
            line.number,
            say("the quotes are curly, so they are part of the value"),
            say("Use straight quotes, or none."),
        )


def _bad_line(file: Path, number: int, problem: Text, way_out: Text) -> SettingsError:
    return SettingsError(
        say(
            "Line {number} of {file} can't be used: {problem}.",
            number=number,
            file=str(file),
            problem=problem,
        ),
        way_out=way_out,
    )
