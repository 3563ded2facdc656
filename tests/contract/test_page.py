"""Protocol 2: the settings in the page."""

from __future__ import annotations

import json
import re
from typing import Any

from bs4 import BeautifulSoup

from tests.contract.asker import BRON, LYON, Asker, Kept, Release
from tests.umap.made import collection
from umap_bot.sandbox.maps import VERSION, MadeMap
from umap_bot.sandbox.server import Sandbox

TREE = (3, 7)
"""The first release with groups, and with a layer's settings apart."""


def in_the_html(html: str, release: Release) -> dict[str, Any]:
    """The settings by the place that the document names, and no other."""
    soup = BeautifulSoup(html, "html.parser")
    if release >= (3, 0):
        (element,) = soup.select("[data-settings]")
        text = str(element["data-settings"])
    else:
        text = html.partition('new Umap("map", ')[2].replace("&lt;", "<")
    found: dict[str, Any] = json.JSONDecoder().raw_decode(text)[0]
    return found


def test_where_the_settings_are(layer: Kept, theirs: Asker, release: Release) -> None:
    """protocol 2, 1: an attribute since 3.0, a script before; the same as the plain JSON."""
    layer.made.rename("Cités <b>&amp;</b>")
    whole = in_the_html(theirs.get(layer.made.url).text, release)
    plain = theirs.get(f"/en/map/{layer.made.id}/geojson/").json()
    assert whole["properties"]["name"] == plain["properties"]["name"] == "Cités <b>&amp;</b>"
    assert whole["properties"]["datalayers"] == plain["properties"]["datalayers"]


def test_in_a_script_each_less_than_is_escaped(made_map: MadeMap, theirs: Asker, release: Release) -> None:
    """protocol 2, 1: in the scripts each `<` is written `&lt;`; nothing can end the script."""
    made_map.rename("</script>")
    html = theirs.get(made_map.url).text
    assert ("&lt;/script>" in html.partition('new Umap("map", ')[2]) == (release < (3, 0))
    assert in_the_html(html, release)["properties"]["name"] == "</script>"


def test_what_the_settings_hold(umap: Sandbox, layer: Kept) -> None:
    """protocol 2, 2: a Feature, with all in its properties."""
    whole = layer.made.feature()
    told = whole["properties"]
    assert (whole["type"], told["id"], told["umap_version"]) == ("Feature", layer.made.id, umap.release)
    assert {"name", "modified_at", "editMode", "permissions", "urls", "datalayers"} <= told.keys()


def test_the_edit_link_is_among_the_settings_of_those_who_have_it(layer: Kept, theirs: Asker) -> None:
    """protocol 2, 2: the permissions hold the edit link itself, while we hold its cookie."""
    told = theirs.get(f"/en/map/{layer.made.id}/geojson/").json()["properties"]
    assert layer.made.page()["permissions"]["anonymous_edit_url"] == layer.made.edit_link
    assert not told["permissions"].get("anonymous_edit_url")


def test_urls_are_templates(layer: Kept) -> None:
    """protocol 2, 3: paths with places in braces, with the language of the page."""
    urls = layer.made.page()["urls"]
    assert urls["datalayer_view"] == "/en/datalayer/{map_id}/{pk}/"
    assert urls["datalayer_update"] == "/en/map/{map_id}/datalayer/update/{pk}/"
    assert urls["datalayer_versions"] == "/en/datalayer/{map_id}/{pk}/versions/"
    assert re.fullmatch(r"/en/datalayer/\{map_id\}/\{pk\}/\{ref\}", urls["datalayer_version"])
    assert urls["datalayer_create"].count("{pk}") == 1


def test_layers_are_a_tree_since_groups_are_there(made_map: MadeMap, release: Release) -> None:
    """protocol 2, 4: a list; since 3.7 a tree, with children in `layers`."""
    group = made_map.add_layer("Group", collection(), {"group": True})
    child = made_map.add_layer("Child", collection(LYON), parent=group)
    listed = {entry["id"]: entry.get("layers") for entry in made_map.layers()}
    if release >= TREE:
        assert list(listed) == [group]
        assert [entry["id"] for entry in listed[group] or []] == [child]
    else:
        assert listed == {group: None, child: None}


def test_settings_of_a_layer(layer: Kept, release: Release) -> None:
    """protocol 2, 4: settings lie in `properties` since 3.7, beside the server's own keys before."""
    entry = layer.made.layer(layer.id)
    settings = entry["properties"] if release >= TREE else entry
    assert {"name": "Cités", "color": "Orchid", "iconClass": "Drop"}.items() <= settings.items()
    assert ("color" in entry) == (release < TREE)


def test_the_version_of_a_layer(layer: Kept, release: Release) -> None:
    """protocol 2, 5: the page has the same text as the layer's own header."""
    name = "referenceVersion" if release >= TREE else "_referenceVersion"
    before = layer.made.layer(layer.id)[name]
    assert before == layer.version
    stored = layer.store(LYON)
    assert before != stored == layer.made.layer(layer.id)[name] == layer.version


def test_an_update_tells_the_version_that_it_made(layer: Kept) -> None:
    """protocol 2, 5: the version of an answer is that of the page."""
    answer = layer.push(collection(BRON), layer.version)
    assert answer.headers[VERSION] == layer.version


def test_who_may_edit_a_layer(layer: Kept, theirs: Asker) -> None:
    """protocol 2, 6: its own editMode tells."""
    (seen,) = theirs.get(f"/en/map/{layer.made.id}/geojson/").json()["properties"]["datalayers"]
    assert (layer.made.layer(layer.id)["editMode"], seen["editMode"]) == ("advanced", "disabled")


def test_the_rank_of_a_layer(layer: Kept, release: Release) -> None:
    """protocol 2, 7: up to 2.9 a layer has no rank."""
    assert ("rank" in layer.made.layer(layer.id)) == (release > (2, 9))
