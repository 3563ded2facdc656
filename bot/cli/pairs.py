"""The pairs file: a CSV that a person edits in a spreadsheet and keeps in git."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

from bot.errors import UsageError
from bot.model.pairing import Pairing

COLUMNS: Final = ("id", "feature", "row", "on the map", "metres", "remark")
"""The row's id and the feature's uMap id make a pair; the rest is for the eye and is not read."""


def read(file: Path) -> dict[str, str]:
    """Give id → feature, of the lines that have both. Raise UsageError that names file and line."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} can't be read as a CSV in UTF-8.") from error
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    lines = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    if not {"id", "feature"} <= set(lines.fieldnames or ()):
        raise UsageError(
            f"{file} has no columns id and feature.", way_out="umap-bot adopt --save writes one."
        )
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 2):
        key, feature = (line["id"] or "").strip(), (line["feature"] or "").strip()
        if key and feature:
            check(key, feature, found, f"{file}, line {number}")
            found[key] = feature
    return found


def check(key: str, feature: str, found: dict[str, str], where: str) -> None:
    """Raise UsageError for an id or a feature that was named before."""
    if found.get(key, feature) != feature:
        raise UsageError(f"{where}: the id {key} is paired with two features.")
    if feature in found.values() and found.get(key) != feature:
        raise UsageError(f"{where}: the feature {feature} is paired with two ids.")


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
            remark = f"perhaps {one.umap_id}: {doubt.why}"
            lines.append((doubt.key, "", doubt.name, one.name, _metres(one.metres), remark))
    try:
        with file.open("x", encoding="utf-8", newline="") as opened:
            csv.writer(opened).writerows([COLUMNS, *lines])
    except FileExistsError as error:
        raise UsageError(f"{file} is there already.", way_out="Name another file.") from error


def _metres(metres: float | None) -> str:
    return "" if metres is None else f"{metres:.0f}"
