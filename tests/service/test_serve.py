"""`umap-bot serve` as a process on a real uMap: stopped at each step of a run, and beside other runs."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.commands.desk import Desk, rows, signature, spellings, stands, without
from tests.faults.faults import says
from tests.faults.proxy import Proxy
from tests.service.conftest import table
from tests.service.served import Gate, Served
from umap_bot.cli.commands.serve import Passes
from umap_bot.manifest import load_all
from umap_bot.report.language import language
from umap_bot.wiring import WallClock, name_of_layer

TERM, INT = signal.SIGTERM, signal.SIGINT

STEPS = {
    "before the page is read": ("settings", 0, False),
    "between read and push": ("settings", 1, False),
    "in the push": ("push", 0, False),
    "after the push": ("push", 0, True),
    "while it is read back": ("layer", 1, False),
}
"""Kind of the request that is held, how many of it pass before, and whether uMap has done it."""


@contextmanager
def serving(desk: Desk, *words: str) -> Iterator[Served]:
    with Served(desk.folder, *words) as served:
        yield served
    desk.said.extend(served.said)


def held(proxy: Proxy, step: str) -> Gate:
    kind, skip, stored = STEPS[step]
    gate = Gate(stored=stored)
    proxy.fail(kind, gate.fault, skip=skip)
    return gate


def is_whole(desk: Desk) -> bool:
    """Tell whether nothing is left half done in the state: no lease, no run whose end is not known."""
    leases = table(desk, "SELECT * FROM bot_lease")
    unknown = table(desk, "SELECT * FROM bot_intent WHERE NOT looked")
    return not leases and not unknown and not table(desk, "SELECT * FROM bot_run WHERE ended IS NULL")


@pytest.mark.parametrize("signals", [(TERM,), (INT,), (TERM, INT, TERM)], ids=["TERM", "INT", "thrice"])
@pytest.mark.parametrize("step", STEPS)
def test_stopped_at_a_step_it_ends_its_run_and_is_0(
    proxied: Desk, proxy: Proxy, step: str, signals: tuple[signal.Signals, ...]
) -> None:
    gate = held(proxy, step)
    with serving(proxied) as served:
        gate.arrived()
        served.send(*signals)
        gate.open()
        assert served.ended() == 0
    assert is_whole(proxied)
    assert stands(proxied) == rows()
    assert [(each["level"], each["code"]) for each in served.records] == [("INFO", 0)]
    assert "10 added" in served.records[0]["message"]
    proxy.heal()
    again = proxied.done("sync")
    assert ("Nothing to do" in again.out, again.posts) == (True, [])


def test_stopped_while_nothing_runs_it_is_0_at_once(proxied: Desk) -> None:
    with serving(proxied) as served:
        assert served.told(lambda record: "code" in record)["code"] == 0
        served.send(TERM)
        assert served.ended() == 0
    assert is_whole(proxied)


def test_the_log_is_one_json_line_a_run_without_secrets(proxied: Desk, proxy: Proxy) -> None:
    """Of a run that failed too, at an address that is a secret."""
    proxy.fail("link", says(500), times=9)
    with serving(proxied) as served:
        record = served.told(lambda record: "code" in record)
        served.send(TERM)
        assert served.ended() == 0
    assert len(served.said) == 1
    assert set(record) == {"time", "level", "name", "message", "layer", "run", "code"}
    assert (record["level"], record["name"], record["code"]) == ("ERROR", "umap_bot.service", 14)
    secrets = spellings(signature(proxied.made.edit_link))
    assert not [secret for secret in secrets if secret in "".join(served.said)]


def test_without_a_schedule_it_is_10(proxied: Desk) -> None:
    proxied.settings(SYNC_SCHEDULE=None)
    said = proxied.spawn("serve")
    assert said.code == 10
    assert said.err == (
        "umap-bot: Cités has no schedule. "
        "Set SYNC_SCHEDULE. For example, 0 6 * * * means every day at 6:00.\n"
        "exit code 10: a problem with the settings\n"
    )


def test_a_sync_beside_it_is_5_and_with_wait_gets_its_turn(
    proxied: Desk, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = held(proxy, "in the push")
    with serving(proxied) as served:
        gate.arrived()
        busy = proxied.type("sync")
        assert (busy.code, busy.requests) == (5, ())
        assert f"process {served.process.pid} on {os.uname().nodename}" in busy.err

        def until_it_has_ended(*_: object) -> None:
            gate.open()
            served.told(lambda record: record["code"] == 0)

        monkeypatch.setattr(WallClock, "pause", until_it_has_ended)
        waited = proxied.done("sync", "--wait")
        assert "Nothing to do" in waited.out
        served.send(TERM)
        assert served.ended() == 0
    assert stands(proxied) == rows()


def test_a_service_beside_a_run_says_that_it_is_busy_and_goes_on(proxied: Desk, proxy: Proxy) -> None:
    gate = held(proxy, "in the push")
    with serving(proxied) as first:
        gate.arrived()
        with serving(proxied) as second:
            busy = second.told(lambda record: "code" in record)
            assert (busy["level"], busy["code"]) == ("INFO", 5)
            second.send(TERM)
            assert second.ended() == 0
        gate.open()
        first.told(lambda record: record["code"] == 0)
        first.send(TERM)
        assert first.ended() == 0
    assert is_whole(proxied)


def test_a_pass_wires_its_layers_and_those_that_share_their_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All, if there are pages to write: these tell of all."""
    monkeypatch.chdir(tmp_path)
    lines = [
        'dataset_repo = "https://git.example.org/a.git"',
        'umap_map_url = "https://umap.example.org/m/1"',
    ]
    for layer, file in (("a", "x.csv"), ("b", "y.csv"), ("c", "x.csv")):
        lines += ["[[layer]]", f'umap_layer = "{layer}"', f'dataset_path = "{file}"']
    manifest = tmp_path / "umap-bot.toml"
    for first, wanted in (("", "ac"), ('report_site_dir = "site"', "abc")):
        manifest.write_text("\n".join([first, *lines]), "utf-8")
        found = load_all(None, manifest)
        needed = Passes(found, language("en"))._needed({name_of_layer(found[0])})
        assert "".join(each.umap_layer for each in needed) == wanted


def test_what_waits_is_told_at_each_pass_and_decided_beside_it(proxied: Desk) -> None:
    """The question is one entry of the log, however often the service finds it."""
    proxied.done("sync")
    proxied.erase("c1")
    for _ in range(2):
        with serving(proxied) as served:
            assert served.told(lambda record: "code" in record)["code"] == 3
            served.send(TERM)
            assert served.ended() == 0
    assert len(table(proxied, "SELECT * FROM bot_run")) == 2
    with serving(proxied) as served:
        assert served.told(lambda record: "code" in record)["code"] == 3
        proxied.done("keep", "c1")
        served.send(TERM)
        assert served.ended() == 0
    with serving(proxied) as served:
        assert served.told(lambda record: "code" in record)["code"] == 0
        served.send(TERM)
        assert served.ended() == 0
    assert stands(proxied) == without(rows(), "c1")
