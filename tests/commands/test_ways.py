"""Each way in × (right, wrong, ended, rights taken away in the middle of a run), on a real uMap.

What is looked at: exit code, words, that nothing changed on the map, and that the next run settles.
"""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from tests.accounts import change_user, log_in, log_out, new_team, new_user
from tests.commands.conftest import home
from tests.commands.desk import FILE, LAYER, Desk, Said, changed, files, rows, signature, spellings
from umap_bot import redaction
from umap_bot.sandbox import browser
from umap_bot.sandbox.maps import MadeMap, new_map
from umap_bot.sandbox.server import Sandbox
from umap_bot.umap.wire import Reply, Wire
from umap_bot.wiring import WallClock

OWNER, BOT, PASSWORD = "ada-owner", "bot-of-the-maps", "correct-horse=battery%20staple"
EMPTY = {"type": "FeatureCollection", "features": []}


@pytest.fixture(scope="module")
def accounts(umap: Sandbox) -> dict[str, int]:
    """The ids of the owner's account and of the bot's."""
    ids = {}
    for name in (OWNER, BOT):
        new_user(umap, name, PASSWORD)
        with log_in(umap.url, name, PASSWORD) as session, new_map(umap.url, name, session=session) as made:
            ids[name] = int(made.page()["user"]["id"])
    return ids


@dataclass
class World:
    """A desk, whose way in is chosen by each case, and what the case has to do to it."""

    desk: Desk
    umap: Sandbox
    ids: Mapping[str, int]
    session: requests.Session
    secrets: list[str] = field(default_factory=list)
    closed: bool = False
    """The bot's account was closed: the next case needs it open again."""

    @property
    def made(self) -> MadeMap:
        return self.desk.made

    def give(self, **settings: str | None) -> None:
        self.secrets += [value for value in settings.values() if value and value != BOT]
        self.desk.settings(**settings)


class Case:
    """A way in: the map of it, and how it ends. `wrong`, `ended` and `taken` are words of the errors."""

    wrong = ended = taken = ""

    def map(self, umap: Sandbox, ids: Mapping[str, int]) -> MadeMap:
        owned = new_map(umap.url, "Owned", session=log_in(umap.url, OWNER, PASSWORD))
        owned.set_permissions(edit_status=2, editors=[ids[BOT]])
        return owned

    def right(self, world: World) -> None:
        raise NotImplementedError

    def spoil(self, world: World) -> None:
        raise NotImplementedError

    def end(self, world: World) -> None:
        raise NotImplementedError

    def mend(self, world: World) -> None:
        raise NotImplementedError

    def take_away(self, world: World) -> None:
        world.made.set_permissions(editors=[])

    def give_back(self, world: World) -> None:
        world.made.set_permissions(editors=[world.ids[BOT]])


class ByAccount(Case):
    wrong = "uMap does not accept the account “bot-of-the-maps”. It says: Please enter a correct username"
    ended = wrong
    taken = "Ask ada-owner, who owns the map, to add “bot-of-the-maps” to its editors"

    def right(self, world: World) -> None:
        world.give(UMAP_USERNAME=BOT, UMAP_PASSWORD=PASSWORD)

    def spoil(self, world: World) -> None:
        world.give(UMAP_USERNAME=BOT, UMAP_PASSWORD="incorrect-horse")

    def end(self, world: World) -> None:
        change_user(world.umap, BOT, active=False)
        world.closed = True

    def mend(self, world: World) -> None:
        change_user(world.umap, BOT)
        world.closed = False


class BySession(Case):
    wrong = ended = (
        "The session has ended: uMap no longer recognizes its cookie. Sign in again with a browser"
    )
    taken = ByAccount.taken

    def right(self, world: World) -> None:
        world.session = log_in(world.umap.url, BOT, PASSWORD)
        world.give(UMAP_SESSION_COOKIE=world.session.cookies["sessionid"])

    def spoil(self, world: World) -> None:
        world.give(UMAP_SESSION_COOKIE="nobodysession0nobodysession00000")

    def end(self, world: World) -> None:
        log_out(world.session, world.umap.url)

    def mend(self, world: World) -> None:
        self.right(world)


class ByEditLink(Case):
    wrong = "The secret edit link is wrong: uMap does not recognize its signature."
    ended = taken = (
        "at the latest, so the secret edit link no longer works. Someone linked the map to their account."
    )

    def map(self, umap: Sandbox, ids: Mapping[str, int]) -> MadeMap:
        return new_map(umap.url, "Nobody's")

    def right(self, world: World) -> None:
        world.give(UMAP_EDIT_LINK=world.made.edit_link)

    def spoil(self, world: World) -> None:
        link = world.made.edit_link
        world.give(UMAP_EDIT_LINK=link[:-3] + ("abc" if link[-3:] != "abc" else "abd"))

    def end(self, world: World) -> None:
        """Somebody links the map to their account."""
        session = log_in(world.umap.url, OWNER, PASSWORD)
        browser.get(session, world.made.edit_link)
        path = f"{browser.site(world.umap.url)}en/map/{world.made.id}/update/owner/"
        browser.success(browser.post(session, path, {}))
        world.made.session = session

    def mend(self, world: World) -> None:
        """They add the bot's account to the editors, as the error tells."""
        world.made.set_permissions(edit_status=2, editors=[world.ids[BOT]])
        world.give(UMAP_EDIT_LINK=None, UMAP_USERNAME=BOT, UMAP_PASSWORD=PASSWORD)

    take_away = end
    give_back = mend


class ByEveryone(Case):
    wrong = ended = taken = "The map belongs to ada-owner. Set UMAP_USERNAME and UMAP_PASSWORD"

    def map(self, umap: Sandbox, ids: Mapping[str, int]) -> MadeMap:
        owned = new_map(umap.url, "Owned", session=log_in(umap.url, OWNER, PASSWORD))
        owned.set_permissions(edit_status=3)
        return owned

    def right(self, world: World) -> None:
        world.made.set_layer_permissions(world.desk.layer_id, 1)

    def spoil(self, world: World) -> None:
        """Nobody has opened the layer."""

    def end(self, world: World) -> None:
        world.made.set_layer_permissions(world.desk.layer_id, 0)

    mend = right
    take_away = end
    give_back = mend


class ByLayer(ByAccount):
    """Least of all rights: the layer alone is open to the editors, the map to its owner."""

    def map(self, umap: Sandbox, ids: Mapping[str, int]) -> MadeMap:
        owned = super().map(umap, ids)
        owned.set_permissions(edit_status=3)
        return owned

    def right(self, world: World) -> None:
        super().right(world)
        world.made.set_layer_permissions(world.desk.layer_id, 2)


class ByTeam(ByAccount):
    """The bot is of a team that the owner is of too."""

    taken = f"{ByAccount.taken}, and to allow “Editors and team” to edit the map"

    def map(self, umap: Sandbox, ids: Mapping[str, int]) -> MadeMap:
        owned = new_map(umap.url, "Owned", session=log_in(umap.url, OWNER, PASSWORD))
        owned.set_permissions(edit_status=2, team=new_team(umap, f"team {owned.id}", OWNER, BOT))
        return owned

    def take_away(self, world: World) -> None:
        world.made.set_permissions(edit_status=3)

    def give_back(self, world: World) -> None:
        world.made.set_permissions(edit_status=2)


CASES: dict[str, type[Case]] = {
    "account": ByAccount,
    "session": BySession,
    "edit link": ByEditLink,
    "everyone": ByEveryone,
    "one layer": ByLayer,
    "team": ByTeam,
}
WAYS = ("account", "session", "edit link", "everyone")
"""The others differ in where the account's right comes from."""


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]()


@pytest.fixture
def world(
    case: Case,
    umap: Sandbox,
    accounts: dict[str, int],
    folder: Path,
    traffic: tuple[list[tuple[str, str]], list[str]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[World]:
    """Ten rows in git, an empty layer on the map of the case; at the end, no secret was told anywhere."""
    monkeypatch.setattr(redaction, "_secrets", redaction.Secrets())
    monkeypatch.setattr(WallClock, "pause", lambda *_: None)
    caplog.set_level(logging.DEBUG)
    with case.map(umap, accounts) as made:
        layer_id = made.add_layer(LAYER, EMPTY)
        desk = Desk(folder, made, layer_id, capfd, *traffic)
        subprocess.run(["git", "init", "--quiet", "--initial-branch=main", desk.repository], check=True)
        desk.env.touch(mode=0o600)
        desk.settings(
            UMAP_MAP_URL=made.url,
            UMAP_LAYER=LAYER,
            DATASET_REPO=str(desk.repository),
            DATASET_PATH=FILE,
            DATASET_RENAME="nom=name",
            STATE_URL=f"sqlite:///{desk.state}",
        )
        desk.commit(rows(), "Ten cités")
        with requests.Session() as session:
            world = World(desk, umap, accounts, session)
            yield world
    if world.closed:
        change_user(umap, BOT)
    told = [*desk.said, caplog.text, repr([record.args for record in caplog.records])]
    texts = {f"said {number}": words.encode() for number, words in enumerate(told)}
    kept = {str(file): file.read_bytes() for file in files(desk.folder, home()) if file.name != ".env"}
    spelled = {
        each
        for secret in world.secrets
        for part in (secret, signature(secret))
        if part
        for each in spellings(part)
    }
    assert [
        place for place, held in {**texts, **kept}.items() if any(each.encode() in held for each in spelled)
    ] == []


def in_the_middle(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object], *, after: bool) -> None:
    """Let somebody act once: just before the first layer that is sent arrives, or just after it is stored."""
    post = Wire.post

    def interrupted(
        wire: Wire, path: str, fields: Mapping[str, str], file: bytes | None, headers: Mapping[str, str]
    ) -> Reply:
        if file is None:
            return post(wire, path, fields, file, headers)
        monkeypatch.setattr(Wire, "post", post)
        if not after:
            act()
            return post(wire, path, fields, file, headers)
        reply = post(wire, path, fields, file, headers)
        act()
        return reply

    monkeypatch.setattr(Wire, "post", interrupted)


def layer_posts(said: Said) -> list[str]:
    return [path for path in said.posts if "/datalayer/" in path]


@pytest.mark.parametrize("case", CASES, indirect=True)
def test_right(world: World, case: Case) -> None:
    case.right(world)
    assert world.desk.done("check").code == 0
    assert world.desk.type("plan").code == 2
    said = world.desk.done("sync")
    assert len(world.desk.features) == 10
    assert len([path for path in said.posts if path.endswith("/login/")]) == (
        1 if isinstance(case, ByAccount) else 0
    )
    again = world.desk.done("sync")
    assert len(again.requests) == 1  # nothing new: nobody logs in


@pytest.mark.parametrize("case", WAYS, indirect=True)
def test_wrong(world: World, case: Case) -> None:
    case.spoil(world)
    before = world.desk.versions
    said = world.desk.type("sync")
    assert said.code == 13, said
    assert case.wrong in said.err.replace("\n  ", " ")
    assert layer_posts(said) == []
    assert world.desk.versions == before
    assert world.desk.type("check").code == 13
    case.right(world)
    world.desk.done("sync")
    assert len(world.desk.features) == 10


@pytest.mark.parametrize("case", WAYS, indirect=True)
def test_ended(world: World, case: Case) -> None:
    case.right(world)
    world.desk.done("sync")
    world.desk.commit(changed(rows(), "c1", commune="Lyon"))
    case.end(world)
    before = world.desk.body, world.desk.versions
    said = world.desk.type("sync")
    assert said.code == 13, said
    assert case.ended in said.err.replace("\n  ", " ")
    assert layer_posts(said) == []
    assert (world.desk.body, world.desk.versions) == before
    case.mend(world)
    world.desk.done("sync")
    assert world.desk.feature("c1")["properties"]["commune"] == "Lyon"


@pytest.mark.parametrize("after", [False, True], ids=["before the push", "after the push"])
@pytest.mark.parametrize(
    ("case", "by"),
    [*((name, "taken") for name in CASES), ("account", "ended"), ("session", "ended")],
    indirect=["case"],
)
def test_taken_away_in_the_middle(
    world: World, case: Case, by: str, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever stands then is told, and the next run settles, with one version more at the most."""
    case.right(world)
    world.desk.done("sync")
    world.desk.commit(changed(rows(), "c1", commune="Lyon"))
    take, back = (case.take_away, case.give_back) if by == "taken" else (case.end, case.mend)
    before = world.desk.body, len(world.desk.versions)
    in_the_middle(monkeypatch, lambda: take(world), after=after)
    said = world.desk.type("sync")
    assert said.code == 13, said
    words = case.taken if by == "taken" else case.ended
    assert words in said.err.replace("\n  ", " ")
    assert len([path for path in said.posts if "/datalayer/update/" in path]) == 1
    if not after:
        assert (world.desk.body, len(world.desk.versions)) == before
    back(world)
    world.desk.done("sync")
    assert world.desk.feature("c1")["properties"]["commune"] == "Lyon"
    assert len(world.desk.versions) == before[1] + 1
    world.desk.done("sync")
    assert len(world.desk.versions) == before[1] + 1
