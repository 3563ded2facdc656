"""One run at a time has a layer, whatever becomes of it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.faults.scene import Table, rows
from tests.journal.made import COMMIT, LAYER, NOON, UPDATE, StillClock, base, collection, live, plan
from tests.journal.remembering import leased
from tests.machine.memory_umap import MemoryLayer, MemoryUmap
from tests.programs import Program
from umap_bot.errors import LayerBusy, RefusedError, StateError
from umap_bot.journal import leases
from umap_bot.journal.journal import SqlJournal
from umap_bot.model.policy import Limits, Policy
from umap_bot.model.state import LayerState
from umap_bot.run.job import Job
from umap_bot.run.run import run_once
from umap_bot.text import say

ROOT = Path(__file__).parents[2]


def start(script: str, *arguments: str) -> Program:
    return Program(f"tests.journal.{script}", *arguments, cwd=ROOT)


def child(script: str, *arguments: str) -> subprocess.Popen[str]:
    """The same, as a child of this process."""
    command = [sys.executable, "-m", f"tests.journal.{script}", *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_layer_that_is_taken_is_busy_and_says_by_whom(
    reopened: Callable[[], SqlJournal], clock: StillClock
) -> None:
    with reopened().lease(LAYER, clock):
        busy = pytest.raises(LayerBusy)
        with busy as raised, reopened().lease(LAYER, clock.after(minutes=9)):
            pass
    process, host = str(os.getpid()), socket.gethostname()
    assert raised.value.message == say(
        "Another run is working on the layer {layer}: process {pid} on {host}, since {since}.",
        layer=LAYER,
        pid=process,
        host=host,
        since=NOON,
    )
    end = NOON + timedelta(minutes=10)
    assert raised.value.way_out == say(
        "Run the command again when it has ended, or after {time} at the latest.", time=end
    )


def test_a_layer_is_free_when_its_run_has_ended(journal: SqlJournal, clock: StillClock) -> None:
    with journal.lease(LAYER, clock):
        pass
    with journal.lease(LAYER, clock):
        pass


def test_a_layer_is_free_when_its_run_broke(journal: SqlJournal, clock: StillClock) -> None:
    with pytest.raises(RefusedError), journal.lease(LAYER, clock):
        raise RefusedError(say("no"))
    with journal.lease(LAYER, clock):
        pass


def test_a_run_that_took_too_long_loses_its_layer_and_writes_nothing_more(
    journal: SqlJournal, clock: StillClock
) -> None:
    with journal.lease(LAYER, clock) as slow:
        run = slow.open("sync", COMMIT)
        clock.after(minutes=10)
        slow.lost(LayerState(), ())  # over, but nobody else's yet: from now on it stands again
        with pytest.raises(LayerBusy), journal.lease(LAYER, clock.after(minutes=9)):
            pass
        with journal.lease(LAYER, clock.after(minutes=1)) as other:
            with pytest.raises(StateError, match="too long"):
                slow.close(run.end(plan()), base("1"), "s", None)
            for write in (
                lambda: slow.applied(LayerState(), ()),
                lambda: slow.open("sync", COMMIT),
                lambda: slow.idle(COMMIT),
            ):
                with pytest.raises(StateError, match="too long"):
                    write()
            assert other.load().base is None
            other.open("sync", COMMIT)
    assert journal.load(LAYER, clock).base is None


def test_a_layer_is_kept_for_ten_minutes_from_the_push_however_long_the_run_took_before_it(
    reopened: Callable[[], SqlJournal], clock: StillClock
) -> None:
    with leased(reopened(), LAYER, clock) as memory:
        run = memory.open("sync", COMMIT)
        clock.after(minutes=9)
        memory.intend(run, plan(UPDATE), live(), collection("c"))
        end = clock.now() + timedelta(minutes=10)
        # The push takes four minutes; and then nothing is heard of the run.
        for lapse in (timedelta(minutes=4), timedelta(minutes=5, seconds=59)):
            clock.time += lapse
            with pytest.raises(LayerBusy) as raised, reopened().lease(LAYER, clock):
                pass
            assert raised.value.way_out == say(
                "Run the command again when it has ended, or after {time} at the latest.", time=end
            )
        with leased(reopened(), LAYER, clock.after(seconds=1)) as other:
            assert [each.run for each in other.state.pending] == [run.number]
            with pytest.raises(StateError, match="too long"):
                memory.applied()


def test_every_write_prolongs_the_lease(journal: SqlJournal, clock: StillClock) -> None:
    with leased(journal, LAYER, clock) as memory:
        writes: list[Callable[[], object]] = [
            memory.lost,
            memory.applied,
            lambda: memory.intend(memory.open("sync", COMMIT), plan(UPDATE), live(), collection("c")),
            lambda: memory.close(memory.open("sync", COMMIT).end(plan()), None, None, None),
        ]
        for write in writes:
            clock.after(minutes=9)
            write()
            with pytest.raises(LayerBusy), journal.lease(LAYER, clock.after(minutes=9)):
                pass


def test_a_run_that_finds_nothing_new_gives_its_layer_back_and_takes_nobody_elses(
    journal: SqlJournal, clock: StillClock
) -> None:
    with ExitStack() as other:
        with journal.lease(LAYER, clock) as session:
            session.idle(COMMIT)
            other.enter_context(journal.lease(LAYER, clock))
            with pytest.raises(StateError, match="too long"):
                session.idle(COMMIT)
        with pytest.raises(LayerBusy), journal.lease(LAYER, clock):
            pass


@pytest.mark.parametrize(("moment", "pushes"), [("read", 0), ("pause", 1)])
def test_a_run_whose_layer_is_another_runs_by_now_pushes_nothing(
    journal: SqlJournal, clock: StillClock, monkeypatch: pytest.MonkeyPatch, moment: str, pushes: int
) -> None:
    """Too long over the file, before its first push; or between a push that got lost and the next."""
    layer, dataset = MemoryLayer(MemoryUmap()), Table(rows(2))
    layer.fault = "request lost"
    slow: object = dataset if moment == "read" else clock
    through: Callable[..., object] = getattr(slow, moment)
    with ExitStack() as other:

        def too_long(*arguments: object) -> object:
            other.enter_context(journal.lease(LAYER, clock.after(minutes=10)))
            return through(*arguments)

        monkeypatch.setattr(slow, moment, too_long)
        with pytest.raises(StateError, match="too long"):
            run_once(Job(layer=LAYER, policy=Policy(), limits=Limits()), dataset, layer, journal, clock)
    assert (layer.pushes, journal.load(LAYER, clock).pending) == (pushes, ())


def test_a_late_end_does_not_give_back_what_is_another_runs(journal: SqlJournal, clock: StillClock) -> None:
    with ExitStack() as slow, ExitStack() as other:
        slow.enter_context(journal.lease(LAYER, clock))
        other.enter_context(journal.lease(LAYER, clock.after(minutes=11)))
        slow.close()
        with pytest.raises(LayerBusy), journal.lease(LAYER, clock):
            pass


def test_the_layer_of_a_killed_process_is_free_at_once(
    url: str, journal: SqlJournal, clock: StillClock
) -> None:
    with child("holder", url) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "taken\n"
        with pytest.raises(LayerBusy, match=str(holder.pid)), journal.lease(LAYER, clock):
            pass
        holder.kill()
        # Killed, and not yet waited for: it still has a number, and is dead.
        assert holder.stdout.read() == ""
        os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)
        with journal.lease(LAYER, clock):
            pass
    with journal.lease(LAYER, clock):
        pass


def test_a_reused_process_number_does_not_keep_a_layer(
    journal: SqlJournal, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:
        with monkeypatch.context() as earlier:
            earlier.setattr(leases, "_birth", lambda _pid: "1")
            stack.enter_context(journal.lease(LAYER, clock))
        with journal.lease(LAYER, clock):
            pass


@pytest.mark.parametrize("where", [("gethostname", "elsewhere"), ("_place", "another container")])
def test_of_another_machine_nobody_is_thought_dead(
    journal: SqlJournal, clock: StillClock, monkeypatch: pytest.MonkeyPatch, where: tuple[str, str]
) -> None:
    name, value = where
    with ExitStack() as stack:
        with monkeypatch.context() as there:
            there.setattr(leases, "_birth", lambda _pid: "1")
            there.setattr(socket if name == "gethostname" else leases, name, lambda: value)
            stack.enter_context(journal.lease(LAYER, clock))
        with pytest.raises(LayerBusy), journal.lease(LAYER, clock):
            pass


def test_a_lease_of_a_clock_that_was_set_back_is_over_if_it_is_another_machines(
    journal: SqlJournal, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would last for three hours more. On this machine it is known whether its run goes on."""
    with ExitStack() as stack:
        with monkeypatch.context() as there:
            there.setattr(socket, "gethostname", lambda: "elsewhere")
            stack.enter_context(journal.lease(LAYER, clock))
        clock.after(minutes=-9)
        with pytest.raises(LayerBusy), journal.lease(LAYER, clock):
            pass  # so far, clocks of two machines may differ
        clock.after(hours=-3)
        with journal.lease(LAYER, clock):
            pass
        stack.enter_context(journal.lease(LAYER, clock))
        clock.after(hours=-3)
        with pytest.raises(LayerBusy), journal.lease(LAYER, clock):
            pass


def test_processes_that_race_for_a_layer_never_have_it_together(url: str, journal: SqlJournal) -> None:
    """Also for the making of the database, which nobody has made before them."""
    racers = [start("racer", url, "3") for _ in range(4)]
    held: list[tuple[int, int]] = []
    for racer in racers:
        out, _ = racer.communicate(timeout=120)
        assert racer.returncode == 0
        held += [tuple(span) for span in json.loads(out)]
    held.sort()
    assert len(held) == 12
    assert all(end < begin for (_, end), (begin, _) in pairwise(held))
    assert sorted(run.number for run in journal.reader.runs()) == list(range(1, 13))
