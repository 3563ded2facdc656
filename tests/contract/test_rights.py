"""Protocol 3: who may write, and how uMap says no."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest
import requests

from tests.accounts import log_in, new_user
from tests.contract.asker import FORM, LYON, Asker, Kept
from tests.umap.made import collection
from umap_bot.sandbox.maps import LOCK, MadeMap, new_map
from umap_bot.sandbox.prepare import Prepared
from umap_bot.sandbox.server import Sandbox

PASSWORD = "wet-hens-lay"
EVERYONE = 1


@dataclass
class Owned:
    """A map of an account with one layer, seen by its owner."""

    owner: Asker
    layer: Kept


@pytest.fixture(scope="module")
def account(umap: Sandbox) -> str:
    new_user(umap, "ada", PASSWORD)
    return "ada"


@pytest.fixture
def owned(umap: Sandbox, account: str) -> Iterator[Owned]:
    with new_map(umap.site, "Owned", session=log_in(umap.site, account, PASSWORD)) as made:
        owner = Asker(umap.site, made.session)
        yield Owned(owner, Kept(made, owner, made.add_layer("Cités", collection(LYON))))


def pushed(asker: Asker, layer: Kept, **headers: str) -> requests.Response:
    """A push that is right in all but who sends it."""
    file = ("blob", b'{"type": "FeatureCollection", "features": []}')
    return asker.post(layer.path("datalayer_update"), FORM, file, **{LOCK: layer.version}, **headers)


def visited(asker: Asker, layer: Kept) -> Asker:
    """The same, with the CSRF cookie that the page sets."""
    asker.get(urlsplit(layer.made.url).path)
    assert "csrftoken" in asker.session.cookies
    return asker


def test_without_the_token_it_is_html(layer: Kept) -> None:
    """protocol 3, 1 and protocol 3, 2: the cookie alone is not enough; a 403 with HTML is about CSRF."""
    del layer.asker.session.cookies["csrftoken"]
    answer = pushed(layer.asker, layer)
    assert (answer.status_code, answer.headers["Content-Type"][:9]) == (HTTPStatus.FORBIDDEN, "text/html")
    assert b"CSRF" in answer.content
    assert layer.names == ["Lyon", "Bron"]


def test_the_html_page_sets_the_cookie(layer: Kept) -> None:
    """protocol 3, 1: the map's HTML page sets the CSRF cookie, and with it a push is stored."""
    del layer.asker.session.cookies["csrftoken"]
    assert pushed(visited(layer.asker, layer), layer).status_code == HTTPStatus.OK
    assert layer.names == []


def test_no_right_is_an_empty_answer(layer: Kept, theirs: Asker) -> None:
    """protocol 3, 2: an empty 403 is "no right"."""
    answer = pushed(visited(theirs, layer), layer)
    assert (answer.status_code, answer.content) == (HTTPStatus.FORBIDDEN, b"")


def test_a_site_in_maintenance_says_a_line_of_text(prepared: Prepared) -> None:
    """protocol 3, 2: one line of text is a site in maintenance: to a log-in too, with the right token."""
    with Sandbox(prepared, settings={"UMAP_READONLY": True}) as closed, requests.Session() as session:
        asker = Asker(closed.site, session)
        asker.get("/en/login/")
        answer = asker.post("/en/login/", {"username": "a", "password": "b"})
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert 0 < len(answer.text) < 200
    assert "<" not in answer.text


def test_the_edit_link_works_as_long_as_there_is_no_owner(
    umap: Sandbox, account: str, layer: Kept, theirs: Asker
) -> None:
    """protocol 3, 3: after that the link still redirects, but sets no cookie, and the old one is worth
    nothing."""
    with log_in(umap.site, account, PASSWORD) as session:
        owner = Asker(umap.site, session)
        owner.get(layer.made.edit_link)
        attach = f"/en/map/{layer.made.id}/update/owner/"
        assert owner.post(attach, {}).status_code == HTTPStatus.OK
    answer = theirs.get(layer.made.edit_link)
    assert (answer.status_code, len(answer.cookies)) == (HTTPStatus.FOUND, 0)
    assert pushed(layer.asker, layer).status_code == HTTPStatus.FORBIDDEN


def test_a_layers_own_permission_beats_the_maps(owned: Owned, theirs: Asker) -> None:
    """protocol 3, 4: "everyone" lets strangers write, into that layer alone."""
    other = Kept(owned.layer.made, owned.owner, owned.layer.made.add_layer("Other", collection()))
    owned.layer.made.set_layer_permissions(owned.layer.id, EVERYONE)
    visited(theirs, owned.layer)
    assert pushed(theirs, owned.layer).status_code == HTTPStatus.OK
    assert pushed(theirs, other).status_code == HTTPStatus.FORBIDDEN


def test_a_session_that_ended(owned: Owned) -> None:
    """protocol 3, 5: the page is shown as to a stranger, an update is an empty 403, and making a layer is
    200 with `login_required`. fact 5: "login required" is answered with 200."""
    del owned.owner.session.cookies["sessionid"]
    assert owned.layer.made.page()["editMode"] == "disabled"
    answer = pushed(owned.owner, owned.layer)
    assert (answer.status_code, answer.content) == (HTTPStatus.FORBIDDEN, b"")
    create = owned.owner.post(owned.layer.path("datalayer_create", pk=str(uuid.uuid4())), FORM)
    assert (create.status_code, create.json()) == (HTTPStatus.OK, {"login_required": "/en/login/"})


def test_a_session_is_its_cookie(owned: Owned, theirs: Asker) -> None:
    """protocol 3, 6: the cookie `sessionid`, with a CSRF token from any page, is the whole account."""
    visited(theirs, owned.layer)
    theirs.session.cookies["sessionid"] = owned.owner.session.cookies["sessionid"]
    assert pushed(theirs, owned.layer).status_code == HTTPStatus.OK


def test_a_logged_in_page_names_its_account(owned: Owned, account: str, made_map: MadeMap) -> None:
    """protocol 3, 6: `user` in the page has the account's name; a stranger's has none."""
    assert owned.layer.made.page()["user"]["name"] == account
    assert "name" not in made_map.page()["user"]


def test_a_wrong_password_is_no_error(umap: Sandbox, account: str, theirs: Asker) -> None:
    """protocol 13, 2: wrong: 200 and the form again; right: a redirect, and the cookie `sessionid`."""
    theirs.get("/en/login/")
    wrong = theirs.post("/en/login/", {"username": account, "password": "wrong"})
    assert (wrong.status_code, "sessionid" in theirs.session.cookies) == (HTTPStatus.OK, False)
    assert "form-errors" in wrong.text
    right = theirs.post("/en/login/", {"username": account, "password": PASSWORD})
    assert (right.status_code, "sessionid" in theirs.session.cookies) == (HTTPStatus.FOUND, True)
