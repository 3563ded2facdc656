"""Values as a file can hold them, and a note of each kind of value that it can't hold as it is."""

from __future__ import annotations

from itertools import islice
from typing import Final

import msgspec

from umap_bot.dataset.findings import excerpt
from umap_bot.dataset.limits import MOST_NESTED, levels
from umap_bot.model.canon import Value, canonical, number_text
from umap_bot.text import Text, say, say_n

_DEPTH: Final = MOST_NESTED - 2
"""A little less than our reader of GeoJSON takes."""
_COLUMNS: Final = 5


class Losses:
    """What a file does not hold as the map does: how many cells of which columns, by reason."""

    def __init__(self) -> None:
        self._found: dict[Text, dict[str, int]] = {}

    def compare(self, column: str, value: Value, written: Value) -> None:
        """Note a cell if what is written is another value than the map's."""
        if canonical(value) != canonical(written):
            columns = self._found.setdefault(_reason(value), {})
            columns[column] = columns.get(column, 0) + 1

    @property
    def notes(self) -> list[Text]:
        return [
            say("{reason}: {columns}", reason=reason, columns=_counted(columns))
            for reason, columns in self._found.items()
        ]


_JSON: Final = say(
    "lists and objects, written as JSON text (GeoJSON keeps them, unless they are nested too deeply)"
)
_LARGE: Final = say("numbers beyond 2^53, written exactly (browsers round them)")
_AWAY_TOLD: Final = say("characters that this format can't hold (NUL, U+FFFE, U+FFFF), removed")
_BREAKS: Final = say("old-style line breaks (\\r), written as \\n")


def _reason(value: Value) -> Text:
    if isinstance(value, (list, dict)):
        return _JSON
    if isinstance(value, int):
        return _LARGE
    return _AWAY_TOLD if isinstance(value, str) and any(char in value for char in UNWRITABLE) else _BREAKS


def _counted(columns: dict[str, int]) -> Text:
    counted = tuple(
        say('"{column}" ({count})', column=excerpt(column), count=count) for column, count in columns.items()
    )
    if len(counted) <= _COLUMNS:
        return say("{columns:, }", columns=counted)
    return say_n(
        "{columns:, } and {count} more column",
        "{columns:, } and {count} more columns",
        len(counted) - _COLUMNS,
        columns=counted[:_COLUMNS],
    )


UNWRITABLE: Final = "\0\ufffe\uffff"
_AWAY: Final = dict.fromkeys(map(ord, UNWRITABLE))
_NO_NUL: Final = {0: None}


def cell_text(value: Value, *, workbook: bool = False) -> str:
    """Return a value as the text of a cell: numbers digit for digit, lists and objects as JSON."""
    if isinstance(value, str):
        text = value.translate(_AWAY if workbook else _NO_NUL)
        return text.replace("\r\n", "\n").replace("\r", "\n")
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return number_text(value) if isinstance(value, float) else msgspec.json.encode(value).decode()


def json_value(value: Value, depth: int = 0) -> Value:
    """Return a value as our reader of GeoJSON takes it: without NUL, as JSON text if it is too deep."""
    if isinstance(value, str):
        return value.translate(_NO_NUL) if "\0" in value else value
    if depth == 0 and _is_deep(value):
        return msgspec.json.encode(value).decode()
    if isinstance(value, list):
        return [json_value(member, depth + 1) for member in value]
    if isinstance(value, dict):
        return {name.translate(_NO_NUL): json_value(member, depth + 1) for name, member in value.items()}
    return value


def _is_deep(value: Value) -> bool:
    deepest = next(islice(levels(value), _DEPTH - 1, None), [])
    return any(isinstance(member, (list, dict)) for member in deepest)
