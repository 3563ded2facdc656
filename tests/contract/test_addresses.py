"""Protocol 1: addresses of a map, and whom they are shown to."""

from __future__ import annotations

import re
from http import HTTPStatus

import pytest

from tests.contract.asker import Asker, Kept, Release
from umap_bot.sandbox.maps import MadeMap

SECRET = re.compile(r"(?P<path>.*/anonymous-edit/\d+:)(?P<signature>.+)")


def page(made: MadeMap, slug: str = "map") -> str:
    return f"/fr/map/{slug}_{made.id}"


def test_a_wrong_slug_is_put_right(made_map: MadeMap, theirs: Asker) -> None:
    """protocol 1, 1: a wrong slug is put right by a redirect."""
    answer = theirs.get(page(made_map, "wrong") + "?edit")
    assert answer.status_code == HTTPStatus.MOVED_PERMANENTLY
    assert theirs.get(answer.headers["Location"]).status_code == HTTPStatus.OK


@pytest.mark.parametrize("slug", ["", "a.b", "a b"])
def test_other_slugs_are_not_found(made_map: MadeMap, theirs: Asker, slug: str) -> None:
    """protocol 1, 1: an empty slug, or one with other characters, is 404."""
    assert theirs.get(page(made_map, slug)).status_code == HTTPStatus.NOT_FOUND


def test_a_slug_with_an_accent(made_map: MadeMap, theirs: Asker, release: Release) -> None:
    """protocol 1, 1: from 3.7 on also one with `é` is 404; before it is put right."""
    found = theirs.get(page(made_map, "cités")).status_code
    assert found == (HTTPStatus.NOT_FOUND if release >= (3, 7) else HTTPStatus.MOVED_PERMANENTLY)


@pytest.mark.parametrize("path", ["/map/map_{id}", "/m/{id}/"])
def test_short_addresses_are_redirects(made_map: MadeMap, theirs: Asker, path: str) -> None:
    """protocol 1, 1: without a language, and short, it is a redirect."""
    answer = theirs.get(path.format(id=made_map.id))
    assert answer.status_code in {HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND}
    assert f"_{made_map.id}" in answer.headers["Location"]


def test_the_settings_are_given_as_json(layer: Kept, theirs: Asker) -> None:
    """protocol 1, 2: the page's settings as plain JSON, without a CSRF cookie."""
    answer = theirs.get(f"/fr/map/{layer.made.id}/geojson/")
    told = answer.json()["properties"]
    assert told["editMode"] == "disabled"
    assert [each["id"] for each in told["datalayers"]] == [layer.id]
    assert "csrftoken" not in answer.cookies


def test_the_settings_of_a_draft(made_map: MadeMap, theirs: Asker, release: Release) -> None:
    """protocol 1, 2: up to 3.4 everybody is given the settings of a map whose page is 403."""
    made_map.set_permissions(share_status=0)
    answer = theirs.get(f"/fr/map/{made_map.id}/geojson/")
    assert answer.status_code == (HTTPStatus.OK if release <= (3, 4) else HTTPStatus.FORBIDDEN)


def test_the_edit_link_sets_a_cookie(made_map: MadeMap, theirs: Asker) -> None:
    """protocol 1, 3: it sets a cookie, and redirects to the page."""
    answer = theirs.get(made_map.edit_link)
    assert answer.status_code == HTTPStatus.FOUND
    assert [cookie.name for cookie in answer.cookies] == [f"anonymous_owner|{made_map.id}"]
    assert theirs.get(f"/fr/map/{made_map.id}/geojson/").json()["properties"]["editMode"] == "advanced"


def test_a_wrong_signature_is_refused(made_map: MadeMap, theirs: Asker) -> None:
    """protocol 1, 3: a wrong signature is 403."""
    link = SECRET.fullmatch(made_map.edit_link)
    assert link is not None
    answer = theirs.get(link["path"] + link["signature"][::-1])
    assert (answer.status_code, len(answer.cookies)) == (HTTPStatus.FORBIDDEN, 0)


def test_a_map_that_is_not_there(theirs: Asker) -> None:
    """protocol 1, 4: it is 404."""
    assert theirs.get("/fr/map/map_999999").status_code == HTTPStatus.NOT_FOUND


def test_a_deleted_map_looks_like_a_private_one(made_map: MadeMap, person: Asker, theirs: Asker) -> None:
    """protocol 1, 4: a deleted map is 403, for those too who might edit it."""
    made_map.delete()
    assert theirs.get(page(made_map)).status_code == HTTPStatus.FORBIDDEN
    assert person.get(page(made_map)).status_code == HTTPStatus.FORBIDDEN


def test_a_draft_is_shown_to_those_who_may_edit_it(layer: Kept, theirs: Asker) -> None:
    """protocol 1, 5: strangers are not shown a draft, nor its layers and versions."""
    paths = [layer.made.url, layer.path("datalayer_view"), layer.path("datalayer_versions")]
    layer.made.set_permissions(share_status=0)
    assert {theirs.get(path).status_code for path in paths} == {HTTPStatus.FORBIDDEN}
    assert {layer.asker.get(path).status_code for path in paths} == {HTTPStatus.OK}
