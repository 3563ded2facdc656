"""The same rows are the same layer, whether they come as CSV, as .xlsx or as .ods."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dataset.sheets import Rows, document, read_here, rows_of, table, workbook
from umap_bot.dataset.decode import decode
from umap_bot.dataset.recipe import Recipe
from umap_bot.errors import DatasetError
from umap_bot.model.canon import Canon, canonical, canonical_geometry, number_text
from umap_bot.model.layer import Layer

TEXTS = st.text(
    st.one_of(
        st.sampled_from(list(" \n\t\"',;|#=+-_x0123456789éœ€\u00a0\u2028😀<>&")),
        st.characters(
            codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff\x85\ufeff"
        ),
    ),
    max_size=20,
)
NUMBERS = st.one_of(
    st.integers(-(2**53), 2**53),
    st.floats(-1e300, 1e300).map(lambda value: float(f"{value:.15g}")),
)
DATES = st.dates(date(1900, 3, 1), date(2200, 1, 1))
VALUES = st.one_of(st.none(), TEXTS, NUMBERS, st.booleans(), DATES)
WIDTH = 4
ROWS = st.lists(st.lists(VALUES, min_size=WIDTH, max_size=WIDTH), max_size=8)
PLACES = st.tuples(
    st.floats(-90, 90).map(lambda x: round(x, 6)), st.floats(-180, 180).map(lambda x: round(x, 6))
)


def with_keys(rows: list[list[Any]], places: list[tuple[float, float]]) -> list[list[Any]]:
    header = ["id", *(f"colonne {place}" for place in range(WIDTH)), "lat", "lon"]
    named = ([f"k{at}", *row, *places[at % len(places)]] for at, row in enumerate(rows))
    return [header, *named]


def spelt(value: Any) -> str:
    """Return a value as a CSV has it."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else number_text(value)


def as_csv(rows: list[list[Any]]) -> bytes:
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows([list(map(spelt, row)) for row in rows])
    return file.getvalue().encode()


def shown(layer: Layer) -> dict[str, tuple[Canon, Canon]]:
    return {
        key: (canonical(row.properties), canonical_geometry(row.geometry)) for key, row in layer.rows.items()
    }


@settings(deadline=None, max_examples=30)
@given(ROWS, st.lists(PLACES, min_size=1, max_size=4))
def test_a_table_is_the_same_layer_in_every_format(rows: list[list[Any]], places: list[Any]) -> None:
    whole = with_keys(rows, places)
    plain = decode(as_csv(whole), Recipe(path="a.csv"))
    for path, data in (("a.xlsx", workbook(whole)), ("a.ods", document(table(*rows_of(whole))))):
        with read_here():
            found = decode(data, Recipe(path=path))
        assert shown(found) == shown(plain)
        assert (found.columns, found.lines, found.places) == (plain.columns, plain.lines, plain.places)


@settings(deadline=None, max_examples=15)
@given(st.binary(max_size=200), st.integers(0, 6_000), st.sampled_from(["a.xlsx", "a.ods"]))
def test_bytes_that_are_overwritten_end_in_a_layer_or_one_error(noise: bytes, at: int, path: str) -> None:
    rows: Rows = [["id", "v"], *([f"k{number}", number] for number in range(50))]
    data = bytearray(workbook(rows) if path == "a.xlsx" else document(table(*rows_of(rows))))
    at = at % len(data)
    data[at : at + len(noise)] = noise
    said = path
    try:
        decode(bytes(data), Recipe(path=path))
    except DatasetError as error:
        said = str(error)
    assert said.startswith(path)
