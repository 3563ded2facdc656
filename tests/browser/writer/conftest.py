"""A layer in step with its file, a bot behind a proxy, and a person at uMap's page behind the same."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.writer.editor import Editor
from tests.faults.proxy import Exchange, Proxy
from tests.faults.scene import NAME, TYPE, Bot, Table, edited, on_the_map, rows
from umap_bot.errors import BotError
from umap_bot.model.policy import Policy
from umap_bot.model.run import Run
from umap_bot.sandbox.maps import MadeMap, new_map
from umap_bot.sandbox.server import Sandbox

Moment = Literal["before", "open", "between", "at once", "stored", "after"]
MOMENTS: tuple[Moment, ...] = ("before", "open", "between", "at once", "stored", "after")
"""When a person saves: before a sync, after one that found unsaved changes open in the page, between the
bot's last look and the arrival of its push, together with the push, after the push and before the bot reads
back, after the sync."""

CENTRE = (4.005, 45.4999)
KEYS = tuple("123456")
PATIENCE = 60


@pytest.fixture
def proxy(umap: Sandbox) -> Iterator[Proxy]:
    with Proxy(umap.url) as proxy:
        yield proxy
    assert proxy.failures == []


@dataclass
class Stage:
    """The file's columns are id, name and state; people's own is note. `runs` are all of the bot's."""

    made: MadeMap
    layer_id: str
    proxy: Proxy
    bot: Bot
    table: Table
    runs: list[Run] = field(default_factory=list)

    def commit(self, key: str, **cells: str) -> None:
        before = self.table.states[-1]
        self.table.commit({**before, key: {**before[key], **cells}})

    def sync(self) -> Run:
        run = self.bot.run()
        self.runs.append(run)
        return run

    @property
    def features(self) -> list[dict[str, Any]]:
        return on_the_map(self.made, self.layer_id)

    def feature(self, key: str) -> dict[str, Any]:
        (found,) = [each for each in self.features if each["properties"].get("id") == key]
        return found

    def sync_while(self, moment: Moment, act: Callable[[], object]) -> None:
        """Run the bot; the person, who is in this thread, acts at that moment of its push."""
        if moment == "before":
            act()
            self.sync()
        elif moment in ("open", "after"):
            self.sync()
            act()
        elif moment == "at once":
            self._at_once(act)
        else:
            self._in_between(act, stored=moment == "stored")

    def _at_once(self, act: Callable[[], object]) -> None:
        barrier = threading.Barrier(2)

        def meet(exchange: Exchange) -> None:
            barrier.wait(PATIENCE)
            exchange.give(exchange.forward())

        self.proxy.fail("push", meet, times=2)
        with self._running():
            act()

    def _in_between(self, act: Callable[[], object], *, stored: bool) -> None:
        arrived, go_on = threading.Event(), threading.Event()

        def wait(exchange: Exchange) -> None:
            answer = exchange.forward() if stored else None
            arrived.set()
            go_on.wait(PATIENCE)
            exchange.give(answer or exchange.forward())

        self.proxy.fail("push", wait)
        with self._running():
            assert arrived.wait(PATIENCE)
            act()
            go_on.set()

    def _running(self) -> Running:
        return Running(self)


class Running:
    """The bot at work in a thread of its own, for as long as the `with` block; its error is raised after."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._error: BotError | None = None
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self._stage.sync()
        except BotError as error:
            self._error = error

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        if self._error:
            raise self._error


@pytest.fixture
def stage(umap: Sandbox, proxy: Proxy, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    with new_map(umap.url, str(request.node.name)[:100], center=CENTRE, zoom=17) as made:
        layer_id = made.add_layer(NAME, {**TYPE, "features": []})
        table = Table(rows(len(KEYS)))
        policy = Policy(drift="overwrite", deleted="recreate")
        link = proxy.through(made.edit_link)
        bot = Bot(proxy.through(made.url), link, table, tmp_path / "state.db", policy)
        stage = Stage(made, layer_id, proxy, bot, table)
        assert stage.sync().outcome == "done"
        noted = [each for key in KEYS for each in edited(stage.features, key, note="-") if _key(each) == key]
        made.save(layer_id, {**TYPE, "features": noted}, made.read(layer_id)[1])
        assert stage.sync().pushes == 0
        yield stage


def _key(feature: dict[str, Any]) -> Any:
    return feature["properties"].get("id")


@pytest.fixture
def tab_of(stage: Stage, browser: Browser) -> Iterator[Callable[[], Editor]]:
    """Open tabs, each of a person with cookies of their own."""
    contexts: list[BrowserContext] = []

    def new() -> Editor:
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}))
        return Editor(contexts[-1], stage.bot.edit_link)

    yield new
    for context in contexts:
        context.close()


@pytest.fixture
def editor(tab_of: Callable[[], Editor]) -> Editor:
    return tab_of()
