"""Protocol 13: making maps and layers."""

from __future__ import annotations

import json
import uuid
from http import HTTPStatus

from tests.contract.asker import FORM, Asker, Kept

FILE = ("blob", b'{"type": "FeatureCollection", "features": []}')


def test_making_a_map_answers_with_its_edit_link(theirs: Asker) -> None:
    """protocol 13, 1: with `name`, `center`, `settings`; it has no owner."""
    theirs.get("/en/login/")
    center = {"type": "Point", "coordinates": [4, 45]}
    whole = {"type": "Feature", "geometry": center, "properties": {"name": "Cités", "zoom": 8}}
    form = {"name": "Cités", "center": json.dumps(center), "settings": json.dumps(whole)}
    made = theirs.post("/en/map/create/", form).json()
    link = made["permissions"]["anonymous_edit_url"]
    assert link.startswith(f"{theirs.site}/en/map/anonymous-edit/{made['id']}:")
    assert theirs.get(f"/en/map/{made['id']}/geojson/").json()["properties"]["editMode"] == "advanced"


def test_making_a_layer_wants_a_uuid(layer: Kept) -> None:
    """protocol 13, 1: `datalayer_create` wants a uuid of ours; one in use is 400."""
    new = str(uuid.uuid4())
    made = layer.asker.post(layer.path("datalayer_create", pk=new), FORM, FILE)
    assert (made.status_code, made.json()["id"]) == (HTTPStatus.OK, new)
    again = layer.asker.post(layer.path("datalayer_create", pk=new), FORM, FILE)
    none = layer.asker.post(layer.path("datalayer_create", pk="1"), FORM, FILE)
    assert (again.status_code, none.status_code) == (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)


def test_a_theirs_makes_no_layer(layer: Kept, theirs: Asker) -> None:
    """protocol 3, 2: an empty 403 is "no right", of the map without owner."""
    theirs.get("/en/login/")
    answer = theirs.post(layer.path("datalayer_create", pk=str(uuid.uuid4())), FORM, FILE)
    assert (answer.status_code, answer.content) == (HTTPStatus.FORBIDDEN, b"")
    assert len(layer.made.layers()) == 1
