"""Layers of two sites: a pass has both under way at once, and never two of one site."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import groupby
from threading import Barrier, Event

import pytest

from tests.commands.desk import Said, rows
from tests.faults.proxy import Exchange, Proxy
from tests.passes.fleet import ALL, NORTH, OWN, PARKS, SOUTH, Fleet, towns
from tests.programs import Program
from tests.service.served import LONG, Gate, Served
from umap_bot.sandbox.server import Sandbox

NEW = ("Neuve c1", "Neuve c7", "Nouveau parc")
"""The names that the file gives one feature of each layer, in the layers' order."""


def told(said: Said) -> list[str]:
    """The new names in the order in which the answer tells of them."""
    return sorted((new for new in NEW if new in said.out), key=said.out.index)


@dataclass
class TwoSites:
    """The fleet, with another site and another repository for the parks. `of` are the proxies in between."""

    fleet: Fleet
    of: dict[str, Proxy]

    def layers_asked(self, name: str) -> list[str]:
        """The layers of a site as requests came for them, each as often as it had its turn."""
        ids = {self.fleet[layer].layer_id: layer for layer in ALL}
        asked = [layer for each in self.of[name].requests for own, layer in ids.items() if own in each.path]
        return [layer for layer, _ in groupby(asked)]

    def change(self) -> None:
        """A new name in each of the three layers."""
        table = towns()
        for key in ("c1", "c7"):
            table[key]["nom"] = f"Neuve {key}"
        self.fleet.any.commit(table)
        parks = rows(5)
        parks["c1"]["nom"] = "Nouveau parc"
        self.fleet.any.commit(parks, file=OWN)
        self.fleet.any.git("push", "--quiet", "../parks", "HEAD")

    def is_whole(self) -> bool:
        """Tell whether no layer is taken, and every run has ended."""
        open_ends = "SELECT layer FROM bot_lease UNION SELECT layer FROM bot_run WHERE ended IS NULL"
        with closing(sqlite3.connect(self.fleet.any.state)) as database:
            return not database.execute(open_ends).fetchall()

    def names(self, layer: str) -> set[str]:
        return {feature["properties"]["name"] for feature in self.fleet[layer].features}


@pytest.fixture
def sites(fleet: Fleet, umap: Sandbox) -> Iterator[TwoSites]:
    """In step; then the file of each layer has changed."""
    with ExitStack() as proxies:
        of = {name: proxies.enter_context(Proxy(umap.url)) for name in (NORTH, PARKS)}
        parks = fleet.folder / "parks"
        subprocess.run(["git", "clone", "--quiet", "--bare", fleet.any.repository, parks], check=True)
        fleet.manifest(**{PARKS: f'dataset_repo = "{parks}"\nsync_schedule = "0 0 1 1 *"'})
        manifest = fleet.folder / "umap-bot.toml"
        for file in (manifest, fleet.any.env):
            text = file.read_text("utf-8")
            for name, proxy in of.items():
                made = fleet[name].made
                for address in (made.url, made.edit_link):
                    text = text.replace(address, proxy.through(address))
            file.write_text(text, "utf-8")
        fleet.any.env.write_text(
            fleet.any.env.read_text("utf-8") + 'SYNC_SCHEDULE="0 0 1 1 *"\nLOG_FORMAT=json\n', "utf-8"
        )
        sites = TwoSites(fleet, of)
        fleet.done("sync")
        sites.change()
        for proxy in of.values():
            proxy.heal()
        yield sites
        assert [proxy.failures for proxy in of.values()] == [[], []]


def meeting(*proxies: Proxy) -> None:
    """Let the first push of each site through only when all of them have come."""
    all_here = Barrier(len(proxies))

    def wait(exchange: Exchange) -> None:
        all_here.wait(LONG)
        exchange.give(exchange.forward())

    for proxy in proxies:
        proxy.fail("push", wait)


def test_two_sites_are_under_way_at_once_and_never_two_layers_of_one(sites: TwoSites) -> None:
    meeting(*sites.of.values())
    said = sites.fleet.done("sync")
    assert told(said) == list(NEW)
    assert sites.layers_asked(NORTH) == [NORTH, SOUTH]
    assert sites.layers_asked(PARKS) == [PARKS]
    pages = [sum(each.kind == "link" for each in proxy.requests) for proxy in sites.of.values()]
    assert pages == [1, 1], "each way in is taken once"
    assert sorted(said.online) == ["fetch", "fetch", "ls-remote", "ls-remote"]


def test_answers_come_in_the_order_of_the_manifest_whoever_is_first(sites: TwoSites) -> None:
    """The north's push waits until the parks' has been read back."""
    parks_are_done = Event()

    def read_back(exchange: Exchange) -> None:
        exchange.give(exchange.forward())
        parks_are_done.set()

    def late(exchange: Exchange) -> None:
        assert parks_are_done.wait(LONG)
        exchange.give(exchange.forward())

    sites.of[PARKS].fail("layer", read_back, skip=1)
    sites.of[NORTH].fail("push", late)
    said = sites.fleet.done("sync")
    assert told(said) == list(NEW)


def test_a_plan_of_two_sites_is_in_the_order_of_the_manifest_too(sites: TwoSites) -> None:
    said = sites.fleet.type("plan")
    assert said.code == 2
    assert told(said) == list(NEW)
    assert all(not proxy.pushes for proxy in sites.of.values())


def test_ctrl_c_ends_the_runs_under_way_and_leaves_no_layer_taken(sites: TwoSites) -> None:
    gates = {name: Gate() for name in sites.of}
    for name, gate in gates.items():
        sites.of[name].fail("push", gate.fault)
    with Program("tests.passes.interrupted", "sync", cwd=sites.fleet.folder, environment=os.environ) as bot:
        for gate in gates.values():
            gate.arrived()
        bot.send_signal(signal.SIGINT)
        for gate in gates.values():
            gate.open()
        out, err = bot.communicate(LONG)
        assert bot.wait(LONG) == 130
    assert (out, err.strip()) == ("", "exit code 130: stopped")
    assert sites.is_whole()
    assert NEW[0] in sites.names(NORTH)
    assert NEW[2] in sites.names(PARKS)
    for proxy in sites.of.values():
        proxy.heal()
    sites.fleet.done("sync")
    assert NEW[1] in sites.names(SOUTH)


def test_a_service_that_is_stopped_ends_the_runs_of_all_sites(sites: TwoSites) -> None:
    gates = {name: Gate() for name in sites.of}
    for name, gate in gates.items():
        sites.of[name].fail("push", gate.fault)
    with Served(sites.fleet.folder) as served:
        for gate in gates.values():
            gate.arrived()
        served.send(signal.SIGTERM)
        for gate in gates.values():
            gate.open()
        assert served.ended() == 0
    sites.fleet.any.said.extend(served.said)
    assert sites.is_whole()
    assert [record["code"] for record in served.records if "code" in record] in ([0, 0], [0, 0, 0])
    assert NEW[0] in sites.names(NORTH)
    assert NEW[2] in sites.names(PARKS)
