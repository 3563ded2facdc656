"""Addresses as people paste them, and edit links that must never be repeated."""

from __future__ import annotations

import pytest

from umap_bot.errors import SettingsError
from umap_bot.umap.address import read_address, read_edit_link
from umap_bot.umap.ways.edit_link import EditLink

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
