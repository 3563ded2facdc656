"""A uMap that is reached over TLS alone, by an authority of its own."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from tests.commands.desk import Desk
from tests.contract.asker import FORM, Kept
from tests.releases.places import Place
from umap_bot.sandbox.maps import LOCK

OVER_TLS = pytest.mark.parametrize("place", ["TLS"], indirect=True)
FILE = ("blob", b'{"type": "FeatureCollection", "features": []}')


@OVER_TLS
def test_the_cookies_are_for_https_alone(place: Place) -> None:
    """protocol 3, 1: the CSRF cookie comes over https alone."""
    with place.visitor() as session:
        assert [(cookie.name, cookie.secure) for cookie in session.cookies] == [("csrftoken", True)]


@OVER_TLS
@pytest.mark.parametrize("referer", ["", "https://example.org/", "http://127.0.0.1/"])
def test_a_referer_that_is_not_the_sites_is_refused(place: Place, layer: Kept, referer: str) -> None:
    """protocol 3, 1 and protocol 3, 2: over https Django also wants a Referer of the site."""
    path, lock = layer.path("datalayer_update"), {LOCK: layer.version}
    wrong = layer.asker.post(path, FORM, FILE, **lock, Referer=referer)
    assert wrong.status_code == HTTPStatus.FORBIDDEN
    assert b"<html" in wrong.content
    right = layer.asker.post(path, FORM, FILE, **lock, Referer=f"{place.site}/")
    assert right.status_code == HTTPStatus.OK


@OVER_TLS
def test_an_authority_that_is_not_known(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot says what is wrong and what to do in one line each, and sends nothing."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    said = desk.type("sync")
    assert said.code == 14
    assert "certificate" in said.err
    assert "REQUESTS_CA_BUNDLE" in said.err
    assert desk.features == []
