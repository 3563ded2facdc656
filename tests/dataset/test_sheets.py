"""Spreadsheets as people keep them: what becomes of their cells, headers and sheets."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.dataset.conftest import CITES
from tests.dataset.sheets import Rows, cell, document, inline, raw_workbook, rows_of, styles, table, workbook
from umap_bot.dataset.decode import decode
from umap_bot.dataset.recipe import Recipe
from umap_bot.errors import DatasetError
from umap_bot.model.canon import canonical
from umap_bot.model.layer import Layer

MORNING = datetime(2024, 3, 1, 10, 30)  # noqa: DTZ001  as a cell has it
FILES = Path(__file__).parents[2] / "fixtures" / "files" / "sheets"


def read(data: bytes, path: str = "carte.xlsx", **settings: Any) -> Layer:
    return decode(data, Recipe(path=path, **settings))


def problems(data: bytes, path: str = "carte.xlsx", **settings: Any) -> list[str]:
    with pytest.raises(DatasetError) as caught:
        read(data, path, **settings)
    return str(caught.value).split("\n")


def values(layer: Layer, column: str = "v") -> list[Any]:
    return [row.properties.get(column) for row in layer.rows.values()]


def raw(*cells: str, **parts: Any) -> bytes:
    """Return an .xlsx with the columns id and v, whose rows k2, k3… have these cells beside their ids."""
    header = f'<row r="1">{inline("A1", "id")}{inline("B1", "v")}</row>'
    rows = (f'<row r="{at}">{inline(f"A{at}", f"k{at}")}{each}</row>' for at, each in enumerate(cells, 2))
    return raw_workbook(f"<sheetData>{header}{''.join(rows)}</sheetData>", **parts)


def ods(*cells: str, **parts: Any) -> bytes:
    """Return an .ods likewise."""
    rows = (cell(f"k{at}") + each for at, each in enumerate(cells, 2))
    return document(table(*rows_of([["id", "v"]]), *rows), **parts)


def test_cells_keep_their_types() -> None:
    cells = ["007", 7.0, 2019, 4.86806, True, "a\nb", " 69 ", "\u00a0x", "  ", None, 1e20, -0.5, "1e5"]
    found = read(workbook([["id", "v"], *([f"k{at}", value] for at, value in enumerate(cells))]))
    assert values(found) == cells
    assert [type(value) for value in values(found)[1:3]] == [int, int]


def test_dates_and_times_are_iso_text() -> None:
    given = [date(2024, 3, 1), MORNING, MORNING - timedelta(microseconds=100)]
    told = ["2024-03-01", "2024-03-01T10:30:00", "2024-03-01T10:30:00"]
    rows: Rows = [["id", "v"], *([f"k{at}", value] for at, value in enumerate(given))]
    assert values(read(workbook(rows))) == told

    def clocks(book: Any, page: Any) -> None:
        page.write(1, 1, time(8, 15), book.add_format({"num_format": "hh:mm"}))
        page.write(2, 1, 1.25, book.add_format({"num_format": "[h]:mm"}))
        page.write(3, 1, 0.25, book.add_format({"num_format": "0 %"}))

    assert values(read(workbook([["id", "v"], ["a"], ["b"], ["c"]], clocks))) == [
        "08:15:00",
        "30:00:00",
        0.25,
    ]


def test_rich_text_entities_and_escapes() -> None:
    shared = '<sst><si><r><t xml:space="preserve">a </t></r><r><t>b</t></r><rPh><t>sound</t></rPh></si></sst>'
    found = read(
        raw(
            '<c r="B2" t="s"><v>0</v></c>',
            '<c r="B3" t="inlineStr"><is><t>a&#10;b &amp; &lt;i&gt; <![CDATA[<c>]]>_x000D_</t></is></c>',
            '<c r="B4" t="d"><v>2024-03-01T10:30:00</v></c>',
            '<c t="str"><f>x</f><v>_x0041_</v></c>',
            sharedStrings=shared,
        )
    )
    assert values(found) == ["a b", "a\nb & <i> <c>\n", "2024-03-01T10:30:00", "A"]


def test_what_ods_has_otherwise() -> None:
    string = '<table:table-cell office:value-type="string">{}</table:table-cell>'
    note = "<office:annotation><dc:creator>M</dc:creator><text:p>a note</text:p></office:annotation>"
    clock = '<table:table-cell office:value-type="time" office:time-value="{}"/>'
    truth = '<table:table-cell table:formula="of:={}()" office:value-type="float" office:value="{}"/>'
    found = read(
        ods(
            cell("a\tb  c\nd"),
            string.format("<text:p>a<text:line-break/>b</text:p>"),
            string.format(f"{note}<text:p>x <text:span>y</text:span></text:p>"),
            clock.format("PT10H30M00S"),
            clock.format("PT27H30M05.5S"),
            clock.format("-PT1H00M00S"),
            truth.format("TRUE", 1),
            truth.format("FALSE", 0),
            cell("PT27H30M00S"),
            '<table:table-cell office:value-type="percentage" office:value="0.25"/>',
        ),
        "carte.ods",
    )
    clocks = ["10:30:00", "27:30:05", "-1:00:00"]
    assert values(found) == ["a\tb  c\nd", "a\nb", "x y", *clocks, True, False, "PT27H30M00S", 0.25]


@pytest.mark.parametrize("name", ["cites.ods", "cites.xlsx", "cites.csv"])
def test_libreoffices_files_are_the_dataset(name: str) -> None:
    plain = decode((CITES / "cites.csv").read_bytes(), Recipe(path="cites.csv"))
    found = read((FILES / name).read_bytes(), name)
    assert found.warnings == ()
    assert (found.columns, found.places, found.lines) == (plain.columns, plain.places, plain.lines)
    for key, row in plain.rows.items():
        assert canonical(found.rows[key].properties) == canonical(row.properties)
        assert found.rows[key].geometry == row.geometry


@pytest.mark.parametrize("name", ["lieux.ods", "lieux.xlsx"])
def test_libreoffices_formats(name: str) -> None:
    found = read((FILES / name).read_bytes(), name)
    assert found.lines == {"a": 4, "b": 5, "c": 6}
    assert found.rows["a"].properties == {
        "id": "a",
        "nom": "École Zoë",
        "code postal": 1000,
        "ouvert le": "2024-03-03",
        "relevé le": "2024-03-03T10:30:00",
        "horaire": "08:15:00",
        "taux": 0.25,
        "accessible": True,
        "double": 2000,
        "remarque": "deux\nlignes",
        "téléphone": "04 72 00 00 00",
    }
    assert (values(found, "remarque")[1:], values(found, "accessible")) == (
        ["du gras", None],
        [True, False, True],
    )
    assert found.rows["a"].geometry == {"type": "Point", "coordinates": [4.9, 46.2]}
    sheet, title, zeros, hidden, personal = found.warnings
    assert 'the column "téléphone" (0• •• •• •• ••) looks personal' in personal
    assert sheet == (
        f'{name}: the sheet "Lieux" is read, as the first; the others are: Notes. To name one: DATASET_SHEET'
    )
    assert title == (
        f"{name}: the header is taken from row 3; above it stands, and is not read: Lieux d'exemple, inventés"
    )
    assert zeros == (
        f'{name}: the column "code postal" has 1 number that is shown with zeros in front (01000), which are '
        "no part of it; format the column as text, and write it so"
    )
    assert hidden == f"{name}: the sheet hides a column, which is read all the same: téléphone"


@pytest.mark.parametrize("name", ["fautes.ods", "fautes.xlsx"])
def test_libreoffices_errors_are_named_by_their_cells(name: str) -> None:
    assert problems((FILES / name).read_bytes(), name) == [
        f"{name} has 2 problems:",
        f'{name}, row 2: C2 ("taux") holds the error #DIV/0!; mend its formula, or write the value',
        f'{name}, row 3: B3 ("nom") holds the error #N/A; mend its formula, or write the value',
    ]


FORMULA = "is a formula whose result is not in the file; open it in LibreOffice or Excel, and save it again"


def test_formulas_without_a_result() -> None:
    found = problems(
        raw(
            '<c r="B2"><f>1+1</f></c>',
            '<c r="B3"><f>1+1</f><v></v></c>',
            '<c r="B4" t="str"><f>""</f><v></v></c>',
            '<c r="B5"><f>1+1</f><v>2</v></c>',
        )
    )
    assert found == [f'carte.xlsx, row 2: B2 ("v") {FORMULA} (the same in row 3)']
    formula = '<table:table-cell table:formula="of:=1+1"/>'
    empty = '<table:table-cell table:formula="of:=&quot;&quot;"><text:p/></table:table-cell>'
    assert problems(ods(empty, formula), "a.ods") == [f'a.ods, row 3: B3 ("v") {FORMULA}']


def test_cells_with_a_prefix_are_looked_at_too() -> None:
    data = raw('<x:c r="B2" xmlns:x="x"><x:f>1+1</x:f></x:c>')
    assert problems(data) == [f'carte.xlsx, row 2: B2 ("v") {FORMULA}']


def test_a_faulty_key_is_told_once() -> None:
    data = workbook([["id", "v"], [None, 1]], lambda _, page: page.write_formula("A2", "=NA()", None, "#N/A"))
    [told] = problems(data)
    assert told == 'carte.xlsx, row 2: A2 ("id") holds the error #N/A; mend its formula, or write the value'


def test_errors_outside_the_table_do_no_harm() -> None:
    rows: Rows = [["Titre", None, None], ["id", "v", None], ["a", 1, None]]
    data = workbook(rows, lambda _, page: page.write_formula("C1", "=NA()", None, "#N/A"))
    assert values(read(data)) == [1]


def test_numbers_that_are_none() -> None:
    told = problems(raw('<c r="B2"><v>1E400</v></c>', '<c r="B3"><v>NaN</v></c>'))
    assert [line.partition(";")[0] for line in told[1:]] == [
        'carte.xlsx, row 2: B2 ("v") holds the error inf',
        'carte.xlsx, row 3: B3 ("v") holds the error nan',
    ]


def test_a_nul_is_a_problem() -> None:
    told = problems(raw('<c r="B2" t="inlineStr"><is><t>a_x0000_b</t></is></c>'))
    assert told == ['carte.xlsx, row 2: "v" holds a NUL character; take it away']


def test_zeros_that_are_only_shown() -> None:
    cells = (
        '<c r="B2" s="1"><v>1000</v></c>',
        '<c r="B3" s="1"><v>38000</v></c>',
        '<c r="B4" s="2"><v>472123456</v></c>',
    )
    shown = styles("00000", '0#" "##" "##" "##" "##', "0.00")
    [warning] = read(raw(*cells, '<c r="B5" s="3"><v>1</v></c>', styles=shown)).warnings
    assert 'the column "v" has 2 numbers that are shown with zeros in front (01000)' in warning
    padded = cell(0).replace('"0"/>', '"{}"><text:p>{:05}</text:p></table:table-cell>')
    form = '<number:number number:min-integer-digits="5"/>'
    [warning] = read(
        ods(padded.format(1000, 1000), padded.format(38000, 38000), styles=form), "a.ods"
    ).warnings
    assert 'the column "v" has 1 number that is shown with zeros in front (01000)' in warning


def test_numbers_that_spreadsheets_round() -> None:
    found = read(workbook([["id", "siret"], ["a", 12345678901234], ["b", 12345678901234567]]))
    [warning] = found.warnings
    assert warning == (
        'carte.xlsx: row 3: "siret" is a number of more than 15 digits, which spreadsheets round; '
        "write it as text"
    )


def test_coordinates_are_numbers_or_text() -> None:
    rows: Rows = [["id", "lat", "lon"], ["a", 45.75, 4], ["b", "45,5", "4.25"], ["c", None, None]]
    found = read(workbook(rows))
    places = [row.geometry and row.geometry["coordinates"] for row in found.rows.values()]
    assert places == [[4.0, 45.75], [4.25, 45.5], None]


def test_rows_are_numbered_as_the_sheet_shows_them() -> None:
    rows: Rows = [[], [None, "id", "nom"], [], [None, "a", "A"], [None, None, None], [None, "b", "B"]]
    found = read(workbook(rows))
    assert (found.lines, found.columns, found.warnings) == ({"a": 4, "b": 6}, ("id", "nom"), ())
    assert problems(workbook([*rows, [None, "a", "again"]])) == [
        'carte.xlsx, row 7: id "a" stands in row 4 too; give one another id'
    ]


@pytest.mark.parametrize(
    ("rows", "header"),
    [
        ([["Titre"], ["Source", "2024"], ["id", "nom"], ["a", "A"]], 3),
        ([["Titre"], ["clef", "nom"], ["a", "A"]], 2),
        ([["Titre", 2024], ["clef", "nom", "x"], ["a", "A", "X"]], 2),
        ([["du", "de"], ["clef", "nom", "lieu", "note"], ["a", "A", "X"]], 2),
        ([["clef"], ["a"]], 1),
    ],
)
def test_the_header_is_found(rows: list[list[Any]], header: int) -> None:
    key = "id" if rows[header - 1][0] == "id" else "clef"
    found = read(workbook(rows), key=key)
    assert found.lines == {"a": header + 1}
    assert [f"taken from row {header};" in warning for warning in found.warnings] == [True] * (header > 1)
    [told, *_] = problems(workbook(rows), key="nothing")
    assert told.endswith(f"the columns are: {', '.join(rows[header - 1])}") or key == "id"


def test_the_names_of_the_header() -> None:
    found = read(workbook([["id", " nom ", 2019, "e\u0301"], ["a", "A", 1, 2]]))
    assert found.columns == ("id", "nom", "2019", "é")
    assert problems(workbook([["id", "nom", "nom"], ["a", "A", "B"]])) == [
        'carte.xlsx, row 1: the column "nom" stands twice (B and C); give one another name'
    ]
    assert problems(workbook([["id", None, "nom"], ["a", "what?", "B"]])) == [
        'carte.xlsx, row 2: column B has no name, but holds "what?"; name it in the header'
    ]
    assert problems(workbook([["id", "nom"], ["a", "A", "what?"]])) == [
        'carte.xlsx, row 2: column C has no name, but holds "what?"; name it in the header'
    ]


def test_what_stands_below_the_table() -> None:
    rows: Rows = [
        ["id", "v"],
        ["a", 1],
        [],
        ["b", 2],
        [],
        ["id", "w"],
        ["c", 3],
        [None, "Total"],
        [None, "Note"],
    ]
    again = "holds the header again: a second table? Move it to another sheet, or take this row away"
    apart = "a note, a total, another table? Move it to another sheet, or write its id"
    assert problems(workbook(rows)) == [
        "carte.xlsx has 2 problems:",
        f"carte.xlsx, row 6: {again}",
        f"carte.xlsx, row 8: stands below an empty row, and has no id: {apart} (the same in row 9)",
    ]
    assert problems(workbook([["id", "v"], ["a", 1], [None, "Total"]])) == [
        "carte.xlsx, row 3: id is empty; write total"
    ]


def test_what_stands_beside_the_table() -> None:
    found = read(workbook([["id", "v", None, "Légende"], ["a", 1, None, "rouge"]]))
    assert found.rows["a"].properties == {"id": "a", "v": 1, "Légende": "rouge"}
    [warning] = found.warnings
    assert warning == (
        "carte.xlsx: column C is empty, and what stands right of it is read as part of the table "
        '("Légende"); another table belongs on another sheet'
    )


def test_merged_cells_are_told() -> None:
    def merge(_: Any, page: Any) -> None:
        page.merge_range("A1:B1", "Titre")
        page.merge_range("B3:B4", "m")

    [_, warning] = read(workbook([[], ["id", "v"], ["a"], ["b"]], merge)).warnings
    told = (
        "merged cells: only the first of them has the value, the others are empty ({}); unmerge them, and "
        "write it in each"
    )
    assert warning == f"carte.xlsx: {told.format('B3:B4')}"
    spanned = cell("m").replace("office:", 'table:number-rows-spanned="2" office:', 1)
    assert read(ods(spanned, "<table:covered-table-cell/>"), "a.ods").warnings == (
        f"a.ods: {told.format('B2:B3')}",
    )


def test_hidden_rows_are_told() -> None:
    data = workbook([["id"], ["a"], ["b"]], lambda _, page: page.set_row(2, None, None, {"hidden": True}))
    assert read(data).warnings == ("carte.xlsx: the sheet hides row 3, which is read all the same",)
    rows = f'<table:table-row table:visibility="filter">{cell("b")}</table:table-row>'
    group = f"<table:table-row-group>{rows}</table:table-row-group>"
    data = document(table(cell("id"), cell("a")).replace("</table:table>", f"{group}</table:table>"))
    assert read(data, "a.ods").warnings == ("a.ods: the sheet hides row 3, which is read all the same",)


SHEETS: dict[str, Any] = {"Autre": [["id"], ["z"]], "Été": [["id"], ["e"]]}


def test_the_sheet_is_the_first_or_the_one_named() -> None:
    data = workbook([["id"], ["a"]], **SHEETS)
    found = read(data)
    assert (list(found.rows), len(found.warnings)) == (["a"], 1)
    for name, key in (("Autre", "z"), ("E\u0301te\u0301", "e"), ("Feuille1", "a")):
        assert (list(read(data, sheet=name).rows), read(data, sheet=name).warnings) == ([key], ())
    assert problems(data, sheet="Automne") == [
        'carte.xlsx: has no sheet "Automne" (DATASET_SHEET); its sheets are: Feuille1, Autre, Été'
    ]
    tables = [table(*rows_of([["id"], [name]]), name=name) for name in ("a", "b")]
    assert list(read(document(*tables), "a.ods", sheet="b").rows) == ["b"]


def test_hidden_sheets_are_read_only_by_name() -> None:
    def hide(book: Any, page: Any) -> None:
        book.get_worksheet_by_name("Autre").activate()
        page.hide()

    data = workbook([["id"], ["a"]], hide, Autre=SHEETS["Autre"])
    assert (list(read(data).rows), read(data).warnings) == (["z"], ())
    found = read(data, sheet="Feuille1")
    assert (list(found.rows), found.warnings) == (
        ["a"],
        ('carte.xlsx: the sheet "Feuille1" is hidden, and read all the same',),
    )


def test_an_empty_sheet_is_a_problem_and_a_header_alone_an_empty_layer() -> None:
    assert problems(workbook([])) == [
        'carte.xlsx: its sheet "Feuille1" is empty; name another: DATASET_SHEET'
    ]
    assert read(workbook([["id", "nom"]])).rows == {}


def test_the_content_decides_between_the_two() -> None:
    assert list(read(ods(cell(1)), "carte.xlsx").rows) == ["k2"]
    assert list(read(workbook([["id"], ["a"]]), "carte.ods").rows) == ["a"]


def test_macros_are_passed_over(tmp_path: Path) -> None:
    macro = tmp_path / "vbaProject.bin"
    macro.write_bytes(b"\xd0\xcf\x11\xe0 a macro")
    data = workbook([["id"], ["a"]], lambda book, _: book.add_vba_project(str(macro)))
    assert (list(read(data, "carte.xlsm").rows), read(data, "carte.xlsm").warnings) == (["a"], ())


def test_a_sheet_named_for_another_format_is_told() -> None:
    assert decode(b"id\na\n", Recipe(path="a.csv", sheet="x")).warnings == (
        "a.csv: DATASET_SHEET is not used: only spreadsheets have sheets",
    )
