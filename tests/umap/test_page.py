"""The settings in the page, in each form that a release of uMap wrote them."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest

from bot.errors import RefusedError, UnreachableError
from bot.umap.entry import Page, find_layer, read_page
from bot.umap.page import settings_of_json, settings_of_page

SECRET = "Zk3_x-y9AbCdEf"
URL = "https://umap.example/fr/map/cites_7"
ODD = 'Cités "d\'ici" & <b>là</b> </script> {x} é 😀'


def layers_37() -> list[dict[str, Any]]:
    """As uMap writes them since 3.7: settings apart, a tree."""

    def one(name: str, number: int, **more: Any) -> dict[str, Any]:
        own = {"name": name, **more.pop("own", {})}
        return {
            "id": f"0000000{number}-uuid",
            "properties": own,
            "rank": number,
            "referenceVersion": f"100{number}",
            "editMode": "advanced",
            "permissions": {"edit_status": 0},
            **more,
        }

    remote = {
        "remoteData": {"url": "https://me:pw@data.example/a.json?key=hidden", "format": "geojson"},
        "displayOnLoad": False,
    }
    child = one("Enfant", 2, layers=[one("Petit-enfant", 3, editMode="disabled")])
    return [
        one("Groupe", 1, group=True, layers=[child]),
        one(ODD, 4, own={"color": "Red", "remoteData": {}}),
        one("Ailleurs", 5, own=remote, old_id=88),
    ]


def settings(layers: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    properties = {
        "id": 7,
        "name": ODD,
        "umap_version": "3.8.1",
        "editMode": "advanced",
        "modified_at": "2026-11-24T10:00:00Z",
        "permissions": {
            "owner": None,
            "anonymous_edit_url": f"https://umap.example/x/anonymous-edit/7:{SECRET}",
        },
        "urls": {"datalayer_view": "/fr/datalayer/{map_id}/{pk}/", "datalayer_update": "//evil.example/"},
        "datalayers": layers,
        **more,
    }
    return {"type": "Feature", "geometry": None, "properties": properties}


def attribute(given: dict[str, Any]) -> str:
    text = html.escape(json.dumps(given))
    return f'<html><script defer id="map-settings" type="module" data-settings="{text}"></script></html>'


def inline(call: str) -> Any:
    def page(given: dict[str, Any]) -> str:
        text = json.dumps(given).replace("<", "&lt;")
        before = '<html><script>var a = "map", b;</script><script src="/x.js"></script>'
        return f'{before}<script type="module">\n{call}("map", {text}, other)\n}})</script></html>'

    return page


FORMS = {
    "3.0": attribute,
    "2.8": inline("import {U} from './x'\nU.MAP = new Umap"),
    "2.0": inline("window.addEventListener('DOMContentLoaded', (event) => {\n  U.MAP = new U.Map"),
    "1": inline("let MAP = new L.U.Map"),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_every_form_gives_the_settings_exactly(form: Any) -> None:
    given = settings(layers_37())
    assert settings_of_page(form(given).encode()) == given["properties"]
    assert settings_of_json(json.dumps(given).encode()) == given["properties"]


@pytest.mark.parametrize(
    ("page", "release"),
    [
        ("<html>Log in</html>", None),
        ('<html><div data-config="{&quot;umap_version&quot;: &quot;4.0.1&quot;}"></div></html>', "4.0.1"),
        ('<html><script data-settings="{broken"></script></html>', None),
        ('<html><script data-settings="[1]"></script></html>', None),
        ('<html><script>new U.Map("map", {"properties": 3})</script></html>', None),
        ("", None),
    ],
)
def test_an_unknown_form_says_what_was_looked_for(page: str, release: str | None) -> None:
    with pytest.raises(UnreachableError, match="data-settings") as caught:
        settings_of_page(page.encode())
    assert ("says it is 4.0.1" in str(caught.value)) is (release is not None)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"properties":[]}', b"\xff", b'{"a":' * 3000])
def test_json_that_is_no_settings_is_not_understood(body: bytes) -> None:
    with pytest.raises(UnreachableError, match="something else"):
        settings_of_json(body)


def page_of(layers: list[dict[str, Any]], **more: Any) -> Page:
    return read_page(settings(layers, **more)["properties"], URL)


def test_layers_of_a_tree_come_flat_each_with_its_group() -> None:
    page = page_of(layers_37())
    assert [(layer.name, layer.parent) for layer in page.layers] == [
        ("Groupe", None),
        ("Enfant", "00000001-uuid"),
        ("Petit-enfant", "00000002-uuid"),
        (ODD, None),
        ("Ailleurs", None),
    ]
    assert [layer.group for layer in page.layers] == [True, True, False, False, False]
    assert [layer.editable for layer in page.layers] == [True, True, False, True, True]
    assert page.layers[3].settings == {"name": ODD, "color": "Red", "remoteData": {}}
    assert (page.layers[3].version, page.layers[3].rank, page.layers[3].release) == ("1004", 4, "3.8.1")


def test_remote_data_counts_with_url_and_format_and_hides_its_keys() -> None:
    page = page_of(layers_37())
    assert page.layers[4].remote == "https://data.example/a.json?…"
    assert page.layers[4].display_on_load is False
    for half in ({"url": "https://x"}, {"format": "csv"}, {"url": "", "format": "csv"}, None, "x"):
        flat = {"id": "u", "name": "n", "remoteData": half}
        assert page_of([flat]).layers[0].remote is None


def test_settings_of_older_releases_lie_among_the_servers_own_keys() -> None:
    """Up to 3.6: these would break things if they were sent back as settings."""
    flat = {
        "id": "uuid",
        "old_id": 12,
        "name": "Cités",
        "color": "Red",
        "_referenceVersion": "1000",
        "rank": 3,
        "editMode": "advanced",
        "permissions": {"edit_status": 0},
    }
    entry = page_of([flat]).layers[0]
    assert entry.settings == {"name": "Cités", "color": "Red"}
    assert (entry.version, entry.rank, entry.editable) == ("1000", 3, True)


def test_without_ranks_the_place_in_the_list_is_the_rank() -> None:
    page = page_of([{"id": "a", "name": "A"}, {"id": "b", "name": "B"}])
    assert [layer.rank for layer in page.layers] == [0, 1]


def test_before_2_8_the_map_has_another_id_and_layers_no_version() -> None:
    properties = settings([{"id": 5, "name": "A"}])["properties"]
    properties["umap_id"] = properties.pop("id")
    page = read_page(properties, URL)
    assert (page.map_id, page.layers[0].layer_id, page.layers[0].version) == ("7", "5", "")


def test_the_secret_in_the_page_goes_no_further() -> None:
    assert SECRET not in repr(page_of(layers_37()))


def test_a_path_without_host_only() -> None:
    page = page_of(layers_37())
    assert page.path("datalayer_view", {"pk": "u"}) == "/fr/datalayer/7/u/"
    for missing in ("datalayer_update", "datalayer_versions"):
        with pytest.raises(RefusedError, match=missing):
            page.path(missing, {"pk": "u"})


@pytest.mark.parametrize("wanted", ["00000005-uuid", "88", "Ailleurs", " Ailleurs "])
def test_a_layer_is_found_by_id_old_number_or_name(wanted: str) -> None:
    assert find_layer(page_of(layers_37()), wanted).layer_id == "00000005-uuid"


def test_a_name_that_two_layers_share_lists_both() -> None:
    page = page_of([{"id": "a", "name": "Twin"}, {"id": "b", "name": "Twin"}])
    with pytest.raises(RefusedError, match=r"2 layers .*\(a\).*\(b\)"):
        find_layer(page, "Twin")
    assert find_layer(page, "b").layer_id == "b"


def test_a_missing_layer_lists_those_that_exist() -> None:
    with pytest.raises(RefusedError, match=r"no layer “Nowhere”.*“Enfant” .00000002-uuid"):
        find_layer(page_of(layers_37()), "Nowhere")
    with pytest.raises(RefusedError, match="has no layers"):
        find_layer(page_of([]), "Nowhere")
    many = [{"id": str(number), "name": "n"} for number in range(30)]
    with pytest.raises(RefusedError, match="and 10 more"):
        find_layer(page_of(many), "Nowhere")


def test_no_name_means_the_only_layer_that_holds_features() -> None:
    group = {"id": "g", "properties": {"name": "G"}, "group": True, "layers": [{"id": "c", "name": "C"}]}
    assert find_layer(page_of([group]), None).layer_id == "c"
    with pytest.raises(RefusedError, match="Which layer"):
        find_layer(page_of(layers_37()), None)


@pytest.mark.parametrize("broken", [None, {}, "x", [None, 3, {"name": "no id"}, {"id": "a", "layers": "x"}]])
def test_a_list_of_layers_that_is_none_breaks_nothing(broken: Any) -> None:
    assert len(page_of(broken).layers) == (1 if isinstance(broken, list) else 0)
