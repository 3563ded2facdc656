"""The change log, read by the commands."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.journal.journal import SqlJournal
from bot.model.change import Create, Delete, Update
from bot.model.run import Landed, Run
from tests.journal.made import (
    COMMIT,
    CREATE,
    DELETE,
    EDIT,
    LAYER,
    NOON,
    UPDATE,
    StillClock,
    base,
    collection,
    live,
    plan,
)


def run_of(
    journal: SqlJournal, clock: StillClock, *changes: Create | Update | Delete, layer: str = LAYER
) -> Run:
    with journal.lease(layer, clock) as memory:
        run = memory.open("sync", COMMIT)
        run = memory.intend(run, plan(*changes, drift=(EDIT,)), live(), collection("c"))
        memory.landed((Landed(run.number, changes, None),))
        return memory.close(run.end(plan()), base("1"), "s")


@pytest.fixture
def runs(journal: SqlJournal, clock: StillClock) -> list[Run]:
    """One an hour: two of the layer, one of another, one that failed."""
    return [
        run_of(journal, clock, UPDATE, CREATE),
        run_of(journal, clock.after(hours=1), UPDATE, layer="another"),
        run_of(journal, clock.after(hours=1), DELETE),
        journal.note_failure(LAYER, "sync", "No git.", 12, clock.after(hours=1)),
    ]


def test_runs_come_newest_first_and_narrowed(journal: SqlJournal, runs: list[Run]) -> None:
    reader = journal.reader
    assert reader.runs() == tuple(reversed(runs))
    assert reader.runs(limit=2) == (runs[3], runs[2])
    assert reader.runs(limit=None, layer=LAYER) == (runs[3], runs[2], runs[0])
    assert reader.runs(since=NOON + timedelta(hours=2)) == (runs[3], runs[2])
    assert reader.runs(before=2) == (runs[0],)


def test_a_run_that_is_not_there_is_none(journal: SqlJournal, runs: list[Run]) -> None:
    assert journal.reader.run(99) is None
    assert journal.reader.backup(99) is None
    assert journal.reader.backup(4) is None
    assert journal.reader.backup(1) == live().standing


def test_of_a_feature_all_is_told_that_happened_to_it(journal: SqlJournal, runs: list[Run]) -> None:
    ours = [(run.number, run.landed, run.drift) for run in journal.reader.history("1", layer=LAYER)]
    assert ours == [(3, (), (EDIT,)), (1, (UPDATE,), (EDIT,))]
    assert [run.number for run in journal.reader.history("1")] == [3, 2, 1]
    assert [run.landed for run in journal.reader.history("2")] == [(DELETE,)]
    assert journal.reader.history("1", limit=1)[0].number == 3
    assert journal.reader.history("nobody") == ()


def test_of_a_layer_is_told_how_it_stands(journal: SqlJournal, runs: list[Run]) -> None:
    status = {each.layer: each for each in journal.reader.layers()}
    assert list(status) == [LAYER, "another"]
    assert (status[LAYER].last, status[LAYER].success) == (runs[3], runs[2])
    assert status[LAYER].checked == runs[2].ended
    assert (status["another"].last, status["another"].success) == (runs[1], runs[1])


def test_many_runs_are_read_in_batches(
    journal: SqlJournal, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [run_of(journal, clock, UPDATE) for _ in range(5)]
    monkeypatch.setattr("bot.journal.rows.BATCH", 2)
    assert journal.reader.runs() == tuple(reversed(made))
