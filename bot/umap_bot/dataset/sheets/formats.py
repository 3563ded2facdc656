"""What the number formats of Office Open XML make of a number: a date, a time, zeros in front."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["number", "date", "time"]


class Format(NamedTuple):
    """`digits` are how many digits a whole number is shown with at least, 0 if with no more than it has."""

    kind: Kind
    digits: int = 0


_BUILT_IN: Final[dict[int, Kind]] = {
    **dict.fromkeys((*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)), "date"),
    **dict.fromkeys((*range(18, 22), *range(32, 36), *range(45, 48)), "time"),
}
"""The formats that are known by their number alone (ECMA-376, part 1, 18.8.30); 27 to 58 in East Asia."""
_ELAPSED: Final = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_ASIDE: Final = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]')
"""What is shown as it stands, widths, colours, languages, conditions."""
_CLOCK: Final = re.compile(r"am/pm|a/p|[hs]", re.IGNORECASE)
_CALENDAR: Final = re.compile(r"[ydqn]|e(?![+-])|ww|aaa|g{1,3}(?!eneral)", re.IGNORECASE)
_MONTH: Final = re.compile(r"m", re.IGNORECASE)
_GENERAL: Final = re.compile(r"general", re.IGNORECASE)
_PADDED: Final = re.compile(r"0[0#]+")
_BETWEEN: Final = re.compile(r"[ \-/()+:']")
"""What may stand between digits without quotes."""


def format_of(number: int, code: str | None) -> Format:
    """Return what the format of this number and code does; the code is None if the file has none for it."""
    if code is None:
        return Format(_BUILT_IN.get(number, "number"))
    sections = [section for section in _sections(code) if section.strip()]
    kind: Kind = next((kind for kind in map(_kind, sections) if kind != "number"), "number")
    return Format(kind, 0 if kind != "number" else max(map(_digits, sections), default=0))


def _sections(code: str) -> list[str]:
    """Return what a code says of positive numbers, negative ones, zero and texts; conditions change that."""
    marked = _ASIDE.sub(lambda match: match[0].replace(";", " "), code)
    return marked.split(";")


def _kind(section: str) -> Kind:
    elapsed = _ELAPSED.search(section) is not None
    bare = _GENERAL.sub("", _ASIDE.sub("", section))
    clock = elapsed or _CLOCK.search(bare) is not None
    if _CALENDAR.search(_CLOCK.sub("", bare)) or (not clock and _MONTH.search(bare)):
        return "date"
    return "time" if clock else "number"


def _digits(section: str) -> int:
    bare = _BETWEEN.sub("", _ASIDE.sub("", section))
    return len(bare) if _PADDED.fullmatch(bare) else 0
