"""People's edits in a file: what it takes over, what is left out and why, and corrections by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dataset.sheets import inline, raw_workbook
from umap_bot.dataset.editing.proposal import Proposed, propose
from umap_bot.dataset.recipe import Recipe
from umap_bot.model.canon import Geometry, Value
from umap_bot.model.layer import Feature
from umap_bot.model.proposal import Edit

CSV = "id,nom,type,contact,lat,lon\na,Bron,x,Zoé,45.1,4.1\nb,Lyon,y,Ada,45.2,4.2\n"
LINE: Geometry = {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}


def point(longitude: float, latitude: float) -> Geometry:
    return {"type": "Point", "coordinates": [longitude, latitude]}


def cell(key: str, line: int, column: str, after: Value) -> Edit:
    return Edit(kind="cell", key=key, name=key, field=column, column=column, line=line, after=after)


def place(key: str, line: int, after: Geometry) -> Edit:
    return Edit(kind="place", key=key, name=key, line=line, after=after)


def added(geometry: Geometry | None, **properties: Value) -> Edit:
    return Edit(kind="added", key="", name="new", feature=Feature(dict(properties), geometry))


def made(*edits: Edit, data: str | bytes = CSV, file: str = "f.csv", **recipe: Any) -> Proposed:
    content = data.encode() if isinstance(data, str) else data
    return propose(content, Recipe(path=file, **recipe), edits, ["taken"])


def why(found: Proposed) -> list[str]:
    return [str(left.why) for left in found.left]


def test_a_new_row_belongs_to_the_layer_it_was_drawn_on_and_publishes_nothing_more() -> None:
    """The filter's value is written, a column that is kept off the map is not."""
    new = added(point(4.3, 45.3), name="Vienne", contact="x", id="taken")
    found = made(new, filter={"type": "x"}, leave_out=("contact",), rename={"nom": "name"})
    assert found.data == CSV.encode() + b"vienne,Vienne,x,,45.3,4.3\n"
    assert why(found) == ['the file has no column for "contact"']
    assert [edit.key for edit in found.edits] == ["vienne"]


def test_an_id_that_stands_on_the_map_is_kept_if_nothing_else_has_it() -> None:
    found = made(added(point(4, 45), id="c", nom="C"), added(point(5, 45), id="a", nom="A"))
    assert [edit.key for edit in found.edits] == ["c", "a-2"]


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (cell("a", 2, "nom", "=1+1"), "begins like a formula (=, +, -, @), which a spreadsheet may run"),
        (cell("a", 2, "nom", "a\x00b"), "contains control characters"),
        (cell("a", 2, "nom", "a" * 40_000), "is longer than 32767 characters"),
        (place("a", 2, LINE), "the coordinate columns of the file can't hold this place"),
        (added(LINE, nom="x"), "the coordinate columns of the file can't hold this place"),
        (added(None, nom="x"), "the coordinate columns of the file can't hold this place"),
    ],
)
def test_what_the_file_can_not_take_over_is_named_and_all_else_goes_on(edit: Edit, reason: str) -> None:
    found = made(edit, cell("b", 3, "nom", "+33 4 72 00 00 00"))
    assert found.data == CSV.replace("Lyon", "+33 4 72 00 00 00").encode()
    assert why(found) == [reason]


FORMULA = raw_workbook(
    f'<sheetData><row r="1">{inline("A1", "id")}{inline("B1", "nom")}{inline("C1", "n")}</row>'
    f'<row r="2">{inline("A2", "a")}{inline("B2", "Bron")}<c r="C2"><f>1+1</f><v>2</v></c></row></sheetData>'
)


def test_where_a_formula_stands_all_is_corrected_by_hand() -> None:
    found = made(cell("a", 2, "nom", "Lyon"), cell("a", 2, "n", 3), data=FORMULA, file="f.xlsx")
    assert found.data is None
    assert "belongs to the formula of C2" in str(found.why)
    told = [(str(each.address), each.key, each.before, each.after) for each in found.corrections]
    assert told == [("B2 (nom)", "a", "Bron", "Lyon"), ("C2 (n)", "a", "2", "3")]


def test_letters_that_the_encoding_lacks_are_corrected_by_hand() -> None:
    found = made(cell("a", 2, "nom", "Łódź"), data="id,nom\na,Évry\n".encode("cp1252"))
    assert (found.data, [str(each.address) for each in found.corrections]) == (None, ["B2 (nom)"])
    assert "can't be written in the file's encoding (cp1252)" in str(found.why)


def test_a_value_that_a_sync_would_read_in_another_way_is_corrected_by_hand() -> None:
    """An id that becomes empty, say: the row would be refused."""
    found = made(cell("a", 2, "lat", "north"))
    assert (found.data, [each.after for each in found.corrections]) == (None, ["north"])
