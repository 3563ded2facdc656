"""Two encodings in one file: what comes of pasting, or of appending to, a file of another program."""

from __future__ import annotations

import codecs
import re
from itertools import islice
from typing import Final

from umap_bot.dataset.findings import Findings
from umap_bot.text import Text, say, say_n

_SEQUENCE: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
"""A character of UTF-8 that is not ASCII."""
_SEVERAL: Final = 3
"""Such characters that no other encoding makes by chance."""
_LOOKED_AT: Final = 1_000
_LINES: Final = 5
"""Lines that are named, of each encoding."""


def refuse_mixture(data: bytes, findings: Findings) -> None:
    """Raise FileError if some lines are UTF-8 and others are not: two encodings in one file, in any order.

    É before a no-break space is UTF-8 of a letter that nobody uses, so a character of UTF-8 counts if
    Windows-1252 has it too: É, œ, ’. Of others it takes several, and nothing else before them.
    """
    good = _lines_at(_utf8_at(data), data)
    if not good:
        return
    bad = _bad_lines(data)
    findings.fatal(
        say(
            "the file mixes two encodings: UTF-8 in {good}, another in {bad}; save the whole "
            "file as CSV UTF-8",
            good=_spoken_lines([line for line in good if line not in bad] or good),
            bad=_spoken_lines(bad),
        )
    )


def _utf8_at(data: bytes) -> list[int]:
    """Return where characters are that prove UTF-8; none if none does."""
    if data.startswith(codecs.BOM_UTF8):
        return [0]
    windows = (match.start() for match in _SEQUENCE.finditer(data) if _is_in_windows(match[0]))
    others = (match.start() for match in _SEQUENCE.finditer(data[: _first_bad(data)]))
    found = list(islice(windows, _LOOKED_AT))
    if not found and len(several := list(islice(others, _SEVERAL))) == _SEVERAL:
        return several
    return found


def _first_bad(data: bytes) -> int:
    """Return where the first byte is that is no UTF-8; the length, if there is none."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start
    return len(data)


def _bad_lines(data: bytes) -> list[int]:
    """Return the numbers of the first lines that are no UTF-8."""
    lines = (number for number, line in enumerate(data.split(b"\n"), start=1) if not _is_utf8(line))
    return list(islice(lines, _LINES))


def _is_utf8(line: bytes) -> bool:
    return line.isascii() or _first_bad(line) == len(line)


def _lines_at(places: list[int], data: bytes) -> list[int]:
    """Return the numbers of the first lines in which the bytes of these places stand."""
    found: dict[int, None] = {}
    number, last = 1, 0
    for place in places:
        number += data.count(b"\n", last, place)
        last = place
        found[number] = None
        if len(found) == _LINES:
            break
    return list(found)


def _is_in_windows(sequence: bytes) -> bool:
    try:
        sequence.decode().encode("cp1252")
    except UnicodeError:
        return False
    return True


def _spoken_lines(numbers: list[int]) -> Text:
    return say_n("line {numbers:, }", "lines {numbers:, }", len(numbers), numbers=tuple(map(str, numbers)))
