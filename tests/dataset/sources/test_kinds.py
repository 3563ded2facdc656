"""Each kind of source in each situation: what it gives, or the one line that says what is wrong."""

from __future__ import annotations

import gzip
import io
import re
import socket
import threading
import zipfile

import msgspec
import pytest

from tests.dataset.sources.conftest import MOST, Open
from tests.dataset.sources.doubles import (
    DOCUMENT,
    KINDS,
    OTHER,
    RESOURCE,
    SHARE,
    SHEET,
    TABLE,
    TOKEN,
    DataGouv,
    Fault,
    File,
    Google,
    Grist,
    Kind,
    Nextcloud,
    Opendatasoft,
    Server,
    answer,
)
from tests.umap.made import Pauses
from umap_bot.dataset.decode import decode
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.sources.recognise import recognise
from umap_bot.dataset.sources.source import Fetched, NotModified, Source
from umap_bot.dataset.sources.web import Manners
from umap_bot.errors import SourceError
from umap_bot.model.layer import Layer

NAMES = {File: "cites.csv", Grist: "Cites.csv", Nextcloud: "cites.csv", Google: "google-sheet.csv",
         Opendatasoft: "cites-educatives.csv", DataGouv: "cites.csv"}  # fmt: skip

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def fetched(source: Source) -> Fetched:
    found = source.fetch()
    assert isinstance(found, Fetched)
    return found


def refusal(source: Source) -> str:
    """Return what a source says that can't be fetched: message and way out, without any secret."""
    with pytest.raises(SourceError) as caught:
        source.fetch()
    said = str(caught.value)
    assert caught.value.code == 16
    assert caught.value.way_out
    assert not any(secret in said for secret in (TOKEN, SHARE, SHEET))
    assert "\n" not in said
    return said


def layer_of(found: Fetched) -> Layer:
    return decode(found.data, Recipe(path=found.name))


@each_kind
def test_a_table(opened: Open, server: Server, kind: type[Kind]) -> None:
    source = opened(kind())
    found = fetched(source)
    assert found.data.removeprefix(b"\xef\xbb\xbf") == TABLE
    assert found.name == NAMES[kind]
    assert source.kind == kind.name
    assert not any(secret in source.address for secret in (SHARE, SHEET))
    assert set(layer_of(found).rows) == {"lyon-8e", "bron"}
    assert len(server.requests) == kind.first_requests


@each_kind
def test_unchanged(opened: Open, server: Server, kind: type[Kind]) -> None:
    """One request, and where the site knows conditions (or marks) no table is sent again."""
    source = opened(kind())
    found = fetched(source)
    server.requests.clear()
    again = source.fetch(found.seen)
    assert again == NotModified(found.seen)
    assert len([asked for asked in server.requests if "/static/" not in asked.path]) == 1


@each_kind
def test_changed(opened: Open, kind: type[Kind]) -> None:
    site = kind()
    source = opened(site)
    before = fetched(source)
    site.table = TABLE.replace(b"45.73", b"45.74")
    after = source.fetch(before.seen)
    assert isinstance(after, Fetched)
    assert b"45.74,4.87" in after.data
    assert after.seen != before.seen
    assert after.name == before.name


@each_kind
def test_the_same_bytes_with_other_marks(opened: Open, kind: type[Kind]) -> None:
    """A server that was moved has new ETags for old files: the digest knows them."""
    source = opened(kind())
    before = fetched(source)
    other = msgspec.structs.replace(before.seen, etag='"other"', modified="", state="")
    assert source.fetch(other) == NotModified(before.seen)


@each_kind
def test_a_304_that_nobody_asked_for_is_no_table(opened: Open, server: Server, kind: type[Kind]) -> None:
    source = opened(kind())
    server.faults = [b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"]
    assert "answers with status 304" in refusal(source)


@pytest.mark.parametrize("kind", [File, Grist, Nextcloud, Opendatasoft], ids=lambda kind: kind.name)
def test_a_token_lets_in(opened: Open, server: Server, kind: type[Kind]) -> None:
    site = kind()
    site.locked = True
    source = opened(site, TOKEN)
    assert fetched(source).data.endswith(TABLE)
    assert all(asked.headers["authorization"] for asked in server.requests)


def spreadsheet() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


LOGIN_PAGE = b"<!DOCTYPE html><html><form action='/login'><input type=password></form></html>"
ERROR_PAGE = b"\n<!-- x --><html><body>Maintenance</body></html>"


def half(conn: socket.socket) -> None:
    conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + TABLE)


def half_of_chunks(conn: socket.socket) -> None:
    conn.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nid,no\r\n")


def nothing(conn: socket.socket) -> None:
    """Close at once."""


def silence(conn: socket.socket) -> None:
    conn.settimeout(5)
    conn.recv(1)


def trickle(conn: socket.socket) -> None:
    """Send a byte every 20 ms for as long as somebody listens: each of them in time."""
    conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    quiet = threading.Event()
    while not quiet.wait(0.02):
        conn.sendall(b"x")


def zipped(body: bytes, *, cut: int = 0) -> bytes:
    packed = gzip.compress(body, 1)
    return answer("200 OK", packed[: len(packed) - cut], "Content-Encoding: gzip")


# Where a site is asked for its tables first ("form that"), an answer of another form is not its API's.
FAULTS: dict[str, tuple[Fault, str]] = {
    "401": (answer("401 Unauthorized"), r"\(401\)"),
    "403": (answer("403 Forbidden"), r"\(403\)"),
    "404": (answer("404 Not Found"), r"no table at this address \(404\)\. It may have been moved"),
    "410": (answer("410 Gone"), r"no table at this address \(410\)"),
    "400": (answer("400 Bad Request", b'{"error": "no"}'), "answers with status 400. It says: no "),
    "429": (answer("429 Too Many Requests"), "received too many requests"),
    "429, for longer than we wait": (
        answer("429 Too Many Requests", b"", "Retry-After: 3600"),
        "busy and asks to wait 3600 s. Try again later",
    ),
    "500": (answer("500 Internal Server Error"), r"a server error \(500\)"),
    "503": (answer("503 Service Unavailable"), r"a server error \(503\)"),
    "cut off": (half, "closed the connection before its answer was complete"),
    "cut off between chunks": (half_of_chunks, "closed the connection before its answer"),
    "cut off within gzip": (zipped(TABLE * 9, cut=9), "closed the connection before its answer"),
    "no answer": (nothing, "closed the connection before its answer was complete"),
    "login page": (answer("200 OK", LOGIN_PAGE), "shows a login page instead of the table"),
    "error page": (answer("200 OK", ERROR_PAGE), "shows a web page, not a table"),
    "too large": (answer("200 OK", b"id\n" + b"x" * MOST), "sent more than 0 MB"),
    "gzip bomb": (zipped(bytes(3_000_000)), "sent more than 0 MB, which is the limit"),
    "another coding": (
        answer("200 OK", TABLE, "Content-Encoding: br"),
        "compressed answer that umap-bot did not ask for",
    ),
    "silent": (silence, "did not answer in time. Try again later"),
    "slow": (trickle, "did not answer in time. Try again later"),
    "empty": (answer("200 OK", b" \r\n"), "sent an empty file. Check the table at its source"),
    "an API's error as 200": (
        answer("200 OK", b'{"error": "quota"}'),
        "sent JSON(, which| where .csv).*It says: quota|form that",
    ),
    "a spreadsheet": (answer("200 OK", spreadsheet()), r"sent an Excel file \(.xlsx\) where .csv|form that"),
    "half a spreadsheet": (
        answer("200 OK", spreadsheet()[:-30]),
        "sent a zip archive that is damaged|form that",
    ),
    "something else": (answer("200 OK", b"GIF89a\0\0"), "sent a file that is not text(,| where)|form that"),
    "redirect to a login": (
        answer("302 Found", b"", "Location: /sso/?next=x"),
        "shows a login page instead of the table",
    ),
    "redirect to another scheme": (
        answer("302 Found", b"", "Location: file:///etc/passwd"),
        "not a web address",
    ),
    "redirect without end": (answer("302 Found", b"", "Location: /again"), "redirects too many times"),
    "redirect to nowhere": (answer("302 Found", b"", "Location: http://[::1"), "not a web address"),
}


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        (kind, fault)
        for kind in KINDS
        for fault in FAULTS
        if (kind, fault) != (Nextcloud, "a spreadsheet")  # a share may be any file: its bytes tell which
    ],
)
def test_what_is_wrong_is_said(opened: Open, server: Server, kind: type[Kind], fault: str) -> None:
    server_says, words = FAULTS[fault]
    source = opened(kind(), hurried=fault in {"silent", "slow"})
    server.faults = [server_says]
    server.pages["/sso/"] = answer("200 OK", ERROR_PAGE)
    said = refusal(source)
    assert re.search(words, said), said


@each_kind
def test_a_busy_site_is_waited_for_as_it_asks(
    opened: Open, server: Server, pauses: Pauses, kind: type[Kind]
) -> None:
    source = opened(kind())
    server.faults = [answer("429 Too Many Requests", b"", "Retry-After: 7"), half, None]
    assert fetched(source).data.endswith(TABLE)
    assert pauses.seconds == [7, 2]


@each_kind
def test_a_redirect_within_the_site_is_followed(opened: Open, server: Server, kind: type[Kind]) -> None:
    source = opened(kind())
    found = fetched(source)
    server.faults = [answer("302 Found", b"", "Location: /moved#x")]
    server.pages["/moved"] = answer("200 OK", TABLE.replace(b"Bron", b"Bron 2"))
    if kind is Grist:  # what it is redirected to is no answer of its API
        assert "form that is not Grist's" in refusal(source)
        return
    again = source.fetch(found.seen)
    assert isinstance(again, Fetched)
    assert b"Bron 2" in again.data


@each_kind
def test_columns_renamed_at_the_source(opened: Open, kind: type[Kind]) -> None:
    """They come as they are: what to do with them is asked where all that is renamed in a file is."""
    site = kind()
    source = opened(site)
    before = fetched(source)
    site.table = TABLE.replace(b"nom", b"intitule")
    after = source.fetch(before.seen)
    assert isinstance(after, Fetched)
    assert layer_of(after).columns == ("id", "intitule")


@each_kind
def test_decimal_commas(opened: Open, kind: type[Kind]) -> None:
    """A Google sheet of a French document is exported as it is shown."""
    site = kind()
    site.table = b'id,nom,lat,lon\nlyon-8e,Lyon 8e,"45,73","4,87"\n'
    layer = layer_of(fetched(opened(site)))
    assert layer.rows["lyon-8e"].geometry == {"type": "Point", "coordinates": [4.87, 45.73]}


@each_kind
def test_an_empty_table(opened: Open, kind: type[Kind]) -> None:
    """A header alone is a table: that everything would go from the map is asked where it is for any file."""
    site = kind()
    site.table = b"id,nom,lat,lon\n"
    assert not layer_of(fetched(opened(site))).rows


@pytest.mark.parametrize("kind", [File, Grist, Nextcloud, Opendatasoft], ids=lambda kind: kind.name)
def test_a_token_that_is_missing_or_wrong(opened: Open, kind: type[Kind]) -> None:
    site = kind()
    site.locked = True
    without = refusal(opened(site))
    assert "does not show this table without a login" in without
    assert "DATASET_TOKEN" in without
    assert "does not accept DATASET_TOKEN" in refusal(opened(site, "another-token"))


def test_a_google_sheet_that_is_not_shared(opened: Open) -> None:
    """A token would be of no use: the sentence says how to share, in the words of the page."""
    site = Google()
    site.locked = True
    said = refusal(opened(site, TOKEN))
    assert 'click Share, and under "General access" choose "Anyone with the link" as viewer.' in said


# What only one kind has.


def test_grist_other_tables_of_the_document_cost_no_download(opened: Open, server: Server) -> None:
    """The document changed, this table did not: its ETag says so, and the new mark is kept."""
    site = Grist()
    source = opened(site)
    before = fetched(source)
    site.elsewhere = 1
    again = source.fetch(before.seen)
    assert isinstance(again, NotModified)
    assert again.seen.state != before.seen.state
    server.requests.clear()
    assert source.fetch(again.seen) == again
    assert [asked.path for asked in server.requests] == [f"/o/docs/api/docs/{DOCUMENT}/states"]


@pytest.mark.parametrize(
    ("end", "asked", "requests"),
    [
        ("p/5", "Cites", 4),
        ("p/5?utm_source=mail", "Cites", 4),
        ("p/5?tableId=Communes", "Communes", 2),
        ("p/6#a1.s3.r2?tableId=Communes", "Communes", 2),
        ("p/5?tableId=Communes&header=label", "Communes", 2),
        ("p/6", "", 3),
        ("p/7", "", 3),
        ("p/data", "", 2),
        ("", "", 2),
    ],
)
def test_grist_the_table_of_a_page(
    server: Server, manners: Manners, end: str, asked: str, requests: int
) -> None:
    """It is the only one on the page; else one is asked for, with their names."""
    server.begin(Grist())
    source = recognise(f"{server.origin}/o/docs/{DOCUMENT}/Carte/{end}", manners=manners)
    if asked:
        fetched(source)
        header = "label" if "header=label" in end else "colId"
        assert server.requests[-1].query == {"tableId": asked, "header": header}
    else:
        assert refusal(source).endswith("for example ?tableId=Cites. The tables are: Cites, Communes")
    assert len(server.requests) == requests


def test_grist_of_one_table_needs_no_page(server: Server, manners: Manners) -> None:
    site = Grist()
    site.tables = {"Cites": 1}
    server.begin(site)
    assert fetched(recognise(f"{server.origin}/o/docs/doc/{DOCUMENT}", manners=manners)).name == "Cites.csv"
    site.tables = {}
    source = recognise(f"{server.origin}/o/docs/doc/{DOCUMENT}", manners=manners)
    assert "has no table" in refusal(source)


@pytest.mark.parametrize("older", [False, True])
@pytest.mark.parametrize("locked", [False, True])
@pytest.mark.parametrize("file", ["", "cites.csv"])
def test_nextcloud_of_any_age(opened: Open, server: Server, older: bool, locked: bool, file: str) -> None:
    """Which of its two services answers is kept, so that an unchanged file costs one request."""
    site = Nextcloud()
    site.older, site.locked, site.file = older, locked, file
    source = opened(site, TOKEN if locked else "")
    found = fetched(source)
    assert (found.data, found.name) == (TABLE, "cites.csv")
    server.requests.clear()
    assert source.fetch(found.seen) == NotModified(found.seen)
    assert len(server.requests) == 1


def test_nextcloud_a_folder(opened: Open, server: Server) -> None:
    source = opened(Nextcloud())
    server.faults = [answer("501 Not Implemented", b"<d:error/>")]
    said = refusal(source)
    assert "The share on 127.0.0.1" in said
    assert said.endswith("add its place to the end of DATASET_URL: ?path=/&files=places.csv")


def test_nextcloud_a_share_that_is_gone(opened: Open, server: Server) -> None:
    """The older service would want a log-in for it, which is not what is wrong."""
    source = opened(Nextcloud())
    gone = answer("404 Not Found", b"<d:error/>")
    server.faults = [gone, answer("401 Unauthorized", b"<d:error/>")]
    assert "no table at this address (404)" in refusal(source)


def test_data_gouv_several_tables(opened: Open) -> None:
    site = DataGouv()
    site.resources[1] |= {"format": "GeoJSON", "title": "Les mêmes\nen carte"}
    said = refusal(opened(site))
    assert "has 2 tables. Set DATASET_URL to one of: http://127.0.0.1" in said
    assert f"/fr/datasets/r/{RESOURCE} (Cités, .csv); " in said
    assert said.endswith(f"/fr/datasets/r/{OTHER} (Les mêmes en carte, .geojson)")


def test_data_gouv_no_table(opened: Open) -> None:
    site = DataGouv()
    site.resources[:1] = []
    assert "no file that can be read as a table. Such files end in one of: .csv" in refusal(opened(site))


def test_data_gouv_a_resource_that_was_replaced(opened: Open) -> None:
    """The one that was fetched before is gone: the dataset is looked at again."""
    site = DataGouv()
    source = opened(site)
    before = fetched(source)
    site.resources[0] |= {"id": "11111111-2222-4333-8444-555555555555"}
    site.table += b"x,X,45.1,4.1\n"
    after = source.fetch(before.seen)
    assert isinstance(after, Fetched)
    assert after.seen.state == site.resources[0]["id"]


@pytest.mark.parametrize(
    ("path", "headers", "body", "name"),
    [
        ("/a/liste des cités.csv?v=2", (), TABLE, "liste-des-cités.csv"),
        ("/export.php?id=3", ('Content-Disposition: attachment; filename="Été.CSV"',), TABLE, "Été.CSV"),
        ("/export", ("Content-Type: application/json",), b'{"type":"FeatureCollection"}', "export.geojson"),
        ("/export", (), spreadsheet(), "export.xlsx"),
        ("/", (), TABLE, "table.csv"),
        ("/liste.2026.php", (), TABLE, "liste.2026.csv"),
        ("/a.geojson", (), b'{"type":"FeatureCollection"}', "a.geojson"),
        ("/a.csv", (), b"{id},nom\n1,x\n", "a.csv"),
        ("/a.csv", (), b"<nom>,id\n1,x\n", "a.csv"),
        ("/a.csv", (), TABLE.decode().encode("utf-16"), "a.csv"),
    ],
)
def test_https_the_name_of_a_file(
    server: Server, manners: Manners, path: str, headers: tuple[str, ...], body: bytes, name: str
) -> None:
    server.begin(Kind())
    server.faults = [answer("200 OK", body, *headers).decode("latin-1").encode("latin-1")]
    source = recognise(f"{server.origin}{path}", manners=manners)
    assert fetched(source).name == name


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"%PDF-1.7", "sent a PDF, which can't be read as a table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "sent an old Excel file"),
        (b"\x1f\x8b\x08", "sent a compressed file"),
        (b"<?xml version='1.0'?><kml/>", "sent an XML document"),
    ],
)
def test_https_what_is_no_table(server: Server, manners: Manners, body: bytes, words: str) -> None:
    server.begin(Kind())
    server.faults = [answer("200 OK", body)]
    assert words in refusal(recognise(f"{server.origin}/export", manners=manners))
