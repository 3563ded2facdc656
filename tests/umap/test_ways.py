"""Ways in on the real uMap, one by one: what is asked, what ends, what comes back by itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.cookiejar import Cookie
from typing import Any

import pytest
import requests
from requests.cookies import RequestsCookieJar

from tests.accounts import log_in, log_out, new_user
from tests.umap.loopback import Loopback, answer
from tests.umap.made import AGENT, BRON, LYON, Pauses, collection
from tests.umap.test_umap_layer import before_the_post, with_one_more
from umap_bot.errors import RefusedError, SettingsError
from umap_bot.sandbox import browser
from umap_bot.sandbox.maps import MadeMap, new_map
from umap_bot.sandbox.prepare import Prepared
from umap_bot.sandbox.server import Sandbox
from umap_bot.umap.layer.layer import UmapLayer
from umap_bot.umap.map import UmapMap, open_map
from umap_bot.umap.ways.access import WayIn
from umap_bot.umap.ways.account import Account
from umap_bot.umap.ways.advice import risks
from umap_bot.umap.ways.session import COOKIE, SessionCookie

OWNER, BOT, PASSWORD = "ways-owner", "ways-bot", "correct horse battery"


@pytest.fixture(scope="module")
def bot_id(umap: Sandbox) -> int:
    new_user(umap, OWNER, PASSWORD)
    new_user(umap, BOT, PASSWORD)
    with log_in(umap.url, BOT, PASSWORD) as session, new_map(umap.url, "Bot's", session=session) as made:
        return int(made.page()["user"]["id"])


@pytest.fixture
def owned(umap: Sandbox, bot_id: int) -> Iterator[MadeMap]:
    """A public map of the owner, with the bot's account among the editors."""
    with new_map(umap.url, "Owned", session=log_in(umap.url, OWNER, PASSWORD)) as made:
        made.set_permissions(edit_status=2, editors=[bot_id])
        yield made


@pytest.fixture
def owned_layer(owned: MadeMap) -> str:
    return owned.add_layer("Cités", collection(LYON, BRON))


def entered(made: MadeMap, way: WayIn) -> UmapMap:
    return open_map(made.url, way_in=way, agent=AGENT, pause=Pauses())


def session_of(umap: Sandbox, name: str = BOT) -> str:
    with log_in(umap.url, name, PASSWORD) as session:
        return session.cookies[COOKIE]


def held(of: UmapMap) -> str:
    """The session that the bot is in."""
    return of.wire.cookie(COOKIE) or ""


def end(of: UmapMap, umap: Sandbox) -> None:
    """Somebody logs that session out."""
    with log_in(umap.url, BOT, PASSWORD) as session:
        session.cookies.set(COOKIE, held(of), domain="127.0.0.1", path="/")
        log_out(session, umap.url)


def test_one_log_in_serves_a_whole_run(owned: MadeMap, owned_layer: str) -> None:
    of = entered(owned, Account(BOT, PASSWORD))
    layer = UmapLayer(of, owned_layer)
    live = layer.read()
    assert of.wire.requests == 5  # login page, log-in, page, versions, layer
    first = held(of)
    layer.push(with_one_more(live.standing), live)
    assert len(layer.read().standing.features) == 3
    assert held(of) == first


@pytest.mark.parametrize("late", [False, True], ids=["before the page", "after the page"])
def test_a_session_of_an_account_that_ends_is_begun_anew_once(
    umap: Sandbox, owned: MadeMap, owned_layer: str, late: bool
) -> None:
    of = entered(owned, Account(BOT, PASSWORD))
    layer = UmapLayer(of, owned_layer)
    live = layer.read()
    first = held(of)
    if late:
        before_the_post(of, lambda: end(of, umap))
    else:
        end(of, umap)
    layer.push(with_one_more(live.standing), live)
    assert len(layer.read().standing.features) == 3
    assert held(of) not in ("", first)


def test_an_account_without_rights_logs_in_once_more_and_no_oftener(owned: MadeMap, owned_layer: str) -> None:
    owned.set_permissions(editors=[])
    of = entered(owned, Account(BOT, PASSWORD))
    layer = UmapLayer(of, owned_layer)
    live = layer.read()
    assert not live.entry.editable
    layer.read()
    with pytest.raises(RefusedError, match=f"Ask {OWNER}, who owns the map, to add “{BOT}” to its editors"):
        layer.push(live.standing, live)
    asked = of.wire.requests
    layer.read()
    assert of.wire.requests == asked + 3  # page, versions, layer


def test_a_map_without_owner_has_no_editors(umap: Sandbox, bot_id: int, made_map: MadeMap) -> None:
    made_map.add_layer("Cités", collection(LYON))
    live = UmapLayer(entered(made_map, Account(BOT, PASSWORD)), "Cités").read()
    assert "The map has no owner, so it has no editors either" in live.entry.way_on


def test_a_map_for_editors_only(umap: Sandbox, owned: MadeMap, owned_layer: str) -> None:
    """Its page is 403 for strangers: a session that ended is told from a right that is missing."""
    owned.set_permissions(share_status=3)
    good, outsider = session_of(umap), session_of(umap, OWNER)
    for way in (Account(BOT, PASSWORD), SessionCookie(good), SessionCookie(outsider)):
        assert UmapLayer(entered(owned, way), owned_layer).look().name == "Cités"
    with pytest.raises(RefusedError, match="The session has ended"):
        UmapLayer(entered(owned, SessionCookie("ended0ended0")), owned_layer).look()
    owned.set_permissions(editors=[])
    with pytest.raises(
        RefusedError, match=f"deleted or made private.*check that “{BOT}” is one of its editors"
    ):
        UmapLayer(entered(owned, Account(BOT, PASSWORD)), owned_layer).look()
    with pytest.raises(
        RefusedError, match=r"deleted or made private.*session's account is one of its editors"
    ):
        UmapLayer(entered(owned, SessionCookie(good)), owned_layer).look()


def test_what_more_a_way_in_could_do_is_said(umap: Sandbox, owned: MadeMap, opened: UmapMap) -> None:
    def said(way: WayIn) -> str:
        return " ".join(risks(way, entered(owned, way).page()))

    assert risks(opened.way_in, opened.page()) == ()  # by its edit link
    assert said(Account(BOT, PASSWORD)) == ""
    assert f"“{OWNER}” owns the map" in said(Account(OWNER, PASSWORD))
    assert f"everything that “{BOT}” can" in said(SessionCookie(session_of(umap)))


@pytest.mark.parametrize("way", [Account("geheim-name", "geheim-word"), SessionCookie("geheimcookie")])
def test_no_text_shows_a_secret(way: WayIn) -> None:
    assert "geheim-word" not in repr(way) + str(way)
    assert "geheimcookie" not in repr(way) + str(way)


@pytest.mark.parametrize("value", ["", "sessionid=abc", "abc;", "two words", "abc\r\nX: y", "é"])
def test_what_is_no_cookie(value: str) -> None:
    with pytest.raises(SettingsError, match="UMAP_SESSION_COOKIE is not the value") as caught:
        SessionCookie(value)
    assert not value or value not in str(caught.value)


@pytest.fixture(scope="module")
def strict(prepared: Prepared) -> Iterator[Sandbox]:
    """A uMap whose cookies are for https alone, though it is reached over http, and that shows no form."""
    settings = {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "ENABLE_ACCOUNT_LOGIN": False,
        "SOCIAL_AUTH_OPENSTREETMAP_KEY": "key",
    }
    with Sandbox(prepared, settings=settings) as sandbox:
        new_user(sandbox, BOT, PASSWORD)
        yield sandbox


def test_secure_cookies_over_http_and_a_hidden_form(strict: Sandbox) -> None:
    """They are sent all the same, and that is said; the password is taken though nobody is asked for it."""
    way = Account(BOT, PASSWORD)
    of = open_map(f"{strict.url}/en/map/x_{_owned_by_bot(strict)}", way_in=way, agent=AGENT, pause=Pauses())
    assert b'type="password"' not in of.wire.get("/en/login/").body
    layer = UmapLayer(of, "Cités")
    live = layer.read()
    layer.push(with_one_more(live.standing), live)
    assert len(layer.read().standing.features) == 3
    assert of.wire.exposed
    with pytest.raises(RefusedError, match="The site has no password form"):
        open_map(of.address.url, way_in=Account(BOT, "no"), agent=AGENT, pause=Pauses()).enter()


class _Careless(RequestsCookieJar):
    """Takes every cookie for one that may go anywhere, as if the browser spoke https."""

    def set_cookie(self, cookie: Cookie, *rest: Any, **more: Any) -> None:
        cookie.secure = False
        super().set_cookie(cookie, *rest, **more)


def _owned_by_bot(site: Sandbox) -> int:
    session = requests.Session()
    session.trust_env = False
    session.cookies = _Careless()
    browser.get(session, f"{site.url}/en/map/new/")
    browser.post(session, f"{site.url}/en/login/", {"username": BOT, "password": PASSWORD})
    with new_map(site.url, "Owned", session=session) as made:
        made.add_layer("Cités", collection(LYON, BRON))
        return made.id


def test_uMap_1_answers_a_wrong_password_as_json() -> None:  # noqa: N802  its name
    form = '<form><ul class="form-errors"><li>Wrong name</li></ul><input type="password"></form>'
    cookie = "Set-Cookie: csrftoken=abc; Path=/"
    page = answer("200 OK", json.dumps({"html": form}).encode(), cookie)
    with Loopback(page) as server:
        of = open_map(
            f"{server.origin}/en/map/x_1", way_in=Account(BOT, PASSWORD), agent=AGENT, pause=Pauses()
        )
        with pytest.raises(RefusedError, match=r"It says: Wrong name Check UMAP_USERNAME"):
            of.enter()
        assert server.paths() == ["/en/login/", "/en/login/"]
        assert b"csrfmiddlewaretoken=abc" in server.requests[1]


@pytest.mark.parametrize(
    ("reply", "because"),
    [
        (answer("403 Forbidden", b"<html>CSRF"), "forged"),
        (answer("403 Forbidden", b"Site is readonly for maintenance"), "maintenance"),
        (answer("302 Found", b"", "Location: /en/login/popup/end/"), "does not accept the account"),
        (answer("200 OK", b"<html><form></form>"), "has no password form"),
    ],
)
def test_other_answers_to_a_log_in(reply: bytes, because: str) -> None:
    page = answer("200 OK", b"<html>", "Set-Cookie: csrftoken=abc; Path=/")
    with Loopback(page, reply) as server:
        of = open_map(
            f"{server.origin}/en/map/x_1", way_in=Account(BOT, PASSWORD), agent=AGENT, pause=Pauses()
        )
        with pytest.raises(RefusedError, match=because):
            of.enter()
