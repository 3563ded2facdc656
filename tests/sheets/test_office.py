"""Each cell is what LibreOffice and openpyxl say that it is, and the same in a file that is saved again."""

from __future__ import annotations

import io
import math
import re
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest

from tests.dataset.test_sheets import FILES
from tests.reconcile.worlds import base_left, live_of
from tests.sheets.corpus import BOOKS, places, spaced
from tests.sheets.office import Cells, Office
from umap_bot.dataset.decode import decode
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.sheets.answer import Cell, Request, Sheet
from umap_bot.dataset.sheets.child import read
from umap_bot.model.layer import Commit
from umap_bot.model.policy import Policy
from umap_bot.reconcile.aims import Sync
from umap_bot.reconcile.apply import apply

_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4,5})(?: (.*))?|(\d{4})-(\d\d)-(\d\d)(?:[ T](.*))?")
_CLOCK = re.compile(r"(-?)(\d+):(\d\d):(\d\d)(?:[.,](\d+))?(?: ([AP])M)?")
_HOURLESS = re.compile(r"\d\d:\d\d[.,]\d\d")
"""How LibreOffice edits a time in the one format that shows minutes and seconds alone."""
Files = dict[str, bytes]
SHEETS = {"texts.xlsx": "Feuille1", "furnished.xlsx": "Feuille1", "places.xlsx": "Feuille1"}
Values = dict[tuple[int, int], Cell]


@pytest.fixture(scope="module")
def made() -> Files:
    return {name: make() for name, make in BOOKS.items()}


@pytest.fixture(scope="module")
def as_ods(office: Office, made: Files) -> Files:
    return office.saved_as("ods", made)


@pytest.fixture(scope="module")
def as_xlsx(office: Office, as_ods: Files) -> Files:
    return office.saved_as("xlsx", as_ods)


def values(data: bytes, name: str) -> Values:
    sheet = read(data, Request(name, "id"))
    assert isinstance(sheet, Sheet), sheet
    return {
        (row, column): cell
        for row, cells in sheet.rows
        for column, cell in enumerate(cells)
        if cell is not None
    }


def differences(ours: Values, theirs: Cells) -> list[str]:
    cells = sorted(ours.keys() | theirs.keys())
    return [
        f"{cell}: {ours.get(cell)!r} for {theirs.get(cell)!r}"
        for cell in cells
        if not is_same(ours.get(cell), theirs.get(cell, ""))
    ]


def is_same(ours: Cell, theirs: str) -> bool:
    if isinstance(ours, bool):
        return theirs == ("TRUE" if ours else "FALSE")
    if isinstance(ours, (int, float)):
        return any(math.isclose(ours, number, rel_tol=1e-9, abs_tol=1e-12) for number in _numbers(theirs))
    if _HOURLESS.fullmatch(theirs):
        return (ours or "")[-5:] == theirs[:5]
    return (ours or "") == theirs or _moment(ours or "") & _moment(theirs) != set()


def _numbers(text: str) -> list[float]:
    bare, factor = (text[:-1], 0.01) if text.endswith("%") else (text, 1.0)
    try:
        return [float(bare) * factor]
    except ValueError:
        return []


def _moment(text: str) -> set[tuple[tuple[int, int, int], int]]:
    """Return what a date and time may be, in seconds: the order of day and month is the format's."""
    match = _DATE.fullmatch(text)
    if match is None:
        return {((0, 0, 0), second) for second in _seconds(text)}
    if match[5]:
        days = {(int(match[5]), int(match[6]), int(match[7]))}
    else:
        first, second, year = (int(match[part]) for part in (1, 2, 3))
        days = {(year, first, second), (year, second, first)}
    seconds = _seconds(match[4] or match[8] or "00:00:00")
    return {(day, second) for day in days for second in seconds}


def _seconds(text: str) -> set[int]:
    match = _CLOCK.fullmatch(text)
    if match is None:
        return set()
    hours = int(match[2]) % 12 + 12 * (match[6] == "P") if match[6] else int(match[2])
    exact = hours * 3600 + int(match[3]) * 60 + int(match[4]) + float(f"0.{match[5] or 0}")
    return {
        sign * whole
        for whole in (math.floor(exact), math.ceil(exact))
        for sign in ((-1,) if match[1] else (1,))
    }


def compared(office: Office, files: Files) -> dict[str, list[str]]:
    """Return the cells that differ, by file and sheet."""
    found = {}
    for (file, name), shown in office.shown(files).items():
        told = differences(values(files[file], name), shown)
        if told:
            found[f"{file}, {name}"] = told
    return found


def test_each_cell_is_what_libreoffice_shows(
    office: Office, made: Files, as_ods: Files, as_xlsx: Files
) -> None:
    assert compared(office, made) == {}
    assert compared(office, as_ods) == {}
    assert compared(office, as_xlsx) == {}


def test_each_cell_is_the_same_in_a_file_that_was_saved_again(
    made: Files, as_ods: Files, as_xlsx: Files
) -> None:
    for name, data in made.items():
        sheet = SHEETS.get(name, "S")
        first = values(data, sheet)
        for again in (as_ods[name.replace(".xlsx", ".ods")], as_xlsx[name]):
            second = values(again, sheet)
            assert {
                cell: (first.get(cell), second.get(cell))
                for cell in first.keys() | second.keys()
                if first.get(cell) != second.get(cell)
            } == {}, name


def test_white_space_between_elements_changes_nothing(made: Files, as_ods: Files, as_xlsx: Files) -> None:
    for files in (made, as_ods, as_xlsx):
        for name, data in files.items():
            sheet = SHEETS.get(name.replace(".ods", ".xlsx"), "S")
            assert values(spaced(data), sheet) == values(data, sheet), name


def test_a_file_that_was_saved_again_gives_an_empty_plan(office: Office) -> None:
    data = {"places.xlsx": places()}
    ods = office.saved_as("ods", data)
    for name, again in {**ods, **office.saved_as("xlsx", ods)}.items():
        assert_nothing_to_do(data["places.xlsx"], "places.xlsx", again, name)
    fixed = {"cites.ods": (FILES / "cites.ods").read_bytes()}
    [(name, text)] = office.saved_as("csv", fixed).items()
    assert_nothing_to_do(fixed["cites.ods"], "cites.ods", text, name)


def test_a_file_that_openpyxl_saved_again_gives_an_empty_plan() -> None:
    file = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(places())).save(file)
    assert_nothing_to_do(places(), "places.xlsx", file.getvalue(), "places.xlsx")


def assert_nothing_to_do(first: bytes, name: str, again: bytes, new_name: str) -> None:
    """Publish a file, and plan the one that was saved again."""
    empty, sync = live_of([]), Sync(Commit("c1"), decode(first, Recipe(path=name)), Policy())
    live = live_of(list(apply(sync.outcome(empty, None).plan, empty).features), "v2")
    saved = Sync(Commit("c2"), decode(again, Recipe(path=new_name)), Policy())
    plan = saved.outcome(live, base_left(sync, live, None)).plan
    assert live.standing.features
    assert (plan.effects.changes, plan.verdict.objections) == ((), ()), new_name


def test_what_lies_around_the_cells_is_not_in_them(made: Files, as_ods: Files, as_xlsx: Files) -> None:
    for name, data in (
        ("furnished.xlsx", made["furnished.xlsx"]),
        ("furnished.ods", as_ods["furnished.ods"]),
        ("furnished.xlsx", as_xlsx["furnished.xlsx"]),
    ):
        found = decode(data, Recipe(path=name, rename={}))
        names = [row.properties["nom"] for row in found.rows.values()]
        assert names == ["nom 1", "nom 2", "nom 3", "du gras", "un lien"]
        assert any("hides row 4" in warning for warning in found.warnings), found.warnings
        assert any("hidden in the sheet but is still read: caché" in warning for warning in found.warnings)
        assert any("E2:E3" in warning for warning in found.warnings)


@pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")
def test_each_cell_is_what_openpyxl_reads(made: Files, as_xlsx: Files) -> None:
    for files in (made, as_xlsx):
        for name, data in files.items():
            sheet = SHEETS.get(name, "S")
            book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
            theirs = {
                (cell.row, cell.column - 1): cell.value
                for row in book[sheet].iter_rows()
                for cell in row
                if cell.value not in (None, "")
            }
            ours = values(data, sheet)
            assert {
                cell: (ours.get(cell), theirs.get(cell))
                for cell in ours.keys() | theirs.keys()
                if not is_as_openpyxl(ours.get(cell), theirs.get(cell))
            } == {}, name


def is_as_openpyxl(ours: Cell, theirs: Any) -> bool:
    """Compare moments after 1904: it knows fewer formats of dates, and counts as Excel before March 1900."""
    if isinstance(theirs, datetime) and theirs.year > 1904:
        return ours in (theirs.isoformat(), theirs.date().isoformat())
    if isinstance(theirs, (date, time, timedelta)):
        return isinstance(ours, str)
    if isinstance(ours, str) and isinstance(theirs, (int, float)):
        return _moment(ours) != set()
    return bool(ours == theirs)
