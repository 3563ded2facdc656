"""A correction that somebody sends: one cell of one row, judged before anything is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NoReturn

from umap_bot.dataset.editing.values import why_not
from umap_bot.dataset.findings import excerpt
from umap_bot.dataset.table import nearest
from umap_bot.errors import UsageError
from umap_bot.model.canon import canonical, nfc
from umap_bot.model.change import point_of
from umap_bot.model.layer import NAME, Layer
from umap_bot.model.proposal import Edit
from umap_bot.text import Text, say

MOST: Final = 2_000
"""Characters of a value that somebody sends."""
_MOST_OF_NAME: Final = 100
_MARKUP: Final = re.compile(r"<[a-zA-Z/!?]")
_CONTACT: Final = re.compile(r"@|(?:\d[ ./-]?){6}")
"""A mail address, or a telephone number."""


class SaidError(UsageError):
    """The file says already what somebody sends."""


def correction(layer: Layer, key: str, pair: str, seen: str = "") -> Edit:
    """Return the edit that `COLUMN=VALUE` is to a row. `seen` is what the cell said for who sends it, in the
    same form; "" if that is not known.

    Raise UsageError for a row or a column that is not there or not published, for a value that no file should
    get from strangers, and if the cell says something else by now.
    """
    row = layer.rows.get(key.strip())
    if row is None:
        _refuse(say('There is no row with the id "{key}" in this layer.', key=excerpt(key)))
    name, value = _split(pair, "--set", layer)
    if reason := _reason(value):
        _refuse(say('The value for "{column}" {reason}.', column=_header(layer, name), reason=reason))
    now = row.properties.get(name)
    if seen and canonical(value) != canonical(now):
        of, then = _split(seen, "--seen", layer)
        if of != name:
            _refuse(say("--set and --seen are about different columns."))
        if canonical(then) != canonical(now):
            _refuse(
                say(
                    'Conflict: "{column}" of "{key}" has changed since; it is now {value}.',
                    column=_header(layer, name),
                    key=key,
                    value=say('"{text}"', text=excerpt(str(canonical(now) or ""))),
                ),
                say("Compare the two by hand. To propose it all the same, leave out what was seen."),
            )
    if canonical(value) == canonical(now):
        raise SaidError(say('"{column}" of "{key}" already says that.', column=_header(layer, name), key=key))
    return Edit(
        kind="cell",
        key=key.strip(),
        name=str(canonical(row.properties.get(NAME)) or key.strip()),
        field=name,
        column=_header(layer, name),
        line=layer.lines[key.strip()],
        before=now,
        after=value or None,
        at=point_of(row.geometry),
    )


def proposer(by: str) -> str:
    """Return who sends a correction, as the commit may name them. Raise UsageError for an address or a
    number: a commit is public for ever."""
    name = " ".join(by.split())
    if _CONTACT.search(name) or len(name) > _MOST_OF_NAME or _MARKUP.search(name) or not name.isprintable():
        _refuse(
            say("--by is not a name that may stand in a public commit."),
            say("Write a name without an address or a number, or leave it out."),
        )
    return name


def _split(pair: str, option: str, layer: Layer) -> tuple[str, str]:
    """Return the property and the value of `COLUMN=VALUE`; the longest column counts that fits."""
    places = [at for at, char in enumerate(pair) if char == "="]
    if not places:
        _refuse(say("{option} must be COLUMN=VALUE.", option=option))
    names = {layer.headers.get(name, name): name for name in layer.columns}
    columns = {at: names.get(nfc(pair[:at]).strip(), layer.key) for at in reversed(places)}
    found = next((at for at, name in columns.items() if name != layer.key), None)
    if found is None:
        _refuse_column(nfc(pair[: places[0]]).strip(), names, layer)
    return columns[found], pair[found + 1 :]


def _refuse_column(column: str, names: Mapping[str, str], layer: Layer) -> NoReturn:
    if column == layer.headers.get(layer.key, layer.key):
        _refuse(say('"{column}" is the id of the row; it can\'t be proposed.', column=excerpt(column)))
    hint = nearest(column, tuple(name for name in names if names[name] != layer.key))
    _refuse(say('There is no published column "{column}"; {hint}.', column=excerpt(column), hint=hint))


def _header(layer: Layer, name: str) -> str:
    return layer.headers.get(name, name)


def _reason(value: str) -> Text | None:
    if len(value) > MOST:
        return say("is longer than {most} characters", most=MOST)
    if _MARKUP.search(value):
        return say("contains HTML")
    return why_not(value)


def _refuse(message: Text, way_out: Text | None = None) -> NoReturn:
    if way_out is None:
        raise UsageError(message)
    raise UsageError(message, way_out=way_out)
