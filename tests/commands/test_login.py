"""`login` on a real uMap with real sessions; at the end every word and file is looked through for them."""

from __future__ import annotations

import io
import logging
import os
import pty
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from tests.accounts import log_in, new_user
from tests.commands.conftest import home
from tests.commands.desk import FILE, LAYER, Desk, Said, changed, files, rows
from umap_bot import redaction
from umap_bot.sandbox import browser
from umap_bot.sandbox.maps import MadeMap, new_map
from umap_bot.sandbox.server import Sandbox
from umap_bot.umap.wire import Reply, Wire
from umap_bot.wiring import WallClock

NAME, PASSWORD = "bot-that-logs-in", "correct horse battery"
TODAY = datetime.now(UTC).replace(hour=12)

Login = Callable[..., Said]


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The days that are left are counted from one day: a test may begin before midnight and end after it."""
    monkeypatch.setattr(WallClock, "now", lambda _: TODAY)


@pytest.fixture(scope="module")
def account(umap: Sandbox) -> str:
    new_user(umap, NAME, PASSWORD)
    new_user(umap, "stranger", PASSWORD)
    return NAME


def cookie_of(umap: Sandbox, name: str = NAME) -> str:
    """A browser's session, left open: the window was closed without logging out."""
    with log_in(umap.url, name, PASSWORD) as session:
        return session.cookies["sessionid"]


@pytest.fixture
def cookie(umap: Sandbox, account: str) -> str:
    return cookie_of(umap, account)


@pytest.fixture
def owned(umap: Sandbox, account: str, request: pytest.FixtureRequest) -> Iterator[MadeMap]:
    """A public map that the account owns."""
    session = log_in(umap.url, account, PASSWORD)
    with new_map(umap.url, str(request.node.name)[:100], session=session) as made:
        yield made


@pytest.fixture
def desk(
    owned: MadeMap,
    cookie: str,
    folder: Path,
    traffic: tuple[list[tuple[str, str]], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Desk]:
    """Ten rows in git, an empty layer that the account may edit; no way in is set yet."""
    monkeypatch.setattr(redaction, "_secrets", redaction.Secrets())
    monkeypatch.setattr(WallClock, "pause", lambda *_: None)
    caplog.set_level(logging.DEBUG)
    layer_id = owned.add_layer(LAYER, {"type": "FeatureCollection", "features": []})
    desk = Desk(folder, owned, layer_id, capfd, *traffic)
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", desk.repository], check=True)
    desk.env.touch(mode=0o600)
    desk.settings(
        UMAP_MAP_URL=owned.url,
        UMAP_LAYER=LAYER,
        DATASET_REPO=str(desk.repository),
        DATASET_PATH=FILE,
        DATASET_RENAME="nom=name",
        STATE_URL=f"sqlite:///{desk.state}",
    )
    desk.commit(rows(), "Ten cités")
    yield desk
    texts = [*desk.said, caplog.text, repr([record.args for record in caplog.records])]
    assert [words for words in texts if cookie in words] == []
    kept = [file for file in files(desk.folder, home()) if cookie.encode() in file.read_bytes()]
    assert [file.name for file in kept] in ([], [".env"])


@pytest.fixture
def login(desk: Desk, cookie: str, monkeypatch: pytest.MonkeyPatch) -> Login:
    """Run `login` with something on its standard input."""

    def typed(*words: str, pasted: str | None = None) -> Said:
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{cookie if pasted is None else pasted}\n"))
        return desk.type("login", *words)

    return typed


def in_days(days: int) -> str:
    return (TODAY + timedelta(days=days)).date().isoformat()


def test_log_in_and_sync(desk: Desk, login: Login, cookie: str) -> None:
    assert desk.type("sync").code == 13
    said = login("--until", in_days(13))
    assert said.code == 0, said
    assert f"Logged in as “{NAME}”" in said.out
    assert f"The layer “{LAYER}” can be edited" in said.out
    assert f"UMAP_SESSION_COOKIE={cookie}\nUMAP_SESSION_UNTIL={in_days(13)}\n" in desk.env.read_text("utf-8")
    assert stat.S_IMODE(desk.env.stat().st_mode) == 0o600
    desk.done("sync")
    assert len(desk.features) == 10
    assert "logged in until" in desk.done("status").out


@pytest.mark.parametrize(
    "form",
    ["sessionid={};", "  {}  ", 'sessionid:"{}"', "Cookie: csrftoken=abc; sessionid={}; other=1", "{};"],
)
def test_a_cookie_as_people_paste_it(login: Login, desk: Desk, cookie: str, form: str) -> None:
    assert login(pasted=form.format(cookie)).code == 0
    assert f"UMAP_SESSION_COOKIE={cookie}\n" in desk.env.read_text("utf-8")


@pytest.mark.parametrize(
    ("pasted", "code"), [("", 64), ("nobodysessionatall", 13), ("two words", 10), ("sessionid=;", 10)]
)
def test_what_is_no_session_changes_nothing(login: Login, desk: Desk, pasted: str, code: int) -> None:
    before = desk.env.read_bytes()
    said = login(pasted=pasted)
    assert (said.code, desk.env.read_bytes()) == (code, before)
    assert not pasted or pasted not in said.err


def test_an_ended_session_changes_nothing(login: Login, desk: Desk, cookie: str) -> None:
    assert login().code == 0
    before = desk.env.read_bytes()
    end_session(desk.made, cookie)
    said = login()
    assert said.code == 13
    assert "has ended" in said.err
    assert desk.env.read_bytes() == before


def end_session(made: MadeMap, cookie: str) -> None:
    """Log out in the browser that the cookie is of."""
    with browser.open_session(made.url) as session:
        session.cookies.set("sessionid", cookie, domain="127.0.0.1", path="/")
        browser.post(session, urljoin(made.url, "/en/logout/"), {})


def test_an_account_without_the_right(login: Login, desk: Desk, umap: Sandbox) -> None:
    before = desk.env.read_bytes()
    said = login(pasted=cookie_of(umap, "stranger"))
    assert said.code == 13
    assert "Logged in as “stranger”" in said.out
    assert "can be read but not edited. Nothing was written" in said.err
    assert desk.env.read_bytes() == before


def test_another_way_in_is_left_alone(login: Login, desk: Desk) -> None:
    desk.settings(UMAP_USERNAME=NAME, UMAP_PASSWORD="x")
    said = login()
    assert said.code == 10
    assert "only one sign-in method can be used" in said.err
    assert said.requests == ()


def test_the_environment_stands_above_the_file(
    login: Login, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UMAP_SESSION_COOKIE", "older")
    said = login()
    assert said.code == 10
    assert "UMAP_SESSION_COOKIE is set in the environment" in said.err


@pytest.mark.parametrize("end", ["tomorrow", "2020-01-01", "08/12/2026"])
def test_an_end_that_is_none(login: Login, desk: Desk, end: str) -> None:
    said = login("--until", end)
    assert said.code == 64
    assert said.requests == ()


def test_other_lines_stay_and_an_old_end_goes(login: Login, desk: Desk, cookie: str) -> None:
    text = desk.env.read_text("utf-8")
    head = "# mine\r\n\r\nOTHER='a # b'  # c\r\n"
    tail = "# the session\r\nexport UMAP_SESSION_COOKIE='old' # of ada\r\n\r\n"
    tail += "UMAP_SESSION_UNTIL=2020-01-01\r\n#end"
    desk.env.write_bytes((head + text.replace("\n", "\r\n") + tail).encode())
    assert login().code == 0
    new = f"# the session\r\nexport UMAP_SESSION_COOKIE={cookie} # of ada\r\n\r\n#end"
    assert desk.env.read_bytes().decode() == head + text.replace("\n", "\r\n") + new


def test_a_link_is_not_written_over(login: Login, desk: Desk) -> None:
    real = desk.folder / "real.env"
    desk.env.rename(real)
    desk.env.symlink_to(real)
    before = real.read_bytes()
    said = login()
    assert said.code == 10
    assert "is a link to another file" in said.err
    assert desk.env.is_symlink()
    assert real.read_bytes() == before
    assert login("--env-file", "real.env").code == 0
    real.replace(desk.env)


def test_the_variable_of_a_manifest(login: Login, desk: Desk, cookie: str) -> None:
    of_data = f'dataset_repo = "{desk.repository}"\ndataset_path = "{FILE}"\ndataset_rename = "nom=name"\n'
    of_map = f'[map.one]\numap_map_url = "{desk.made.url}"\numap_session_cookie = "env:CITES_SESSION"\n'
    manifest = desk.folder / "umap-bot.toml"
    manifest.write_text(f'{of_data}{of_map}[[layer]]\numap_layer = "{LAYER}"\n', "utf-8")
    desk.env.write_text(f"# state\nSTATE_URL=sqlite:///{desk.state}\n", "utf-8")
    assert login("--until", in_days(3)).code == 0
    assert desk.env.read_text("utf-8") == (
        f"# state\nSTATE_URL=sqlite:///{desk.state}\nCITES_SESSION={cookie}\n"
    )
    said = desk.done("sync")
    assert said.out.rstrip().endswith("(3 days): umap-bot login")


def test_the_last_days_are_told_in_every_report(login: Login, desk: Desk) -> None:
    assert login("--until", in_days(5)).code == 0
    line = "(5 days): umap-bot login"
    assert desk.type("plan").out.count(line) == 1
    assert desk.done("sync").out.count(line) == 1
    idle = desk.done("sync")
    assert "Nothing to do" in idle.out
    assert idle.out.count(line) == 1
    assert (len(idle.requests), idle.online) == (1, ("ls-remote",))
    assert desk.done("sync", "--format", "markdown").out.count("(5 days): `umap-bot login`") == 1
    assert desk.done("sync", "--json").err.count(line) == 1
    assert desk.done("status").out.count(line) == 1
    assert desk.done("check").out.count(line) == 1
    desk.done("report", "--site", "site")
    assert "(5 days)" in (desk.folder / "site" / "index.html").read_text("utf-8")


def test_before_the_last_days_nothing_is_told(login: Login, desk: Desk) -> None:
    assert login("--until", in_days(6)).code == 0
    for words in (["plan"], ["sync"], ["sync"], ["status"], ["check"]):
        assert "Log in again" not in "".join(desk.type(*words)[1:3])


def test_a_date_that_a_person_corrects_holds(login: Login, desk: Desk) -> None:
    assert login("--until", in_days(12)).code == 0
    desk.done("sync")
    desk.settings(UMAP_SESSION_UNTIL=in_days(2))
    assert "(2 days): umap-bot login" in desk.done("sync").out
    assert login("--until", in_days(1)).code == 0
    assert "(1 day): umap-bot login" in desk.done("sync").out


def test_without_an_end_it_is_reckoned_from_the_first_use(
    login: Login, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.settings(UMAP_SESSION_COOKIE="x")
    assert login().code == 0
    assert "at the latest" in desk.done("status").out
    desk.done("sync")
    later = datetime.now(UTC) + timedelta(days=12)
    monkeypatch.setattr(WallClock, "now", lambda _: later)
    assert "(2 days): umap-bot login" in desk.done("sync").out


def test_a_merged_push_prolongs_the_session_and_that_is_noted(
    login: Login, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert login("--until", in_days(2)).code == 0
    assert "(2 days)" in desk.done("sync").out
    desk.commit(changed(rows(), "c1", nom="Autre"))
    post = Wire.post

    def late(wire: Wire, *more: Any) -> Reply:
        monkeypatch.setattr(Wire, "post", post)
        desk.draw("Somebody's own")
        return post(wire, *more)

    monkeypatch.setattr(Wire, "post", late)
    assert "Log in again" not in desk.done("sync").out
    assert len(desk.features) == 11
    desk.settings(UMAP_SESSION_UNTIL=None)
    assert "logged in until" in desk.done("status").out
    assert "at the latest" not in desk.done("status").out, "uMap itself has said it"


def test_a_session_that_ends_is_told_by_its_code(login: Login, desk: Desk, cookie: str) -> None:
    assert login("--until", in_days(3)).code == 0
    desk.done("sync")
    desk.commit(changed(rows(), "c1", nom="Autre"))
    end_session(desk.made, cookie)
    said = desk.type("sync")
    assert said.code == 13
    assert "umap-bot login" in said.err
    assert "(3 days)" not in said.err + said.out
    assert desk.feature("c1")["properties"]["name"] == "Cité 1"


def test_what_is_pasted_at_a_terminal_is_not_shown(desk: Desk, cookie: str) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    with subprocess.Popen(
        [sys.executable, "-m", "umap_bot", "login"], cwd=desk.folder, env=environment,
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    ) as process:  # fmt: skip
        os.close(theirs)
        shown = _until(ours, "is hidden)")
        os.write(ours, f"{cookie}\n".encode())
        shown += _until(ours, "from now)")
        os.write(ours, b"never\n")
        shown += _until(ours, "from now)")
        os.write(ours, f"{in_days(9)}\n".encode())
        shown += _until(ours, "new cookie")
        assert process.wait() == 0
    os.close(ours)
    assert cookie not in shown
    assert "The expiry date is not a date" in shown
    assert f"UMAP_SESSION_UNTIL={in_days(9)}" in desk.env.read_text("utf-8")


def _until(terminal: int, words: str) -> str:
    shown = ""
    while words not in shown:
        shown += os.read(terminal, 4096).decode()
    return shown
