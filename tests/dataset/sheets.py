"""Spreadsheets made for the tests: by XlsxWriter, and part by part, as no program would write them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

import msgspec
import pytest
import xlsxwriter

from umap_bot.dataset.sheets import child, process
from umap_bot.dataset.sheets.answer import Request

ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_SPREADSHEETML = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"
_ODS_NAMES = " ".join(
    [f'xmlns:{name}="{_OASIS}:{name}:1.0"' for name in ("office", "table", "text", "style")]
    + [f'xmlns:number="{_OASIS}:datastyle:1.0"', f'xmlns:draw="{_OASIS}:drawing:1.0"']
    + [f'xmlns:svg="{_OASIS}:svg-compatible:1.0"', 'xmlns:xlink="http://www.w3.org/1999/xlink"']
    + ['xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"']
    + ['xmlns:dc="http://purl.org/dc/elements/1.1/"']
)

Rows = Sequence[Sequence[Any]]
Draw = Callable[[Any, Any], None]
"""Writes what no table of values says, given the workbook and the sheet."""


@contextmanager
def read_here() -> Iterator[None]:
    """Read spreadsheets in this process: a law reads a hundred, and a process costs more than what it reads.

    That it is another process is looked at in test_sheets_hostile.
    """

    def run(command: Sequence[str], files: tuple[IO[bytes], IO[bytes], IO[bytes]], *_: object) -> int:
        stdin, stdout, _stderr = files
        request = msgspec.json.decode(command[-1], type=Request)
        stdout.write(msgspec.json.encode(child.read(stdin.read(), request)))
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "_run", run)
        yield


def workbook(rows: Rows, draw: Draw | None = None, **sheets: Rows) -> bytes:
    """Return an .xlsx of these rows; None is an empty cell. `sheets` are further ones, by name."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_urls": False})
    day, moment = (book.add_format({"num_format": code}) for code in ("dd/mm/yyyy", "dd/mm/yyyy hh:mm:ss"))
    page = book.add_worksheet("Feuille1")
    pages = [(page, rows), *((book.add_worksheet(name), content) for name, content in sheets.items())]
    for each, content in pages:
        for number, row in enumerate(content):
            for place, value in enumerate(row):
                if isinstance(value, datetime):
                    each.write_datetime(number, place, value, moment)
                elif isinstance(value, date):
                    each.write_datetime(number, place, value, day)
                elif isinstance(value, str):
                    each.write_string(number, place, value)
                elif value is not None:
                    each.write(number, place, value)
    if draw:
        draw(book, page)
    book.close()
    return file.getvalue()


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """Return a ZIP of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content, zipfile.ZIP_STORED if name == "mimetype" else None)
    return file.getvalue()


def raw_workbook(sheet: str, before: str = "", **parts: Any) -> bytes:
    """Return an .xlsx with this XML between the tags of its one worksheet.

    `before` stands before the root element of the sheet. `sheets` and `properties` stand in the workbook's
    part; `parts` are others, by name without ending: `styles`, `sharedStrings`.
    """
    sheets = parts.pop("sheets", '<sheet name="S" sheetId="1" r:id="rId1"/>')
    properties = parts.pop("properties", "")
    root = f'xmlns="{_SPREADSHEETML}" xmlns:r="{_RELATIONS}"'
    kinds = {"xl/workbook.xml": "sheet.main", "xl/worksheets/sheet1.xml": "worksheet"}
    kinds |= {f"xl/{name}.xml": name for name in parts}
    links = [_link(at, name) for at, name in enumerate(("worksheets/sheet1", *parts), start=1)]
    main = f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
    return zipped(
        {
            "[Content_Types].xml": _content_types(kinds),
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{main}</Relationships>',
            "xl/workbook.xml": f"<workbook {root}>{properties}<sheets>{sheets!s}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": (
                f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(links)}</Relationships>'
            ),
            "xl/worksheets/sheet1.xml": f"{before}<worksheet {root}>{sheet}</worksheet>",
            **{f"xl/{name}.xml": content for name, content in parts.items()},
        }
    )


def _content_types(kinds: dict[str, str]) -> str:
    form = "application/vnd.openxmlformats-officedocument.spreadsheetml.{}+xml"
    overrides = (
        f'<Override PartName="/{part}" ContentType="{form.format(kind)}"/>' for part, kind in kinds.items()
    )
    relations = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    )
    plain = '<Default Extension="xml" ContentType="application/xml"/>'
    return f'<Types xmlns="{_PACKAGE}/content-types">{relations}{plain}{"".join(overrides)}</Types>'


def _link(at: int, name: str) -> str:
    kind = "worksheet" if name.startswith("worksheets/") else name
    return f'<Relationship Id="rId{at}" Type="{_RELATIONS}/{kind}" Target="{name}.xml"/>'


def styles(*codes: str) -> str:
    """Return the styles of a workbook: number 0 is plain, then one for each format."""
    formats = "".join(
        f"<numFmt numFmtId='{164 + at}' formatCode={quoteattr(code)}/>" for at, code in enumerate(codes)
    )
    cells = "".join(f'<xf numFmtId="{164 + at}"/>' for at in range(len(codes)))
    return (
        f'<styleSheet xmlns="{_SPREADSHEETML}"><numFmts>{formats}</numFmts><fonts><font/></fonts>'
        '<fills><fill><patternFill patternType="none"/></fill></fills><borders><border/></borders>'
        f'<cellStyleXfs><xf numFmtId="0"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>{cells}</cellXfs>'
        '<cellStyles><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        f"</styleSheet>"
    )


def inline(address: str, text: str) -> str:
    """Return a cell of a worksheet with its text in it."""
    return f'<c r="{address}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def document(*tables: str, before: str = "", styles: str = "", **parts: Any) -> bytes:
    """Return an .ods of these tables (see `table`), as an archive of its parts."""
    body = f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
    automatic = f"<office:automatic-styles>{styles}</office:automatic-styles>"
    version = 'office:version="1.3"'
    content = f"<office:document-content {_ODS_NAMES} {version}>{automatic}{body}</office:document-content>"
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"/>'
        for path, kind in (("/", ODS_TYPE), ("content.xml", "text/xml"))
    )
    manifest = f'<manifest:manifest xmlns:manifest="{_OASIS}:manifest:1.0">{entries}</manifest:manifest>'
    return zipped(
        {
            "mimetype": ODS_TYPE,
            "content.xml": f'<?xml version="1.0" encoding="UTF-8"?>{before}{content}',
            "META-INF/manifest.xml": manifest,
            **parts,
        }
    )


def table(*rows: str, name: str = "Feuille1", columns: str = "") -> str:
    """Return a sheet of an .ods: each row is the XML of its cells."""
    within = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    return f"<table:table table:name={quoteattr(name)}>{columns}{within}</table:table>"


def cell(value: Any) -> str:
    """Return the XML of a cell of an .ods, as LibreOffice writes it."""
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, bool):
        text = "true" if value else "false"
        return f'<table:table-cell office:value-type="boolean" office:boolean-value="{text}"/>'
    if isinstance(value, (int, float)):
        return f'<table:table-cell office:value-type="float" office:value="{value!r}"/>'
    if isinstance(value, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
    return f'<table:table-cell office:value-type="string">{paragraphs(value)}</table:table-cell>'


def paragraphs(text: str) -> str:
    """Return text as ODF has it: lines are paragraphs, runs of blanks and tabs are elements."""
    lines = (escape(line).replace("\t", "<text:tab/>").replace(" ", "<text:s/>") for line in text.split("\n"))
    return "".join(f"<text:p>{line}</text:p>" for line in lines)


def rows_of(content: Rows) -> list[str]:
    return ["".join(map(cell, row)) for row in content]
