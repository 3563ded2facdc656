"""Keys: which row is which, as text; and keys made from names for those who have none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from itertools import chain, count
from typing import Final

from umap_bot.dataset.findings import Findings, excerpt
from umap_bot.dataset.missing import is_error
from umap_bot.dataset.table import Record
from umap_bot.model.canon import Value, canonical
from umap_bot.text import say

SAFE: Final = 2**53
"""Beyond it, JavaScript (and so uMap's editor) rounds an integer: it has doubles only."""
MOST_IN_KEY: Final = 200
_LENGTH: Final = 60
_NAMED: Final = 300
"""Characters of a name that can matter to a key made of it."""
_WITHOUT_ACCENTS: Final = str.maketrans(
    {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "&": " et "}
)


def key_text(value: Value) -> str:
    """Return a key as text: canonical (NFC, numbers as JavaScript spells them), outer white space gone.

    Lists and objects give "", like nothing: they are no keys.
    """
    if type(value) is str and value.isascii():
        return value.strip()
    if type(value) is int and -SAFE <= value <= SAFE:
        return str(value)  # as canonical() has it, 20 times faster
    text = canonical(value)
    return text.strip() if isinstance(text, str) else ""


def record_key(record: Record, column: str) -> str:
    """Return the key of a record, "" if it has none: that of the column, else a GeoJSON feature's own id."""
    value = record.cells.get(column)
    return key_text(record.own_id if value is None else value)


def slug(name: str, taken: Container[str] = (), fallback: str = "row") -> str:
    """Make a key from a name: accents folded, lower case, dashes; `-2`, `-3`… if it is taken already.

    `Saint-Étienne / Montreynaud` gives `saint-etienne-montreynaud`. A name without letters gives `fallback`.
    """
    folded = unicodedata.normalize("NFKD", name[:_NAMED].casefold().translate(_WITHOUT_ACCENTS))
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    base = "-".join(re.findall(r"[a-z0-9]+", plain))[:_LENGTH].rstrip("-") or fallback
    return free_name(base, taken) if base else ""


def free_name(base: str, taken: Container[str], mark: str = "-") -> str:
    """Return the first of base, base-2, base-3… that is not taken. `mark` stands before the number."""
    numbered = (f"{base}{mark}{number}" for number in count(2))
    return next(name for name in chain([base], numbered) if name not in taken)


def check_key(key: str, number: int, column: str, findings: Findings) -> None:
    """Note a problem if a key can't be written in one line, can't be seen, or is an error of a formula."""
    if len(key) > MOST_IN_KEY:
        text = say(
            '{column} "{value}" is longer than {most} characters; write a short id',
            column=column,
            value=excerpt(key),
            most=MOST_IN_KEY,
        )
        findings.problem(text, number, column=column, value=key)
    elif is_error(key):
        text = say(
            '{column} "{value}" is a spreadsheet error; write an id instead',
            column=column,
            value=key,
        )
        findings.problem(text, number, column=column, value=key)
    elif not key.isascii() and not _look(key):
        text = say(
            '{column} "{value}" has only invisible characters; write letters or digits',
            column=column,
            value=excerpt(key),
        )
        findings.problem(text, number, column=column, value=key)
    elif not key.isprintable() and any(unicodedata.category(char) in ("Cc", "Cs") for char in key):
        text = say(
            '{column} "{value}" contains a line break or another control character; write it on one line',
            column=column,
            value=excerpt(key),
        )
        findings.problem(text, number, column=column, value=key)


def _look(key: str) -> str:
    """Return what a key looks like: NFKC, all dashes one, white space one, without what is not seen."""
    chars = unicodedata.normalize("NFKC", key).casefold()
    categories = ((char, unicodedata.category(char)) for char in chars)
    seen = "".join("-" if kind == "Pd" else char for char, kind in categories if kind != "Cf")
    return " ".join(seen.split())


def warn_of_lookalikes(lines: dict[str, int], findings: Findings) -> None:
    """Warn of keys that differ only by case, dash, space, what is not seen, or Unicode's forms (NFKC)."""
    if all(map(str.isascii, lines)) and len(set(map(str.casefold, lines))) == len(lines):
        return  # seen of all at one go: no two are alike
    seen: dict[str, str] = {}
    for key, number in lines.items():
        if len(key) > MOST_IN_KEY:
            continue
        folded = key.casefold() if key.isascii() else _look(key)
        first = seen.setdefault(folded, key)
        if first != key:
            findings.warn(
                say(
                    'the ids "{first}" ({first_record}) and "{second}" ({second_record}) look the same; '
                    "if they are one place, remove one row, otherwise change one id",
                    first=excerpt(first),
                    first_record=findings.record(lines[first]),
                    second=excerpt(key),
                    second_record=findings.record(number),
                )
            )
