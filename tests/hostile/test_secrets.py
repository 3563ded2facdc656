"""An audit: secrets of every kind, servers that repeat them, and all that is told or kept searched for them.

Each command is a new program that knows the settings alone, and not the cookies of the one before.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.accounts import log_in, new_user
from tests.commands.conftest import home
from tests.commands.desk import LAYER, Desk, files, rows, signature
from tests.hostile.echo import PLACES, EchoingUmap, git_host, postgres, spelt
from tests.notify.receivers import Web, web
from umap_bot import redaction
from umap_bot.sandbox.maps import new_map
from umap_bot.sandbox.server import Sandbox

COMMANDS = (
    *(("check",), ("check", "--json"), ("plan", "--full"), ("plan", "--json")),
    *(("plan", "--format", "markdown"), ("plan", "--format", "geojson"), ("adopt",), ("adopt", "--json")),
    *(("sync",), ("sync", "--json"), ("sync", "--format", "markdown"), ("validate",), ("validate", "--json")),
    *(("log",), ("log", "--json"), ("show", "latest"), ("show", "latest", "--json")),
    *(("show", "latest", "--format", "markdown"), ("history", "c1"), ("history", "c1", "--json")),
    *(("status",), ("status", "--json"), ("decisions",), ("template",), ("report", "--site", "site")),
    *(("state", "backup", "state.copy"), ("export", "--output", "layer.csv")),
)
USER, STRONG = "bot-of-the-audit", "9f8K2l0Zq1x7C5v3B6n4M8a2S1"
HOOK = "Zq1x7C5v3B6n4M8a2S1d0F7g6"
FORGE = "glcbt-64_x3Kd9Qm2vT7bR1nZ8pW"


class Audit:
    """Runs commands and searches all that came of them."""

    def __init__(self, desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
        self.desk = desk
        self.heard: list[str] = []
        self._monkeypatch = monkeypatch
        self._caplog = caplog

    def run(self, commands: Iterable[tuple[str, ...]] = COMMANDS) -> None:
        for words in commands:
            self._monkeypatch.setattr(redaction, "_secrets", redaction.Secrets())
            self.desk.type(*words)

    def found(self, secrets: Iterable[str]) -> list[str]:
        """Return where a secret stands, in any spelling; the settings' own file is no output."""
        forms = [form.encode() for form in spelt([secret for secret in secrets if len(secret) >= 4])]
        said = {f"said {number}": words.encode() for number, words in enumerate(self.desk.said)}
        heard = {f"heard {number}": words.encode() for number, words in enumerate(self.heard)}
        logged = {"log": (self._caplog.text + repr([each.args for each in self._caplog.records])).encode()}
        places = files(self.desk.folder, home())
        kept = {str(file): file.read_bytes() for file in places if file.name != ".env"}
        outputs = {**said, **heard, **logged, **kept}
        print(f"{len(outputs)} outputs, {len(forms)} spellings")  # noqa: T201  the audit's count, with -s
        return [
            f"{place}: …{data[max(0, data.find(form) - 80) :][:160]!r}"
            for place, data in outputs.items()
            for form in forms
            if form in data
        ]


@pytest.fixture
def audit(desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Audit:
    for name, value in {"CI_JOB_TOKEN": FORGE, "GITHUB_TOKEN": FORGE[::-1]}.items():
        monkeypatch.setenv(name, value)
    return Audit(desk, monkeypatch, caplog)


@pytest.fixture
def hook() -> Iterator[Web]:
    with web() as listening:
        yield listening


@pytest.fixture
def echoing(umap: Sandbox) -> Iterator[EchoingUmap]:
    echo = EchoingUmap(umap.url)
    with echo:
        yield echo
    assert echo.failures == []


def through(audit: Audit, echo: EchoingUmap, hook: Web, **settings: str | None) -> None:
    """Let the desk meet uMap by way of what repeats everything, and tell the hook of it."""
    made = audit.desk.made
    audit.desk.settings(
        UMAP_MAP_URL=echo.through(made.url),
        NOTIFY_URLS=f"json://{hook.place}/{HOOK}",
        NOTIFY_PING_URL=f"http://{hook.place}/{HOOK[::-1]}",
        REPORT_SITE_DIR=str(audit.desk.folder / "pages"),
        **settings,
    )


def repeat(audit: Audit, echo: EchoingUmap, hook: Web, place: str) -> None:
    """Sync once in peace; then let the server repeat what it sees, before and after a change of the file."""
    audit.run([("sync",)])
    echo.place = place
    audit.run()
    audit.desk.commit(rows(12))  # added without a question: a push
    audit.run()
    audit.heard = [request.body for request in hook.requests]


@pytest.mark.parametrize("place", [place for place in PLACES if place not in ("", "login")])
def test_an_edit_link_and_its_cookie(audit: Audit, echoing: EchoingUmap, hook: Web, place: str) -> None:
    link = audit.desk.made.edit_link
    through(audit, echoing, hook, UMAP_EDIT_LINK=echoing.through(link))
    repeat(audit, echoing, hook, place)
    assert len(echoing.seen) >= 3  # signature, its cookie, the token against forgery
    assert audit.found([signature(link), HOOK, HOOK[::-1], FORGE, *echoing.seen]) == []


@pytest.mark.parametrize("password", [STRONG, "geheim-Bron"], ids=["strong", "weak"])
@pytest.mark.parametrize("place", ["form errors", "error", "page refused", "map name", "content", "login"])
def test_an_account(
    audit: Audit, echoing: EchoingUmap, hook: Web, umap: Sandbox, place: str, password: str
) -> None:
    """What a map's name repeats of a password that anybody could guess is no news to who guesses."""
    user = f"{USER}-{place.replace(' ', '-')}-{len(password)}"
    new_user(umap, user, password)
    with (
        closing(log_in(umap.url, user, password)) as session,
        new_map(umap.url, "test_owned", session=session) as made,
    ):
        made.add_layer(LAYER, {"type": "FeatureCollection", "features": []})
        audit.desk.made, own = made, audit.desk.made
        through(audit, echoing, hook, UMAP_EDIT_LINK=None, UMAP_USERNAME=user, UMAP_PASSWORD=password)
        repeat(audit, echoing, hook, place)
        audit.desk.made = own
    of_people = {password} if password != STRONG and place in ("map name", "content") else set()
    assert password in echoing.seen
    assert audit.found(echoing.seen - of_people) == []


@pytest.mark.parametrize("place", ["form errors", "page refused", "map name", "content", "version"])
def test_the_cookie_of_a_session(
    audit: Audit, echoing: EchoingUmap, hook: Web, umap: Sandbox, place: str
) -> None:
    user = f"{USER}-session-{place.replace(' ', '-')}"
    new_user(umap, user, STRONG)
    with (
        closing(log_in(umap.url, user, STRONG)) as session,
        new_map(umap.url, "test_owned", session=session) as made,
    ):
        made.add_layer(LAYER, {"type": "FeatureCollection", "features": []})
        audit.desk.made, own = made, audit.desk.made
        cookie = session.cookies["sessionid"]
        through(audit, echoing, hook, UMAP_EDIT_LINK=None, UMAP_SESSION_COOKIE=cookie)
        repeat(audit, echoing, hook, place)
        audit.desk.made = own
    assert cookie in echoing.seen
    assert audit.found([cookie, *echoing.seen]) == []


@pytest.mark.parametrize(
    "secret", ["glpat-x3Kd9_Qm2vT7bR1nZ8pW", "geheim-Bron", "p@?>~+/=x1:%20"], ids=["strong", "weak", "odd"]
)
def test_a_token_of_git(audit: Audit, secret: str, hook: Web) -> None:
    with git_host() as url:
        audit.desk.settings(DATASET_REPO=url, DATASET_TOKEN=secret, NOTIFY_URLS=f"json://{hook.place}/{HOOK}")
        audit.run()
    audit.heard = [request.body for request in hook.requests]
    assert any("repository" in words for words in audit.desk.said)
    assert audit.found([secret, HOOK]) == []


@pytest.mark.parametrize("password", [STRONG, "geheim-Bron", "a@b:c/d"], ids=["strong", "weak", "odd"])
def test_a_password_of_the_database(audit: Audit, password: str) -> None:
    with postgres() as port:
        audit.desk.settings(STATE_URL=f"postgresql://bot:{quote(password, safe='')}@127.0.0.1:{port}/state")
        audit.run()
    assert any("no such password" in words for words in audit.desk.said)
    assert audit.found([password]) == []


def test_the_path_of_a_key(audit: Audit) -> None:
    key = audit.desk.folder / "keys" / "id_of_the_robot"
    key.parent.mkdir()
    key.write_text("no key")
    key.chmod(0o644)
    audit.desk.settings(DATASET_REPO="ssh://git@127.0.0.1:9/x.git", DATASET_SSH_KEY=str(key))
    audit.run()
    assert audit.found([str(key)]) == []


def test_the_audit_finds_what_is_there(audit: Audit, tmp_path: Path) -> None:
    """Else all of the above would prove nothing."""
    audit.desk.said.append("… geheim-Bron …")
    audit.heard.append('{"message": "Z2VoZWltLUJyb24gbm93"}')
    logging.getLogger("x").warning("geheim-Bron")
    (audit.desk.folder / "state.copy").write_bytes(b"\0" + b"geheim-Bron".hex().encode())
    places = {found.partition(":")[0].rpartition("/")[2] for found in audit.found(["geheim-Bron"])}
    assert places == {"said 0", "heard 0", "log", "state.copy"}
