"""Races on the real uMap, many times over: its lock lets two saves through at once, its merge stores late.

They take minutes: `make test-races`. What was seen and mended is printed.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.faults.faults import together
from tests.faults.proxy import Exchange, Proxy
from tests.faults.scene import NAME, TYPE, Bot, RushingClock, Table, edited, on_the_map, rows
from umap_bot.sandbox.maps import MadeMap, open_map
from umap_bot.sandbox.server import Sandbox

Feature = dict[str, Any]
PLACE = {"type": "Point", "coordinates": [4.6, 45.5]}

ROUNDS = 4
"""On one layer. Of two saves in one millisecond uMap takes one for the newest version for ever (protocol 7):
with nine of those it keeps one other, and what is run over is gone before anybody can look."""


@pytest.fixture
def proxy(umap: Sandbox) -> Iterator[Proxy]:
    with Proxy(umap.url) as proxy:
        yield proxy
    assert proxy.failures == []


def bot_of(made: MadeMap, proxy: Proxy, table: Table, state: Path, layer: str = NAME) -> Bot:
    return Bot(proxy.through(made.url), proxy.through(made.edit_link), table, state, layer_name=layer)


def lost_saves(bot: Bot) -> int:
    with sqlite3.connect(bot.state) as database:
        found: tuple[int] = database.execute("select count(*) from bot_debt").fetchone()
    return found[0]


def every_key_once(features: list[Feature], table: Table) -> None:
    keys = [each["properties"]["id"] for each in features if "id" in each["properties"]]
    assert sorted(keys) == sorted(table.states[-1])
    ids = [each["id"] for each in features]
    assert len(set(ids)) == len(ids)


def note(features: list[Feature], text: str, key: str) -> list[Feature]:
    return edited(features, key, note=text)


def on_another(features: list[Feature], text: str) -> list[Feature]:
    return note(features, text, "2")


def on_ours(features: list[Feature], text: str) -> list[Feature]:
    return note(features, text, "1")


def a_point(features: list[Feature], text: str) -> list[Feature]:
    own = {"type": "Feature", "id": f"p{text:0>4}", "geometry": PLACE, "properties": {"note": text}}
    return [*features, own]


ACTS: tuple[Callable[[list[Feature], str], list[Feature]], ...] = (on_another, on_ours, a_point)


def test_a_bot_and_a_script_on_one_version_at_one_moment(
    made_map: MadeMap, proxy: Proxy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Table(rows(20))
    script = open_map(proxy.through(made_map.edit_link))
    confirmed = 0
    for number in range(100):
        if number % ROUNDS == 0:
            name = f"{NAME} {number}"
            layer_id = made_map.add_layer(name, {**TYPE, "features": []})
            bot = bot_of(made_map, proxy, table, tmp_path / "state.db", name)
            assert bot.code() == 0
        text = str(number)
        table.commit({**rows(20), "1": {"name": "Cité 1", "state": text}})
        body, version = script.read(layer_id)
        theirs = ACTS[number % len(ACTS)](json.loads(body)["features"], text)
        proxy.fail("push", together(threading.Barrier(2)), times=2)
        with ThreadPoolExecutor(1) as pool:
            saving = pool.submit(script.save, layer_id, {**TYPE, "features": theirs}, version)
            assert bot.code() == 0
        saved = saving.result()
        assert saved.status_code in {200, 412, 500}  # 500: the purge of old versions (protocol 5)
        assert bot.code() == 0
        now = on_the_map(made_map, layer_id)
        every_key_once(now, table)
        assert _of(now, "1")["state"] == text
        if saved.status_code == 200:
            confirmed += 1
            assert text in [each["properties"].get("note") for each in now]
    with capsys.disabled():
        lost = lost_saves(bot)
        print(f"\nbot and script: 100 rounds, {confirmed} saves confirmed, {lost} run over and mended")  # noqa: T201
    assert lost_saves(bot) > 0


def _of(features: list[Feature], key: str) -> dict[str, Any]:
    (found,) = [each["properties"] for each in features if each["properties"].get("id") == key]
    return dict(found)


def test_two_bots_of_two_states_at_one_moment(
    made_map: MadeMap, proxy: Proxy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One is a commit behind. Both publish the same new row, and each its own state of another."""
    tables = [Table(rows(20)), Table(rows(20))]
    own = {"type": "Feature", "id": "Siege", "geometry": PLACE, "properties": {"name": "Our office"}}
    lost = 0
    for number in range(50):
        if number % ROUNDS == 0:
            name = f"{NAME} {number}"
            layer_id = made_map.add_layer(name, {**TYPE, "features": []})
            states = [tmp_path / f"{number}-{which}.db" for which in (0, 1)]
            bots = [
                bot_of(made_map, proxy, table, state, name)
                for table, state in zip(tables, states, strict=True)
            ]
            assert bots[0].code() == 0
            bots[1].state.write_bytes(bots[0].state.read_bytes())
            kept = [*note(on_the_map(made_map, layer_id), "by hand", "3"), own]
            made_map.save(layer_id, {**TYPE, "features": kept}, made_map.read(layer_id)[1])
        for which, table in enumerate(tables):
            changed = {"1": {"name": "Cité 1", "state": f"{number}-{which}"}}
            new = {str(1000 + 10 * number): {"name": f"Neuve {number}", "state": ""}}
            table.commit({**rows(20), **changed, **new})
        proxy.fail("push", together(threading.Barrier(2)), times=2)
        with ThreadPoolExecutor(2) as pool:
            codes = [running.result() for running in [pool.submit(bot.code) for bot in bots]]
        assert set(codes) <= {0, 4}
        for bot in bots:
            assert bot.code() == 0
        now = on_the_map(made_map, layer_id)
        every_key_once(now, tables[1])
        assert _of(now, "1")["state"] == f"{number}-1"
        assert _of(now, "3")["note"] == "by hand"
        assert [each["properties"]["name"] for each in now].count("Our office") == 1
        if number % ROUNDS == ROUNDS - 1:
            lost += sum(map(lost_saves, bots))
    with capsys.disabled():
        print(f"\ntwo bots: 50 rounds, {lost} run over and mended")  # noqa: T201


class PatientClock(RushingClock):
    """Lets a pause last until the save under way has ended."""

    def __init__(self) -> None:
        super().__init__()
        self.saving: threading.Thread | None = None

    def pause(self, seconds: float) -> None:
        super().pause(seconds)
        if self.saving:
            self.saving.join(60)


def test_a_slow_merge_across_a_push(
    made_map: MadeMap, proxy: Proxy, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It reads the layer before our push and stores after it: everything we pushed is gone again."""
    count = 5000
    table = Table(rows(count))
    layer_id = made_map.add_layer(NAME, {**TYPE, "features": []})
    bot = bot_of(made_map, proxy, table, tmp_path / "state.db")
    bot.clock = clock = PatientClock()
    assert bot.code() == 0
    wiped = confirmed = 0
    for number in range(10):
        text = str(number)
        body, old = made_map.read(layer_id)
        features = json.loads(body)["features"]
        fresh = made_map.save(layer_id, {**TYPE, "features": note(features, text, "2")}, old)
        assert fresh.status_code == 200
        table.commit({**rows(count), "1": {"name": "Cité 1", "state": text}})
        answers: list[int] = []
        person = made_map.another_person()
        stale = {**TYPE, "features": note(features, text, "3")}

        def save(person: MadeMap, stale: Feature, old: str, answers: list[int]) -> None:
            answers.append(person.save(layer_id, stale, old).status_code)

        clock.saving = threading.Thread(target=save, args=(person, stale, old, answers))

        def once_it_merges(exchange: Exchange) -> None:
            assert clock.saving
            clock.saving.start()
            for _ in range(5):  # each of them waits for its turn beside the merge: by then it has begun
                made_map.page()
            exchange.give(exchange.forward())

        proxy.fail("push", once_it_merges)
        run = bot.run()
        clock.saving.join(60)
        wiped += run.pushes > 1
        clock.saving = None
        assert bot.code() == 0
        now = on_the_map(made_map, layer_id)
        every_key_once(now, table)
        assert (_of(now, "1")["state"], _of(now, "2")["note"]) == (text, text)
        if answers == [200]:
            confirmed += 1
            assert _of(now, "3")["note"] == text
        person.close()
    with capsys.disabled():
        print(f"\nslow merges: 10 rounds, {confirmed} confirmed, {wiped} pushes wiped and made again")  # noqa: T201
