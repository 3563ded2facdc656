"""Spreadsheets of all that people and programs do in one, made here: nothing is a copy of anybody's file."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from tests.dataset.sheets import Rows, inline, raw_workbook, styles, workbook, zipped

NUMBERS = (
    *(
        "General",
        "0",
        "0.00",
        "#,##0",
        "#,##0.00",
        "#,##0.00_);(#,##0.00)",
        "#,##0_);[Red](#,##0)",
        "00000",
        "0000.0",
    ),
    *("0%", "0.00%", "0.00E+00", "##0.0E+0", "0.00E+000", "# ?/?", "# ??/??", "# ???/???", "# ?/8", "@"),
    *(
        "[$$-409]#,##0;-[$$-409]#,##0",
        "[$$-409]#,##0.00;[RED]-[$$-409]#,##0.00",
        "[$USD] #,##0.00",
        "[$$-409]#,##0.--",
    ),
    *(
        '#,##0" €"',
        "#,##0.00 [$€-40C];-#,##0.00 [$€-40C]",
        "#,##0.00 [$€-40C];[RED]-#,##0.00 [$€-40C]",
        "#,##0.00 [$EUR]",
    ),
    *(
        '_-* #,##0.00 "€"_-;-* #,##0.00 "€"_-;_-* "-"?? "€"_-;_-@_-',
        "[<1]0.00;[>=100]0;0.0",
        "[Blue]0;[Red]-0;[Green]0",
    ),
    *(
        '0" jours"',
        '"né le "0',
        '"n° "0',
        r"0\h",
        '0"dmy"',
        "0.0,",
        ";;;",
        "0;-0;;@",
        '"oui";"oui";"non"',
        '0#" "##" "##" "##" "##',
    ),
    *(
        r"00\ 00\ 00\ 00\ 00",
        '[>=3000000000000]#" "##" "##" "##" "##" "###" | "##;#" "##" "##',
        "+0;-0;0",
        "0000-00-00",
    ),
)
"""Formats of numbers: those of LibreOffice's dialog (English, French), of Excel, and of people."""

_DAYS = (
    *(
        "m/d/yy",
        "mm/dd/yy",
        "mm/dd/yyyy",
        "mmm d, yy",
        "mmm d, yyyy",
        "d. mmm. yyyy",
        "d. mmmm yyyy",
        "mmmm d, yyyy",
    ),
    *(
        "ddd, mmm d, yy",
        "ddd dd/mmm yy",
        "ddd, mmmm d, yyyy",
        "dddd, mmmm d, yyyy",
        "dddd, mmmm dd, yyyy",
        "mm-dd",
    ),
    *(
        "yy-mm-dd",
        "yyyy-mm-dd",
        "mm/yy",
        "mmm dd",
        "mmmm",
        "mmmmm",
        "Q",
        "QQ yy",
        "WW",
        "NN, mmm d, yy",
        "NNNNmmmm d, yyyy",
    ),
    *(
        "dd/mm/yy",
        "dd/mm/yyyy",
        "d mmm yy",
        "d mmm yyyy",
        "d mmmm yyyy",
        "ddd d mmm yy",
        "ddd dd/mmm yy",
        "dddd d mmmm yyyy",
    ),
    *(
        "dd.mm.yyyy",
        "d/m/yy",
        "dd/mm",
        "mm.yyyy",
        "mmm-yy",
        "dd-mmm-yy",
        "yyyy",
        "yy",
        "d",
        "dd",
        "ddd",
        "dddd",
        "mmm",
    ),
    *(
        '"le "dd/mm/yyyy',
        r"dd\-mm\-yyyy",
        "dd/mm/yyyy;@",
        "[Red]dd/mm/yyyy",
        'yyyy"年"m"月"d"日"',
        "dd/mm/yyyy hh:mm",
    ),
    *(
        "mm/dd/yy hh:mm",
        "mm/dd/yyyy hh:mm:ss",
        "dd/mm/yyyy hh:mm:ss",
        "yyyy-mm-dd\\Thh:mm:ss",
        "m/d/yy h:mm AM/PM",
        "d/m/yy h:mm",
    ),
)
DATES = (
    *_DAYS,
    *(f"[$-{language}]{code}" for language in ("409", "40C") for code in _DAYS),
    "[$-F800]dddd, mmmm d, yyyy",
)
TIMES = (
    *(
        "hh:mm",
        "hh:mm:ss",
        "h:mm AM/PM",
        "hh:mm:ss AM/PM",
        "[hh]:mm:ss",
        "[h]:mm",
        "[mm]:ss",
        "[ss]",
        "mm:ss.00",
        "mm:ss",
    ),
    *("[hh]:mm:ss.00", 'h"h"mm', 'hh" h "mm', "h", "[$-40C]hh:mm", "[$-F400]h:mm:ss AM/PM", "h:mm A/P", "ss"),
)
BUILT_IN = (*range(23), *range(37, 41), *range(45, 50))
"""Formats of Excel that a file names by a number alone."""

VALUES = (
    "0",
    "1",
    "59",
    "60",
    "61",
    "-1",
    "0.25",
    "0.5",
    "1.25",
    "-0.75",
    "-18140",
    "45352",
    "45352.4375",
    "2957003",
)
_PLAIN = ("7", "-7", "0.125", "1234567.891", "12345678901234", "1E+20", "-0.001", "100000")


def sheet_of(codes: tuple[str, ...], values: tuple[str, ...], **parts: Any) -> bytes:
    """Return an .xlsx with a column for each format, and a row for each value."""
    return raw_workbook(_rows(len(codes), values), styles=styles(*codes), **parts)


def _rows(width: int, values: tuple[str, ...]) -> str:
    header = inline("A1", "id") + "".join(inline(f"{_letters(at)}1", f"c{at}") for at in range(1, width + 1))
    rows = [f'<row r="1">{header}</row>']
    for row, value in enumerate(values, start=2):
        cells = (f'<c r="{_letters(at)}{row}" s="{at}"><v>{value}</v></c>' for at in range(1, width + 1))
        rows.append(f'<row r="{row}">{inline(f"A{row}", f"k{row}")}{"".join(cells)}</row>')
    return f"<sheetData>{''.join(rows)}</sheetData>"


def _letters(at: int) -> str:
    return f"{chr(64 + at // 26) if at >= 26 else ''}{chr(65 + at % 26)}"


def built_in() -> bytes:
    """Return a sheet whose styles name formats by number."""
    text = styles(*("0",) * len(BUILT_IN))
    for at, number in enumerate(BUILT_IN):
        text = text.replace(f'<xf numFmtId="{164 + at}"/>', f'<xf numFmtId="{number}"/>')
    return raw_workbook(_rows(len(BUILT_IN), VALUES), styles=text)


def texts() -> bytes:
    """Return a sheet of texts, as they are typed and as programs write them."""
    cells = [
        *(
            "École Zoë",
            "007",
            "1,5",
            "=1+1",
            "'quoted",
            '"both"',
            "a;b,cd",
            "deux\nlignes",
            " around ",
            "  ",
            "x" * 500,
        ),
        *(
            "TRUE",
            "2024-03-01",
            "12:30",
            "😀 & <i>",
            "e\u0301",
            "\u00a0x",
            "#N/A!",
            "0612345678",
            "1E5",
            "+33 6",
            "-",
        ),
        *("١٢", "\u200bzéro", "a\u2028b", "100 %", "€ 5", "_x", "5_", "-12", "1.000", "0x1F", "é" * 40),
    ]
    return workbook([["id", "v", "w"], *([f"k{at}", text, at] for at, text in enumerate(cells))])


def kinds() -> bytes:
    """Return a sheet of cells of all kinds, with results of formulas."""
    cells = (
        *('<c r="B2" t="b"><v>1</v></c>', '<c r="B3" t="b"><v>0</v></c>', '<c r="B4"><f>1+1</f><v>2</v></c>'),
        *('<c r="B5" t="str"><f>"a"&amp;"b"</f><v>ab</v></c>', '<c r="B6" t="str"><v>2024-03-01</v></c>'),
        *(
            '<c r="B7" t="s"><v>0</v></c>',
            '<c r="B8" t="s"><v>1</v></c>',
            '<c r="B9" t="s"><v>2</v></c>',
            "<c><v>7</v></c>",
        ),
        *(
            '<c r="B11" t="b"><f>1=1</f><v>1</v></c>',
            '<c r="B12"><v>5</v></c><c r="B12"><v>6</v></c>',
            '<c r="B13"/>',
        ),
    )
    shared = (
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<si><r><t xml:space="preserve">a </t></r><r><rPr><b/></rPr><t>b</t></r>'
        '<rPh sb="0" eb="1"><t>son</t></rPh></si>'
        "<si><t> around </t></si><si><t>a&#10;  b</t></si></sst>"
    )
    rows = (f'<row r="{at}">{inline(f"A{at}", f"k{at}")}{each}</row>' for at, each in enumerate(cells, 2))
    header = f'<row r="1">{inline("A1", "id")}{inline("B1", "v")}</row>'
    return raw_workbook(
        f"<sheetData>{header}{''.join(rows)}</sheetData>", sharedStrings=shared, styles=styles("0")
    )


def furnished() -> bytes:
    """Return a workbook with all that lies on, beside and around its cells."""

    def draw(book: Any, page: Any) -> None:
        page.insert_textbox(1, 1, "à vérifier !")
        page.insert_textbox(0, 0, "un titre")
        page.insert_image(2, 1, "point.png", {"image_data": io.BytesIO(_PIXEL)})
        page.write_comment(1, 1, "une note")
        page.write_comment(0, 2, "une autre")
        page.merge_range("E2:E3", "fusion")
        page.merge_range("F1:G1", "deux colonnes")
        page.autofilter("A1:D6")
        page.filter_column("D", "x > 2")
        page.set_row(3, None, None, {"hidden": True})
        page.set_row(4, 40, None, {"level": 1})
        page.set_column("C:C", 20, None, {"hidden": True})
        page.freeze_panes(1, 1)
        page.data_validation("D2:D6", {"validate": "integer", "criteria": ">", "value": 0})
        page.conditional_format("D2:D6", {"type": "data_bar"})
        page.write_url(5, 1, "https://example.org/", string="un lien")
        page.write_rich_string(4, 1, "du ", book.add_format({"bold": True}), "gras")
        page.protect()
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=Feuille1!$D$2:$D$6"})
        page.insert_chart("J2", chart)
        book.define_name("zone", "=Feuille1!$A$1:$D$6")
        book.get_worksheet_by_name("Cachée").hide()

    rows: Rows = [
        ["id", "nom", "caché", "n", "fusion"],
        *([f"k{at}", f"nom {at}", f"c{at}", at] for at in range(1, 6)),
    ]
    return workbook(rows, draw, **{"Cachée": [["id"], ["secret"]], "Lisez-moi": [["Notice"], ["à lire"]]})


_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fccff0bf1e0006"
    "83027ff0d0a2d20000000049454e44ae426082"
)


def places() -> bytes:
    """Return a table as people keep it: text, numbers, dates, times, truth, empty cells."""
    moment = datetime(2024, 3, 1, 10, 30)  # noqa: DTZ001  as a cell has it
    rows: Rows = [
        ["id", "nom", "ouvert", "relevé", "prix", "actif", "note", "lat", "lon"],
        ["a", "École Zoë", date(2019, 9, 2), moment, 12.5, True, "deux\nlignes", 45.75, 4.85],
        ["b", " 007 ", date(1950, 1, 1), moment, 0.1, False, None, 45.1234567, 5],
        ["c", "12:30", None, None, 1e9, None, "é;,\"'", -12.5, -170.25],
    ]
    return workbook(rows)


def spaced(data: bytes) -> bytes:
    """Return a file with white space between elements, where it is part of no text."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    for name, content in parts.items():
        if name.endswith((".xml", ".rels")) and isinstance(content, bytes):
            parts[name] = _OUTSIDE_TEXT.sub(b">\n  <", content)
    return zipped(parts)


_OUTSIDE_TEXT = re.compile(
    rb"><(?=/?(?:office|table|style|number|config|meta):|text:p\b|/?(?:row|c|v|sheetData|worksheet|cols?|sst|si|xf)\b)"
)


Make = Callable[[], bytes]
BOOKS: dict[str, Make] = {
    "numbers.xlsx": lambda: sheet_of(NUMBERS, (*_PLAIN, *VALUES)),
    "dates.xlsx": lambda: sheet_of(DATES, VALUES),
    "times.xlsx": lambda: sheet_of(TIMES, VALUES),
    "dates1904.xlsx": lambda: sheet_of(DATES, VALUES, properties='<workbookPr date1904="1"/>'),
    "times1904.xlsx": lambda: sheet_of(TIMES, VALUES, properties='<workbookPr date1904="1"/>'),
    "builtin.xlsx": built_in,
    "texts.xlsx": texts,
    "kinds.xlsx": kinds,
    "furnished.xlsx": furnished,
    "places.xlsx": places,
}
"""Each by the name of its file."""
