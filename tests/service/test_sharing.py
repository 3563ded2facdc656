"""Three services share a schedule over one PostgreSQL: each map is served by one of them, and once."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Barrier

import pytest

from tests.commands.desk import Desk, Rows, rows, text
from tests.faults.proxy import Exchange, Proxy
from tests.service.served import LONG, Gate, Served
from umap_bot.sandbox.maps import MadeMap, new_map
from umap_bot.sandbox.server import Sandbox

MAPS = ("un", "deux", "trois")
LAYERS = ("Nord", "Sud")
QUICK = ("tests.service.quick", "3600000")
"""Due once an hour."""


def of_two() -> Rows:
    table = rows(10)
    return {key: {**table[key], "commune": LAYERS[int(key[1:]) % 2]} for key in table}


@dataclass
class Shared:
    """Three maps of two layers each, which are fed from one file and were never synced."""

    desk: Desk
    proxy: Proxy
    maps: dict[str, MadeMap]

    def start(self, stack: ExitStack) -> Served:
        served = stack.enter_context(Served(self.desk.folder, *QUICK))
        stack.callback(lambda: self.desk.said.extend(served.said))
        return served

    def named(self, record: dict[str, object]) -> tuple[str, str]:
        """The map and the layer that a line of the log is about."""
        place, _, layer = str(record["layer"]).rpartition("/")
        number = int(place.rpartition("/")[2])
        return next(name for name, made in self.maps.items() if made.id == number), layer

    def ways_in(self) -> list[int]:
        """How often the way into each map was taken."""
        links = (each.path for each in self.proxy.requests if each.kind == "link")
        return sorted(Counter(path.rpartition("/")[2].partition(":")[0] for path in links).values())


@pytest.fixture
def shared(proxied: Desk, proxy: Proxy, umap: Sandbox, on_postgres: str) -> Iterator[Shared]:
    with ExitStack() as stack:
        maps = {name: stack.enter_context(new_map(umap.url, name)) for name in MAPS}
        proxied.settings(
            STATE_URL=on_postgres,
            UMAP_MAP_URL=None,
            UMAP_LAYER=None,
            UMAP_EDIT_LINK=None,
            **{f"LINK_{name.upper()}": proxy.through(made.edit_link) for name, made in maps.items()},
        )
        lines = []
        for name, made in maps.items():
            lines += [f"[map.{name}]", f'umap_map_url = "{proxy.through(made.url)}"']
            lines += [f'umap_edit_link = "env:LINK_{name.upper()}"']
        for name, made in maps.items():
            for layer in LAYERS:
                made.add_layer(layer, {"type": "FeatureCollection", "features": []})
                lines += ["[[layer]]", f'map = "{name}"', f'umap_layer = "{layer}"']
                lines += [f'dataset_filter = {{ commune = "{layer}" }}']
        (proxied.folder / "umap-bot.toml").write_text("\n".join(lines) + "\n", "utf-8")
        proxied.commit(text(of_two()))
        yield Shared(proxied, proxy, maps)


def serves(shared: Shared, service: Served, count: int = len(LAYERS)) -> list[tuple[str, str]]:
    """Wait until a service has told of so many layers that went well."""
    return [shared.named(service.told(lambda record: record.get("code") == 0)) for _ in range(count)]


def test_each_map_is_served_once_and_by_one_of_the_three_at_once(shared: Shared) -> None:
    """The first push of each map waits for those of the two others: a service is at one map of a site."""
    at_once = Barrier(len(MAPS))

    def meet(exchange: Exchange) -> None:
        at_once.wait(LONG)
        exchange.give(exchange.forward())

    shared.proxy.fail("push", meet, times=len(MAPS))
    with ExitStack() as stack:
        services = [shared.start(stack) for _ in MAPS]
        told = [serves(shared, service) for service in services]
        for service in services:
            service.send(signal.SIGTERM)
            assert service.ended() == 0
            assert len(service.records) == len(LAYERS), "no layer was served a second time"
    assert sorted(told) == sorted([(name, layer) for layer in LAYERS] for name in MAPS)
    assert shared.ways_in() == [1, 1, 1]
    assert len(shared.proxy.pushes) == len(MAPS) * len(LAYERS)


def test_one_that_is_killed_is_made_up_for_by_another(shared: Shared) -> None:
    gate = Gate(lost=True)
    shared.proxy.fail("push", gate.fault)
    with ExitStack() as stack:
        first = shared.start(stack)
        gate.arrived()
        second = shared.start(stack)
        told = serves(shared, second, 2 * len(LAYERS))
        first.process.kill()
        assert first.ended() == -9
        told += serves(shared, second)
        second.send(signal.SIGTERM)
        assert second.ended() == 0
        gate.open()
    assert sorted(told) == sorted((name, layer) for name in MAPS for layer in LAYERS)
    assert len(shared.proxy.pushes) == len(told) + 1, "that of the first one was lost"


def test_a_service_that_is_stopped_leaves_the_rest_to_others_and_a_start_repeats_nothing(
    shared: Shared,
) -> None:
    gate = Gate()
    shared.proxy.fail("push", gate.fault)
    with ExitStack() as stack:
        first = shared.start(stack)
        gate.arrived()
        first.send(signal.SIGTERM)
        gate.open()
        assert first.ended() == 0
        begun = [shared.named(record) for record in first.records]
        second = shared.start(stack)
        told = serves(shared, second, len(MAPS) * len(LAYERS) - len(begun))
        second.send(signal.SIGTERM)
        assert second.ended() == 0
    assert sorted(begun + told) == sorted((name, layer) for name in MAPS for layer in LAYERS)
    assert len(shared.proxy.pushes) == len(MAPS) * len(LAYERS)
