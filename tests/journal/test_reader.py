"""The change log, read by the commands."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.journal.made import (
    COMMIT,
    CREATE,
    DELETE,
    EDIT,
    LAYER,
    NO_GIT,
    NOON,
    SEEN,
    UPDATE,
    StillClock,
    backup,
    base,
    collection,
    live,
    plan,
)
from tests.journal.remembering import leased
from umap_bot.errors import StateError
from umap_bot.journal import blobs, schema
from umap_bot.journal.journal import SqlJournal
from umap_bot.journal.store import Store
from umap_bot.model.change import Create, Delete, Update
from umap_bot.model.layer import Commit
from umap_bot.model.plan import Plan
from umap_bot.model.run import Applied, Run


def run_of(
    journal: SqlJournal, clock: StillClock, *changes: Create | Update | Delete, layer: str = LAYER
) -> Run:
    with leased(journal, layer, clock) as memory:
        run = memory.open("sync", COMMIT)
        run = memory.intend(run, plan(*changes, drift=(EDIT,)), live(), collection("c"))
        memory.applied(Applied(run.number, changes, None))
        return memory.close(run.end(plan()), base("1"), "s", None)


@pytest.fixture
def runs(journal: SqlJournal, clock: StillClock) -> list[Run]:
    """One an hour: two of the layer, one of another, one that failed."""
    return [
        run_of(journal, clock, UPDATE, CREATE),
        run_of(journal, clock.after(hours=1), UPDATE, layer="another"),
        run_of(journal, clock.after(hours=1), DELETE),
        journal.note_failure(LAYER, "sync", NO_GIT, 12, clock.after(hours=1)),
    ]


def test_runs_come_newest_first_and_narrowed(journal: SqlJournal, runs: list[Run]) -> None:
    reader = journal.reader
    assert reader.runs() == tuple(reversed(runs))
    assert reader.runs(limit=2) == (runs[3], runs[2])
    assert reader.runs(limit=None, layer=LAYER) == (runs[3], runs[2], runs[0])
    assert reader.runs(since=NOON + timedelta(hours=2)) == (runs[3], runs[2])
    assert reader.runs(before=2) == (runs[0],)
    assert reader.runs(until=NOON + timedelta(hours=2)) == (runs[1], runs[0])
    assert reader.runs(outcome=("failed",)) == (runs[3],)
    assert reader.runs(outcome=("failed", "done"), layer="another") == (runs[1],)
    assert reader.runs(before=10**30) == reader.runs()


def test_runs_are_counted_as_they_are_narrowed(journal: SqlJournal, runs: list[Run]) -> None:
    reader = journal.reader
    assert reader.count() == 4
    assert reader.count(layer=LAYER, outcome=("done",)) == 2
    assert reader.count(since=NOON + timedelta(hours=1), until=NOON + timedelta(hours=3)) == 2
    assert (reader.count(before=2), reader.count(layer="nobody's")) == (1, 0)
    assert reader.numbers() == (4, 3, 2, 1)
    assert (reader.numbers(LAYER), reader.numbers("nobody's")) == ((4, 3, 1), ())


def test_a_run_that_others_were_taken_into_goes_on_until_the_last_of_them(
    journal: SqlJournal, runs: list[Run], clock: StillClock
) -> None:
    again = journal.note_failure(LAYER, "sync", NO_GIT, 12, clock.after(days=2))
    assert journal.reader.runs(since=NOON + timedelta(days=1)) == (again,)
    assert journal.reader.runs(until=NOON + timedelta(days=1))[0] == again
    assert journal.reader.count(since=NOON + timedelta(days=3)) == 0


def test_without_plans_only_runs_that_wait_have_theirs(journal: SqlJournal, clock: StillClock) -> None:
    changed = run_of(journal, clock, UPDATE)
    with journal.lease(LAYER, clock) as session:
        held = session.close(session.open("sync", COMMIT).end(plan(DELETE, held=True)), None, None, None)
    assert journal.reader.runs(plans=False) == (held, replace(changed, plan=None))
    assert journal.reader.runs(plans=False, outcome=("done",), limit=1) == (replace(changed, plan=None),)


def test_a_plan_that_nobody_asked_for_is_not_decoded(
    journal: SqlJournal, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_of(journal, clock, UPDATE)
    with journal.lease(LAYER, clock) as session:
        session.close(session.open("sync", COMMIT).end(plan(DELETE, held=True)), None, None, None)
    decoded: list[object] = []

    def noted(data: bytes, kind: type[Plan]) -> Plan:
        decoded.append(kind)
        return decode(data, kind)

    decode = blobs.decode
    monkeypatch.setattr(blobs, "decode", noted)
    journal.reader.runs(plans=False)
    assert decoded == [Plan]
    decoded.clear()
    assert journal.load(LAYER, clock).published == (COMMIT,)
    assert decoded.count(Plan) == 1  # of the one settled run: history, that a plan may look back on
    decoded.clear()
    assert journal.reader.published(LAYER) == {"1"}
    assert decoded == []


def test_of_what_was_published_the_keys_are_told_whatever_the_rows_are(
    url: str, journal: SqlJournal, clock: StillClock
) -> None:
    """Thousands of rows may stand there, of which nothing is asked but the keys."""
    assert journal.reader.published(LAYER) == frozenset()
    run_of(journal, clock, UPDATE)
    store = Store(url)
    for content, found in ((b'{"known": {"1": 7, "\\u00e9": null}}', {"1", "é"}), (b'{"known": 7}', None)):
        with store.write() as connection:
            connection.execute(schema.state.update().values(base=zlib.compress(content)))
        if found is None:
            with pytest.raises(StateError, match="what was published last that can't be read"):
                journal.reader.published(LAYER)
        else:
            assert journal.reader.published(LAYER) == found
        with pytest.raises(StateError, match="what was published last that can't be read"):
            journal.load(LAYER, clock)
    store.close()


def test_of_a_layer_is_told_when_it_agreed_and_what_was_seen(journal: SqlJournal, clock: StillClock) -> None:
    reader = journal.reader
    assert (reader.checked(LAYER), reader.seen(LAYER)) == (None, None)
    with journal.lease(LAYER, clock) as session:
        session.close(session.open("sync", COMMIT).end(plan()), base("1", "2"), "s", SEEN)
    with journal.lease(LAYER, clock.after(hours=1)) as session:
        session.close(session.open("sync", COMMIT).end(plan(DELETE, held=True)), None, None, None)
    assert (reader.checked(LAYER), reader.seen(LAYER)) == (NOON, SEEN)
    assert reader.published(LAYER) == {"1", "2"}
    with journal.lease(LAYER, clock.after(hours=1)) as session:
        session.idle(COMMIT)
    assert reader.checked(LAYER) == clock.now()
    assert (reader.checked("another"), reader.seen("another"), reader.published("another")) == (
        None,
        None,
        frozenset(),
    )


def test_what_was_published_is_told_once_newest_first(journal: SqlJournal, clock: StillClock) -> None:
    first, second = Commit("1", blob="b1"), Commit("2", blob="b2")
    for commit in (first, second, replace(first, author="renamed")):
        with journal.lease(LAYER, clock) as session:
            session.close(session.open("sync", commit).end(plan()), base("1"), "s", None)
    with journal.lease(LAYER, clock) as session:
        session.close(session.open("sync", Commit("3")).end(plan(DELETE, held=True)), None, None, None)
    with journal.lease("another", clock) as session:
        session.close(session.open("sync", Commit("4")).end(plan()), base("1"), "s", None)
    assert journal.load(LAYER, clock).published == (replace(first, author="renamed"), second)
    assert journal.load("nobody's", clock).published == ()


def test_what_was_published_is_bounded(
    journal: SqlJournal, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("umap_bot.journal.loading.VERSIONS", 2)
    for sha in "1234":
        with journal.lease(LAYER, clock) as session:
            session.close(session.open("sync", Commit(sha)).end(plan()), base("1"), "s", None)
    assert [commit.sha for commit in journal.load(LAYER, clock).published] == ["4", "3"]


def test_what_was_told_is_kept_for_each_layer(reopened: Callable[[], SqlJournal]) -> None:
    journal = reopened()
    assert journal.told(LAYER) is None
    journal.tell(LAYER, b'{"held":1}')
    journal.tell("another", b"")
    journal.tell(LAYER, b"\x00\xff")
    assert (reopened().told(LAYER), reopened().told("another")) == (b"\x00\xff", b"")
    assert reopened().reader.layers() == ()


def test_a_run_that_is_not_there_is_none(journal: SqlJournal, runs: list[Run]) -> None:
    for number in (99, 0, -1, 10**30):
        assert (journal.reader.run(number), journal.reader.backup(number)) == (None, None)
    assert journal.reader.backup(4) is None
    assert journal.reader.backup(1) == backup(1, live().standing)


def test_of_a_feature_all_is_told_that_happened_to_it(journal: SqlJournal, runs: list[Run]) -> None:
    ours = [(run.number, run.applied, run.drift) for run in journal.reader.history("1", layer=LAYER)]
    assert ours == [(3, (), (EDIT,)), (1, (UPDATE,), (EDIT,))]
    assert [run.number for run in journal.reader.history("1")] == [3, 2, 1]
    assert [run.applied for run in journal.reader.history("2")] == [(DELETE,)]
    assert journal.reader.history("1", limit=1)[0].number == 3
    assert journal.reader.history("nobody") == ()


def test_of_a_layer_is_told_how_it_stands(journal: SqlJournal, runs: list[Run]) -> None:
    status = {each.layer: each for each in journal.reader.layers()}
    assert list(status) == [LAYER, "another"]
    assert (status[LAYER].last, status[LAYER].success) == (runs[3], runs[2])
    assert status[LAYER].checked == runs[2].ended
    assert (status[LAYER].last_change, status["another"].last_change) == (runs[2], runs[1])
    assert (status["another"].last, status["another"].success) == (runs[1], runs[1])


def test_many_runs_are_read_in_batches(
    journal: SqlJournal, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [run_of(journal, clock, UPDATE) for _ in range(5)]
    monkeypatch.setattr("umap_bot.journal.rows.BATCH", 2)
    assert journal.reader.runs() == tuple(reversed(made))
