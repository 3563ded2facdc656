"""The pairs file: a table that a person fills in, in a spreadsheet, and keeps in git."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from umap_bot.cli import speech
from umap_bot.dataset import delimited
from umap_bot.dataset.decode import FORMATS
from umap_bot.dataset.findings import Findings, excerpt
from umap_bot.dataset.keys import key_text
from umap_bot.dataset.limits import MOST_BYTES
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.table import Table
from umap_bot.errors import DatasetError, UsageError
from umap_bot.model.pairing import Drawn, Pairing, Row
from umap_bot.reconcile.names import fold
from umap_bot.report.language import CODES, language
from umap_bot.report.story.adoption import FEATURE, HOW
from umap_bot.text import Text, say, verbatim

ID: Final = say("id")
COLUMNS: Final = (
    *(ID, say("name"), say("row"), FEATURE),
    *(say("perhaps"), say("on the map"), say("metres"), say("remark")),
)
"""The row's id and the feature's reference make a pair; the rest is for the eye and is not read."""
_FORMULA: Final = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""How a cell begins that a spreadsheet takes for a formula, or for a number that it respells (+33 4…)."""
_ENDING: Final = ".csv"
_LEAVE_ONE: Final = say("Keep only one of the two.")


class Pairs:
    """Pairs that a person made: `found` goes from the row's id to the feature's reference. None is in two."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._keys: dict[str, str] = {}

    def add(self, key: str, feature: str, where: Text) -> None:
        """Add a pair. Raise UsageError for an id or a feature that is in another."""
        if self.found.setdefault(key, feature) != feature:
            raise UsageError(
                say("{where}: the id {key} is paired with two features.", where=where, key=excerpt(key)),
                way_out=_LEAVE_ONE,
            )
        if self._keys.setdefault(feature, key) != key:
            raise UsageError(
                say(
                    "{where}: the feature {feature} is paired with two ids.",
                    where=where,
                    feature=excerpt(feature),
                ),
                way_out=_LEAVE_ONE,
            )


def read(file: Path) -> Pairs:
    """Return the pairs of the lines that have both an id and a feature. Raise UsageError that names file and
    line."""
    table = _table(file)
    of_row, of_feature = (_column(table, header) for header in (ID, FEATURE))
    if of_row is None or of_feature is None:
        raise UsageError(
            say('{file} has no columns "{id}" and "{feature}".', file=str(file), id=ID, feature=FEATURE),
            way_out=say("To get a file with these columns: umap-bot adopt --save FILE"),
        )
    pairs = Pairs()
    for record in table.records:
        key, feature = (_bare(key_text(record.cells.get(column))) for column in (of_row, of_feature))
        if key and feature:
            pairs.add(key, feature, say("{file}, row {number}", file=str(file), number=record.number))
    return pairs


def _table(file: Path) -> Table:
    """Return the table of a file, as any program saves it. Raise UsageError."""
    reader, unit = FORMATS.get(file.suffix.lower(), (delimited.read, "row"))
    findings = Findings(str(file), unit)
    try:
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            findings.fatal(
                say("the file is larger than {megabytes} MB; split it", megabytes=MOST_BYTES // 2**20)
            )
        table = reader(data, Recipe(path=str(file), key=speech.tongue().say(ID)), findings)
        findings.stop()
    except OSError as error:
        reason = error.strerror or ""
        raise UsageError(
            say("{file} can't be read: {reason}.", file=str(file), reason=reason),
            way_out=say("Check the file's name and its permissions."),
        ) from error
    except DatasetError as error:
        raise UsageError(error.message, way_out=error.way_out) from error
    return table


def _column(table: Table, header: Text) -> str | None:
    """Return the column that is called so in any language."""
    names = {fold(language(code).say(header)) for code in CODES}
    return next((column for column in table.columns if fold(column) in names), None)


def write(file: Path, pairing: Pairing) -> None:
    """Write what is sure, a line for each feature that a doubtful row may be, and what is left over.

    Where no pair is made yet, the row's id or the feature is left open. Raise UsageError if the file is there
    already: it may hold a person's work; and for one that can't be written, or would not open as a CSV.
    """
    if file.suffix.lower() != _ENDING:
        raise UsageError(
            say("{file} can't be written, because umap-bot adopt --save writes CSV.", file=str(file)),
            way_out=say("Give it a name that ends in {ending}.", ending=_ENDING),
        )
    data = _data([COLUMNS, *_lines(pairing)])
    try:
        with file.open("xb") as opened:
            opened.write(data)
    except FileExistsError as error:
        raise UsageError(
            say("{file} already exists.", file=str(file)), way_out=say("Choose another file name.")
        ) from error
    except OSError as error:
        reason = error.strerror or ""
        raise UsageError(
            say("{file} can't be written: {reason}.", file=str(file), reason=reason),
            way_out=say("Choose a folder that you can write to."),
        ) from error


def _data(lines: list[tuple[str, ...]]) -> bytes:
    """Return the table as a spreadsheet opens it: semicolons part the cells where a comma is decimal."""
    tongue, text = speech.tongue(), io.StringIO()
    delimiter = "," if tongue.number(".") == "." else ";"
    csv.writer(text, delimiter=delimiter).writerows(
        [[_apart(tongue.say(cell)) for cell in line] for line in lines]
    )
    return text.getvalue().encode("utf-8-sig")  # the mark tells Excel that it is UTF-8


def _lines(pairing: Pairing) -> Iterator[tuple[str, ...]]:
    for match in pairing.sure:
        yield (*_row(match), match.feature.reference, "", *_feature(match.feature), HOW[match.how])
    for doubt in pairing.doubtful:
        for one in doubt.candidates:
            yield (*_row(doubt), "", one.reference, *_feature(one), doubt.why)
    for row in pairing.rows:
        yield (*_row(row), "", "", "", "", say("a sync would add it"))
    for row in pairing.unplaced:
        yield (*_row(row), "", "", "", "", say("no coordinates: a sync does not add it"))
    for one in pairing.features:
        yield ("", "", "", one.reference, "", *_feature(one), say("no row: it is left untouched"))


def _row(row: Row) -> tuple[str, str, str]:
    return row.key, verbatim(row.name), str(row.line or "")


def _feature(one: Drawn) -> tuple[str, str]:
    metres = "" if one.metres is None else f"{one.metres:.0f}"
    return verbatim(one.name or one.position), metres


def _apart(cell: str) -> str:
    """Return a cell as a spreadsheet takes it for text: an apostrophe before what would be a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _bare(cell: str) -> str:
    """Return a cell without the apostrophe of `_apart`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
