"""Features as rows and columns, before any format: nothing of them is lost, each name fits a header."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

import msgspec

from umap_bot.dataset.findings import excerpt, quoted
from umap_bot.dataset.keys import free_name
from umap_bot.dataset.naming import STYLES
from umap_bot.dataset.writing.identify import Keyed, keyed
from umap_bot.errors import UsageError
from umap_bot.model.canon import Geometry, Value, canonical_geometry
from umap_bot.model.layer import Feature
from umap_bot.text import Text, say

NAME: Final = "name"
"""The property that uMap shows as a feature's label: the column beside the key."""
_LISTED: Final = 5


class Row(msgspec.Struct, frozen=True):
    """A feature in the file: its cells by column, in the order of the columns; empty ones may be missing."""

    key: str
    cells: dict[str, Value]
    geometry: Geometry | None


class Grid(msgspec.Struct, frozen=True):
    """All rows. `key` is a column. `names` goes from property on the map to column in the file.

    `made` counts the keys that don't stand on the map. `notes` tell what is not as on the map.
    """

    key: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    names: dict[str, str]
    made: int
    notes: tuple[Text, ...]


def arrange(features: Iterable[Feature], key: str) -> Grid:
    """Arrange features by keys. `key` is the property that holds the key, if there is one already.

    Styles (`_umap_options`) are no content: they stay on the map. Raise UsageError for a key that can't be.
    """
    if key in STYLES or not key.strip():
        raise UsageError(
            say('"{column}" can\'t be the id column.', column=excerpt(key)),
            way_out=say("Choose another with --key."),
        )
    found = keyed(features, key)
    names = _names(found, key)
    beside = free_name(f"{names[key]}_on_map", {*names.values(), *STYLES}, "_")
    displaced = [one for one in found if one.displaced is not None]
    columns = (*names.values(), *([beside] if displaced else ()))
    return Grid(
        key=names[key],
        columns=columns,
        rows=tuple(_row(one, names, names[key], beside) for one in found),
        names=names,
        made=sum(not one.own for one in found),
        notes=(*_renamed(names), *_clashes(found), *_displaced(displaced, key, beside), *_unread(found)),
    )


def _row(one: Keyed, names: dict[str, str], key: str, beside: str) -> Row:
    own = one.feature.properties
    cells = {column: own[name] for name, column in names.items() if name in own}
    value = cells.pop(key, None)
    cells = {key: value if one.own and not isinstance(value, str) else one.key, **cells}
    if one.displaced is not None:
        cells[beside] = one.displaced
    geometry = one.feature.geometry
    return Row(one.key, cells, None if canonical_geometry(geometry) is None else geometry)


def _names(found: list[Keyed], key: str) -> dict[str, str]:
    """Return property → column: the key, the name, then all by first appearance.

    A name that fits keeps it, whoever came first.
    """
    appeared = dict.fromkeys(name for one in found for name in one.feature.properties if name not in STYLES)
    order = [key, *([NAME] if NAME in appeared or not found else ()), *appeared]
    wanted = {name: _fit(name) for name in order}
    taken = {name for name, fit in wanted.items() if name == fit}
    names: dict[str, str] = {}
    for name, fit in wanted.items():
        names[name] = fit if name == fit else free_name(fit, taken | {*STYLES}, "_")
        taken.add(names[name])
    return names


def _fit(name: str) -> str:
    """Return a name as a header can have it, and uMap keeps it: in one line, without dots, NFC."""
    plain = "".join(" " if unicodedata.category(char) == "Cc" else char for char in name)
    return unicodedata.normalize("NFC", plain).replace(".", "_").strip() or "column"


def _renamed(names: dict[str, str]) -> list[Text]:
    changed = [_arrow(name, column) for name, column in names.items() if name != column]
    note = say(
        "renamed, because uMap does not allow dots and a header must be one line: {changed}",
        changed=_some(changed),
    )
    return [note] if changed else []


def _clashes(found: list[Keyed]) -> list[Text]:
    pairs = [_arrow(one.clash, one.key) for one in found if one.clash]
    note = say(
        "several features had the same id on the map; they got different ids in the file: {pairs}",
        pairs=_some(pairs),
    )
    return [note] if pairs else []


def _displaced(found: list[Keyed], key: str, beside: str) -> list[Text]:
    if not found:
        return []
    note = say(
        'the "{column}" of {keys} can\'t be an id in a file, so it was moved to the column "{other}"',
        column=excerpt(key),
        keys=_some([quoted(one.key) for one in found]),
        other=excerpt(beside),
    )
    return [note]


def _unread(found: list[Keyed]) -> list[Text]:
    cells = [
        say('"{column}" of {key}', column=excerpt(name), key=quoted(one.key))
        for one in found
        for name in one.feature.unread
    ]
    note = say(
        "these values can't be read back (number too large, or nested too deeply), so they "
        "were written as text, and coordinates left out: {cells}",
        cells=_some(cells),
    )
    return [note] if cells else []


def _arrow(before: str, after: str) -> Text:
    return say('"{before}" → "{after}"', before=excerpt(before), after=excerpt(after))


def _some(texts: list[Text]) -> Text:
    more = len(texts) - _LISTED
    if more > 0:
        return say("{names:, } and {more} more", names=tuple(texts[:_LISTED]), more=more)
    return say("{names:, }", names=tuple(texts))
