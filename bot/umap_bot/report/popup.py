"""What the popup of a layer shows: which of the file's columns nobody sees, and a text that shows them all.

By uMap 3.8.1's own `greedyTemplate`, `popupTemplate` and `popupContentTemplate` (protocol 10).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from umap_bot.model.canon import Value, canonical, nfc
from umap_bot.model.layer import Layer
from umap_bot.report.formats.terminal import one_line

DEFAULT: Final = "# {name}\n{description}"
"""What uMap's popup shows if nobody set its text."""

SETTINGS: Final = ("popupTemplate", "popupContentTemplate", "labelKey")

_PLACE: Final = re.compile(r"""\{ *([^{}/-]+)(?:\|("[^"]*"))? *\}""")
_UNFIT: Final = re.compile(r"""[{}/|".-]|^\s|\s$""")
"""What a name in a place can't hold, or means something else there."""
_MARKUP: Final = re.compile(r"[*<>]")
_CONTACT: Final = re.compile(r"""https?://[^\s"'<>|\[\]*\\]{1,1000}|[\w.+-]{1,64}@[\w.-]{1,253}""")


class Popup(msgspec.Struct, frozen=True):
    """`text` is for uMap's popup, `left_out` are the columns that no such text can name."""

    text: str
    left_out: tuple[str, ...]


def shown_nowhere(layer: Layer, own: Mapping[str, Value], of_map: Mapping[str, Value]) -> tuple[str, ...]:
    """Return the columns that have values and stand in no popup or label. `own` are the layer's settings.

    A setting that the layer lacks is the map's. Whoever chose another kind of popup (a table shows every
    column) chose what it shows.
    """
    settings = {name: own.get(name) or of_map.get(name) for name in SETTINGS}
    if settings["popupTemplate"] not in {None, "", "Default"}:
        return ()
    label = nfc(str(settings["labelKey"] or ""))
    seen = _named(nfc(str(settings["popupContentTemplate"] or DEFAULT))) | _named(label) | {label, "name"}
    return tuple(column for column in _filled(layer) if column not in seen)


def popup_text(layer: Layer, contact: str = "", label: str = "") -> Popup:
    """Return a popup text with the name as title, the description, and every other column that has values.

    `contact` is a mail address, or the address of a form, for a link of this `label` that carries id and
    name; a form that says itself where they go has {id} and {name} in its address.
    """
    columns = [column for column in _filled(layer) if column not in {"name", "description"}]
    fit = [column for column in columns if not _UNFIT.search(column) and one_line(column) == column]
    # Also where the file has no such column: people may have written one on the map.
    lines = ["# {name}", "{description}"]
    lines += [f"* **{_MARKUP.sub('', column)}**: {{{column}}}" for column in fit]
    if contact:
        lines += ["", f"[[{_link(contact, layer.key)}|{label}]]"]
    return Popup("\n".join(lines), tuple(column for column in columns if column not in fit))


def _link(contact: str, key: str) -> str:
    """Return where the link leads. A key that no place can name is left out: the name tells."""
    own = "" if _UNFIT.search(key) else f"{{{key}}}"
    if "{id}" in contact or "{name}" in contact:
        return contact.replace("{id}", own)
    if contact.startswith(("https://", "http://")):
        return f"{contact}{'&' if '?' in contact else '?'}id={own}&name={{name}}"
    return f"mailto:{contact}?subject={{name}} ({own})" if own else f"mailto:{contact}?subject={{name}}"


def is_contact(text: str) -> bool:
    """Tell whether a popup text can link to this: a mail address, or the http address of a form."""
    return _CONTACT.fullmatch(text) is not None


def _filled(layer: Layer) -> list[str]:
    """Return the columns with a value in some row, without the key: that is nothing to read."""
    waiting = {column for column in layer.columns if column != layer.key}
    for row in layer.rows.values():
        waiting -= {name for name in waiting if canonical(row.properties.get(name)) is not None}
        if not waiting:
            break
    return [column for column in layer.columns if column != layer.key and column not in waiting]


def _named(template: str) -> set[str]:
    """Return the columns that a text names: `{a}`, `{a|b|"text"}`, `{a.member}`."""
    names = [name for found in _PLACE.finditer(template) for name in found[1].split("|")]
    return {name.split(".")[0] for name in names if not name.startswith('"')}
