"""The pairs file: a CSV that a person edits in a spreadsheet and keeps in git."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

from umap_bot.cli import speech
from umap_bot.errors import UsageError
from umap_bot.model.pairing import Pairing
from umap_bot.text import Text, say

COLUMNS: Final = ("id", "feature", say("row"), say("on the map"), say("metres"), say("remark"))
"""The row's id and the feature's uMap id make a pair; the rest is for the eye and is not read."""


def read(file: Path) -> dict[str, str]:
    """Return id → feature, of the lines that have both. Raise UsageError that names file and line."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(say("{file} can't be read as a CSV in UTF-8.", file=str(file))) from error
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    lines = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    if not {"id", "feature"} <= set(lines.fieldnames or ()):
        raise UsageError(
            say("{file} has no columns id and feature.", file=str(file)),
            way_out=say("umap-bot adopt --save writes one."),
        )
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 2):
        key, feature = (line["id"] or "").strip(), (line["feature"] or "").strip()
        if key and feature:
            check(key, feature, found, say("{file}, line {number}", file=str(file), number=number))
            found[key] = feature
    return found


def check(key: str, feature: str, found: dict[str, str], where: Text) -> None:
    """Raise UsageError for an id or a feature that was named before."""
    if found.get(key, feature) != feature:
        raise UsageError(say("{where}: the id {key} is paired with two features.", where=where, key=key))
    if feature in found.values() and found.get(key) != feature:
        raise UsageError(
            say("{where}: the feature {feature} is paired with two ids.", where=where, feature=feature)
        )


def write(file: Path, pairing: Pairing) -> None:
    """Write what is sure, and a line for each feature that a doubtful row may be, its feature left open.

    Raise UsageError if the file is there already: it may hold a person's work.
    """
    lines: list[tuple[str, ...]] = [
        (one.key, one.umap_id or "", one.name, one.feature, _metres(one.metres), one.how)
        for one in pairing.sure
    ]
    for doubt in pairing.doubtful:
        for one in doubt.candidates:
            remark = say("perhaps {feature}: {why}", feature=str(one.umap_id), why=doubt.why)
            lines.append((doubt.key, "", doubt.name, one.name, _metres(one.metres), remark))
    try:
        with file.open("x", encoding="utf-8", newline="") as opened:
            said = speech.tongue().say
            csv.writer(opened).writerows([map(said, line) for line in (COLUMNS, *lines)])
    except FileExistsError as error:
        raise UsageError(
            say("{file} is there already.", file=str(file)), way_out=say("Name another file.")
        ) from error


def _metres(metres: float | None) -> str:
    return "" if metres is None else f"{metres:.0f}"
