"""Who comes in, by which door, and what is refused before anybody looks at it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from tests.desk.room import ORIGIN, OURS, Hall
from umap_bot.desk.doors import TRIES
from umap_bot.desk.place import listening_at, place_of
from umap_bot.errors import SettingsError
from umap_bot.settings import Settings

PATHS = ("/", "/log", "/people", "/settings", "/runs/1", "/jobs/x", "/layers/x")


def test_a_scanner_that_follows_the_link_opens_nothing(hall: Hall) -> None:
    link, scanner = hall.invited("Anne", "keeper"), hall.stranger()
    for _ in range(3):
        assert scanner.open(link).status == 200
        assert scanner.client.head(link).status_code == 200
    assert not scanner.client.cookies
    assert scanner.open("/").status == 401
    anne = hall.stranger()
    page = anne.open(link)
    assert "You were invited as Anne ." in page.words
    assert anne.press(page, "Open the desk").status == 200
    assert "Anne (keeper)" in anne.open("/").words.replace("( ", "(").replace(" )", ")")
    assert hall.stranger().open(link).status == 404
    assert hall.stranger().send(link).status == 404


@pytest.mark.parametrize("closed", ["expired", "withdrawn", "never made"])
def test_a_link_that_opens_nothing(hall: Hall, closed: str) -> None:
    accesses, now = hall.desk.journal.accesses, hall.desk.now()
    past = timedelta(days=7, seconds=1) if closed == "expired" else timedelta()
    link = f"/door/{accesses.invite('Eve', 'keeper', 'Ada', now - past)}"
    if closed == "withdrawn":
        accesses.end(1, now)
    eve = hall.stranger()
    for page in (eve.open(f"{link}{'x' if closed == 'never made' else ''}"), eve.send(link + "x")):
        assert page.status == 404
        assert "This link does not work" in page.words
    if closed != "never made":
        assert eve.send(link).status == 404
        assert eve.open("/").status == 401


def test_a_session_ends_at_a_word_by_leaving_and_by_itself(hall: Hall) -> None:
    anne, rita = hall.person("Anne", "keeper"), hall.person("Rita", "reader")
    assert anne.send("/people/2/end").status == 200
    assert rita.open("/").status == 401
    assert anne.send("/people/2/end").status == 409
    cookie = dict(anne.client.cookies)
    assert anne.press(anne.open("/"), "Sign out").status == 401
    anne.client.cookies.update(cookie)
    assert anne.open("/").status == 401  # it is of no use any more
    accesses, long_ago = hall.desk.journal.accesses, hall.desk.now() - timedelta(days=91)
    secret = accesses.invite("Old", "keeper", "Ada", long_ago)
    cookie_of_old = accesses.open(secret, long_ago)
    assert cookie_of_old
    assert accesses.entered(cookie_of_old, hall.desk.now()) is None


def test_nobody_sees_anything_before_the_door(hall: Hall) -> None:
    stranger = hall.stranger()
    for path in PATHS:
        page = stranger.open(path)
        assert page.status == 401
        assert "Cités" not in page.text


def test_the_door_closes_to_who_tries_many_links(hall: Hall) -> None:
    eve, anne = hall.stranger("10.0.0.66"), hall.stranger("10.0.0.7")
    link = hall.invited("Anne", "keeper")
    assert [eve.open(f"/door/{number}").status for number in range(TRIES)] == [404] * TRIES
    assert (eve.open(link).status, eve.send(link).status) == (429, 429)
    assert anne.send(link).status == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (OURS, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "http://127.0.0.1:8765"}, 200),  # a browser by http, or an old one
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:8766"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:8765"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({**OURS, "Host": "evil.example"}, 421),  # a name that somebody points at this machine
        ({**OURS, "Host": "["}, 421),
    ],
)
def test_an_act_comes_from_a_page_of_ours(hall: Hall, headers: dict[str, str], status: int) -> None:
    assert hall.person("Anne", "keeper").send("/language", headers, code="fr", back="/").status == status


def test_what_every_answer_forbids(hall: Hall) -> None:
    anne = hall.person("Anne", "keeper")
    for path in ("/", "/door/x", "/nowhere", "/healthz"):
        headers = anne.client.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "no-store"
    page = anne.open("/").text
    style = page.partition('stylesheet" href="')[2].partition('"')[0]
    assert "immutable" in anne.client.get(style).headers["cache-control"]
    assert " style=" not in page
    assert anne.client.request("DELETE", "/").status_code == 405
    assert anne.client.post("/language", content=b"x" * 100_001, headers=OURS).status_code == 413


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
def test_a_page_leads_back_to_the_desk_alone(hall: Hall, back: str) -> None:
    assert hall.person("Anne", "keeper").send("/language", code="fr", back=back).path == "/"


def test_the_readers_language(hall: Hall) -> None:
    anne = hall.person("Anne", "keeper")
    assert "Calques" in anne.press(anne.open("/"), "Français").words
    assert "Layers" in anne.press(anne.open("/"), "English").words
    french = hall.stranger().client.get("/", headers={"Accept-Language": "de, fr-CA;q=0.8"})
    assert 'lang="fr"' in french.text


def test_names_are_shown_as_they_are(hall: Hall) -> None:
    anne = hall.person("Anne", "keeper")
    page = anne.send("/people", name="<b>Rita</b>", role="reader")
    assert "<b>Rita</b>" in page.words
    link = page.text.partition('class="link">')[2].partition("<")[0]
    assert link.startswith("http://127.0.0.1:8765/door/")
    rita = hall.stranger()
    assert rita.send(link.removeprefix("http://127.0.0.1:8765")).status == 200
    for name in ("", "x" * 101, "a\u202eb\n"):
        assert anne.send("/people", name=name, role="reader").status == 409
    assert anne.send("/people", name="x", role="owner").status == 409


PROXY = {
    "DESK_USER_HEADER": "X-Forwarded-User",
    "DESK_TRUSTED": "10.0.0.0/8",
    "DESK_KEEPERS": "anne@example.org",
}


@pytest.mark.parametrize(
    ("peer", "name", "status", "keeps"),
    [
        ("10.0.0.1", "anne@example.org", 200, True),
        ("10.0.0.1", "Anne@Example.org", 200, True),
        ("10.0.0.1", "rita@example.org", 200, False),
        ("10.0.0.1", "", 401, False),
        ("10.0.0.1", "x" * 101, 401, False),
        ("127.0.0.1", "anne@example.org", 401, False),
        ("2001:db8::1", "anne@example.org", 401, False),
        ("not an address", "anne@example.org", 401, False),
    ],
)
def test_people_whom_a_proxy_signed_in(
    hall_of: Callable[..., Hall], peer: str, name: str, status: int, keeps: bool
) -> None:
    hall = hall_of(**PROXY)
    client = hall.stranger(peer).client
    answer = client.get("/", headers={"X-Forwarded-User": name})
    assert answer.status_code == status
    assert ("/people" in answer.text) is keeps
    twice = client.get("/", headers=[("X-Forwarded-User", name), ("X-Forwarded-User", "anne@example.org")])
    assert twice.status_code == 401


def test_behind_tls_the_cookie_is_for_it_alone(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(DESK_URL="https://desk.example.org")
    anne = hall.stranger(origin="https://desk.example.org")
    answer = anne.client.post(
        hall.invited("Anne", "keeper"),
        headers={"Origin": "https://desk.example.org"},
        follow_redirects=False,
    )
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-umap-bot-desk=")
    assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Secure", "Path=/"))
    assert "Domain" not in cookie
    assert anne.open("/").status == 200
    assert hall.stranger().client.get("/").status_code == 401  # by its loopback address, as a check does


@pytest.mark.parametrize(
    ("given", "host", "told"),
    [
        ({}, "0.0.0.0", "DESK_URL is not set"),  # noqa: S104
        ({"DESK_URL": "http://desk.example.org"}, "127.0.0.1", "unencrypted"),
        ({"DESK_URL": "https://example.org/desk"}, "127.0.0.1", "without a path"),
        ({"DESK_URL": "desk.example.org"}, "127.0.0.1", "no address of a web site"),
        ({"DESK_USER_HEADER": "X-User"}, "127.0.0.1", "DESK_TRUSTED is not"),
        ({"DESK_USER_HEADER": "X-User", "DESK_TRUSTED": "proxy"}, "127.0.0.1", "no address of a network"),
    ],
)
def test_settings_under_which_it_would_not_be_safe(given: dict[str, str], host: str, told: str) -> None:
    needed = {"UMAP_MAP_URL": "https://umap.example/en/map/1", "DATASET_REPO": "/x", "DATASET_PATH": "x.csv"}
    settings = Settings.model_validate({**needed, **given})
    with pytest.raises(SettingsError, match=told):
        place_of(settings, host, 8765)


@pytest.mark.parametrize(
    "text", ["", "8765", "localhost", "localhost:", ":8765", "localhost:0", "a:99999", "a:8_0"]
)
def test_where_it_can_not_listen(text: str) -> None:
    with pytest.raises(SettingsError, match="no host with a port"):
        listening_at(text)
    assert listening_at("[::1]:8765") == ("::1", 8765)


def test_a_folder_is_hidden_and_links_are_not(hall_of: Callable[..., Hall]) -> None:
    hall = hall_of(DATASET_REPO="/layers", UMAP_LAYER="in /layers/data, a/layers, /layersx")
    page = hall.person("Anne", "keeper").open("/")
    assert "in …/data, a/layers, /layersx" in page.words
    assert 'href="/layers/' in page.text


def test_a_bug_is_kept_and_not_told(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    anne = hall.person("Anne", "keeper")
    kept: list[Exception] = []
    monkeypatch.setattr(hall.desk.journal, "unforeseen", kept.append)

    def broken() -> None:
        raise ValueError("a secret of /srv/bot")

    monkeypatch.setattr(hall.desk, "layers", broken)
    client = TestClient(hall.app, base_url=ORIGIN, cookies=anne.client.cookies, raise_server_exceptions=False)
    answer = client.get("/")
    assert (answer.status_code, "secret" in answer.text, len(kept)) == (500, False, 1)
    assert "frame-ancestors" in answer.headers["content-security-policy"]
