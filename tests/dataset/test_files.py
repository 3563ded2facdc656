"""Hostile and odd files: what comes of each, or the line that says what is wrong with it.

One table. A line is a file that somebody has committed somewhere, or may.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from tests.dataset.conftest import CITES
from umap_bot.dataset.decode import decode
from umap_bot.dataset.recipe import Recipe
from umap_bot.errors import DatasetError
from umap_bot.model.canon import canonical, canonical_geometry
from umap_bot.model.layer import Layer

TEXT: Final = CITES.parent / "files" / "text"
LYON: Final = {"type": "Point", "coordinates": [4.86806, 45.73472]}
DIGITS: Final = "1" * 5000
COMMA: Final = (  # Python's own words
    "line 2, column 16: illegal trailing comma before end of object"
    if sys.version_info >= (3, 13)
    else "line 3, column 1: expecting property name enclosed in double quotes"
)


class Good(NamedTuple):
    """What comes of a file: how many rows, the columns, what its first row says, warnings."""

    rows: int
    columns: str
    value: Any
    warnings: tuple[str, ...]


def good(rows: int, columns: str, value: object, *warnings: str) -> Good:
    return Good(rows, columns, value, warnings)


class File(NamedTuple):
    """The ending of its name, what is in it, what comes of it (or the line of its error), the settings."""

    ending: str
    content: str | bytes
    wanted: Good | str
    settings: dict[str, Any]


def file(ending: str, content: str | bytes, wanted: Good | str, **settings: Any) -> File:
    return File(ending, content, wanted, settings)


def collection(*features: object, **members: object) -> str:
    whole = {"type": "FeatureCollection", **members, "features": list(features)}
    return json.dumps(whole, ensure_ascii=False)


def feature(geometry: object = LYON, **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"id": "a", **properties}, "geometry": geometry}


def data_of(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


UNQUOTED: Final = "check for a missing cell, or a line break in a cell without double quotes"
FILES: Final = {
    "commas": file("csv", "id,nom,lat,lon\na,Bron,45.7,4.8\n", good(1, "id nom", [4.8, 45.7])),
    "semicolons with decimal commas": file(
        "csv", "id;nom;lat;lon\na;Bron;45,7;4,8\n", good(1, "id nom", [4.8, 45.7])
    ),
    "tabs in a .csv": file("csv", "id\tnom\na\tBron, Lyon\n", good(1, "id nom", "Bron, Lyon")),
    "a pipe": file("csv", "id|nom\na|Bron\n", good(1, "id nom", "Bron")),
    "UTF-8 with a mark": file("csv", "\ufeffid,nom\na,Échirolles\n", good(1, "id nom", "Échirolles")),
    "UTF-16 with a mark, little end first": file(
        "csv", "\ufeffid\tnom\na\tÉchirolles\n".encode("utf-16-le"), good(1, "id nom", "Échirolles")
    ),
    "UTF-16 with a mark, big end first": file(
        "csv", "\ufeffid;nom\na;Échirolles\n".encode("utf-16-be"), good(1, "id nom", "Échirolles")
    ),
    "UTF-32 with a mark": file(
        "csv", "id;nom\na;Échirolles\n".encode("utf-32"), good(1, "id nom", "Échirolles")
    ),
    "UTF-16 with half a character at the end": file(
        "csv",
        b"\xff\xfei\0d\0\n\0a",
        "f.csv: line 2 is not valid utf-16; correct DATASET_ENCODING, or save the file as CSV UTF-8",
    ),
    "line breaks of an old Mac": file("csv", "id,nom\ra,Bron\rb,Lyon\r", good(2, "id nom", "Bron")),
    "line breaks in cells": file(
        "csv", 'id,nom\r\na,"Bron\r\net Lyon"\r\n', good(1, "id nom", "Bron\net Lyon")
    ),
    "quotes in cells": file("csv", 'id,nom\na,"dit ""le Bron"""\n', good(1, "id nom", 'dit "le Bron"')),
    "the mark of Excel": file("csv", "sep=;\r\nid;nom\r\na;Bron\r\n", good(1, "id nom", "Bron")),
    "empty lines and empty columns at the end": file(
        "csv", "id,nom,,\na,Bron,,\n,,,\n\n", good(1, "id nom", "Bron")
    ),
    "empty lines above the header": file("csv", "\n,,\nid,nom\na,Bron\n", good(1, "id nom", "Bron")),
    "no line break at the end": file("csv", "id,nom\na,Bron", good(1, "id nom", "Bron")),
    "a told delimiter": file("csv", "id;nom\na;Bron, Lyon\n", good(1, "id nom", "Bron, Lyon"), delimiter=";"),
    "tab told by its name": file(
        "csv", "id\tnom\na\tBron;Lyon\n", good(1, "id nom", "Bron;Lyon"), delimiter="tab"
    ),
    "line separators of Unicode in cells": file(
        "csv",
        "id,nom\na,Bron\u2028Lyon\x85\n",
        good(
            1,
            "id nom",
            "Bron\u2028Lyon\x85",
            'f.csv: the column "nom" contains control characters in row 2 '
            '("Bron\\u2028Lyon\\x85"), which maps don\'t show; remove them',
        ),
    ),
    "leading zeros": file("csv", "id,insee\n01,01004\n", good(1, "id insee", "01004")),
    "a cell that a spreadsheet would carry out": file("csv", "id,nom\na,=1+1\n", good(1, "id nom", "=1+1")),
    "coordinates that stay properties": file(
        "csv", "id,lat,lon\na,45.7,4.8\n", good(1, "id lat lon", [4.8, 45.7]), keep_coordinates=True
    ),
    "a position that stays a property": file(
        "csv", 'id,geopoint\na,"45.7,4.8"\n', good(1, "id geopoint", [4.8, 45.7]), keep_coordinates=True
    ),
    "names that only contain lat and lon": file(
        "csv",
        "id,population,longueur,nom_long,plat\na,1,2,3,4\n",
        good(1, "id population longueur nom_long plat", "4"),
    ),
    "lon,lat in one cell": file("csv", 'id,coordonneesXY\na,"[4.8,45.7]"\n', good(1, "id", [4.8, 45.7])),
    "lat,lon in one cell": file("csv", "id;Géocodage xy\na;45.7, 4.8\n", good(1, "id", [4.8, 45.7])),
    "an object in one cell": file(
        "csv", 'id;position\na;{"lon": 4.8, "lat": 45.7}\n', good(1, "id", [4.8, 45.7])
    ),
    "WKT": file("csv", "WKT;id\nPOINT (4.8 45.7);a\n", good(1, "id", [4.8, 45.7])),
    "WKT with an altitude": file(
        "csv", "WKT;id\nPOINT Z (4.8 45.7 200);a\n", good(1, "id", [4.8, 45.7, 200.0])
    ),
    "GeoJSON text": file(
        "csv",
        'id;geo_shape\na;{"type": "LineString", "coordinates": [[4, 45], [5, 46]]}\n',
        good(1, "id", [[4, 45], [5, 46]]),
    ),
    "degrees beside Lambert 93": file(
        "csv", "id;long;lat;x;y\na;4.8;45.7;865837.51;6843339.94\n", good(1, "id x y", [4.8, 45.7])
    ),
    "text with emoji, from right to left, in many scripts": file(
        "csv", "id,nom\na,🏳️‍🌈 שלום 日本\n", good(1, "id nom", "🏳️\u200d🌈 שלום 日本")
    ),
    "a header alone": file("csv", "id,nom\n", good(0, "id nom", None)),
    "numbers too large for browsers are text here": file(
        "csv", "id,siret\na,12345678901234567890\n", good(1, "id siret", "12345678901234567890")
    ),
    "what French Excel writes": file(
        "csv",
        "id;nom\na;Échirolles\nb;Bœuf\nc;né\n".encode("cp1252"),
        good(
            3,
            "id nom",
            "Échirolles",
            "f.csv: the file is not UTF-8 and was read as Windows-1252. Are these words "
            "correct: Échirolles, Bœuf, né? If so, set DATASET_ENCODING=cp1252; otherwise save "
            "the file as CSV UTF-8",
        ),
    ),
    "text that was read wrongly once": file(
        "csv",
        "id,nom\na,Ã‰chirolles\nb,lâ€™Isle\n",
        good(
            2,
            "id nom",
            "Ã‰chirolles",
            'f.csv: the column "nom" contains "Ã‰chirolles" in rows 2, 3, which may be '
            '"Échirolles" damaged by a wrong encoding; type it again',
        ),
    ),
    "latin-1 that was read wrongly once": file(
        "csv",
        "id,nom\na,Ã©tÃ©\nb,Â°C\n",
        good(
            2,
            "id nom",
            "Ã©tÃ©",
            'f.csv: the column "nom" contains "Ã©tÃ©" in rows 2, 3, which may be "été" damaged '
            "by a wrong encoding; type it again",
        ),
    ),
    "a character that was lost": file(
        "csv",
        "id,nom\na,\ufffdchirolles\n",
        good(
            1,
            "id nom",
            "�chirolles",
            'f.csv: the column "nom" contains "�chirolles" in row 2: a character was lost when '
            "the file was saved; type it again",
        ),
    ),
    "errors of formulas": file(
        "csv",
        "id,nom,n\na,#N/A,#REF!\nb,#N/A,1\n",
        good(
            2,
            "id nom n",
            "#REF!",
            'f.csv: the column "nom" contains "#N/A" in rows 2, 3; if that means no value, empty the cell',
            'f.csv: the column "n" contains "#REF!" in row 2; if that means no value, empty the cell',
        ),
    ),
    "what databases and programs write for nothing": file(
        "csv",
        "id,a,b,c\na,NULL,undefined,[object Object]\n",
        good(
            1,
            "id a b c",
            "[object Object]",
            'f.csv: the column "a" contains "NULL" in row 2; if that means no value, empty the cell',
            'f.csv: the column "b" contains "undefined" in row 2; if that means no value, empty the cell',
            'f.csv: the column "c" contains "[object Object]" in row 2; if that means no value, '
            "empty the cell",
        ),
    ),
    "what R, MySQL and people write for nothing": file(
        "csv",
        "id,a,b,c,d\na,NA,\\N,n.c.,N/A\nb,NA,ND,NC,-\n",
        good(
            2,
            "id a b c d",
            "NA",
            'f.csv: the column "a" contains "NA" in rows 2, 3; if that means no value, empty the cell',
            'f.csv: the column "b" contains "\\N" in row 2; if that means no value, empty the cell',
            'f.csv: the column "c" contains "n.c." in row 2; if that means no value, empty the cell',
            'f.csv: the column "d" contains "N/A" in row 2; if that means no value, empty the cell',
        ),
    ),
    "the day before the first of Excel": file(
        "csv",
        "id,date\na,1900-01-00\n",
        good(
            1,
            "id date",
            "1900-01-00",
            'f.csv: the column "date" contains "1900-01-00" in row 2; if that means no value, empty the cell',
        ),
    ),
    "a long number that was shortened": file(
        "csv",
        'id,siret\na,"1,23457E+13"\n',
        good(
            1,
            "id siret",
            "1,23457E+13",
            'f.csv: the column "siret" contains "1,23457E+13" in row 2, which may be a long '
            "number shortened by a spreadsheet; format the column as text and type it again",
        ),
    ),
    "control characters": file(
        "csv",
        "id,nom\na,Bron\x0bLyon\n",
        good(
            1,
            "id nom",
            "Bron\x0bLyon",
            'f.csv: the column "nom" contains control characters in row 2 ("Bron\\x0bLyon"), '
            "which maps don't show; remove them",
        ),
    ),
    "0, 0": file(
        "csv",
        "id,lat,lon\na,0,0\nb,45.7,4.8\n",
        good(
            2,
            "id",
            [0.0, 0.0],
            "f.csv: the coordinates are 0, 0 in row 2, which is in the Gulf of Guinea; if the "
            "place is unknown, empty the cells",
        ),
    ),
    "all points at one place": file(
        "csv",
        "id,lat,lon\na,45.7,4.8\nb,45.7,4.8\nc,45.7,4.8\n",
        good(3, "id", [4.8, 45.7], "f.csv: all points are at the same place; check the coordinates"),
    ),
    "latitude twice": file(
        "csv",
        "id,lat,lon\na,45.7,45.7\nb,46.7,46.7\nc,47.7,47.7\n",
        good(
            3,
            "id",
            [45.7, 45.7],
            "f.csv: latitude and longitude are equal in every row; check that the two columns are different",
        ),
    ),
    "latitude first in WKT": file(
        "csv",
        "id,wkt\na,POINT (45.7 4.8)\n",
        good(
            1,
            "id",
            [45.7, 4.8],
            "f.csv: all places are off the coast of Somalia, but would be in France with "
            "latitude and longitude swapped; check their order",
        ),
    ),
    "a line without length": file(
        "csv",
        'id,wkt\na,"LINESTRING (4 45, 4 45)"\n',
        good(
            1,
            "id",
            [[4.0, 45.0], [4.0, 45.0]],
            "f.csv: lines without length and outlines without area are invisible on a map: row 2",
        ),
    ),
    "an outline without area": file(
        "csv",
        'id,wkt\na,"POLYGON ((4 45, 5 46, 4 45, 4 45))"\n',
        good(
            1,
            "id",
            [[[4.0, 45.0], [5.0, 46.0], [4.0, 45.0], [4.0, 45.0]]],
            "f.csv: lines without length and outlines without area are invisible on a map: row 2",
        ),
    ),
    "ids that look the same": file(
        "csv",
        "id\nsaint-fons\nsaint–fons\n",
        good(
            2,
            "id",
            "saint-fons",
            'f.csv: the ids "saint-fons" (row 2) and "saint–fons" (row 3) look the same; if '
            "they are one place, remove one row, otherwise change one id",
        ),
    ),
    "ids with what nobody sees": file(
        "csv",
        "id\nbron\nbr\u200bon\n",
        good(
            2,
            "id",
            "bron",
            'f.csv: the ids "bron" (row 2) and "br\\u200bon" (row 3) look the same; if they are '
            "one place, remove one row, otherwise change one id",
        ),
    ),
    "ids with a no-break space": file(
        "csv",
        "id\nbron nord\nbron\u00a0nord\n",
        good(
            2,
            "id",
            "bron nord",
            'f.csv: the ids "bron nord" (row 2) and "bron\\xa0nord" (row 3) look the same; if '
            "they are one place, remove one row, otherwise change one id",
        ),
    ),
    "names that uMap fills in itself": file(
        "csv",
        "id,layer,rank\na,,2\n",
        good(
            1,
            "id layer rank",
            "2",
            'f.csv: where "layer" is empty, {layer} in a popup shows uMap\'s own value; to '
            "avoid that, rename the column: DATASET_RENAME=layer=…",
        ),
    ),
    "a dot in a name": file(
        "csv",
        "id,a.b\na,1\n",
        good(1, "id a_b", "1", 'f.csv: uMap does not allow dots in field names: "a.b" → "a_b"'),
    ),
    "uMap's own part": file(
        "csv",
        "id,_umap_options\na,x\n",
        good(1, "id", "a", "f.csv: _umap_options is not published, because styles belong to the map"),
    ),
    "no coordinates yet": file(
        "csv",
        "id,lat,lon\na,,\n",
        good(
            1,
            "id",
            "a",
            "f.csv: no coordinates in row 2: not added to the map; features that are already "
            "there stay where they are",
        ),
    ),
    "half a pair": file(
        "csv",
        "id,lat\na,1\n",
        good(
            1,
            "id lat",
            "1",
            "f.csv: the column lat has no matching latitude or longitude column, so no "
            "coordinates are read from the file",
        ),
    ),
    "empty": file(
        "csv",
        "",
        "f.csv: the file is empty and has no header row; commit the file again",
    ),
    "only delimiters": file(
        "csv",
        ";;;\n;;;\n",
        "f.csv: the file is empty and has no header row; commit the file again",
    ),
    "a spreadsheet": file(
        "csv",
        b"PK\x03\x04\x14\0",
        "f.csv: the file is really a spreadsheet or archive (ZIP); save it as CSV or GeoJSON, in UTF-8",
    ),
    "an old spreadsheet": file(
        "csv",
        b"\xd0\xcf\x11\xe0\xa1",
        "f.csv: the file is really an old Excel or Word file; save it as CSV or GeoJSON, in UTF-8",
    ),
    "an archive": file(
        "csv",
        b"\x1f\x8b\x08",
        "f.csv: the file is really a gzip archive; save it as CSV or GeoJSON, in UTF-8",
    ),
    "a database": file(
        "csv",
        b"SQLite format 3\0",
        "f.csv: the file is really a database (GeoPackage?); save it as CSV or GeoJSON, in UTF-8",
    ),
    "a PDF": file("csv", b"%PDF-1.7", "f.csv: the file is really a PDF; save it as CSV or GeoJSON, in UTF-8"),
    "a Shapefile": file(
        "csv",
        b"\0\0\x27\x0a\0\0",
        "f.csv: the file is really a Shapefile; save it as CSV or GeoJSON, in UTF-8",
    ),
    "a text document": file(
        "csv",
        "{\\rtf1\\ansi}",
        "f.csv: the file is really a text document (RTF); save it as CSV or GeoJSON, in UTF-8",
    ),
    "a login page": file(
        "csv",
        "<!DOCTYPE html>\n<html><title>Sign in</title>",
        "f.csv: the file holds a web page instead of data, perhaps a login or error page; "
        "commit the data file",
    ),
    "a page with a comment above it": file(
        "csv",
        "<!-- proxy -->\n<html><body>502",
        "f.csv: the file holds a web page instead of data, perhaps a login or error page; "
        "commit the data file",
    ),
    "KML": file(
        "csv",
        "<?xml version='1.0'?><kml></kml>",
        "f.csv: the file is XML (such as KML or GPX); export it as GeoJSON or CSV",
    ),
    "a pointer": file(
        "csv",
        "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n",
        "f.csv: the file is only a Git LFS pointer; to fetch the file itself: git lfs pull",
    ),
    "GeoJSON under the name of a CSV": file(
        "csv",
        collection(feature()),
        "f.csv: the file holds JSON instead of a table; if it is GeoJSON, rename it to end in .geojson",
    ),
    "an unfinished merge": file(
        "csv",
        "id,nom\n<<<<<<< HEAD\na,Bron\n=======\na,Lyon\n>>>>>>> main\n",
        "f.csv: line 2 is a git conflict marker (<<<<<<<); resolve the conflict and commit the file again",
    ),
    "half an unfinished merge": file(
        "csv",
        "id,nom\na,Bron\n>>>>>>> main\n",
        "f.csv: line 3 is a git conflict marker (>>>>>>>); resolve the conflict and commit the file again",
    ),
    "a NUL": file(
        "csv",
        "id,nom\na,B\0ron\n",
        "f.csv: line 2 holds a NUL character, so the file may be UTF-16; save it as CSV UTF-8",
    ),
    "UTF-16 without a mark": file(
        "csv",
        "id,nom\na,é\n".encode("utf-16-le"),
        "f.csv: line 1 holds a NUL character, so the file may be UTF-16; save it as CSV UTF-8",
    ),
    "two encodings in one file": file(
        "csv",
        "id,nom\na,é\n".encode() + b"b,\xe9\n",
        "f.csv: the file mixes two encodings: UTF-8 in line 2, another in line 3; save the "
        "whole file as CSV UTF-8",
    ),
    "two encodings, UTF-8 last": file(
        "csv",
        b"id,nom\na,\xe9t\xe9\nb,\xc3\xa9cole\nc,Bron\nd,\xe9\n",
        "f.csv: the file mixes two encodings: UTF-8 in line 3, another in lines 2, 5; save "
        "the whole file as CSV UTF-8",
    ),
    "two encodings in one line": file(
        "csv",
        b"id,nom,n\na,\xe9t\xe9,\xc3\xa9cole\n",
        "f.csv: the file mixes two encodings: UTF-8 in line 2, another in line 2; save the "
        "whole file as CSV UTF-8",
    ),
    "the mark of UTF-8 before Windows-1252": file(
        "csv",
        b"\xef\xbb\xbfid,nom\na,\xe9t\xe9\n",
        "f.csv: the file mixes two encodings: UTF-8 in line 1, another in line 2; save the "
        "whole file as CSV UTF-8",
    ),
    "one byte that is no UTF-8 among Greek": file(
        "csv",
        "id,nom\na,Αθήνα\n".encode() + b"b,\xe9\n",
        "f.csv: the file mixes two encodings: UTF-8 in line 2, another in line 3; save the "
        "whole file as CSV UTF-8",
    ),
    "capitals of Windows-1252 that look like UTF-8": file(
        "csv",
        "id,nom\na,LIBERTÉ\u00a0: né\nb,« tombé…»\n".encode("cp1252"),
        good(
            2,
            "id nom",
            "LIBERTÉ\u00a0: né",
            "f.csv: the file is not UTF-8 and was read as Windows-1252. Are these words "
            "correct: LIBERTÉ, né, tombé? If so, set DATASET_ENCODING=cp1252; otherwise save "
            "the file as CSV UTF-8",
        ),
    ),
    "bytes of no encoding": file(
        "csv",
        b"id,nom\na,\x81\n",
        "f.csv: line 2 is neither UTF-8 nor Windows-1252; save the file as CSV UTF-8, or "
        "set its encoding in DATASET_ENCODING",
    ),
    "UTF-8 under the name of cp1252": file(
        "csv",
        "id,nom\na,é\n",
        "f.csv: the file is now UTF-8, not cp1252; set DATASET_ENCODING=auto",
        encoding="cp1252",
    ),
    "an encoding that nobody has": file(
        "csv",
        "id\n",
        "f.csv: DATASET_ENCODING=punycode is not a known text encoding; use utf-8 or cp1252",
        encoding="punycode",
    ),
    "a delimiter that nobody has": file(
        "csv",
        "id\n",
        "f.csv: DATASET_DELIMITER=:: is not a valid delimiter; use one of , ; | tab",
        delimiter="::",
    ),
    "a wrong delimiter that is told": file(
        "csv",
        "id;nom\na;Bron\n",
        'f.csv: there is no column "id" (DATASET_KEY); columns: id;nom',
        delimiter=",",
    ),
    "a quote that does not end": file(
        "csv",
        'id,nom\na,"Bron\nb,Lyon\n',
        "f.csv, row 2: the double quotes are wrong from here on (unexpected end of data); "
        'write a quote inside a cell twice: "a ""b"" c"',
    ),
    "a quote within a cell": file(
        "csv",
        'id,nom\na,"Bron" Lyon\n',
        'f.csv, row 2: the double quotes are wrong from here on ("," expected after """); '
        'write a quote inside a cell twice: "a ""b"" c"',
    ),
    "a backslash before a quote": file(
        "csv",
        'id,nom\na,"dit \\"Bron\\""\n',
        'f.csv, row 2: the double quotes are wrong from here on ("," expected after """); '
        'write a quote inside a cell twice: "a ""b"" c"',
    ),
    "rows between two lone quotes": file(
        "csv",
        'id,nom,lat,lon\na,"Bron,45.7,4.8\nb,Lyon",45.8,4.9\n',
        good(
            1,
            "id nom",
            "Bron,45.7,4.8\nb,Lyon",
            'f.csv: the column "nom" seems to contain whole rows in row 2 '
            '("Bron,45.7,4.8\\nb,Lyon"), perhaps because of two stray double quotes; remove '
            "them, or write them twice",
        ),
    ),
    "several rows between two lone quotes, twice": file(
        "csv",
        'id;nom;n\r\na;"B;1\r\nb;L;\r\nc;M";3\r\nd;"N;4\r\ne;O";5\r\n',
        good(
            2,
            "id nom n",
            "B;1\nb;L;\nc;M",
            'f.csv: the column "nom" seems to contain whole rows in rows 2, 3 '
            '("B;1\\nb;L;\\nc;M"), perhaps because of two stray double quotes; remove them, or '
            "write them twice",
        ),
    ),
    "prose of several lines with commas": file(
        "csv", 'id,nom\na,"Bron, centre\nLyon"\n', good(1, "id nom", "Bron, centre\nLyon")
    ),
    "lines with fewer commas than a row": file(
        "csv", 'id,nom,n\na,"Bron,1\nLyon",2\n', good(1, "id nom n", "Bron,1\nLyon")
    ),
    "spaces before quotes": file("csv", 'id, nom, n\na, "Bron", 1\n', good(1, "id nom n", "Bron")),
    "spaces before quotes around a comma": file(
        "csv", 'id, nom, n\na,  "Lyon, Part-Dieu", 1\n', good(1, "id nom n", "Lyon, Part-Dieu")
    ),
    "spaces before empty quotes": file("csv", 'id, nom, n\na, "", "x"\n', good(1, "id nom n", "x")),
    "a closing quote behind a comma and a space": file(
        "csv", 'id,nom,n\na,"Bron, ", b\n', good(1, "id nom n", " b")
    ),
    "a space behind a quote": file(
        "csv",
        'id,nom,n\na,"Bron" ,1\n',
        "f.csv, row 2: there is a space after the closing double quote of a cell; remove the space",
    ),
    "a space behind the last quote of a row": file(
        "csv",
        'id,nom\na,"Bron" \n',
        "f.csv, row 2: there is a space after the closing double quote of a cell; remove the space",
    ),
    "a quote within a cell of a TSV, beside an empty cell": file(
        "tsv",
        'id\tnom\tn\n"a"\t\t"b" c\n',
        'f.tsv, row 2: the double quotes are wrong from here on ("	" expected after """); '
        'write a quote inside a cell twice: "a ""b"" c"'.replace("\t", "\\t"),
    ),
    "a no-break space before a quote": file(
        "csv",
        'id,nom\na,\u00a0"Bron"\n',
        good(
            1,
            "id nom",
            '\u00a0"Bron"',
            'f.csv: the column "nom" contains "\\xa0"Bron"" in row 2: the double quotes are '
            "kept, because a tab or a no-break space is next to them; remove that character",
        ),
    ),
    "whole rows in quotes": file(
        "csv",
        '"id,nom,n"\n"a,""Bron"",1"\n',
        'f.csv, row 1: the whole row is one quoted cell ("id,nom,n"), as if the file had '
        "been exported twice; remove the double quotes around each row",
    ),
    "whole rows in quotes, padded": file(
        "csv",
        '"id;nom;n";;\n"a;Bron;1";;\n',
        'f.csv, row 1: the whole row is one quoted cell ("id;nom;n"), as if the file had '
        "been exported twice; remove the double quotes around each row",
    ),
    "whole rows in quotes, but for the header": file(
        "csv",
        'id,nom,n\n"a,Bron,1"\n"b,Lyon,2"\n',
        'f.csv, row 2: the whole row is one quoted cell ("a,Bron,1"), as if the file had '
        "been exported twice; remove the double quotes around each row (also in row 3)",
    ),
    "a row that is too long": file(
        "csv",
        "id,nom\na,Bron, Lyon\n",
        "f.csv, row 2: 3 cells, but the header has 2 (delimiter ,); put double quotes "
        "around any cell that contains ,",
    ),
    "a row that is too short": file(
        "csv",
        "id,nom,n\na,Bron\n",
        "f.csv, row 2: 2 cells, but the header has 3 (delimiter ,); check for a missing "
        "cell, or a line break in a cell without double quotes",
    ),
    "a column without a name": file(
        "csv",
        "id,,nom\na,x,Bron\n",
        'f.csv, row 2: column B has no name but contains "x"; add a name in the header',
    ),
    "a column twice": file(
        "csv",
        "id,nom,nom\na,x,y\n",
        'f.csv, row 1: duplicate column "nom" (B and C); rename one of them',
    ),
    "a line break in a name": file(
        "csv",
        'id,"nom\nlong"\na,x\n',
        'f.csv: the name of the column "nom\\nlong" contains a line break or another '
        "control character; write the name on one line",
    ),
    "a name that browsers lose": file(
        "csv",
        "id,__proto__\na,x\n",
        'f.csv: browsers drop a field named "__proto__"; rename the column in the file or '
        "with DATASET_RENAME",
    ),
    "two names that become one": file(
        "csv",
        "id,a.b,a_b\na,1,2\n",
        'f.csv: the columns "a.b" and "a_b" would both become the field "a_b"; rename one '
        "of them in the file or with DATASET_RENAME",
    ),
    "no key column": file(
        "csv",
        "ID;nom\na;Bron\n",
        'f.csv: there is no column "id" (DATASET_KEY); did you mean "ID"? Columns: ID, nom',
    ),
    "a missing id": file("csv", "id,nom\n,Échirolles\n", "f.csv, row 2: id is empty; write echirolles"),
    "an id twice": file(
        "csv", "id,nom\na,x\n a ,y\n", 'f.csv, row 3: duplicate id "a" (also in row 2); change one of them'
    ),
    "an id that is an error": file(
        "csv",
        "id,nom\n#N/A,Bron\n",
        'f.csv, row 2: id "#N/A" is a spreadsheet error; write an id instead',
    ),
    "an id that nobody sees": file(
        "csv",
        "id,nom\n\u200b,Bron\n",
        'f.csv, row 2: id "\\u200b" has only invisible characters; write letters or digits',
    ),
    "an id that is a text": file(
        "csv",
        "id,nom\n" + "x" * 201 + ",Bron\n",
        'f.csv, row 2: id "' + "x" * 59 + '…" is longer than 200 characters; write a short id',
    ),
    "no header row": file(
        "csv",
        "id," + "Un long texte. " * 20 + "\na,x\n",
        'f.csv: the name of the column "Un long texte. Un long texte. Un long texte. Un '
        'long texte.…" has more than 200 characters; check that the header row is not '
        "missing",
    ),
    "an id of two lines": file(
        "csv",
        'id,nom\n"a\nb",Bron\n',
        'f.csv, row 2: id "a\\nb" contains a line break or another control character; write it on one line',
    ),
    "Lambert 93": file(
        "csv",
        "id,x,y\na,842666,6519234\nb,842667,6519235\n",
        "f.csv, row 2: longitude 842666, latitude 6519234 look like Lambert 93 metres "
        "(EPSG:2154); convert them to degrees (WGS 84, EPSG:4326) (also in row 3)",
    ),
    "degrees without their decimal separator": file(
        "csv",
        "id,nom,lat,lon\na,Bron,45764043,4835659\nb,Lyon,4575,4826\n",
        "f.csv, row 2: longitude 4835659, latitude 45764043 look like degrees without their "
        "decimal separator; if they should be 4.835659 and 45.764043, write that (also in "
        "row 3)",
    ),
    "such degrees in one cell": file(
        "csv",
        'id,geopoint\na,"45764043,4835659"\n',
        "f.csv, row 2: longitude 4835659, latitude 45764043 look like degrees without their "
        "decimal separator; if they should be 4.835659 and 45.764043, write that",
    ),
    "degrees × 100 000": file(
        "csv",
        "id,latitude,longitude\na,4573472,486806\n",
        "f.csv, row 2: longitude 486806, latitude 4573472 look like degrees × 100 000; "
        "divide them by 100 000",
    ),
    "metres of another projection": file(
        "csv",
        "id,x,y\na,541850,5740000\n",
        "f.csv, row 2: longitude 541850, latitude 5740000 look like projected coordinates "
        "in metres; convert them to degrees (WGS 84, EPSG:4326)",
    ),
    "Lambert II": file(
        "csv",
        "id,x,y\na,794000,2084000\n",
        "f.csv, row 2: longitude 794000, latitude 2084000 look like projected coordinates "
        "in metres; convert them to degrees (WGS 84, EPSG:4326)",
    ),
    "a swapped pair": file(
        "csv",
        "id,lat,lon\na,-21.1,165.5\nb,165.5,-21.1\n",
        "f.csv, row 3: longitude -21.1, latitude 165.5 look swapped, because no latitude is "
        "beyond 90; swap them",
    ),
    "a swapped cell among others": file(
        "csv",
        'id,geopoint\na,"4.8,45.7"\nb,"45.7,4.8"\nc,"2.3,48.8"\n',
        "f.csv, row 3: geopoint 45.7,4.8 is swapped: the other rows are lon,lat; swap the two",
    ),
    "an order that nothing proves": file(
        "csv",
        'id,geopoint\na,"55.4,-20.9"\n',
        "f.csv, row 2: geopoint 55.4,-20.9: the values don't show whether latitude or "
        "longitude comes first; set DATASET_GEOMETRY=geopoint:lat,lon or "
        "DATASET_GEOMETRY=geopoint:lon,lat",
    ),
    "decimal commas in one cell": file(
        "csv",
        "id;geopoint\na;48,85,2,35\n",
        'f.csv, row 2: geopoint "48,85,2,35" is not a place; write it as 45.73472,4.86806, '
        "with decimal points",
    ),
    "degrees, minutes, seconds": file(
        "csv",
        'id;lat;lon\na;45°44\'05""N;4.8\n'.replace('""', '"'),
        'f.csv, row 2: lat "45°44\'05"N" is not a number; write decimal degrees such as 45.73472',
    ),
    "a latitude alone in a row": file(
        "csv", "id,lat,lon\na,45.7,\n", "f.csv, row 2: lon is empty but lat is not; fill in both or neither"
    ),
    "two pairs": file(
        "csv",
        "id,d_lat,d_lon,a_lat,a_lon\na,1,2,3,4\n",
        "f.csv: several columns could hold the coordinates: d_lat with d_lon or a_lat with "
        "a_lon; choose one: DATASET_LATITUDE=d_lat and DATASET_LONGITUDE=d_lon",
    ),
    "an open outline": file(
        "csv",
        'id,wkt\na,"POLYGON ((4 45, 5 45, 5 46, 4 46))"\n',
        'f.csv, row 2: wkt "POLYGON ((4 45, 5 45, 5 46, 4 46))": its outline is not closed; '
        "its last position must equal the first",
    ),
    "WKT with two dots in a number": file(
        "csv",
        "id,wkt\na,POINT (4.5.6 45)\n",
        'f.csv, row 2: wkt "POINT (4.5.6 45)" is invalid WKT at "4.5.6 45)"; check its numbers',
    ),
    "a collection as WKT": file(
        "csv",
        "id,wkt\na,GEOMETRYCOLLECTION(POINT(4 45))\n",
        'f.csv, row 2: wkt "GEOMETRYCOLLECTION(POINT(4 45))" is a geometry collection, '
        "which uMap does not keep; make one row per part",
    ),
    "WKT of another system": file(
        "csv",
        "id,wkt\na,SRID=2154;POINT(842666 6519234)\n",
        'f.csv, row 2: wkt "SRID=2154;POINT(842666 6519234)" is in SRID 2154; convert it to '
        "degrees (WGS 84, EPSG:4326)",
    ),
    "WKT of QGIS": file("csv", "id,wkt\na,PointZ (4.8 45.7 200)\n", good(1, "id", [4.8, 45.7, 200.0])),
    "WKT with measures": file(
        "csv",
        "id;wkt\na;PointZM (4.8 45.7 200 1)\nb;POINT (4 45)\n",
        good(
            2,
            "id",
            [4.8, 45.7, 200.0],
            "f.csv: positions in row 2 have a null altitude or more than three numbers; the rest is ignored "
            "(RFC 7946, 3.1.1)",
        ),
    ),
    "GeoJSON text with a number beyond all": file(
        "csv",
        'id;wkt\na;{"type": "Point", "coordinates": [1e400, 45]}\n',
        'f.csv, row 2: wkt "{"type": "Point", "coordinates": [1e400, 45]}" contains a '
        "number that is too large; write degrees",
    ),
    "a name with what nobody sees": file(
        "csv",
        "id,no\u200bm,émoji\u200d🌈\na,Bron,x\n",
        good(
            1,
            "id no\u200bm émoji\u200d🌈",
            "Bron",
            "f.csv: these column names contain invisible characters: no\\u200bm; type them again",
        ),
    ),
    "an unknown column told": file(
        "csv",
        "id,nom\na,x\n",
        "f.csv: DATASET_GEOMETRY: there is no column geom; columns: id, nom",
        geometry="geom",
    ),
    "infinity as a latitude": file(
        "csv",
        "id,lat,lon\na,inf,4\n",
        'f.csv, row 2: lat "inf" is not a place; if the place is unknown, empty the cell',
    ),
    "a latitude without bounds": file(
        "csv",
        "id,lat,lon\na,1e999,4\n",
        "f.csv, row 2: longitude 4, latitude inf are out of range (±180, ±90); write "
        "degrees (WGS 84, EPSG:4326)",
    ),
    "another kind": file(
        "docx",
        "x",
        "f.docx has a format that umap-bot can't read. DATASET_PATH must end in one of: "
        ".csv, .tsv, .geojson, .json, .xlsx, .xlsm, .ods.",
    ),
    "a collection": file("geojson", collection(feature(nom="Bron")), good(1, "id nom", "Bron")),
    "with a mark": file("geojson", "\ufeff" + collection(feature()), good(1, "id", [4.86806, 45.73472])),
    "a feature without a place": file(
        "geojson",
        collection(feature(None)),
        good(
            1,
            "id",
            "a",
            "f.geojson: no coordinates in feature 1: not added to the map; features that are "
            "already there stay where they are",
        ),
    ),
    "the escape of a backslash before u0000": file(
        "geojson",
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"a","t":"\\\\u0000"},"geometry":null}]}',
        good(
            1,
            "id t",
            "\\u0000",
            "f.geojson: no coordinates in feature 1: not added to the map; features that are "
            "already there stay where they are",
        ),
    ),
    "the feature's own id": file(
        "geojson",
        collection({"type": "Feature", "id": 7, "properties": None, "geometry": LYON}),
        good(
            1,
            "id",
            [4.86806, 45.73472],
            'f.geojson: no property "id" in feature 1: the feature\'s own id is used',
        ),
    ),
    "WGS 84 by name": file(
        "geojson",
        collection(feature(), crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}),
        good(1, "id", [4.86806, 45.73472]),
    ),
    "a number that browsers round": file(
        "geojson",
        collection(feature(siret=2**53 + 1)),
        good(
            1,
            "id siret",
            9007199254740993,
            'f.geojson: feature 1: "siret" is a number so large that browsers round it; write it as text',
        ),
    ),
    "such a number within a list": file(
        "geojson",
        collection(feature(l=[{"n": 2**60}])),
        good(
            1,
            "id l",
            [{"n": 1152921504606846976}],
            'f.geojson: feature 1: "l" is a number so large that browsers round it; write it as text',
        ),
    ),
    "NaN as a text": file(
        "geojson",
        collection(feature(n="NaN")),
        good(
            1,
            "id n",
            "NaN",
            'f.geojson: the column "n" contains "NaN" in feature 1; if that means no value, empty the cell',
        ),
    ),
    "lists and objects": file(
        "geojson", collection(feature(tags=["a", {"b": 1}])), good(1, "id tags", ["a", {"b": 1}])
    ),
    "no features": file("geojson", collection(), good(0, "id", None)),
    "a multipoint of one point": file(
        "geojson",
        collection(feature({"type": "MultiPoint", "coordinates": [[4.8, 45.7]]})),
        good(1, "id", [[4.8, 45.7]]),
    ),
    "no JSON": file("geojson", "", "f.geojson: the file is empty; commit it again"),
    "cut off": file(
        "geojson",
        '{"type": "FeatureCollection", "features": [',
        "f.geojson: invalid JSON at line 1, column 44: expecting value; the file may be cut "
        "off: export it again",
    ),
    "a comma too many": file(
        "geojson",
        '{"type": "FeatureCollection",\n "features": [],\n}',
        f"f.geojson: invalid JSON at {COMMA}; the file may be cut off: export it again",
    ),
    "a bare feature": file(
        "geojson",
        json.dumps(feature()),
        "f.geojson: the file is a Feature, not a FeatureCollection; export it as GeoJSON "
        "with all its features",
    ),
    "a bare geometry": file(
        "geojson",
        json.dumps(LYON),
        "f.geojson: the file is a Point, not a FeatureCollection; export it as GeoJSON with all its features",
    ),
    "TopoJSON": file(
        "geojson",
        '{"type":"Topology","objects":{}}',
        "f.geojson: the file is TopoJSON, not GeoJSON; export it as GeoJSON",
    ),
    "features one a line": file(
        "geojson",
        json.dumps(feature()) + "\n" + json.dumps(feature()) + "\n",
        "f.geojson: the file is a sequence of features, one per line; export it as one "
        "GeoJSON FeatureCollection",
    ),
    "features one a line, with their mark": file(
        "geojson",
        "\x1e" + json.dumps(feature()) + "\n\x1e" + json.dumps(feature()) + "\n",
        "f.geojson: the file is a sequence of features, one per line; export it as one "
        "GeoJSON FeatureCollection",
    ),
    "a list of features": file(
        "geojson",
        json.dumps([feature()]),
        "f.geojson: the file is a bare list of features; wrap it in a FeatureCollection, "
        'with the list as its "features"',
    ),
    "a list of records": file(
        "geojson",
        '[{"id": "a", "lat": 45.7}]',
        "f.geojson: the file is a list, not a FeatureCollection; export it as GeoJSON or CSV",
    ),
    "a whole uMap": file(
        "geojson",
        '{"type": "umap", "layers": []}',
        "f.geojson: the file is the backup of a whole uMap; export just the layer, as GeoJSON",
    ),
    "Overpass": file(
        "geojson",
        '{"version": 0.6, "elements": []}',
        "f.geojson: the file is an Overpass response (OSM JSON); export it as GeoJSON",
    ),
    "ArcGIS": file(
        "geojson",
        '{"geometryType": "esriGeometryPoint", "features": []}',
        "f.geojson: the file is ArcGIS JSON; export it as GeoJSON (f=geojson)",
    ),
    "an API's answer": file(
        "geojson",
        '{"total_count": 2, "results": []}',
        "f.geojson: the file is an API response from a data portal; download the export as GeoJSON or CSV",
    ),
    "an error message": file(
        "geojson",
        '{"message": "Not Found"}',
        'f.geojson: the file holds an error message instead of data: "Not Found"; commit the data file',
    ),
    "a table under the name of GeoJSON": file(
        "geojson",
        "id,nom\na,Bron\n",
        "f.geojson: the file is not JSON; if it is a table, rename it to end in .csv",
    ),
    "JavaScript": file(
        "geojson",
        "var cites = {};",
        "f.geojson: the file is JavaScript; remove everything before the first { and after the last }",
    ),
    "KML under the name of GeoJSON": file(
        "geojson",
        "<?xml version='1.0'?><kml/>",
        "f.geojson: the file is XML (such as KML or GPX); export it as GeoJSON or CSV",
    ),
    "UTF-16 GeoJSON": file(
        "geojson",
        collection(feature()).encode("utf-16"),
        "f.geojson: the file is UTF-16, but GeoJSON must be UTF-8; save it as UTF-8",
    ),
    "Latin-1": file(
        "geojson",
        collection(feature(nom="é")).encode("latin-1"),
        "f.geojson: line 1 is not UTF-8, which GeoJSON requires; save the file as UTF-8",
    ),
    "NaN as a number": file(
        "geojson",
        '{"type": "FeatureCollection", "features": [], "n": NaN}',
        "f.geojson: invalid JSON: NaN is not a JSON number; write null",
    ),
    "a number beyond all": file(
        "geojson",
        '{"type": "FeatureCollection", "features": [], "n": 1e400}',
        'f.geojson: "n" is a number that is too large (1e400); write it as text',
    ),
    "a number of 5 000 digits": file(
        "geojson",
        '{"type": "FeatureCollection", "features": [], "n": ' + DIGITS + "}",
        f'f.geojson: "n" is a number that is too large ({DIGITS[:59]}…); write it as text',
    ),
    "a NUL in GeoJSON": file(
        "geojson",
        '{"type": "FeatureCollection", "features": [], "n": "\\u0000"}',
        "f.geojson: line 1 contains a NUL character (\\u0000); remove it",
    ),
    "an escaped NUL behind an escaped backslash": file(
        "geojson",
        '{"type": "FeatureCollection", "features": [],\n "n": "\\\\\\u0000"}',
        "f.geojson: line 2 contains a NUL character (\\u0000); remove it",
    ),
    "half a character": file(
        "geojson",
        '{"n": "\\ud800"}',
        "f.geojson: the file contains half a character (a lone surrogate, \\ud800 to "
        "\\udfff); write the whole character",
    ),
    "a name twice": file(
        "geojson",
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"a","id":"b"},"geometry":null}]}',
        'f.geojson, feature 1: duplicate name "id" in one object; remove one of them',
    ),
    "100 000 brackets deep": file(
        "geojson",
        "[" * 100_000 + "]" * 100_000,
        "f.geojson: the file is nested too deeply for a map to show; export it as GeoJSON again",
    ),
    "a property 40 deep": file(
        "geojson",
        collection(feature(d=json.loads("[" * 40 + "]" * 40))),
        'f.geojson, feature 1: "d" is nested too deeply; write it as text',
    ),
    "Lambert 93 by name": file(
        "geojson",
        collection(feature(), crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}),
        'f.geojson: the coordinates are in "urn:ogc:def:crs:EPSG::2154"; export the file in '
        "WGS 84 (EPSG:4326), as RFC 7946 requires",
    ),
    "Lambert 93 without a name": file(
        "geojson",
        collection(feature({"type": "Point", "coordinates": [842666, 6519234]})),
        "f.geojson, feature 1: longitude 842666, latitude 6519234 look like Lambert 93 "
        "metres (EPSG:2154); convert them to degrees (WGS 84, EPSG:4326)",
    ),
    "a collection of geometries": file(
        "geojson",
        collection(feature({"type": "GeometryCollection", "geometries": []})),
        "f.geojson, feature 1: its geometry is a GeometryCollection, which uMap does not "
        "keep; make one feature per part",
    ),
    "a circle": file(
        "geojson",
        collection(feature({"type": "Circle", "coordinates": [4, 45]})),
        'f.geojson, feature 1: its geometry\'s type is "Circle"; it must be one of Point, '
        "LineString, MultiLineString, Polygon, MultiPolygon",
    ),
    "text for coordinates": file(
        "geojson",
        collection(feature({"type": "Point", "coordinates": ["4", "45"]})),
        'f.geojson, feature 1: its geometry is not a valid Point: "4" is not a number; export the file again',
    ),
    "a ring that is not closed": file(
        "geojson",
        collection(feature({"type": "Polygon", "coordinates": [[[4, 45], [5, 45], [5, 46], [4, 46]]]})),
        "f.geojson, feature 1: its outline is not closed; its last position must equal the first",
    ),
    "empty coordinates": file(
        "geojson",
        collection(feature({"type": "Point", "coordinates": []})),
        "f.geojson, feature 1: its Point has no coordinates; add them, or set the geometry to null",
    ),
    "null among the features": file(
        "geojson",
        '{"type":"FeatureCollection","features":[null]}',
        'f.geojson, feature 1: its "type" is not "Feature"; correct or remove it',
    ),
    "no list of features": file(
        "geojson",
        '{"type":"FeatureCollection"}',
        'f.geojson: the file has no "features" list; export it as GeoJSON again',
    ),
    "an unfinished merge in GeoJSON": file(
        "geojson",
        '{"type":"FeatureCollection",\n<<<<<<< HEAD\n"features":[]\n=======\n',
        "f.geojson: line 2 is a git conflict marker (<<<<<<<); resolve the conflict and "
        "commit the file again",
    ),
    "a missing id in GeoJSON": file(
        "geojson",
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"nom":"Bron"},"geometry":null}]}',
        'f.geojson: there is no column "id" (DATASET_KEY); columns: nom\nTo add ids '
        "automatically, in a copy of the file: umap-bot ids f.geojson",
    ),
}


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_what_comes_of_a_file(file: File) -> None:
    recipe = Recipe(path=f"f.{file.ending}", **file.settings)
    if isinstance(file.wanted, str):
        with pytest.raises(DatasetError) as caught:
            decode(data_of(file.content), recipe)
        assert str(caught.value) == file.wanted
    else:
        layer = decode(data_of(file.content), recipe)
        found = (len(layer.rows), " ".join(layer.columns), layer.warnings)
        assert found == (file.wanted.rows, file.wanted.columns, file.wanted.warnings)
        assert file.wanted.value in said_by(layer)


def said_by(layer: Layer) -> list[Any]:
    """Return all that the first row says: its key, its values, its coordinates. Of no rows, None."""
    for key, row in layer.rows.items():
        return [key, *row.properties.values(), *((row.geometry or {}).get("coordinates"),)]
    return [None]


def test_the_table_is_long() -> None:
    assert len(FILES) >= 80


# What was assumed


@pytest.mark.parametrize(
    ("content", "settings", "assumed"),
    [
        (
            "id;lat;lon\na;45,7;4,8\n",
            {},
            (
                "encoding UTF-8 (DATASET_ENCODING)",
                "delimiter ; (DATASET_DELIMITER)",
                "latitude from lat, longitude from lon (DATASET_LATITUDE, DATASET_LONGITUDE)",
            ),
        ),
        (
            'id\tgeopoint\na\t"4.8,45.7"\n'.encode("utf-16"),
            {},
            (
                "encoding UTF-16 (DATASET_ENCODING)",
                "delimiter tab (DATASET_DELIMITER)",
                "place from geopoint (DATASET_GEOMETRY)",
                "geopoint is lon,lat (DATASET_GEOMETRY)",
            ),
        ),
        (
            "id,nom\na,é\n".encode("cp1252"),
            {"delimiter": ","},
            (
                "encoding Windows-1252 (DATASET_ENCODING)",
                "no coordinates (DATASET_LATITUDE, DATASET_LONGITUDE or DATASET_GEOMETRY)",
            ),
        ),
        (
            'id, nom\na, "Bron"\n',
            {"encoding": "utf-8", "delimiter": ","},
            (
                "spaces after delimiters are ignored, because some are followed by double quotes",
                "no coordinates (DATASET_LATITUDE, DATASET_LONGITUDE or DATASET_GEOMETRY)",
            ),
        ),
        (
            'id,geopoint\na,"4.8,45.7"\n',
            {"encoding": "utf-8", "delimiter": ",", "geometry": "geopoint:lon,lat"},
            (),
        ),
    ],
    ids=["found", "UTF-16", "Windows-1252", "spaces", "told"],
)
def test_what_was_assumed_is_said(
    content: str | bytes, settings: dict[str, Any], assumed: tuple[str, ...]
) -> None:
    assert decode(data_of(content), Recipe(path="f.csv", **settings)).assumed == assumed


# Files that real programs wrote


@pytest.mark.parametrize(
    "name",
    [
        "ogr2ogr.geojson",
        "ogr2ogr-rfc7946.geojson",
        "ogr2ogr-wkt.csv",
        "umap-export.csv",
        "umap-export.geojson",
    ],
)
def test_what_other_programs_made_of_the_first_users_file(name: str) -> None:
    rename = {"nom": "name"} if "ogr2ogr" in name else {}
    there = decode((TEXT / name).read_bytes(), Recipe(path=name, rename=rename))
    ours = decode((CITES / "cites.csv").read_bytes(), Recipe(path="cites.csv", rename={"nom": "name"}))
    assert there.rows.keys() == ours.rows.keys()
    for key, row in ours.rows.items():
        properties = dict(there.rows[key].properties)
        properties.pop("_umap_options", None)  # a person gave one feature a colour
        assert canonical(properties) == canonical(row.properties)
        assert canonical_geometry(there.rows[key].geometry) == canonical_geometry(row.geometry)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "ogr2ogr-lambert93.geojson",
            'the coordinates are in "urn:ogc:def:crs:EPSG::2154"; export the file in WGS 84 (EPSG:4326)',
        ),
        ("ogr2ogr-lambert93.geojson", "look like Lambert 93 metres (EPSG:2154)"),
        ("ogr2ogr.geojsonl", "the file is a sequence of features, one per line"),
    ],
)
def test_what_other_programs_wrote_in_another_way(name: str, said: str) -> None:
    with pytest.raises(DatasetError) as caught:
        decode((TEXT / name).read_bytes(), Recipe(path="f.geojson"))
    assert said in str(caught.value)


# Files that would take all there is

MEGA: Final = 10**6
DEGREES: Final = "write degrees (WGS 84, EPSG:4326)"
STACK: Final = "\u0301\u0316" * 29
LARGE: Final[dict[str, tuple[str, Callable[[], bytes], str]]] = {
    "a cell of 90 MB": (
        "csv",
        lambda: b"id,nom\na," + b"x" * (90 * MEGA),
        "f.csv, row 2: a cell has more than 16777216 characters; check for a missing double quote",
    ),
    "a file of 101 MB": (
        "csv",
        lambda: b"x" * (106 * MEGA),
        "f.csv: the file is larger than 100 MB; split it",
    ),
    "a million columns": (
        "csv",
        lambda: b",".join(b"c%d" % number for number in range(MEGA)),
        "f.csv: the file has 1000000 columns, and at most 1000 are allowed; check that it is the right file",
    ),
    "a row of seven million commas": (
        "csv",
        lambda: b"id,nom\n" + b"," * (7 * MEGA),
        "f.csv: the file has 7000001 columns, and at most 1000 are allowed; check that it is the right file",
    ),
    "120 000 accents on one letter": (
        "csv",
        ("id,nom\n,a" + "\u0301\u0316" * 60_000 + "\n").encode,
        "f.csv, row 2: id is empty; write a",
    ),
    "120 000 accents on one letter of a name": (
        "csv",
        ("id,a" + "\u0301\u0316" * 60_000 + "\n1,x\n").encode,
        (
            f'f.csv: the name of the column "a{STACK}…" has more than 200 characters; check that the header '
            "row is not missing"
        ),
    ),
    "a row of 3 million cells": (
        "csv",
        lambda: b"id,nom\na" + b"," * (3 * MEGA),
        "None",
    ),
    "half a million rows": (
        "csv",
        lambda: b"id\n" + b"\n".join(b"%d" % number for number in range(510_000)),
        "f.csv: the file has more than 500000 rows; split it",
    ),
    "six million cells": (
        "csv",
        lambda: b",".join(b"c%d" % n for n in range(99)) + b"\n" + (b"x," * 98 + b"x\n") * 61_000,
        "f.csv: the file has more than 6000000 non-empty cells; split it",
    ),
    "one wide character among 40 million": (
        "csv",
        lambda: b"id,nom\r\n" + (b"x" * 10_000 + b"\r\n") * 4_000 + "\U0001f600".encode(),
        f"f.csv, row 2: 1 cell, but the header has 2 (delimiter ,); {UNQUOTED} (also in rows 3–4002)",
    ),
    "a WKT with a number of 100 000 digits": (
        "csv",
        lambda: b"id,wkt\na,POINT (4 " + b"4" * 100_000 + b"x)\n",
        f'f.csv, row 2: wkt "POINT (4 {"4" * 50}…" is invalid WKT at "{"4" * 11}…"; check its numbers',
    ),
    "a latitude of 10 million digits": (
        "csv",
        lambda: b"id,lat,lon\na," + b"4" * (10 * MEGA) + b",4\n",
        f"f.csv, row 2: longitude 4, latitude inf are out of range (±180, ±90); {DEGREES}",
    ),
    "a WKT of two million positions": (
        "csv",
        lambda: b'id,wkt\na,"LINESTRING (' + b"4 45," * (2 * MEGA) + b'4 45)"\n',
        (
            "f.csv: its outlines have more than 1000000 positions, which is more than a map can "
            "draw; simplify them"
        ),
    ),
    "JSON text of two million positions": (
        "csv",
        lambda: b'id;wkt\na;{"type": ""LineString"", ""coordinates"": [' + b"[4]," * (2 * MEGA) + b"[4]]}\n",
        (
            "f.csv: its outlines have more than 1000000 positions, which is more than a map can "
            "draw; simplify them"
        ),
    ),
    "thirty million empty lists": (
        "geojson",
        lambda: b"[" + b"[]," * (30 * MEGA) + b"[]]",
        "f.geojson: the file has more values than a map can show; split it",
    ),
    "ten million objects": (
        "geojson",
        lambda: b"[" + b'{"":0},' * (10 * MEGA) + b"{}]",
        "f.geojson: the file has more values than a map can show; split it",
    ),
    "a million names in an object": (
        "geojson",
        lambda: b'{"type": "FeatureCollection", "features": [], "x": {' + b'"a":1,' * MEGA + b'"a":1}}',
        'f.geojson: duplicate name "a" in one object; remove one of them',
    ),
    "a number of a million digits": (
        "geojson",
        lambda: b'{"n": ' + b"1" * MEGA + b"}",
        f'f.geojson: "n" is a number that is too large ({DIGITS[:59]}…); write it as text',
    ),
    "30 million brackets": (
        "geojson",
        lambda: b"[" * (30 * MEGA),
        "f.geojson: the file has more values than a map can show; split it",
    ),
}
LIMITED: Final = """
import resource, sys
from pathlib import Path
from umap_bot.dataset.decode import decode
from umap_bot.dataset.recipe import Recipe
from umap_bot.errors import DatasetError
resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
try:
    decode(Path(sys.argv[1]).read_bytes(), Recipe(path="f." + sys.argv[2]))
except DatasetError as error:
    print(str(error).splitlines()[0])
else:
    print(None)
"""


@pytest.mark.parametrize(("ending", "made", "said"), LARGE.values(), ids=LARGE)
def test_a_file_that_would_take_all_there_is(
    ending: str, made: Callable[[], bytes], said: str, tmp_path: Path
) -> None:
    """Within 1 GiB and 10 s of the processor, which the child has and no more: it dies beyond them."""
    path = tmp_path / "large"
    path.write_bytes(made())
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, path, ending], capture_output=True, text=True, check=False
    )
    path.unlink()
    assert (done.stdout, done.stderr, done.returncode) == (f"{said}\n", "", 0)
