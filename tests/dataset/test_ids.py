"""Ids written into the files that people keep: nothing but the ids changes."""

from __future__ import annotations

import tracemalloc
import zipfile
from io import BytesIO
from typing import Any

import pytest

from tests.dataset.sheets import cell, document, inline, raw_workbook, table, workbook, zipped
from tests.dataset.test_files import FILES, File, data_of
from umap_bot.dataset.decode import decode
from umap_bot.dataset.editing import ods, package
from umap_bot.dataset.findings import Findings
from umap_bot.dataset.ids import file
from umap_bot.dataset.ids.rows import chosen, doubtful, read
from umap_bot.dataset.recipe import Recipe
from umap_bot.errors import DatasetError


def identified(
    data: bytes | str, ending: str = "csv", given: dict[int, str] | None = None, **recipe: Any
) -> bytes:
    """The file with ids, as the command writes it."""
    content = data.encode() if isinstance(data, str) else data
    how = Recipe(path=f"f.{ending}", **recipe)
    rows = read(content, how)
    return file.write(content, how, rows, chosen(rows, given or {}))


TEXTS = {
    "a new column comes first": ("nom,lat\nBron,1\nLyon,2\n", "id,nom,lat\nbron,Bron,1\nlyon,Lyon,2\n"),
    "delimiter, line ends and no last one": ("nom;n\r\nBron;1", "id;nom;n\r\nbron;Bron;1"),
    "old line ends": ("nom;n\rBron;1\r", "id;nom;n\rbron;Bron;1\r"),
    "Excel's mark": ("sep=;\r\nnom;n\r\nBron;1\r\n", "sep=;\r\nid;nom;n\r\nbron;Bron;1\r\n"),
    "quotes stay": ('nom,n\n"Br""on, X",1\n', 'id,nom,n\nbr-on-x,"Br""on, X",1\n'),
    "quotes around all": ('"nom","n"\n"Bron","1"\n', '"id","nom","n"\n"bron","Bron","1"\n'),
    "a line break in a cell": ('nom,n\n"Br\non",1\nLyon,2\n', 'id,nom,n\nbr-on,"Br\non",1\nlyon,Lyon,2\n'),
    "empty lines, and lines of delimiters": (
        "\nnom,n\n\n,\nBron,1\n\n",
        "\nid,nom,n\n\n,,\nbron,Bron,1\n\n",
    ),
    "empty cells are filled": (
        "nom,id,n\nBron,,1\nLyon,a,2\nVienne,  ,3\n",
        "nom,id,n\nBron,bron,1\nLyon,a,2\nVienne,vienne,3\n",
    ),
    "a quoted empty cell": ('nom,id\nBron,""\n', 'nom,id\nBron,"bron"\n'),
    "a name that is taken": ("id,nom\nbron,x\n,Bron\n,Bron\n", "id,nom\nbron,x\nbron-2,Bron\nbron-3,Bron\n"),
    "a name that is nearly taken": ("id,nom\nBRON,x\n,Bron\n", "id,nom\nBRON,x\nbron-2,Bron\n"),
    "no name": ("id,lat,lon\n,45.7,4.9\n", "id,lat,lon\nfeature-n45-7000-e4-9000,45.7,4.9\n"),
    "a column of another name": ("Commune,n\nBron,7\n", "id,Commune,n\nbron,Bron,7\n"),
    "a byte order mark": ("\ufeffnom,n\nBron,1\n", "\ufeffid,nom,n\nbron,Bron,1\n"),
    "numbers are counted on": ("id,nom\n7,A\n,Z\n3,B\n,Y\n", "id,nom\n7,A\n8,Z\n3,B\n9,Y\n"),
    "numbers with zeros in front": ("id,nom\n008,A\n,B\n,C\n", "id,nom\n008,A\n009,B\n010,C\n"),
    "numbers and words": ("id,nom\n7,A\nx,B\n,C\n", "id,nom\n7,A\nx,B\nc,C\n"),
    "numbers that are too long": (f"id,nom\n{10**15},A\n,B\n", f"id,nom\n{10**15},A\nb,B\n"),
    "bad coordinates are not its business": ("id,nom,lat,lon\n,A,95,x\n", "id,nom,lat,lon\na,A,95,x\n"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), TEXTS.values(), ids=TEXTS)
def test_only_ids_are_written_into_a_csv(before: str, after: str) -> None:
    assert identified(before) == after.encode()


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-be", "utf-8-sig"])
def test_the_encoding_stays(encoding: str) -> None:
    before, after = "nom;n\r\nÉcully;1\r\n", "id;nom;n\r\necully;Écully;1\r\n"
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    assert identified(mark + before.encode(encoding)) == mark + after.encode(encoding)


def test_an_id_that_the_encoding_lacks_is_refused() -> None:
    with pytest.raises(DatasetError, match="the new values can't be written in the file's encoding"):
        identified("nom,n\nÉcully,1\n".encode("cp1252"), given={2: "Łódź"})


def test_an_id_of_the_map_is_quoted_where_it_must_be() -> None:
    assert identified("nom,n\nBron,1\n", given={2: 'a,"b"'}) == b'id,nom,n\n"a,""b""",Bron,1\n'


def test_a_number_that_is_known_elsewhere_is_not_given_again() -> None:
    rows = read(b"id,nom\n1,A\n,B\n", Recipe(path="f.csv"))
    assert chosen(rows, {}, ["5", "x", "2"]) == {3: "6"}
    assert chosen(read(b"nom\nA\nB\n", Recipe(path="f.csv")), {2: "4"}, ["9"]) == {2: "4", 3: "10"}


def test_which_of_one_name_is_the_second_is_told_by_their_places() -> None:
    """Not by the order of the rows: after a sort the same file gets the same ids."""
    one, other = "Bron,45.7,4.9", "Bron,45.6,4.8"
    files = (f"nom,lat,lon\n{one}\n{other}\n", f"nom,lat,lon\n{other}\n{one}\n")
    assert len({frozenset(identified(each).splitlines()) for each in files}) == 1


def test_rows_that_the_filter_leaves_out_get_ids_too() -> None:
    assert identified("nom,n\nBron,1\nLyon,2\n", filter={"n": "1"}).count(b"lyon") == 1


PRIVATE = {
    "left out": ("contact,ville,lat,lon\nZoe,Bron,45.7,4.9\n", {"leave_out": ("contact",)}, b"bron,Zoe,"),
    "not named": ("nom,ville\nZoe,Bron\n", {"columns": ("ville",)}, b"bron,Zoe,"),
    "personal by its name": ("contact,ville\nZoe,Bron\n", {}, b"bron,Zoe,"),
    "personal by its values": ("a,ville\nzoe@example.org,Bron\n", {}, b"bron,zoe@"),
    "without changing": ("contact,lat,lon\nZoe,45.7,4.9\n", {}, b"feature-n45-7000-e4-9000,Zoe,"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "settings", "row"), PRIVATE.values(), ids=PRIVATE)
def test_an_id_tells_nothing_that_is_kept_off_the_map(
    before: str, settings: dict[str, Any], row: bytes
) -> None:
    assert identified(before, **settings).splitlines()[1].startswith(row)


def test_the_id_that_is_offered_for_a_row_tells_nothing_personal() -> None:
    with pytest.raises(DatasetError, match=r"row 2: id is empty; write bron$"):
        decode(b"id,contact,ville\n,Zoe,Bron\n", Recipe(path="f.csv"))


def test_only_a_property_is_written_into_geojson() -> None:
    before = (
        '\ufeff{ "features" : [{"type":"Feature","properties": { "nom":"Bron", "v": 1.50 }},\n'
        ' {"type":"Feature","properties":null,"geometry":{"type":"Point","coordinates":[4.90,45.7]}},'
        '{"type":"Feature","properties":{"id":null,"nom":"Lyon"},"geometry":null}, '
        '{"type":"Feature","id":"v7","properties":{"nom":"Vienne"}}], "type":"FeatureCollection"}\n'
    )
    after = (
        before.replace('"v": 1.50 }', '"v": 1.50,"id":"bron" }')
        .replace('"properties":null', '"properties":{"id":"feature-n45-7000-e4-9000"}')
        .replace('"id":null', '"id":"lyon"')
    )
    assert identified(before, "geojson") == after.encode()


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def changed_parts(before: bytes, after: bytes) -> list[str]:
    one, other = parts(before), parts(after)
    assert list(one) == list(other)
    return [name for name in one if one[name] != other[name]]


def test_a_workbook_gets_a_column_of_ids_and_all_else_stays() -> None:
    before = workbook(
        [["Titre"], ["nom", "n"], ["Bron & <co>", 1], [None, None], ["Lyon", 2.5]], Autre=[["x"]]
    )
    after = identified(before, "xlsx")
    assert changed_parts(before, after) == ["xl/worksheets/sheet1.xml"]
    assert {key: row.properties["n"] for key, row in decode(after, Recipe(path="f.xlsx")).rows.items()} == {
        "bron-et-co": 1,
        "lyon": 2.5,
    }
    assert b'<dimension ref="A1:C5"/>' in parts(after)["xl/worksheets/sheet1.xml"]


def test_empty_cells_of_a_workbook_are_filled_in_their_style() -> None:
    head = "".join(inline(f"{letter}1", name) for letter, name in zip("ABC", ("nom", "id", "n"), strict=True))
    styled = f'<row r="2" spans="1:3">{inline("A2", "Bron")}<c r="B2" s="0"/><c r="C2"><v>1</v></c></row>'
    bare = '<row><c t="inlineStr"><is><t>Lyon</t></is></c></row>'
    gap = f'<row r="4">{inline("A4", "Vienne")}<c r="C4"><v>3</v></c></row>'
    before = raw_workbook(f'<sheetData><row r="1">{head}</row>{styled}{bare}{gap}</sheetData>')
    after = parts(identified(before, "xlsx"))["xl/worksheets/sheet1.xml"].decode()
    assert '<c r="B2" s="0" t="inlineStr"><is><t>bron</t></is></c><c r="C2"><v>1</v></c>' in after
    assert '<t>Lyon</t></is></c><c r="B3" t="inlineStr"><is><t>lyon</t></is></c></row>' in after
    assert '</c><c r="B4" t="inlineStr"><is><t>vienne</t></is></c><c r="C4">' in after
    assert "spans" not in after


def test_merged_ids_are_refused() -> None:
    data = workbook(
        [["id", "nom"], ["a", "Bron"], [None, "Lyon"]], lambda book, page: page.merge_range("A2:A3", "a")
    )
    with pytest.raises(DatasetError, match='the column "id" has merged cells'):
        identified(data, "xlsx")


@pytest.mark.parametrize("kind", ["shared", "array"])
def test_the_formula_of_other_cells_is_not_lost(kind: str) -> None:
    """The others say `<f t="shared" si="0"/>` alone: without the first, Excel calls the file damaged."""
    head = f'<row r="1">{inline("A1", "id")}{inline("B1", "nom")}</row>'
    master = f'<c r="A2" t="str"><f t="{kind}" ref="A2:A3" si="0">C2</f><v></v></c>'
    other = '<c r="A3" t="str"><f t="shared" si="0"/><v>b</v></c>'
    data = raw_workbook(
        f'<sheetData>{head}<row r="2">{master}{inline("B2", "Bron")}</row>'
        f'<row r="3">{other}{inline("B3", "Lyon")}</row></sheetData>'
    )
    with pytest.raises(DatasetError) as caught:
        identified(data, "xlsx")
    assert str(caught.value) == (
        "f.xlsx, row 2: the cell to be changed belongs to the formula of A2:A3; "
        "replace A2:A3 with its values (copy, then paste as values)"
    )


def test_a_cell_that_a_formula_elsewhere_fills_is_not_written() -> None:
    """Excel would call the file damaged, or fill the cell again."""
    head = f'<row r="1">{inline("A1", "nom")}{inline("B1", "id")}</row>'
    first = '<c r="A2" t="str"><f t="array" ref="A2:B3">x</f><v>Bron</v></c>'
    filled = '<c r="B2" t="str"><v>a</v></c>'
    data = raw_workbook(
        f'<sheetData>{head}<row r="2">{first}{filled}</row>'
        f'<row r="3">{inline("A3", "Lyon")}<c r="B3"/></row></sheetData>'
    )
    with pytest.raises(
        DatasetError, match=r"row 3: .* belongs to the formula of A2:B3; replace A2:B3 with its values"
    ):
        identified(data, "xlsx")


def test_a_part_that_is_larger_than_it_says_is_not_unpacked() -> None:
    """The reader does not look at a picture, but it is copied."""
    size = 50_000_077
    data = zipped({"xl/media/image1.png": bytes(size)})
    lying = data.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))
    tracemalloc.start()
    with pytest.raises(zipfile.BadZipFile):
        package.rewritten(lying, "xl/worksheets/sheet1.xml", [])
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < size / 50


def row(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row{attributes}>{''.join(cells)}</table:table-row>"


def rest(count: int) -> str:
    return f'<table:table-cell table:number-columns-repeated="{count}"/>'


NAMED, IN_STYLE = cell("Bron"), '<table:table-cell table:style-name="ce1"'
STYLED = f'{IN_STYLE} office:value-type="string"><text:p>bron</text:p></table:table-cell>'
SHEETS = {
    "a new column, before the empty rest": (
        row(cell("nom"), cell("n"), rest(1022))
        + row(NAMED, cell("x"), rest(1022), attributes=' table:style-name="ro1"'),
        row(cell("nom"), cell("n"), cell("id"), rest(1021))
        + row(NAMED, cell("x"), cell("bron"), rest(1021), attributes=' table:style-name="ro1"'),
    ),
    "equal rows are parted": (
        row(cell("nom"), cell("n")) + row(NAMED, cell("x"), attributes=' table:number-rows-repeated="2"'),
        row(cell("nom"), cell("n"), cell("id"))
        + row(NAMED, cell("x"), cell("bron"))
        + row(NAMED, cell("x"), cell("bron-2")),
    ),
    "an empty cell in its style": (
        row(cell("nom"), cell("id"), cell("n")) + row(NAMED, f"{IN_STYLE}/>", cell("x")),
        row(cell("nom"), cell("id"), cell("n"))
        + row(NAMED, STYLED, cell("x")),
    ),
    "a row that ends before the column": (
        row(cell("nom"), cell("n"), cell("id")) + row(NAMED),
        row(cell("nom"), cell("n"), cell("id")) + row(NAMED, rest(1), cell("bron")),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), SHEETS.values(), ids=SHEETS)
def test_ids_in_an_opendocument_sheet(before: str, after: str) -> None:
    other, title = table(cell("x"), name="Autre"), '<table:table table:name="Feuille1">'
    data = document(f"{title}{before}</table:table>", other)
    written = identified(data, "ods")
    assert changed_parts(data, written) == ["content.xml"]
    assert parts(written) == parts(document(f"{title}{after}</table:table>", other))


MATRIX = (
    '<table:table-cell table:number-matrix-columns-spanned="{columns}" table:number-matrix-rows-spanned="2" '
    'table:formula="of:=X" office:value-type="string"><text:p>{shown}</text:p></table:table-cell>'
)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            (row(MATRIX.format(columns=1, shown="a"), NAMED), row(cell(None), NAMED)),
            "row 3: the cell to be changed belongs to the formula of A2:A3; replace A2:A3 with its",
        ),
        (
            (row(MATRIX.format(columns=1, shown=""), NAMED), row(cell("a"), NAMED)),
            "row 2: the cell to be changed belongs to the formula of A2:A3; replace A2:A3 with its",
        ),
        (
            (row("<table:covered-table-cell/>", NAMED),),
            "row 2: the cell to be changed is part of a merged cell; unmerge",
        ),
    ],
    ids=["a part of a matrix", "its first cell", "a covered cell"],
)
def test_a_cell_of_a_document_that_is_not_its_own_is_not_written(rows: tuple[str, ...], said: str) -> None:
    head = row(cell("id"), cell("nom"))
    data = document(f'<table:table table:name="F">{head}{"".join(rows)}</table:table>')
    with pytest.raises(DatasetError) as caught:
        identified(data, "ods")
    assert str(caught.value).startswith(f"f.ods, {said}")


def test_what_a_matrix_does_not_fill_is_written() -> None:
    head = row(cell("nom"), cell("id"), cell("n"))
    data = document(
        f'<table:table table:name="F">{head}{row(MATRIX.format(columns=1, shown="Bron"), rest(1), cell(1))}'
        f"{row(cell('Lyon'), rest(1), cell(2))}</table:table>"
    )
    assert b"<text:p>bron<" in parts(identified(data, "ods"))["content.xml"]


class Asked(dict[int, dict[int, str]]):
    """Cells of rows that count how often they are asked for."""

    count = 0

    def __getitem__(self, number: int) -> dict[int, str]:
        self.count += 1
        return super().__getitem__(number)


def test_a_million_empty_rows_are_not_gone_through() -> None:
    """LibreOffice writes the rest of a sheet as one row that stands for all of them."""
    empty = row(rest(1024), attributes=' table:number-rows-repeated="100000"')
    texts = Asked({1: {1: "id"}, 2: {1: "bron"}})
    title = '<table:table table:name="Feuille1">'
    data = document(f"{title}{row(cell('nom'))}{row(NAMED)}{empty}</table:table>")
    ods.write(data, "Feuille1", texts, Findings("f.ods"))
    assert texts.count <= 3 * len(texts)


def test_what_a_person_should_look_at_is_told() -> None:
    data = b"id,nom,lat,lon\na,X,1,1\na,Y,2,2\n,Bron,45.7,4.9\n,Bron,45.7,4.9\n,Bron,45.6,4.9\n"
    rows = read(data, Recipe(path="f.csv"))
    assert doubtful(rows, chosen(rows, {})) == [
        'duplicate id "a" (rows 2, 3); give each row its own id',
        "rows 4, 5 have the same name and place (bron-2, bron-3); if they are duplicates, remove all but one",
    ]


@pytest.mark.parametrize("odd", FILES.values(), ids=FILES)
def test_no_file_is_changed_beside_its_ids_however_odd_it_is(odd: File) -> None:
    """It gets its ids, as its own reader proves, or is refused by its reader."""
    content = data_of(odd.content)
    for key in ("id", "nobody"):
        recipe = Recipe(path=f"f.{odd.ending}", **{"key": key, **odd.settings})
        try:
            rows = read(content, recipe)
        except DatasetError:
            continue
        ids = chosen(rows, {})
        again = read(file.write(content, recipe, rows, ids), recipe)
        assert (again.own, again.missing) == ({**rows.own, **ids}, {})
