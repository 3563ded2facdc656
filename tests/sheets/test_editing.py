"""Files that LibreOffice made, edited by us and opened by it again: it shows the edits, and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.dataset.sheets import workbook
from tests.sheets.office import Cells, Office
from umap_bot.dataset.editing.edits import Edits, NewRecord
from umap_bot.dataset.editing.file import edited, table_of
from umap_bot.dataset.recipe import Recipe

ROWS: list[list[Any]] = [
    ["Titre", None, None, None, None],
    ["id", "nom", "n", "ouvert", "double"],
    ["a", "Écluse & <co>", 1.5, date(2024, 5, 1), None],
    ["b", "deux\nlignes", 2, None, None],
    ["c", None, 3, date(2024, 5, 3), None],
    ["d", "d", 4, None, None],
]
ADDRESSES = {"nom": 1, "n": 2, "ouvert": 3}
EDITS: dict[str, tuple[Edits, Cells]] = {
    **{
        f"{column}{number}": (
            Edits(cells={number: {column: "12" if column == "n" else " x  y "}}),
            {(number, at): "12" if column == "n" else " x  y "},
        )
        for number in (3, 4, 5)
        for column, at in ADDRESSES.items()
    },
    "emptied": (Edits(cells={3: {"nom": None, "n": None}}), {(3, 1): "", (3, 2): ""}),
    "removed": (Edits(removed=frozenset({5})), {(5, 0): "", (5, 2): "", (5, 3): ""}),
    "added": (
        Edits(added=(NewRecord({"id": "z", "n": 7}), NewRecord({"id": "y", "nom": "deux\nlignes"}))),
        {(7, 0): "z", (7, 2): "7", (8, 0): "y", (8, 1): "deux\nlignes"},
    ),
}


@pytest.mark.parametrize("ending", ["ods", "xlsx"])
def test_libreoffice_shows_the_edits_and_nothing_else(ending: str, office: Office) -> None:
    made = office.saved_as(ending, {"made.xlsx": workbook(ROWS, Autre=[["x", 1]])})[f"made.{ending}"]
    recipe = Recipe(path=f"made.{ending}")
    assert [record.number for record in table_of(made, recipe).records] == [3, 4, 5, 6]
    files = {f"{name}.{ending}": edited(made, recipe, edits) for name, (edits, _) in EDITS.items()}
    shown = office.shown({f"made.{ending}": made, **files})
    before = {sheet: cells for (name, sheet), cells in shown.items() if name == f"made.{ending}"}
    assert len(before) == 2
    for name, (_, changed) in EDITS.items():
        after = {sheet: cells for (file, sheet), cells in shown.items() if file == f"{name}.{ending}"}
        first = next(iter(sheet for sheet in before if sheet != "Autre"))
        wanted = {**before[first], **changed}
        assert _filled(after[first]) == _filled(wanted), name
        assert after["Autre"] == before["Autre"], name


def _filled(cells: Cells) -> Cells:
    return {place: text for place, text in cells.items() if text}
