"""CSV as spreadsheets write it, and each way in which it can be wrong."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from umap_bot.dataset.decode import decode
from umap_bot.dataset.recipe import Recipe
from umap_bot.errors import DatasetError
from umap_bot.model.layer import Layer

Csv = Callable[..., Layer]
Problems = Callable[..., str]


def test_cells_are_text_and_empty_ones_are_not_there(csv: Csv) -> None:
    layer = csv("id,departement,quartiers\nlyon-8e,01,\nbron, 69 ,a;b\n")
    assert layer.rows["lyon-8e"].properties == {"id": "lyon-8e", "departement": "01"}
    assert layer.rows["bron"].properties == {"id": "bron", "departement": " 69 ", "quartiers": "a;b"}
    assert layer.columns == ("id", "departement", "quartiers")
    assert not layer.places


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_parts_all_rows_alike(csv: Csv, delimiter: str) -> None:
    rows = [["id", "nom", "texte"], ["a", "A", "un, deux; trois | quatre\tcinq"], ["b", "B", "x"]]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    assert csv(text).rows["a"].properties["texte"] == "un, deux; trois | quatre\tcinq"


def test_decimal_commas_do_not_pass_for_delimiters(csv: Csv) -> None:
    layer = csv("id;lat;lon\na;45,7;4,8\nb;45,8;4,9\n")
    assert layer.rows["a"].geometry == {"type": "Point", "coordinates": [4.8, 45.7]}


def test_a_short_row_does_not_change_the_delimiter(problems: Problems) -> None:
    rows = "".join(f"k{number};a;b;c\n" for number in range(30))
    assert problems(f"id;x;y1;z\n{rows}last;a,b\n") == (
        "cites.csv, row 32: 2 cells, but the header has 4 (delimiter ;); check for a "
        "missing cell, or a line break in a cell without double quotes"
    )


def test_one_column_is_a_table_too(csv: Csv) -> None:
    assert list(csv("id\na\nb\n").rows) == ["a", "b"]


def test_tsv_takes_tabs_only(csv: Csv) -> None:
    assert csv("id\ttexte\na\tb,c;d\n", path="data/x.TSV").rows["a"].properties["texte"] == "b,c;d"


def test_rows_are_numbered_as_spreadsheets_show_them(csv: Csv) -> None:
    layer = csv('id,texte\na,"two\r\nlines"\r\n\r\n,\nb,x\n')
    assert layer.lines == {"a": 2, "b": 5}
    assert layer.rows["a"].properties["texte"] == "two\nlines"


def test_excels_own_mark_names_the_delimiter_and_is_no_row(csv: Csv) -> None:
    assert csv("sep=;\nid;nom\na;A, B\n").lines == {"a": 2}


def test_empty_cells_beyond_the_header_do_no_harm(csv: Csv) -> None:
    assert csv("id,nom\na,A,,\n").rows["a"].properties == {"id": "a", "nom": "A"}


def test_a_nameless_column_is_passed_over_if_it_is_empty(csv: Csv, problems: Problems) -> None:
    assert csv("id,,nom,\na,,A,\nb,,B\n").columns == ("id", "nom")
    assert problems("id,,nom\na,,A\nb,what?,B\n") == (
        'cites.csv, row 3: column B has no name but contains "what?"; add a name in the header'
    )


def test_a_name_that_stands_twice_is_a_problem(problems: Problems) -> None:
    assert problems("id,nom,nom \na,A,B\n") == (
        'cites.csv, row 1: duplicate column "nom" (B and C); rename one of them'
    )


def test_a_long_row_is_named(problems: Problems) -> None:
    assert problems("id,nom\na,A\nb,B,C\n") == (
        "cites.csv, row 3: 3 cells, but the header has 2 (delimiter ,); put double quotes "
        "around any cell that contains ,"
    )


def test_wrong_quotes_are_named_by_the_row_in_which_they_begin(problems: Problems) -> None:
    assert problems('id,nom\na,A\nb,"B" C\n').startswith(
        "cites.csv, row 3: the double quotes are wrong from here on"
    )
    assert problems('id,nom\na,A\nb,"B\nc,C\n').startswith(
        "cites.csv, row 3: the double quotes are wrong from here on"
    )


def test_line_breaks_in_names_are_refused(problems: Problems) -> None:
    assert 'the name of the column "Nom\\nlong" contains a line break' in problems('id,"Nom\nlong"\na,A\n')


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty and has no header row"),
        (b" \n\n", "is empty"),
        (b",,\n,,\n", "is empty"),
        (b"PK\x03\x04...", "the file is really a spreadsheet or archive (ZIP)"),
        (b"\xd0\xcf\x11\xe0...", "the file is really an old Excel or Word file"),
        (b"\n<!DOCTYPE html><html>", "holds a web page"),
        (b"\xef\xbb\xbf<HTML>", "holds a web page"),
        (
            b"id,nom\n<<<<<<< HEAD\na,A\n=======\na,B\n>>>>>>> b\n",
            "line 2 is a git conflict marker",
        ),
        (b"id,nom\na,A\0\n", "line 2 holds a NUL character"),
        ("id,nom\na,é\n".encode("utf-16-le"), "holds a NUL character"),
    ],
)
def test_what_is_no_csv_is_called_by_its_name(problems: Problems, content: bytes, said: str) -> None:
    message = problems(content)
    assert message.startswith("cites.csv: ")
    assert said in message
    assert "\n" not in message


def test_utf8_with_and_without_its_mark(csv: Csv) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        layer = csv("id,nom\na,Échirolles\n".encode(encoding))
        assert layer.rows["a"].properties["nom"] == "Échirolles"
        assert layer.warnings == ()


def test_windows_text_is_read_with_a_warning_that_shows_words(csv: Csv) -> None:
    layer = csv("id;nom\na;Échirolles\nb;L’Isle d'Abœuf\nc;Zoë\nd;né\n".encode("cp1252"))
    assert layer.rows["a"].properties["nom"] == "Échirolles"
    [warning] = layer.warnings
    assert warning == (
        "cites.csv: the file is not UTF-8 and was read as Windows-1252. Are these words "
        "correct: Échirolles, Abœuf, Zoë? If so, set DATASET_ENCODING=cp1252; otherwise "
        "save the file as CSV UTF-8"
    )
    quiet = csv("id;nom\na;Échirolles\n".encode("cp1252"), encoding="cp1252")
    assert quiet.warnings == ()


def test_the_words_that_a_guess_shows_are_of_columns_that_may_be_shown(csv: Csv) -> None:
    text = "id;Né;nom\na;Zoë;Échirolles\n".encode("cp1252")
    for settings in ({"leave_out": ("Né",)}, {"columns": ("nom",)}, {"unshown": ("Né",)}):
        assert csv(text, **settings).reading.words == ("Échirolles",)
    assert csv(text, unshown=("name", "Né"), rename={"nom": "name"}).reading.words == ("…",)
    unasked = csv(text, leave_out=("Né", "nom"))
    assert unasked.reading.words == ()
    assert unasked.warnings[0] == (
        "cites.csv: the file is not UTF-8 and was read as Windows-1252; no published column "
        "is affected. To confirm this encoding, set DATASET_ENCODING=cp1252; otherwise save "
        "the file as CSV UTF-8"
    )


def test_two_encodings_in_one_file_are_refused(problems: Problems) -> None:
    mixed = "id,nom\na,Échirolles\n".encode() + "b,Vénissieux\n".encode("cp1252")
    assert problems(mixed) == (
        "cites.csv: the file mixes two encodings: UTF-8 in line 2, another in line 3; save "
        "the whole file as CSV UTF-8"
    )


def test_bytes_of_no_encoding_are_refused(problems: Problems) -> None:
    assert "line 2 is neither UTF-8 nor Windows-1252" in problems(b"id,nom\na,\x81\x8d\n")
    assert "line 2 is not valid utf-8" in problems(b"id,nom\na,\xe9\n", encoding="utf-8")
    assert "DATASET_ENCODING=klingon is not a known text encoding" in problems("id\n", encoding="klingon")
    assert "DATASET_ENCODING=hex is not a known text encoding" in problems("id\n", encoding="hex")


def test_other_encodings_by_name(csv: Csv) -> None:
    layer = csv("id,nom\na,Łódź\n".encode("cp1250"), encoding="cp1250")
    assert layer.rows["a"].properties["nom"] == "Łódź"


def test_a_table_without_rows_is_an_empty_layer(csv: Csv) -> None:
    layer = csv("id,nom,lat,lon\n")
    assert (layer.rows, layer.columns, layer.places) == ({}, ("id", "nom"), True)


def test_all_problems_are_told_at_once_the_first_twenty_in_words(problems: Problems) -> None:
    names = "".join(f",c{number}" for number in range(25))
    lines = problems(f"id{names}{names}\n").splitlines()
    assert lines[0] == "cites.csv has 25 problems:"
    assert lines[1].startswith('cites.csv, row 1: duplicate column "c0" (B and AA)')
    assert len(lines) == 22
    assert lines[-1] == "and 5 more"


def test_a_cell_may_be_long(csv: Csv) -> None:
    assert len(str(csv(f"id,texte\na,{'x' * 300_000}\n").rows["a"].properties["texte"])) == 300_000


def test_a_file_that_became_utf8_is_not_read_as_it_was(problems: Problems) -> None:
    """The setting that a warning of ours asked for would else publish Ã‰ on the day the file is mended."""
    assert problems("id,nom\na,Échirolles\n", encoding="windows-1252") == (
        "cites.csv: the file is now UTF-8, not windows-1252; set DATASET_ENCODING=auto"
    )


@pytest.mark.parametrize(
    "content",
    [
        b"id,nom\na," + b"x" * 2_000_000 + b"\xe9\n",
        b'id,geom\na,"A' + b" " * 1_000_000 + b'x"\n',
        b'id,geopoint\na,"1,2' + b" " * 1_000_000 + b'x"\n',
        b"id,lat,lon\na,1" + b" " * 1_000_000 + b"x,4\n",
        b"id,nom\n" + b",Roanne\n" * 100_000,
        b"id" + b",a,b" * 100_000 + b"\n",
        "id,nom\n{},Bron\n,Bron\n".format("e" + "\u0316\u0301" * 100_000).encode(),
    ],
    ids=["word", "wkt", "pair", "number", "offers", "names", "accents of an id"],
)
@pytest.mark.timeout(20)
def test_no_text_takes_for_ever(content: bytes) -> None:
    with suppress(DatasetError):
        decode(content, Recipe(path="a.csv"))
