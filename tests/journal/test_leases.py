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

from tests.journal.made import COMMIT, LAYER, NOON, StillClock, base, plan
from umap_bot.errors import LayerBusy, RefusedError, StateError
from umap_bot.journal import leases
from umap_bot.journal.journal import SqlJournal
from umap_bot.text import say

ROOT = Path(__file__).parents[2]


def start(script: str, *arguments: str) -> subprocess.Popen[str]:
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
        "Another run has the layer {layer}: process {pid} on {host}, since {since}.",
        layer=LAYER,
        pid=process,
        host=host,
        since=NOON,
    )
    end = NOON + timedelta(minutes=10)
    assert raised.value.way_out == say("Run again when it has ended, or after {time} in any case.", time=end)


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
        slow.idle(COMMIT)  # over, but nobody else's yet
        with journal.lease(LAYER, clock) as other:
            with pytest.raises(StateError, match="too long"):
                slow.close(run.end(plan()), base("1"), "s", None)
            for write in (lambda: slow.applied(()), lambda: slow.open("sync", COMMIT)):
                with pytest.raises(StateError, match="too long"):
                    write()
            assert other.base is None
            other.open("sync", COMMIT)
    assert journal.peek(LAYER, clock).base is None


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
    with start("holder", url) as holder:
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
