"""Spreadsheets as people keep them: what becomes of their cells, headers and sheets."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.dataset.conftest import CITES
from tests.dataset.sheets import (
    Rows,
    cell,
    document,
    inline,
    raw_workbook,
    rows_of,
    styles,
    table,
    workbook,
    zipped,
)
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
            truth.format("NOT", 0).replace("/>", "><text:p>FAUX</text:p></table:table-cell>"),
            cell("PT27H30M00S"),
            '<table:table-cell office:value-type="percentage" office:value="0.25"/>',
        ),
        "carte.ods",
    )
    clocks = ["10:30:00", "27:30:06", "-01:00:00"]
    assert values(found) == ["a\tb  c\nd", "a\nb", "x y", *clocks, True, False, False, "PT27H30M00S", 0.25]


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
        f'{name}: the sheet "Lieux" is read, because only it has the column "id"; the others are: Notes. '
        "To choose another, set DATASET_SHEET"
    )
    assert title == (
        f"{name}: row 3 is read as the header; the text above it is ignored: Lieux d'exemple, inventés"
    )
    assert zeros == (
        f'{name}: the column "code postal" has 1 number displayed with leading zeros (01000) that are '
        "not part of its value; format the column as text, and type the zeros"
    )
    assert hidden == f"{name}: a column is hidden in the sheet but is still read: téléphone"


@pytest.mark.parametrize("name", ["fautes.ods", "fautes.xlsx"])
def test_libreoffices_errors_are_named_by_their_cells(name: str) -> None:
    assert problems((FILES / name).read_bytes(), name) == [
        f"{name} has 2 problems:",
        f'{name}, row 2: C2 ("taux") contains the error #DIV/0!; correct the formula, or type the value',
        f'{name}, row 3: B3 ("nom") contains the error #N/A; correct the formula, or type the value',
    ]


def moments(*values: str, code: str, **parts: Any) -> bytes:
    """Return an .xlsx whose column v holds these numbers, in a format."""
    cells = (f'<c r="B{at}" s="1"><v>{value}</v></c>' for at, value in enumerate(values, 2))
    return raw(*cells, styles=styles(code), **parts)


OF_1904 = '<workbookPr date1904="1"/>'
ZERO = (
    "that is really the number 0 (row 2, read as 1899-12-30), probably a reference to an empty cell; empty "
    "the cell"
)
SHIFTED = (
    "before March 1900 (row 2, read as {}, as in LibreOffice); Excel shows the next day. Type it as text"
)
NONE = (
    "number formatted as a date or time that is not one (row 2: {}); it is read as a number. Change the cell "
    "format"
)


@pytest.mark.parametrize(
    ("stored", "code", "read_as", "told"),
    [
        ("-18140", "dd/mm/yyyy", "1850-05-01", ""),
        ("-18140", "hh:mm", "1850-05-01", ""),
        ("-18140.75", "dd/mm/yyyy hh:mm", "1850-04-30T06:00:00", ""),
        ("0", "dd/mm/yyyy", "1899-12-30", f"date {ZERO}"),
        ("1", "dd/mm/yyyy", "1899-12-31", f"date {SHIFTED.format('1899-12-31')}"),
        ("60", "dd/mm/yyyy", "1900-02-28", f"date {SHIFTED.format('1900-02-28')}"),
        ("61", "dd/mm/yyyy", "1900-03-01", ""),
        ("2958465", "dd/mm/yyyy", "9999-12-31", ""),
        ("2958466", "dd/mm/yyyy", 2958466, NONE.format("2958466")),
        ("-693594", "yyyy", -693594, NONE.format("-693594")),
        ("12345678901234", "[h]:mm", 12345678901234, NONE.format("12345678901234")),
        ("1e12", "yyyy", 10**12, NONE.format("1e12")),
        ("0", "hh:mm", "00:00:00", ""),
        ("0.25", "[h]:mm", "06:00:00", ""),
        ("1.25", "hh:mm", "30:00:00", ""),
        ("-1.25", "[h]:mm", "-30:00:00", ""),
        ("45352.4375", "hh:mm", "2024-03-01T10:30:00", ""),
        ("45352.4375", "mmm-yy", "2024-03-01T10:30:00", ""),
        ("45352.99999999", "dd/mm/yyyy hh:mm", "2024-03-02", ""),
        ("45352", '[$-40C]dddd" le "d mmmm yyyy', "2024-03-01", ""),
        ("45352", '"né le "0', 45352, ""),
        ("45352", "[Red]0.00E+00", 45352, ""),
        ("45352", "General", 45352, ""),
        ("45352", '0" jours"', 45352, ""),
    ],
)
def test_a_number_in_a_format_is_what_libreoffice_shows(
    stored: str, code: str, read_as: object, told: str
) -> None:
    found = read(moments(stored, code=code))
    assert values(found) == [read_as]
    assert found.warnings == ((f'carte.xlsx: the column "v" has 1 {told}',) if told else ())


def test_books_that_count_from_1904() -> None:
    found = read(moments("0", "-18140", "45352", code="dd/mm/yyyy", properties=OF_1904))
    assert (values(found), found.warnings) == (["1904-01-01", "1854-05-02", "2028-03-02"], ())


def test_dates_of_ods_that_are_odd() -> None:
    day = '<table:table-cell office:value-type="date" office:date-value="{}"/>'
    clock = '<table:table-cell office:value-type="time" office:time-value="{}"/>'
    found = read(
        ods(*map(day.format, ("1850-05-01", "2024-03-01T00:00:00", "2024-03-01T10:30:00Z", "1899-12-30"))),
        "a.ods",
    )
    assert values(found) == ["1850-05-01", "2024-03-01", "2024-03-01T10:30:00", "1899-12-30"]
    assert found.warnings == (f'a.ods: the column "v" has 1 date {ZERO.replace("row 2", "row 5")}',)
    assert values(read(ods(clock.format("PT1088458H30M00S")), "a.ods")) == ["2024-03-01T10:30:00"]
    assert problems(ods(day.format("2024-13-01")), "a.ods") == [
        'a.ods, row 2: B2 ("v") contains the error 2024-13-01; correct the formula, or type the value'
    ]


FRAME = '<draw:frame svg:width="3cm" svg:height="1cm">{}</draw:frame>'
BOX = FRAME.format("<draw:text-box><text:p>à vérifier !</text:p></draw:text-box>")


@pytest.mark.parametrize(
    "drawn",
    [
        BOX,
        FRAME.format('<draw:image xlink:href="Pictures/1.png"><text:p/></draw:image>'),
        '<draw:line svg:x1="0cm"><text:p/></draw:line>',
        "<draw:custom-shape><text:p>une flèche</text:p><draw:enhanced-geometry/></draw:custom-shape>",
        f"<draw:g>{BOX}<draw:rect><text:p>un cadre</text:p></draw:rect></draw:g>",
        "<draw:caption><text:p>une bulle</text:p></draw:caption>",
        "<office:annotation><text:p>une note</text:p></office:annotation>",
        "<draw:control/>",
    ],
)
def test_what_lies_on_a_cell_is_not_in_it(drawn: str) -> None:
    drawing = cell("Bron").replace("</table:table-cell>", f"{drawn}</table:table-cell>")
    before = cell("Lyon").replace("<text:p>", f"{drawn}<text:p>")
    shapes = f"<table:shapes>{BOX}{table(*rows_of([['id', 'x']]))}</table:shapes>"
    data = document(table(*rows_of([["id", "v"]]), cell("a") + drawing, cell("b") + before, columns=shapes))
    assert values(read(data, "a.ods")) == ["Bron", "Lyon"]
    header = table(cell("id").replace("</table:table-cell>", f"{drawn}</table:table-cell>"), cell("a"))
    assert list(read(document(header), "a.ods").rows) == ["a"]


def spaced(data: bytes) -> bytes:
    """Return an .ods as LibreOffice saves it to be read by people: each element on a line of its own."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    content = parts["content.xml"]
    assert isinstance(content, bytes)
    content = re.sub(rb"><(?=/?(?:office|table|style):|text:p>)", b">\n  <", content)
    return zipped({**parts, "content.xml": content})


def test_white_space_between_elements_is_none_of_a_cell() -> None:
    data = spaced(ods(cell("Bron"), cell("a  b\nc"), cell(4.5), cell(None)))
    assert values(read(data, "a.ods")) == ["Bron", "a  b\nc", 4.5, None]


@pytest.mark.parametrize(
    "dimension", ["1:4", "A:B", "$A$1:$B$2", "A1:", "", "#REF!", "A1", "B9:Z99", "A1:XFD1048576"]
)
def test_what_a_sheet_says_of_its_size_is_not_asked(dimension: str) -> None:
    rows = f'<row r="1">{inline("A1", "id")}{inline("B1", "v")}</row><row r="2">{inline("A2", "a")}</row>'
    merged = f'<mergeCells count="1"><mergeCell ref="{dimension}"/></mergeCells>'
    for before, after in ((f'<dimension ref="{dimension}"/>', ""), ("", merged)):
        assert list(read(raw_workbook(f"{before}<sheetData>{rows}</sheetData>{after}")).rows) == ["a"]


def renamed(data: bytes, name: Callable[[str], str], *without: str, **to: str) -> bytes:
    """Return an archive with its parts called otherwise, and with other words in them."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {each: archive.read(each).decode() for each in archive.namelist() if each not in without}
    for word, other in to.items():
        parts = {part: text.replace(f"{word}/", f"{other}/" if other else "") for part, text in parts.items()}
    return zipped({name(part): text for part, text in parts.items()})


@pytest.mark.parametrize(
    ("name", "to"),
    [
        (lambda part: part.replace("/", "\\"), {}),
        (str.upper, {}),
        (lambda part: part.removeprefix("xl/"), {"xl": ""}),
        (lambda part: part.replace("xl/", "livre/"), {"xl": "livre"}),
        (lambda part: f"/{part}", {}),
    ],
)
def test_a_package_is_laid_out_as_it_likes(name: Callable[[str], str], to: dict[str, str]) -> None:
    data = renamed(
        raw('<c r="B2" t="s"><v>0</v></c>', sharedStrings="<sst><si><t>x</t></si></sst>"), name, **to
    )
    assert values(read(data)) == ["x"]


def test_strict_open_xml_is_read() -> None:
    """The same under other names of namespaces and relations, which Excel writes if it is asked to."""
    strict = "http://purl.oclc.org/ooxml"
    kept = raw('<c r="B2" t="s"><v>0</v></c>', sharedStrings="<sst><si><t>x</t></si></sst>")
    with zipfile.ZipFile(io.BytesIO(kept)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    for ours, theirs in (
        ("http://schemas.openxmlformats.org/spreadsheetml/2006", f"{strict}/spreadsheetml"),
        ("http://schemas.openxmlformats.org/officeDocument/2006", f"{strict}/officeDocument"),
    ):
        parts = {name: text.replace(ours, theirs) for name, text in parts.items()}
    assert values(read(zipped({**parts}))) == ["x"]


def test_a_document_without_its_type_is_read() -> None:
    data = renamed(ods(cell("x")), str, "mimetype", "META-INF/manifest.xml")
    assert values(read(data, "a.ods")) == ["x"]


def test_names_of_namespaces_are_free() -> None:
    with zipfile.ZipFile(io.BytesIO(ods(cell("x"), cell(5)))) as archive:
        content = archive.read("content.xml").decode()
    renamed = re.sub(
        r"(?<=[</ ])(office|table|text):|(?<=xmlns:)(office|table|text)(?==)", r"x\g<0>", content
    )
    assert "<xtable:table " in renamed
    assert values(read(zipped({"content.xml": renamed}), "a.ods")) == ["x", 5]


def test_tables_that_no_tab_shows_are_no_sheets() -> None:
    cache = table(*rows_of([["id"], ["x"]]), name="'file:///b.ods'#$Feuille1")
    link = f"<table:dde-link>{table(*rows_of([['id'], ['y']]))}</table:dde-link>"
    links = f"<table:dde-links>{link}</table:dde-links>"
    hidden = table(*rows_of([["id"], ["h"]]), name="Cachée").replace(
        "<table:table ", '<table:table table:style-name="t" ', 1
    )
    display = '<style:table-properties table:display="false"/>'
    style = f'<style:style style:name="t" style:family="table">{display}</style:style>'
    data = document(links, cache, hidden, table(*rows_of([["id"], ["a"]])), styles=style)
    assert (list(read(data, "a.ods").rows), read(data, "a.ods").warnings) == (["a"], ())
    assert list(read(data, "a.ods", sheet="Cachée").rows) == ["h"]


def test_the_name_of_a_sheet_in_a_cell() -> None:
    field = cell("de @.").replace("@", "<text:sheet-name>???</text:sheet-name>")
    assert values(read(ods(field), "a.ods")) == ["de Feuille1."]


FORMULA = (
    "is a formula whose result is not stored in the file; open the file in LibreOffice or Excel, and save it "
    "again"
)


def test_formulas_without_a_result() -> None:
    found = problems(
        raw(
            '<c r="B2"><f>1+1</f></c>',
            '<c r="B3"><f>1+1</f><v></v></c>',
            '<c r="B4" t="str"><f>""</f><v></v></c>',
            '<c r="B5"><f>1+1</f><v>2</v></c>',
        )
    )
    assert found == [f'carte.xlsx, row 2: B2 ("v") {FORMULA} (also in row 3)']
    formula = '<table:table-cell table:formula="of:=1+1"/>'
    empty = '<table:table-cell table:formula="of:=&quot;&quot;"><text:p/></table:table-cell>'
    assert problems(ods(empty, formula), "a.ods") == [f'a.ods, row 3: B3 ("v") {FORMULA}']


def test_cells_with_a_prefix_are_looked_at_too() -> None:
    data = raw('<x:c r="B2" xmlns:x="x"><x:f>1+1</x:f></x:c>')
    assert problems(data) == [f'carte.xlsx, row 2: B2 ("v") {FORMULA}']


def test_a_faulty_key_is_told_once() -> None:
    data = workbook([["id", "v"], [None, 1]], lambda _, page: page.write_formula("A2", "=NA()", None, "#N/A"))
    [told] = problems(data)
    assert told == (
        'carte.xlsx, row 2: A2 ("id") contains the error #N/A; correct the formula, or type the value'
    )


def test_errors_outside_the_table_do_no_harm() -> None:
    rows: Rows = [["Titre", None, None], ["id", "v", None], ["a", 1, None]]
    data = workbook(rows, lambda _, page: page.write_formula("C1", "=NA()", None, "#N/A"))
    assert values(read(data)) == [1]


def test_numbers_that_are_none() -> None:
    told = problems(raw('<c r="B2"><v>1E400</v></c>', '<c r="B3"><v>NaN</v></c>'))
    assert [line.partition(";")[0] for line in told[1:]] == [
        'carte.xlsx, row 2: B2 ("v") contains the error 1E400',
        'carte.xlsx, row 3: B3 ("v") contains the error NaN',
    ]


def test_a_nul_is_a_problem() -> None:
    told = problems(raw('<c r="B2" t="inlineStr"><is><t>a_x0000_b</t></is></c>'))
    assert told == ['carte.xlsx, row 2: "v" contains a NUL character; remove it']


def test_zeros_that_are_only_shown() -> None:
    cells = (
        '<c r="B2" s="1"><v>1000</v></c>',
        '<c r="B3" s="1"><v>38000</v></c>',
        '<c r="B4" s="2"><v>472123456</v></c>',
    )
    shown = styles("00000", '0#" "##" "##" "##" "##', "0.00")
    [warning] = read(raw(*cells, '<c r="B5" s="3"><v>1</v></c>', styles=shown)).warnings
    assert 'the column "v" has 2 numbers displayed with leading zeros (01000)' in warning
    for code in (r"00\ 00\ 00\ 00\ 00", "00-00-00-00-00", "[<100]0;0000000000", '"tél. "0000000000'):
        [warning] = read(moments("612345678", code=code)).warnings
        assert "displayed with leading zeros (0612345678)" in warning


@pytest.mark.parametrize(
    ("value", "shown", "is_told"),
    [
        (1000, "01000", True),
        (38000, "38000", False),
        (612345678, "06 12 34 56 78", True),
        (612345678, "06.12.34.56.78", True),
        (0, "00000", True),
        (0, "0,00", False),
        (0, "0 %", False),
        (0.5, "0.50", False),
        (5, "05,00", False),
        (0, "0", False),
    ],
)
def test_zeros_that_ods_only_shows(value: float, shown: str, is_told: bool) -> None:
    padded = cell(value).replace("/>", f"><text:p>{shown}</text:p></table:table-cell>")
    told = f'a.ods: the column "v" has 1 number displayed with leading zeros ({shown}) that are not part'
    warnings = read(ods(padded), "a.ods").warnings
    assert [warning.startswith(told) for warning in warnings] == [True] * is_told


def test_numbers_that_spreadsheets_round() -> None:
    found = read(workbook([["id", "siret"], ["a", 12345678901234], ["b", 12345678901234567]]))
    [warning] = found.warnings
    assert warning == (
        'carte.xlsx: row 3: "siret" is a number of more than 15 digits, which spreadsheets '
        "round; type it as text"
    )


def test_ids_that_rounding_made_one_another() -> None:
    """Excel makes …456 and …457 the same …450."""
    rows: Rows = [["id", "siret"], ["a", 1234567890123450], ["b", 1234567890123450], ["c", 1]]
    told = (
        '"siret" is the same number of more than 15 digits in rows 2, 3, perhaps because '
        "spreadsheets round such numbers; type them as text"
    )
    assert read(workbook(rows)).warnings == (f"carte.xlsx: {told}",)
    assert problems(workbook(rows), key="siret")[1] == f"carte.xlsx, row 2: {told}"


def test_a_row_or_cell_numbered_zero_is_the_next_one() -> None:
    rows = f'<row r="1">{inline("A1", "id")}</row><row r="0"><c r="A0"><v>5</v></c><c r="B0"/></row>'
    assert read(raw_workbook(f"<sheetData>{rows}</sheetData>")).lines == {"5": 2}


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
        'carte.xlsx, row 7: duplicate id "a" (also in row 4); change one of them'
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
    assert [f"row {header} is read as the header;" in warning for warning in found.warnings] == [True] * (
        header > 1
    )
    [told, *_] = problems(workbook(rows), key="nothing")
    assert told.endswith(f"columns: {', '.join(rows[header - 1])}") or key == "id"


def test_the_names_of_the_header() -> None:
    found = read(workbook([["id", " nom ", 2019, "e\u0301"], ["a", "A", 1, 2]]))
    assert found.columns == ("id", "nom", "2019", "é")
    assert problems(workbook([["id", "nom", "nom"], ["a", "A", "B"]])) == [
        'carte.xlsx, row 1: duplicate column "nom" (B and C); rename one of them'
    ]
    assert problems(workbook([["id", None, "nom"], ["a", "what?", "B"]])) == [
        'carte.xlsx, row 2: column B has no name but contains "what?"; add a name in the header'
    ]
    assert problems(workbook([["id", "nom"], ["a", "A", "what?"]])) == [
        'carte.xlsx, row 2: column C has no name but contains "what?"; add a name in the header'
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
    again = (
        "this row repeats the header; if a second table begins here, move it to another "
        "sheet, otherwise remove the row"
    )
    apart = "if it is a note, a total or another table, move it to another sheet, otherwise add its id"
    assert problems(workbook(rows)) == [
        "carte.xlsx has 2 problems:",
        f"carte.xlsx, row 6: {again}",
        f"carte.xlsx, row 8: this row is below an empty row and has no id; {apart} (also in row 9)",
    ]
    assert problems(workbook([["id", "v"], ["a", 1], [None, "Total"]])) == [
        "carte.xlsx, row 3: id is empty; write total"
    ]


def test_what_stands_beside_the_table() -> None:
    found = read(workbook([["id", "v", None, "Légende"], ["a", 1, None, "rouge"]]))
    assert found.rows["a"].properties == {"id": "a", "v": 1, "Légende": "rouge"}
    [warning] = found.warnings
    assert warning == (
        "carte.xlsx: column C is empty, and the columns to the right of it are read as part "
        'of the table ("Légende"); if they are another table, move it to another sheet'
    )


def test_merged_cells_are_told() -> None:
    def merge(_: Any, page: Any) -> None:
        page.merge_range("A1:B1", "Titre")
        page.merge_range("B3:B4", "m")

    [_, warning] = read(workbook([[], ["id", "v"], ["a"], ["b"]], merge)).warnings
    told = (
        "merged cells ({}): only the first cell of each has a value, and the others are "
        "empty; unmerge them, and type the value in each"
    )
    assert warning == f"carte.xlsx: {told.format('B3:B4')}"
    spanned = cell("m").replace("office:", 'table:number-rows-spanned="2" office:', 1)
    assert read(ods(spanned, "<table:covered-table-cell/>"), "a.ods").warnings == (
        f"a.ods: {told.format('B2:B3')}",
    )


def test_values_under_a_merged_cell_are_told() -> None:
    """LibreOffice keeps them, and writes them into its CSV."""

    def merge(_: Any, page: Any) -> None:
        page.merge_range("B2:C3", "m")
        page.write("C2", "sous")
        page.write("B3", 5)

    told = [
        warning.partition(": ")[2]
        for warning in read(workbook([["id", "v", "w"], ["a"], ["b"]], merge)).warnings
    ]
    said = (
        'the column "{}" has 1 value hidden under a merged cell ({}), which is still read; unmerge the cells'
    )
    assert told[1:] == [said.format("w", "row 2: sous"), said.format("v", "row 3: 5")]
    covered = '<table:covered-table-cell office:value-type="string"><text:p>sous</text:p>'
    spanned = cell("m").replace("office:", 'table:number-rows-spanned="2" office:', 1)
    found = read(ods(spanned, f"{covered}</table:covered-table-cell>"), "a.ods")
    assert values(found) == ["m", "sous"]
    assert "(row 3: sous)" in found.warnings[1]


def test_hidden_rows_are_told() -> None:
    data = workbook([["id"], ["a"], ["b"]], lambda _, page: page.set_row(2, None, None, {"hidden": True}))
    assert read(data).warnings == ("carte.xlsx: row 3 is hidden in the sheet but is still read",)
    rows = f'<table:table-row table:visibility="filter">{cell("b")}</table:table-row>'
    group = f"<table:table-row-group>{rows}</table:table-row-group>"
    data = document(table(cell("id"), cell("a")).replace("</table:table>", f"{group}</table:table>"))
    assert read(data, "a.ods").warnings == ("a.ods: row 3 is hidden in the sheet but is still read",)


SHEETS: dict[str, Any] = {"Autre": [["id"], ["z"]], "Été": [["id"], ["e"]]}


def test_the_sheet_is_the_one_named() -> None:
    data = workbook([["id"], ["a"]], **SHEETS)
    for name, key in (("Autre", "z"), ("E\u0301te\u0301", "e"), ("Feuille1", "a")):
        assert (list(read(data, sheet=name).rows), read(data, sheet=name).warnings) == ([key], ())
    assert problems(data, sheet="Automne") == [
        'carte.xlsx: the file has no sheet "Automne" (DATASET_SHEET); its sheets are: Feuille1, Autre, Été'
    ]
    tables = [table(*rows_of([["id"], [name]]), name=name) for name in ("a", "b")]
    assert list(read(document(*tables), "a.ods", sheet="b").rows) == ["b"]


def test_the_sheet_is_the_only_one_with_the_key_column() -> None:
    sheets: dict[str, Rows] = {
        "Lisez-moi": [["Notice"], ["une ligne par lieu", "colonnes"], [1, 2]],
        "Lieux": [["Titre"], [" id ", "nom"], ["a", "A"]],
        "Notes": [["quoi", "qui"], ["x", "id de qui ?"]],
    }
    said = (
        'the sheet "Lieux" is read, because only it has the column "id"; the others are: '
        "Lisez-moi, Notes. To choose another, set DATASET_SHEET"
    )
    tables = [table(*rows_of(rows), name=name) for name, rows in sheets.items()]
    for path, data in (
        ("a.xlsx", workbook(sheets.pop("Lisez-moi"), None, **sheets)),
        ("a.ods", document(*tables)),
    ):
        found = read(data, path)
        assert (found.lines, found.warnings[0]) == (
            {"a": 3},
            f"{path}: {said.replace('Lisez-moi', 'Feuille1') if path == 'a.xlsx' else said}",
        )


def test_of_several_sheets_with_the_key_column_one_is_asked_for() -> None:
    assert problems(workbook([["id"], ["a"]], **SHEETS)) == [
        'carte.xlsx: several sheets have the column "id": Feuille1, Autre, Été; choose one in DATASET_SHEET'
    ]


def test_the_sheet_is_the_first_if_none_has_the_key_column() -> None:
    data = workbook([["clef", "nom"]], **SHEETS)
    assert read(workbook([["clef"], ["a"]], Autre=[["x"]]), key="clef").rows.keys() == {"a"}
    assert problems(data, key="nothing")[0].endswith("columns: clef, nom")


def test_hidden_sheets_are_read_only_by_name() -> None:
    def hide(book: Any, page: Any) -> None:
        book.get_worksheet_by_name("Autre").activate()
        page.hide()

    data = workbook([["id"], ["a"]], hide, Autre=SHEETS["Autre"])
    assert (list(read(data).rows), read(data).warnings) == (["z"], ())
    found = read(data, sheet="Feuille1")
    assert (list(found.rows), found.warnings) == (
        ["a"],
        ('carte.xlsx: the sheet "Feuille1" is hidden but is still read',),
    )


def test_an_empty_sheet_is_a_problem_and_a_header_alone_an_empty_layer() -> None:
    assert problems(workbook([])) == [
        'carte.xlsx: the sheet "Feuille1" is empty; choose another in DATASET_SHEET'
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
        "a.csv: DATASET_SHEET has no effect, because this file is not a spreadsheet; remove the setting",
    )
