"""Addresses as people paste them, and edit links that must never be repeated."""

from __future__ import annotations

import pytest

from tests.umap.made import AGENT, Pauses
from umap_bot.errors import SettingsError
from umap_bot.umap.address import read_address, read_edit_link
from umap_bot.umap.map import UmapMap, open_map
from umap_bot.umap.ways.access import WayIn
from umap_bot.umap.ways.account import Account
from umap_bot.umap.ways.edit_link import EditLink
from umap_bot.umap.ways.session import SessionCookie

MAP = read_address("https://umap.example/fr/map/cites_484645")
SECRET = "Zk3_x-y9AbCdEf"


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://umap.example/fr/map/cites_484645", "/fr/map/cites_484645"),
        ("https://umap.example/fr/map/cites_484645?edit#6/45/4", "/fr/map/cites_484645"),
        (" https://UMAP.example:443/pt-br/map/cites_484645/ ", "/pt-br/map/cites_484645"),
        ("https://umap.example/map/cites_484645", "/en/map/cites_484645"),
        ("https://umap.example/m/484645/", "/en/map/map_484645"),
        ("https://umap.example/m/484645", "/en/map/map_484645"),
        ("https://umap.example/fr/map/484645", "/fr/map/map_484645"),
        ("https://umap.example/fr/map/cités-éducatives_484645", "/fr/map/map_484645"),
        ("https://umap.example/fr/map/a_b_c_484645", "/fr/map/a_b_c_484645"),
        ("https://umap.example/tools/umap/fr/map/cites_484645", "/tools/umap/fr/map/cites_484645"),
    ],
)
def test_an_address_as_people_paste_it(url: str, page: str) -> None:
    address = read_address(url)
    assert (address.origin, address.map_id, address.page) == ("https://umap.example", "484645", page)
    assert address.settings.endswith("/map/484645/geojson/")


def test_the_port_is_part_of_the_site() -> None:
    assert read_address("http://127.0.0.1:8000/en/map/x_1").origin == "http://127.0.0.1:8000"
    assert read_address("http://[::1]:8000/en/map/x_1").origin == "http://[::1]:8000"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "umap.example/fr/map/cites_484645",
        "ftp://umap.example/fr/map/cites_484645",
        "https://umap.example/fr/",
        "https://umap.example/fr/map/cites",
        "https://umap.example:port/fr/map/cites_484645",
        "https://[umap.example/fr/map/cites_484645",
        f"https://umap.example/fr/map/anonymous-edit/484645:{SECRET}",
        f"https://umap.example:x/fr/map/anonymous-edit/484645:{SECRET}",
    ],
)
def test_what_is_no_address_is_refused_and_a_link_is_not_repeated(url: str) -> None:
    with pytest.raises(SettingsError, match="UMAP_MAP_URL") as caught:
        read_address(url)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "link",
    [
        f"https://umap.example/en/map/anonymous-edit/484645:{SECRET}",
        f"https://umap.example/en/map/anonymous-edit/484645%3A{SECRET} ",
        f"http://umap.example/en/map/anonymous-edit/484645:{SECRET}",
    ],
)
def test_an_edit_link(link: str) -> None:
    assert read_edit_link(link, MAP) == f"/en/map/anonymous-edit/484645:{SECRET}"


@pytest.mark.parametrize(
    ("link", "because"),
    [
        (f"https://umap.example/en/map/anonymous-edit/484646:{SECRET}", "map 484646"),
        (f"https://other.example/en/map/anonymous-edit/484645:{SECRET}", "another site"),
        (f"https://umap.example:8000/en/map/anonymous-edit/484645:{SECRET}", "another site"),
        (f"https://umap.example/en/map/cites_484645?{SECRET}", "not a secret edit link"),
        (f"484645:{SECRET}", "not a web address"),
        (f"https://umap.example/en/map/anonymous-edit/484645:{SECRET}/../..", "not a secret edit link"),
    ],
)
def test_a_link_that_is_not_of_this_map_is_refused_and_not_repeated(link: str, because: str) -> None:
    with pytest.raises(SettingsError, match=because) as caught:
        EditLink(link, MAP)
    assert SECRET not in str(caught.value)


def test_an_edit_link_does_not_show_itself() -> None:
    link = EditLink(f"https://umap.example/en/map/anonymous-edit/484645:{SECRET}", MAP)
    assert SECRET not in repr(link) + str(link)


def opened(
    url: str, link: str | None = None, way: WayIn | None = None, plain: tuple[str, ...] = ()
) -> UmapMap:
    return open_map(url, edit_link=link, way_in=way, agent=AGENT, pause=Pauses(), plain=plain)


@pytest.mark.parametrize(
    ("link", "way", "setting"),
    [
        (f"http://umap.lan:8000/en/map/anonymous-edit/1:{SECRET}", None, "UMAP_EDIT_LINK"),
        (None, Account("bot", SECRET), "UMAP_PASSWORD"),
        (None, SessionCookie(SECRET), "UMAP_SESSION_COOKIE"),
    ],
)
def test_a_secret_goes_to_no_other_machine_in_the_clear(
    link: str | None, way: WayIn | None, setting: str
) -> None:
    url = "http://umap.lan:8000/en/map/m_1"
    with pytest.raises(SettingsError, match=f"{setting} would be sent to umap.lan unencrypted") as caught:
        opened(url, link, way)
    assert SECRET not in str(caught.value)
    assert opened(url, link, way, ("umap.lan",)).address.origin == "http://umap.lan:8000"


def test_who_has_no_secret_may_look_over_http() -> None:
    assert opened("http://umap.lan/en/map/m_1").address.origin == "http://umap.lan"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8000", "[::1]:8000"])
def test_on_this_machine_http_is_as_good(host: str) -> None:
    link = f"http://{host}/en/map/anonymous-edit/1:{SECRET}"
    assert opened(f"http://{host}/en/map/m_1", link).address.origin == f"http://{host}"


@pytest.mark.parametrize(("page", "link"), [("http", "https"), ("https", "http"), ("http", "HTTPS")])
def test_if_one_of_the_two_addresses_is_of_https_both_are(page: str, link: str) -> None:
    made = opened(f"{page}://umap.lan/en/map/m_1", f"{link}://umap.lan/en/map/anonymous-edit/1:{SECRET}")
    assert made.wire.origin == "https://umap.lan"
    assert made.address.url == "https://umap.lan/en/map/m_1"
