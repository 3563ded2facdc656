"""Spreadsheets that mean harm: each ends in one line, and costs no more than the limits say."""

from __future__ import annotations

import io
import os
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.dataset.conftest import CITES
from tests.dataset.sheets import cell, document, inline, raw_workbook, rows_of, table, workbook, zipped
from umap_bot.dataset.decode import decode
from umap_bot.dataset.findings import Findings
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.sheets import archive, process
from umap_bot.dataset.sheets.answer import MOST_MARKS, Limits, Request
from umap_bot.errors import DatasetError

MEGABYTE = 2**20
FILES = Path(__file__).parents[2] / "fixtures" / "files" / "sheets"
TOO_LARGE = (
    "the file has more than 5 million cells, perhaps because of a cell far outside the "
    "table; copy the table into a new file"
)
MUCH_TEXT = "the file contains more than 100 MB of text; check that it is the right file"
CUT = "the file is damaged or incomplete (its archive can't be opened); save it and commit it again"
NO_TABLE = "the file is a ZIP archive without a spreadsheet in it; save it as .xlsx or .ods"
LOCKED = "the file is protected by a password; save it without one"
TEXT = "the file is really text, perhaps CSV; if so, rename it to end in .csv, and change DATASET_PATH"
OLD = "the file is really an old Excel file (.xls); save it as .xlsx or .ods"
DOCTYPE = (
    "the file contains a document type (DTD) in {}, which spreadsheets don't need and "
    "which can be harmful; save it again as .xlsx or .ods"
)
PACKED = (
    "the file contains a part, content.xml, compressed in a way that spreadsheets don't "
    "use; save it again in LibreOffice or Excel"
)
DAMAGED = "the file is damaged and can't be read ({}); open it, save it and commit it again"
LOST = DAMAGED.format("a cell in row 1 refers to a text that is not there")
LAUGHS = "".join(f'<!ENTITY {chr(98 + at)} "{f"&{chr(97 + at)};" * 10}">' for at in range(12))
BILLION = f'<!DOCTYPE lol [<!ENTITY a "lol">{LAUGHS}]>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
HEADER = f'<row r="1">{inline("A1", "id")}{inline("B1", "v")}</row>'
ENCRYPTED: dict[str, Any] = {"encrypted-package": b"x"}
SMALL = workbook([["id"], ["a"]])


def complaint(data: bytes, path: str = "carte.xlsx") -> str:
    with pytest.raises(DatasetError) as caught:
        decode(data, Recipe(path=path))
    assert len(str(caught.value)) < 600
    return str(caught.value).removeprefix(f"{path}: ")


def with_parts(data: bytes, **others: bytes) -> bytes:
    """Return an archive with parts put in place of those whose names end so."""
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        parts: dict[str, str | bytes] = {name: made.read(name) for name in made.namelist()}
    for end, content in others.items():
        parts[next(name for name in parts if Path(name).stem == end)] = content
    return zipped(parts)


def locked(data: bytes) -> bytes:
    """Return an archive whose parts say that they are encrypted."""
    altered = bytearray(data)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = altered.find(mark)
        while at >= 0:
            altered[at + flags] |= 1
            at = altered.find(mark, at + 4)
    return bytes(altered)


def document_of_text() -> bytes:
    """Return the content of an .odt with a table in it."""
    with zipfile.ZipFile(io.BytesIO(document(table(*rows_of([["id"], ["a"]]))))) as archive:
        return archive.read("content.xml").replace(b"office:spreadsheet", b"office:text")


def without_a_byte(data: bytes) -> bytes:
    return data[:40] + data[41:]


def far() -> bytes:
    """Return 5 kB that would take 550 GB cell by cell: A1 and the last cell of all, XFD1048576."""
    return workbook([["id"], ["a"]], lambda _, page: page.write(1_048_575, 16_383, "x"))


def repeated(rows: int, columns: int) -> bytes:
    cells = cell("x").replace("office:", f'table:number-columns-repeated="{columns}" office:', 1)
    row = f'<table:table-row table:number-rows-repeated="{rows}">{cells}</table:table-row>'
    return document(table(*rows_of([["id"], ["a"]])).replace("</table:table>", f"{row}</table:table>"))


def shared(size: int, times: int) -> bytes:
    """Return a workbook that shows one long text often."""
    rows = (f'<row r="{at}"><c r="A{at}" t="s"><v>0</v></c></row>' for at in range(2, times + 2))
    strings = f"<sst><si><t>{'x' * size}</t></si></sst>"
    return raw_workbook(f"<sheetData>{HEADER}{''.join(rows)}</sheetData>", sharedStrings=strings)


def bomb() -> bytes:
    return zipped({"xl/workbook.xml": "", "xl/worksheets/sheet1.xml": bytes(500 * MEGABYTE)})


def squeezed() -> bytes:
    return zipped({"xl/workbook.xml": "", "xl/worksheets/sheet1.xml": bytes(70 * MEGABYTE)})


def doubled() -> bytes:
    """Return an archive with one name twice, of which two readers could choose one each."""
    file = io.BytesIO(SMALL)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(file, "a") as made:
        made.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


def packed(how: int) -> bytes:
    """Return an archive whose part is packed otherwise than by deflate: of these, reading has no bound."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how) as made:
        made.writestr("content.xml", bytes(MEGABYTE))
    return file.getvalue()


def many_sheets() -> bytes:
    one = '<sheet name="S{0}" sheetId="{0}" r:id="rId1"/>'
    rows = f'{HEADER}<row r="2">{inline("A2", "a")}</row>'
    sheets = "".join(one.format(number) for number in range(1, 250_001))
    return raw_workbook(f"<sheetData>{rows}</sheetData>", sheets=sheets)


BOMB = (
    "the file would take {} MB when unpacked, {} times its own size (limits: 400 MB and "
    "200 times); check that it is the right file"
)
UTF16 = f'<?xml version="1.0" encoding="UTF-16"?>{EXTERNAL}<sst/>'.encode("utf-16")


@pytest.mark.parametrize(
    ("make", "path", "said"),
    [
        (lambda: repeated(1_048_000, 16_384), "carte.ods", TOO_LARGE),
        (lambda: repeated(10**20, 10**20), "carte.ods", TOO_LARGE),
        (lambda: shared(6_000_000, 100), "carte.xlsx", MUCH_TEXT),
        (lambda: shared(600_000, 300), "carte.xlsx", MUCH_TEXT),
        (bomb, "carte.xlsx", BOMB.format(500, 1028)),
        (squeezed, "carte.xlsx", BOMB.format(70, 1025)),
        (lambda: zipped({"a.zip": zipped({"b.zip": bytes(MEGABYTE)})}), "carte.xlsx", NO_TABLE),
        (lambda: raw_workbook("", before=BILLION), "carte.xlsx", DOCTYPE.format("xl/worksheets/sheet1.xml")),
        (
            lambda: raw_workbook("", sharedStrings=f"{BILLION}<sst><si><t>&m;</t></si></sst>"),
            "carte.xlsx",
            DOCTYPE.format("xl/sharedStrings.xml"),
        ),
        (lambda: raw_workbook("", before=EXTERNAL), "carte.xlsx", DOCTYPE.format("xl/worksheets/sheet1.xml")),
        (lambda: document(before=BILLION), "carte.ods", DOCTYPE.format("content.xml")),
        (
            lambda: with_parts(SMALL, sharedStrings=UTF16),
            "carte.xlsx",
            DOCTYPE.format("xl/sharedStrings.xml"),
        ),
        (
            lambda: zipped({f"xl/{number}": b"" for number in range(5_001)}),
            "carte.xlsx",
            (
                "the file contains more than 5000 parts, where a spreadsheet has a few dozen; save "
                "it again in LibreOffice or Excel"
            ),
        ),
        (lambda: packed(zipfile.ZIP_BZIP2), "carte.ods", PACKED),
        (lambda: packed(zipfile.ZIP_LZMA), "carte.ods", PACKED),
        (
            doubled,
            "carte.xlsx",
            "the file contains the part xl/workbook.xml twice; save it again in LibreOffice or Excel",
        ),
        (lambda: SMALL[: len(SMALL) // 2], "carte.xlsx", CUT),
        (lambda: SMALL[:-30], "carte.xlsx", CUT),
        (lambda: locked(SMALL), "carte.xlsx", LOCKED),
        (lambda: b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "carte.xlsx", LOCKED),
        (lambda: document(**ENCRYPTED), "carte.ods", LOCKED),
        (lambda: with_parts(document(), manifest=b"<a><encryption-data/></a>"), "carte.ods", LOCKED),
        ((FILES / "cites.xls").read_bytes, "cites.xlsx", OLD),
        ((CITES / "cites.csv").read_bytes, "cites.xlsx", TEXT),
        (lambda: "id;nom\na;é\n".encode("cp1252"), "cites.ods", TEXT),
        (
            lambda: b'<?xml version="1.0"?><office:document office:mimetype="x">',
            "carte.ods",
            "the file is really a flat OpenDocument file (.fods); save it as .ods",
        ),
        (
            lambda: zipped({"xl/workbook.bin": b"x"}),
            "carte.xlsx",
            "the file is really a binary workbook (.xlsb); save it as .xlsx or .ods",
        ),
        (lambda: zipped({"word/document.xml": "<a/>"}), "carte.xlsx", NO_TABLE),
        (lambda: zipped({"mimetype": "text/plain", "content.xml": "<a/>"}), "carte.ods", NO_TABLE),
        (lambda: zipped({"content.xml": document_of_text()}), "carte.ods", NO_TABLE),
        (lambda: b"", "carte.xlsx", "the file is empty; commit it again"),
        (
            lambda: b"\0\1\2\3",
            "carte.xlsx",
            "the file can't be read as a spreadsheet; save it as .xlsx or .ods",
        ),
        (
            lambda: b"<html>",
            "carte.xlsx",
            "the file holds a web page instead of data, perhaps a login or error page; commit the data file",
        ),
        (
            lambda: raw_workbook("", before='<?xml version="1.0" encoding="TF-8"?>'),
            "carte.xlsx",
            DAMAGED.format("xl/worksheets/sheet1.xml: unknown encoding: TF-8"),
        ),
        (
            lambda: without_a_byte(zipped({"content.xml": "<a/>" * 99})),
            "carte.ods",
            DAMAGED.format("content.xml: negative seek value -1"),
        ),
        (
            lambda: raw_workbook('<sheetData><row><c t="s"><v>9</v></c></row></sheetData>'),
            "carte.xlsx",
            LOST,
        ),
    ],
)
def test_each_ends_in_one_line(make: Callable[[], bytes], path: str, said: str) -> None:
    assert complaint(make(), path) == said


def test_an_old_workbook_by_its_name() -> None:
    assert complaint(b"\xd0\xcf\x11\xe0", "carte.xls") == (
        "carte.xls has a format that umap-bot can't read. Save it as .ods or .xlsx, and set "
        "DATASET_PATH to the new file."
    )


def test_a_quarter_of_a_million_sheets_is_no_workbook() -> None:
    assert complaint(many_sheets(), "a.xlsx") == (
        "the file is damaged and can't be read (sheet: more than 200000); open it, save it "
        "and commit it again"
    )


def test_rows_that_are_repeated_without_cells_are_none() -> None:
    empty = (
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row>'
    )
    data = document(table(*rows_of([["id"], ["a"]])).replace("</table:table>", f"{empty}</table:table>"))
    assert list(decode(data, Recipe(path="a.ods")).rows) == ["a"]


def test_a_cell_in_the_last_row_is_read() -> None:
    data = workbook([["id"], ["a"]], lambda _, page: page.write(1_048_575, 0, "z"))
    assert decode(data, Recipe(path="a.xlsx")).lines == {"a": 2, "z": 1_048_576}


def test_a_cell_far_outside_costs_nothing() -> None:
    with pytest.raises(DatasetError, match="row 1048576: column XFD has no name but contains"):
        decode(far(), Recipe(path="a.xlsx"))


def test_columns_hidden_again_and_again_are_noted_once() -> None:
    column = '<col hidden="1" min="1" max="16384"/>'
    rows = f'{HEADER}<row r="2">{inline("A2", "a")}</row>'
    data = raw_workbook(f"<cols>{column * 900}</cols><sheetData>{rows}</sheetData>")
    sheet = process.ask(data, Request("", "id"), Findings("a.xlsx"))
    assert len(sheet.marks.hidden_columns) == MOST_MARKS
    assert decode(data, Recipe(path="a.xlsx")).warnings == (
        "a.xlsx: columns are hidden in the sheet but are still read: id, v",
    )


def test_too_many_cells() -> None:
    assert complaint(repeated(330, 16_384), "a.ods") == TOO_LARGE


def ask(data: bytes, limits: Limits, deadline: float = 60.0) -> str:
    with pytest.raises(DatasetError) as caught:
        process.ask(data, Request("", "id", limits), Findings("a.xlsx"), deadline)
    return str(caught.value)


def slow() -> bytes:
    """Return a workbook that takes some seconds: formulas are looked at one by one."""
    row = '<row r="{0}"><c r="A{0}"><f>1</f><v>1</v></c></row>'
    return raw_workbook("<sheetData>" + "".join(row.format(at) for at in range(1, 800_000)) + "</sheetData>")


def test_the_time_of_computing_is_limited() -> None:
    assert ask(slow(), Limits(seconds=1)) == (
        "a.xlsx: reading the file takes more than 1 s of computing time; check that it is the right file"
    )


def test_the_time_by_the_clock_is_limited_and_the_process_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Recorded(subprocess.Popen[bytes]):
        def __init__(self, *given: object, **options: object) -> None:
            super().__init__(*given, **options)  # type: ignore[call-overload]
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Recorded)
    assert ask(slow(), Limits(), 0.2) == (
        "a.xlsx: the file could not be read within 0.2 s; try again when this machine is less busy"
    )
    [process] = started
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_the_limits_are_those_that_are_promised() -> None:
    assert (Limits().memory, Limits().seconds) == (2**30, 20)


def test_the_memory_is_limited() -> None:
    assert ask(shared(6_000_000, 1), Limits(memory=16 * MEGABYTE)) == (
        "a.xlsx: reading the file takes more than 16 MB of memory, perhaps because of a "
        "cell far outside the table; copy the table into a new file"
    )


@pytest.mark.parametrize("answer", [b"", b"{", b"[1]", b'{"type":"sheet","name":1}', b"\xff", b"[" * 100_000])
def test_an_answer_is_never_trusted(monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    program = f"import sys; sys.stdout.buffer.write({answer!r})"
    monkeypatch.setattr(process, "_PROGRAM", program)
    assert ask(SMALL, Limits()).startswith("a.xlsx: the file can't be read: ")


@pytest.mark.parametrize(
    "end", ["sys.exit(1)", "raise ValueError('\\x1b[31m no')", "os.kill(os.getpid(), 11)"]
)
def test_an_end_of_any_kind_is_one_line(monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    monkeypatch.setattr(process, "_PROGRAM", f"import os, sys\n{end}")
    told = ask(SMALL, Limits())
    assert told.startswith(("a.xlsx: the file can't be read: ", "a.xlsx: reading the file takes more than"))
    assert told.isprintable()


def test_the_process_imports_little_of_umap_bot_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    named = "(name[8:].removeprefix('.dataset.sheets.') for name in sys.modules if name[:8] == 'umap_bot')"
    told = f"; print(*{named}, file=sys.stderr); sys.exit(1)"
    monkeypatch.setattr(process, "_PROGRAM", process._PROGRAM + told)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    names = ask(SMALL, Limits()).partition("read: ")[2].partition(";")[0].split()
    modules = ("answer", "child", "formats", "grid", "moments", "ods", "parts", "xlsx")
    assert set(names) == {".dataset", ".dataset.sheets", *modules}
    assert list(tmp_path.iterdir()) == []


def test_an_archive_with_any_byte_wrong_is_bearable_or_told() -> None:
    """What unpacking raises has many names: zlib's own errors are no BadZipFile."""
    whole = document(table(*rows_of([["id", "name"], ["a", "A"]])), **{"META-INF/manifest.xml": "<m/>" * 90})
    told = set()
    for place in range(len(whole)):
        data = bytearray(whole)
        data[place] ^= 0x5A
        try:
            archive.check(bytes(data), Findings("a.ods"))
        except DatasetError as error:
            told.add(str(error))
    assert f"a.ods: {CUT}" in told
