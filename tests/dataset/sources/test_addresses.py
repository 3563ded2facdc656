"""Addresses as people paste them: of which kind they are, what is asked for them, and how they are shown."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from umap_bot.dataset.sources.pasted import is_bare
from umap_bot.dataset.sources.recognise import recognise
from umap_bot.dataset.sources.web import NO_KEY, Answer, Key, Web
from umap_bot.errors import SettingsError, SourceError
from umap_bot.redaction import redact

SHEET = "1AbC-dEf_2GhI3jKl4MnO5pQr6StU7vWx8YzA9bCdEf0"
PUBLISHED = "2PACX-1vTq3Zk9LmN0pQrStUvWxYz4aBcDeFgHiJkLmNoP"
DOCUMENT = "sT4kJ9wLm2QxRt7YbVnC8d"
RESOURCE = "f868cca6-8da1-4369-a78d-47463f19a9a3"
GOOGLE = "https://docs.google.com/spreadsheets/d"
EXPORT = f"{GOOGLE}/{SHEET}/export?format=csv"
GRIST = "https://docs.getgrist.com"
GOUV = "https://www.data.gouv.fr"
ODS = "https://data.lyon.example"
EXPORTS = f"{ODS}/api/explore/v2.1/catalog/datasets/cites/exports"
CLOUD = "https://nuage.exemple.org"
DAV = "public.php/dav/files/Wq7ZkP3mXc9LtRd"

ADDRESSES = [
    # A file, also within sites that look like others.
    ("https://example.org/data/cites.csv", "https", "https://example.org/data/cites.csv"),
    ("example.org/data/cites.csv", "https", "https://example.org/data/cites.csv"),
    ("  <https://example.org/cites.csv> ", "https", "https://example.org/cites.csv"),
    ("« https://example.org/cites.csv »", "https", "https://example.org/cites.csv"),
    ("HTTPS://Example.org:443/cites.csv#haut", "https", "https://example.org/cites.csv"),
    ("https://example.org:8443/cites.csv", "https", "https://example.org:8443/cites.csv"),
    ("https://example.org", "https", "https://example.org/"),
    ("https://example.org/a?b=c%20d&utm_source=mail&fbclid=x&e", "https", "https://example.org/a?b=c%20d&e"),
    ("https://example.org/cités 2026.csv", "https", "https://example.org/cit%C3%A9s%202026.csv"),
    ("https://example.org/cit%C3%A9s.csv", "https", "https://example.org/cit%C3%A9s.csv"),
    ("https://example.org/doc/cites.csv", "https", "https://example.org/doc/cites.csv"),
    ("https://example.org/s/cites.csv", "https", "https://example.org/s/cites.csv"),
    ("http://192.168.1.20/cites.csv", "https", "http://192.168.1.20/cites.csv"),
    (
        "https://static.data.gouv.fr/resources/x/c.csv",
        "https",
        "https://static.data.gouv.fr/resources/x/c.csv",
    ),
    # Google Sheets: the sheet that is looked at stands in the fragment.
    (f"{GOOGLE}/{SHEET}/edit?gid=7#gid=7", "Google Sheets", f"{EXPORT}&gid=7"),
    (f"{GOOGLE}/{SHEET}/edit?gid=0#gid=12", "Google Sheets", f"{EXPORT}&gid=12"),
    (f"{GOOGLE}/{SHEET}/edit?usp=sharing", "Google Sheets", EXPORT),
    (f"{GOOGLE}/{SHEET}", "Google Sheets", EXPORT),
    (f"docs.google.com/spreadsheets/u/1/d/{SHEET}/htmlview#gid=3", "Google Sheets", f"{EXPORT}&gid=3"),
    (f"https://docs.google.com/a/asso.fr/spreadsheets/d/{SHEET}/edit", "Google Sheets", EXPORT),
    (
        f"{GOOGLE}/e/{PUBLISHED}/pubhtml?gid=4&single=true",
        "Google Sheets",
        f"{GOOGLE}/e/{PUBLISHED}/pub?output=csv&gid=4&single=true",
    ),
    (f"{GOOGLE}/e/{PUBLISHED}/pub?output=html", "Google Sheets", f"{GOOGLE}/e/{PUBLISHED}/pub?output=csv"),
    # Grist: hosted, of a team, one's own, and the API.
    (f"{GRIST}/doc/{DOCUMENT}", "Grist", f"{GRIST}/api/docs/{DOCUMENT}/states"),
    (f"{GRIST}/doc/{DOCUMENT}/p/2#a1.s3.r4.c5", "Grist", f"{GRIST}/api/docs/{DOCUMENT}/states"),
    (f"{GRIST}/{DOCUMENT}/Carte/m/default/p/2", "Grist", f"{GRIST}/api/docs/{DOCUMENT}/states"),
    (
        f"https://asso.getgrist.com/{DOCUMENT}/Carte/p/2?utm_medium=x",
        "Grist",
        f"https://asso.getgrist.com/api/docs/{DOCUMENT}/states",
    ),
    (
        f"https://grist.numerique.gouv.fr/o/docs/{DOCUMENT}/Carte/p/1",
        "Grist",
        f"https://grist.numerique.gouv.fr/o/docs/api/docs/{DOCUMENT}/states",
    ),
    (
        f"https://tables.ville.example/o/open/{DOCUMENT}/Carte",
        "Grist",
        f"https://tables.ville.example/o/open/api/docs/{DOCUMENT}/states",
    ),
    (
        f"https://grist.ville.example/{DOCUMENT}/Carte",
        "Grist",
        f"https://grist.ville.example/api/docs/{DOCUMENT}/states",
    ),
    (
        f"{GRIST}/api/docs/{DOCUMENT}/download/csv?tableId=Cites",
        "Grist",
        f"{GRIST}/api/docs/{DOCUMENT}/states",
    ),
    # Nextcloud and its like.
    (f"{CLOUD}/s/Wq7ZkP3mXc9LtRd", "Nextcloud", f"{CLOUD}/{DAV}/"),
    (f"{CLOUD}/s/Wq7ZkP3mXc9LtRd/", "Nextcloud", f"{CLOUD}/{DAV}/"),
    ("asso.frama.space/s/Wq7ZkP3mXc9LtRd", "Nextcloud", f"https://asso.frama.space/{DAV}/"),
    (f"{CLOUD}/index.php/s/Wq7ZkP3mXc9LtRd/download", "Nextcloud", f"{CLOUD}/{DAV}/"),
    (f"{CLOUD}/s/Wq7ZkP3mXc9LtRd/download/cites.ods", "Nextcloud", f"{CLOUD}/{DAV}/"),
    (f"{CLOUD}/nextcloud/index.php/s/Wq7ZkP3mXc9LtRd", "Nextcloud", f"{CLOUD}/nextcloud/{DAV}/"),
    (
        f"{CLOUD}/s/Wq7ZkP3mXc9LtRd/download?path=%2Fdonn%C3%A9es&files=cit%C3%A9s%202.ods",
        "Nextcloud",
        f"{CLOUD}/{DAV}/donn%C3%A9es/cit%C3%A9s%202.ods",
    ),
    (f"{CLOUD}/s/Wq7ZkP3mXc9LtRd?path=/&files=a.csv", "Nextcloud", f"{CLOUD}/{DAV}/a.csv"),
    (f"{CLOUD}/s/Wq7ZkP3mXc9LtRd?dir=/x/../y", "Nextcloud", f"{CLOUD}/{DAV}/x/y"),
    # Opendatasoft: pages, in any language, with facets, and the API.
    (f"{ODS}/explore/dataset/cites/table/", "Opendatasoft", f"{EXPORTS}/csv"),
    (f"{ODS}/fr/explore/dataset/cites/information/?lang=fr", "Opendatasoft", f"{EXPORTS}/csv"),
    (f"{ODS}/explore/embed/dataset/cites/map/?location=9,45.7,4.8", "Opendatasoft", f"{EXPORTS}/csv"),
    (f"{ODS}/explore/dataset/cites/download/?format=geojson", "Opendatasoft", f"{EXPORTS}/geojson"),
    (
        f"{ODS}/explore/dataset/cites/?sort=nom&refine.dep=Rh%C3%B4ne&exclude.an=2019&disjunctive.dep",
        "Opendatasoft",
        f"{EXPORTS}/csv?refine=dep%3ARh%C3%B4ne&exclude=an%3A2019",
    ),
    (
        f"{ODS}/api/explore/v2.1/catalog/datasets/cites/exports/geojson?where=an%3E2020&limit=10",
        "Opendatasoft",
        f"{EXPORTS}/geojson?where=an%3E2020",
    ),
    (f"{ODS}/api/explore/v2.1/catalog/datasets/cites/records?limit=20", "Opendatasoft", f"{EXPORTS}/csv"),
    # data.gouv.fr: a dataset, and one of its resources in each form that the site ever had.
    (f"{GOUV}/fr/datasets/cites/", "data.gouv.fr", f"{GOUV}/api/1/datasets/cites/"),
    (f"{GOUV}/datasets/cites", "data.gouv.fr", f"{GOUV}/api/1/datasets/cites/"),
    ("data.gouv.fr/fr/datasets/cites/#/discussions", "data.gouv.fr", f"{GOUV}/api/1/datasets/cites/"),
    (
        f"{GOUV}/fr/datasets/cites/#/resources/{RESOURCE}",
        "data.gouv.fr",
        f"{GOUV}/api/1/datasets/r/{RESOURCE}",
    ),
    (f"{GOUV}/datasets/cites?resource_id={RESOURCE}", "data.gouv.fr", f"{GOUV}/api/1/datasets/r/{RESOURCE}"),
    (f"{GOUV}/fr/datasets/r/{RESOURCE.upper()}", "data.gouv.fr", f"{GOUV}/api/1/datasets/r/{RESOURCE}"),
    (f"{GOUV}/api/1/datasets/r/{RESOURCE}", "data.gouv.fr", f"{GOUV}/api/1/datasets/r/{RESOURCE}"),
    (
        f"https://explore.data.gouv.fr/fr/resources/{RESOURCE}",
        "data.gouv.fr",
        f"{GOUV}/api/1/datasets/r/{RESOURCE}",
    ),
]


class _AskedError(Exception):
    """Raised in place of asking."""


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    urls: list[str] = []

    def get(web: Web, url: str, headers: Mapping[str, str], key: Key = NO_KEY) -> Answer:
        urls.append(url)
        raise _AskedError

    monkeypatch.setattr(Web, "get", get)
    return urls


@pytest.mark.parametrize(("pasted", "kind", "url"), ADDRESSES)
def test_what_people_paste(asked: list[str], pasted: str, kind: str, url: str) -> None:
    source = recognise(pasted)
    with pytest.raises(_AskedError):
        source.fetch()
    assert (source.kind, asked) == (kind, [url])


@pytest.mark.parametrize(
    ("pasted", "shown", "secret"),
    [
        (f"{CLOUD}/s/Wq7ZkP3mXc9LtRd", f"{CLOUD}/s/Wq7Z…", "Wq7ZkP3mXc9LtRd"),
        (f"{GOOGLE}/{SHEET}/edit#gid=3", f"{GOOGLE}/1AbC…?gid=3", SHEET),
        (f"{GRIST}/doc/{DOCUMENT}/p/2", f"{GRIST}/doc/sT4k…/p/2", DOCUMENT),
        (
            "https://a.example/x.csv?sig=Zq3-9xW_Kt7LmP2vR4bN8cY1",
            "https://a.example/x.csv?…5511",
            "Zq3-9xW_Kt7LmP2vR4bN8cY1",
        ),
    ],
)
def test_what_is_secret_in_an_address_is_shown_nowhere(pasted: str, shown: str, secret: str) -> None:
    assert recognise(pasted).address == shown
    assert secret not in redact(f"GET /{secret}/x")


def test_two_exports_of_one_program_are_told_apart() -> None:
    """The log knows what is fetched by the address that is shown."""
    one, other = (recognise(f"https://a.example/export?id={number}").address for number in (1, 2))
    assert one != other


def test_a_word_that_somebody_chose_is_no_secret() -> None:
    """Nextcloud lets people choose the token of a share: each text with that word would have stars in it."""
    assert recognise(f"{CLOUD}/s/cites-educatives").address == f"{CLOUD}/s/cite…"
    assert redact("cites-educatives.csv") == "cites-educatives.csv"


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "cites.csv",
        "./cites.csv",
        "file:///etc/passwd",
        "ftp://example.org/cites.csv",
        "C:\\Users\\Zoé\\cites.ods",
        "https://",
        "https://[::1/cites.csv",
        "https://example.org:99999/cites.csv",
        "git@example.org:ville/cites.git",
    ],
)
def test_what_is_no_web_address(pasted: str) -> None:
    with pytest.raises(SourceError, match=r"DATASET_URL is not a web address\. Copy the whole address"):
        recognise(pasted)


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("https://docs.google.com/document/d/1AbC/edit", "address of Google Docs, but not that of a table"),
        (f"{GOUV}/fr/organizations/ville-de-lyon/", "address of data.gouv.fr, but not that of a table"),
        ("https://docs.getgrist.com/", "address of Grist, but not that of a table"),
        (f"{ODS}/explore/dataset/cites/?q=lyon", "shows only part of the dataset: it contains a search"),
        (f"{ODS}/explore/dataset/cites/map/?geofilter.polygon=(1,2)", "shows only part of the dataset"),
        ("https://zoe:geheim@example.org/a.csv", "contains a user name or a password"),
    ],
)
def test_an_address_of_something_else(pasted: str, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        recognise(pasted)
    assert caught.value.way_out
    assert "geheim" not in str(caught.value)


def test_a_token_never_goes_over_http() -> None:
    with pytest.raises(SettingsError, match=r"DATASET_TOKEN would be sent to example.org unencrypted"):
        recognise("http://example.org/a.csv", "geheim")
    recognise("http://example.org/a.csv", "geheim", plain=["example.org"])
    recognise("http://127.0.0.1/a.csv", "geheim")
    recognise("http://example.org/a.csv")


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "clé"])
def test_a_token_that_is_none(token: str) -> None:
    with pytest.raises(SettingsError, match="DATASET_TOKEN contains a character that no token has"):
        recognise("https://example.org/a.csv", token)
    recognise("https://example.org/a.csv", f"zoé:{token}")  # a name and a password may have any
    recognise(f"{CLOUD}/s/Wq7ZkP3mXc9LtRd", token)


@pytest.mark.parametrize(
    "address", ["docs.google.com/spreadsheets/d/x", "grist.example.org:8484/doc/x", " a.fr/ "]
)
def test_an_address_without_its_scheme_is_one(address: str) -> None:
    assert is_bare(address)


@pytest.mark.parametrize(
    "file", ["data/places.csv", "places.csv", "./a.b/c.csv", "../a.csv", "C:\\a.b\\c.csv", ""]
)
def test_a_file_is_no_address(file: str) -> None:
    assert not is_bare(file)
