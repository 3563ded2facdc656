"""The settings in the page, in each form that a release of uMap wrote them."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import pytest

from umap_bot.errors import RefusedError, UnreachableError
from umap_bot.umap.entry import Page, find_layer, read_page
from umap_bot.umap.page import settings_of_json, settings_of_page
from umap_bot.umap.ways.advice import live_sync

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


PAGES = Path(__file__).with_name("pages")
REAL = ["1.13.2", "2.0.4", "2.6.3", "2.9.3", "3.4.2", "3.7.3", "3.8.1"]

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


@pytest.mark.parametrize("release", REAL)
def test_real_pages_give_what_their_json_gives(release: str) -> None:
    given = settings_of_json((PAGES / f"{release}.json").read_bytes())
    assert settings_of_page((PAGES / f"{release}.html").read_bytes()) == given


@pytest.mark.parametrize("release", REAL)
def test_real_pages_give_their_layers(release: str) -> None:
    page = read_page(settings_of_page((PAGES / f"{release}.html").read_bytes()), URL)
    assert (page.map_id, page.release, page.sharing, page.owned) == ("1", release, 1, False)
    assert page.name == 'Cités "d\'ici" & <b>là</b> </script> new U.Map("map", {}) é 😀'
    names = ["Cités éducatives", "Nord <b>", "Écoles"]
    assert [layer.name for layer in page.layers][:3] == names
    first, group, school = page.layers[:3]
    style = {"color": "Orchid", "iconClass": "Drop", "remoteData": {}, "displayOnLoad": True}
    assert first.settings == {"name": names[0], **style}
    assert (first.display_on_load, school.display_on_load) == (True, False)
    assert not any(layer.editable for layer in page.layers)  # a stranger's view
    line = tuple(map(int, release.split(".")[:2]))
    assert all(bool(layer.version) is (line >= (2, 8)) for layer in page.layers)
    assert (group.group, school.parent) == ((True, group.layer_id) if line >= (3, 7) else (False, None))
    assert page.path("datalayer_view", {"pk": first.layer_id}) == f"/en/datalayer/1/{first.layer_id}/"


@pytest.mark.parametrize("release", REAL)
def test_a_real_page_of_another_form_tells_its_release(release: str) -> None:
    html = (PAGES / f"{release}.html").read_text("utf-8")
    changed = html.replace("data-settings=", "data-config=").replace('map", {', 'carte", {')
    with pytest.raises(UnreachableError, match=f"no .data-settings. .* This uMap reports version {release}"):
        settings_of_page(changed.encode())


@pytest.mark.parametrize(
    ("page", "release"),
    [
        ("<html>Log in</html>", None),
        ('<html><div data-config="{&quot;umap_version&quot;: &quot;4.0.1&quot;}"></div></html>', "4.0.1"),
        ('<html><script data-settings="{broken"></script></html>', None),
        ('<html><script data-settings="[1]"></script></html>', None),
        ('<html><script>new U.Map("map", {"properties": 3})</script></html>', None),
        ('<html><meta name="generator" content="uMap 4.0.1"></html>', "4.0.1"),
        ('<html><body data-umap-version="4.0.1"></body></html>', "4.0.1"),
        (
            '<html><script data-settings="{&quot;properties&quot;: {&quot;a&quot;: NaN}}"></script></html>',
            None,
        ),
        ('<html><script>new U.Map("map", {"properties": {"a": -Infinity}})</script></html>', None),
        (f"""<html><script data-settings='{"[" * 10_000}'></script></html>""", None),
        (f"""<html><script data-settings='{'{"a":' * 10_000}'></script></html>""", None),
        (f"""<html><script data-settings='{{"properties": {"9" * 10_000}}}'></script></html>""", None),
        ("", None),
    ],
)
def test_an_unknown_form_says_what_was_looked_for(page: str, release: str | None) -> None:
    with pytest.raises(UnreachableError, match="data-settings") as caught:
        settings_of_page(page.encode())
    assert (f"reports version {release}" in str(caught.value)) is (release is not None)
    assert "update umap-bot" in str(caught.value)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_page_that_is_cut_holds_no_settings(form: Any) -> None:
    whole = form(settings(layers_37()))
    for cut in (len(whole) // 4, len(whole) // 2, whole.index("umap_version") + 20):
        with pytest.raises(UnreachableError, match="data-settings"):
            settings_of_page(whole[:cut].encode())


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_what_people_wrote_elsewhere_in_the_page_is_no_settings(form: Any) -> None:
    """A map's name stands in other places, too: scripts that look alike, elements of other things."""
    given = settings(layers_37())
    before = (
        "<script>var name = \"new U.Map('map', {});new U.Map('map', {'properties': {}})\"</script>"
        '<script type="application/ld+json">{"name": "new Umap(\\"map\\", {\\"properties\\": {}}"}</script>'
        '<div data-settings="[]"></div><div data-settings="{&quot;a&quot;: 1}"></div>'
    )
    page = form(given).replace("<html>", f"<html>{before}").encode()
    assert settings_of_page(page) == given["properties"]


def test_of_an_attribute_that_stands_twice_the_first_counts_as_in_a_browser() -> None:
    given = settings(layers_37())
    page = attribute(given).replace('"></script>', '" data-settings="{&quot;properties&quot;: {}}"></script>')
    assert settings_of_page(page.encode()) == given["properties"]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_page_of_thousands_of_layers_is_read(form: Any) -> None:
    """Megabytes, and groups in groups beyond what Python would follow by recursion."""
    many = [{"id": f"layer-{number}", "name": ODD * 10} for number in range(5_000)]
    page = read_page(settings_of_page(form(settings(many)).encode()), URL)
    assert len(page.layers) == 5_000


def test_groups_in_groups_beyond_all_measure() -> None:
    deep: dict[str, Any] = {"id": "0", "name": "0"}
    for number in range(1, 10_000):
        deep = {"id": str(number), "name": str(number), "layers": [deep]}
    page = page_of([deep])
    assert (len(page.layers), page.layers[-1].parent) == (10_000, "1")


def test_a_group_in_itself_is_read() -> None:
    inner = {"id": "1", "labelKey": "inner", "layers": [{"id": "1", "layers": [{"id": "2"}]}]}
    page = page_of([{"id": "1", "layers": [inner]}])
    assert [(layer.layer_id, layer.parent) for layer in page.layers] == [
        ("1", None),
        ("1", "1"),
        ("1", "1"),
        ("2", "1"),
    ]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"properties":[]}', b"\xff", b'{"a":' * 3000])
def test_json_that_is_no_settings_is_not_understood(body: bytes) -> None:
    with pytest.raises(UnreachableError, match="does not contain"):
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


@pytest.mark.parametrize(
    ("site", "of_map", "told"),
    [(True, True, True), (True, False, False), (False, True, False), (True, None, False)],
)
def test_live_sync_is_on_where_the_site_has_it_and_the_map_asks_for_it(
    site: bool, of_map: object, told: bool
) -> None:
    page = page_of([], websocketEnabled=site, syncEnabled=of_map)
    assert page.live_sync is told
    assert bool(live_sync(page)) is told


def test_a_layer_has_what_its_groups_and_the_map_set_for_its_features() -> None:
    inner = {"id": "c", "properties": {"name": "C"}, "layers": []}
    middle = {"id": "b", "properties": {"name": "{B}", "sortKey": "b", "labelKey": ""}, "layers": [inner]}
    outer = {"id": "a", "properties": {"name": "A", "sortKey": "a", "labelKey": "a"}, "layers": [middle]}
    of_map = {"facetKey": "x", "iconUrl": "/{x}.svg", "description": "{x}", "filters": [{"fieldKey": "x"}]}
    layers = page_of([outer], **of_map, zoom=7, permissions={"x": SECRET}).layers
    assert [layer.group_settings for layer in layers] == [
        {},
        {"sortKey": "a", "labelKey": "a"},
        {"sortKey": "b", "labelKey": "a"},
    ]
    of_map.pop("description")
    assert [layer.map_settings for layer in layers] == [of_map] * 3


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


def test_a_name_beyond_all_measure_is_told_in_short_and_found_all_the_same() -> None:
    long = "Cités " * 50_000
    page = page_of([{"id": "a", "name": long}], name=long, umap_version=long, id=long)
    assert max(map(len, (page.name, page.release, page.map_id, page.layers[0].name))) == 300
    assert find_layer(page, long).layer_id == "a"
    with pytest.raises(RefusedError) as caught:
        find_layer(page, "Nowhere")
    assert len(str(caught.value)) < 600


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


def test_a_name_that_two_layers_share_lists_both_with_their_groups() -> None:
    group = {"id": "g", "name": "Nord", "layers": [{"id": "b", "name": "Twin"}]}
    page = page_of([{"id": "a", "name": "Twin"}, group])
    with pytest.raises(
        RefusedError, match=r"2 layers .*: “Twin” \(a\), “Twin” \(b\) in “Nord”\. Set UMAP_LAYER to the id"
    ):
        find_layer(page, "Twin")
    assert find_layer(page, "b").layer_id == "b"


def test_a_group_of_the_same_name_is_no_second_layer() -> None:
    group = {"id": "g", "name": "Cités", "group": True, "layers": [{"id": "b", "name": "Cités"}]}
    assert find_layer(page_of([group]), "Cités").layer_id == "b"
    assert find_layer(page_of([group]), "g").layer_id == "g"
    with pytest.raises(RefusedError, match=r"2 layers .*: “Cités” \(b\) in “Cités”, “Cités” \(c\)"):
        find_layer(page_of([group, {"id": "c", "name": "Cités"}]), "Cités")


def test_a_name_is_found_in_another_unicode_form() -> None:
    page = page_of([{"id": "a", "name": " Cite\u0301s "}, {"id": "b", "name": "cités"}])
    assert find_layer(page, "Cités").layer_id == "a"


def test_an_id_that_is_none_goes_into_no_path() -> None:
    odd: list[Any] = ["../../x", "a b", "a?b", "", None, {"a": 1}, ["a"], "é", "a\n"]
    assert page_of([{"id": one, "name": "n"} for one in odd]).layers == ()


def test_a_rank_that_is_none_is_the_place_in_the_list() -> None:
    ranks: list[Any] = [True, "3", None, 1.5, 7]
    page = page_of([{"id": str(number), "rank": rank} for number, rank in enumerate(ranks)])
    assert [layer.rank for layer in page.layers] == [0, 1, 2, 3, 7]


def test_a_missing_layer_lists_those_that_exist() -> None:
    with pytest.raises(RefusedError, match=r"no layer “Nowhere”.*“Enfant” .00000002-uuid"):
        find_layer(page_of(layers_37()), "Nowhere")
    with pytest.raises(RefusedError, match="has no layers"):
        find_layer(page_of([]), "Nowhere")
    many = [{"id": str(number), "name": "n"} for number in range(200)]
    with pytest.raises(RefusedError, match="and 180 more"):
        find_layer(page_of(many), "Nowhere")


def test_a_missing_layer_can_be_made_if_it_has_a_name() -> None:
    for wanted, offered in (
        ("Nowhere", True),
        ("17", False),
        ("00000009-0000-4000-8000-00000000000a", False),
    ):
        with pytest.raises(RefusedError) as caught:
            find_layer(page_of(layers_37()), wanted)
        assert ("--create-layer" in str(caught.value.way_out)) is offered


def test_no_name_means_the_only_layer_that_holds_features() -> None:
    group = {"id": "g", "properties": {"name": "G"}, "group": True, "layers": [{"id": "c", "name": "C"}]}
    assert find_layer(page_of([group]), None).layer_id == "c"
    with pytest.raises(RefusedError, match="does not say which one to use"):
        find_layer(page_of(layers_37()), None)
    with pytest.raises(RefusedError, match=r"no layer that can hold features.* --create-layer"):
        find_layer(page_of([{**group, "layers": []}]), None)


@pytest.mark.parametrize("broken", [None, {}, "x", [None, 3, {"name": "no id"}, {"id": "a", "layers": "x"}]])
def test_a_list_of_layers_that_is_none_breaks_nothing(broken: Any) -> None:
    assert len(page_of(broken).layers) == (1 if isinstance(broken, list) else 0)
