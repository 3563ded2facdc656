"""A database of any earlier shape is brought to today's when it is first opened, whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from msgspec.structs import replace
from sqlalchemy import Column, Connection, Text, inspect, make_url, text

from tests.journal.made import (
    COMMIT,
    CREATE,
    DELETE,
    EDIT,
    LAYER,
    NOON,
    SEEN,
    UPDATE,
    StillClock,
    backup,
    base,
    collection,
    plan,
    save,
)
from tests.journal.old import load
from tests.journal.test_leases import start
from umap_bot.errors import StateError
from umap_bot.journal import migrations, schema
from umap_bot.journal.journal import SqlJournal
from umap_bot.journal.store import Store
from umap_bot.model.layer import Commit
from umap_bot.model.policy import Policy
from umap_bot.model.run import Applied
from umap_bot.text import say

if TYPE_CHECKING:
    from alembic.operations import Operations

EARLIER = range(1, schema.VERSION)
HELD_COMMIT = replace(COMMIT, sha="a" * 40)
ERROR = 'The repository says: "no {such} branch", it\'s gone.'


@contextmanager
def looked_at(url: str) -> Iterator[Connection]:
    """See the database as it is: `Store.read` would upgrade it."""
    store = Store(url)
    with store._engine.connect().execution_options(reading=True) as connection:
        yield connection
    store.close()


def shape_of(connection: Connection) -> dict[str, dict[str, tuple[str, bool, object]]]:
    there = inspect(connection)
    return {
        table: {
            column["name"]: (str(column["type"]), column["nullable"], column["default"])
            for column in there.get_columns(table)
        }
        for table in there.get_table_names()
        if table.startswith("bot_")
    }


@pytest.mark.parametrize("version", EARLIER)
def test_all_that_an_earlier_program_wrote_is_read(
    url: str, journal: SqlJournal, clock: StillClock, version: int
) -> None:
    load(url, version)
    done, held, failed, other, killed = reversed(journal.reader.runs())
    assert (done.number, done.applied, done.drift) == (1, (CREATE, UPDATE, DELETE), (EDIT,))
    assert (done.outcome, done.ended, done.repeats, done.again) == ("done", NOON, 0, None)
    assert (held.outcome, held.commit, held.drift) == ("held", HELD_COMMIT, (EDIT,))
    assert held.plan
    assert held.plan == replace(plan(DELETE, drift=(EDIT,), held=True), **OLD_TEXTS[version])
    assert (failed.outcome, failed.error, failed.error.template, failed.code) == ("failed", ERROR, "", 12)
    assert (other.layer, other.kind, other.outcome) == ("another", "adopt", "nothing")
    assert (killed.outcome, killed.pushes, killed.ended) == ("unfinished", 1, None)

    reader, view = journal.reader, journal.peek(LAYER, clock)
    assert journal.find_held(held.plan.code) == (held,)
    assert reader.run(5) == replace(killed, plan=plan(UPDATE))
    assert reader.backup(1) == backup(1, collection("a"), settings=False)
    assert [run.number for run in reader.history("1", LAYER)] == [2, 1]
    assert {each.layer: each.last for each in reader.layers()} == {LAYER: killed, "another": other}
    assert (view.base, view.stamp, view.seen, view.history) == (base("1", "3"), None, None, (done,))
    assert (view.lost_saves, [each.run for each in view.pending]) == ((save("x1", collection("z")),), [5])
    assert view.published == (COMMIT,)
    assert view.approves(held.plan.digest)
    assert view.approval
    assert (view.approval.commit, view.approval.policy) == (HELD_COMMIT, Policy("keep"))
    assert journal.told(LAYER) is None
    assert journal.told("another") == TOLD[version]


TOLD = {1: None, 2: b"told"}
OLD_TEXTS: dict[int, dict[str, Any]] = {
    1: {
        "warnings": (say("Line 3 has no place."),),
        "objections": tuple(
            replace(each, text=say("1 of 3 would go")) for each in plan(DELETE, held=True).objections
        ),
    },
    2: {},
}


@pytest.mark.parametrize("version", EARLIER)
def test_a_sync_goes_on_where_an_earlier_program_was_killed(
    url: str, reopened: Callable[[], SqlJournal], clock: StillClock, version: int
) -> None:
    load(url, version)
    with reopened().lease(LAYER, clock.after(hours=1)) as memory:
        memory.applied(tuple(Applied(each.run, each.plan.changes, None) for each in memory.pending))
        run = memory.open("sync", Commit("new"))
        ended = memory.close(run.end(plan()), base("2"), "next", SEEN)
    view = reopened().peek(LAYER, clock)
    assert (ended.number, ended.outcome) == (6, "nothing")
    assert (view.base, view.stamp, view.seen, view.lost_saves, view.pending) == (
        base("2"),
        "next",
        SEEN,
        (),
        (),
    )
    assert view.published == (Commit("new"), COMMIT)
    killed = reopened().reader.run(5)
    assert killed
    assert (killed.applied, killed.ended) == ((UPDATE,), clock.now())


@pytest.mark.parametrize("version", EARLIER)
def test_an_upgraded_database_has_the_shape_of_a_new_one(
    url: str,
    reopened: Callable[[], SqlJournal],
    clock: StillClock,
    tmp_path_factory: pytest.TempPathFactory,
    version: int,
) -> None:
    load(url, version)
    assert reopened().reader.runs()
    with looked_at(url) as upgraded:
        found = shape_of(upgraded)
        errors = upgraded.execute(text("SELECT error FROM bot_run ORDER BY number")).scalars().all()
        assert errors == ["", "", json.dumps(ERROR), "", ""]
        for table in reversed(schema.metadata.sorted_tables):
            upgraded.execute(text(f"DROP TABLE {table.name}"))
        upgraded.commit()
    reopened().note_failure(LAYER, "sync", say("No git."), 12, clock)
    with looked_at(url) as new:
        assert found == shape_of(new)


@pytest.mark.parametrize("version", EARLIER)
def test_an_upgrade_that_is_killed_never_happened(url: str, version: int) -> None:
    """Killed at its beginning, in its midst, and when only the commit was left."""
    load(url, version)
    with looked_at(url) as before:
        old = shape_of(before)
    for step in ("2", {1: "5", 2: "3"}[version], "commit"):
        with start("upgraded", url, step) as program:
            assert program.wait(timeout=60) == -9
        with looked_at(url) as after:
            assert (schema.version_of(after), shape_of(after)) == (version, old)
    with start("upgraded", url, "never") as program:
        assert program.wait(timeout=60) == 0
    with looked_at(url) as upgraded:
        assert schema.version_of(upgraded) == schema.VERSION


def test_two_programs_that_start_together_upgrade_a_server_once(on_postgres: str) -> None:
    """Both have seen the old shape, and wait for each other: the second finds the work done."""
    load(on_postgres, 1)
    plain = make_url(on_postgres).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as watcher, psycopg.connect(plain) as holder:
        holder.execute("SELECT version FROM bot_schema FOR UPDATE")
        programs = [start("upgraded", on_postgres, "never") for _ in range(2)]
        while _waiting(watcher) < len(programs):
            assert all(program.poll() is None for program in programs)
            os.sched_yield()
        holder.rollback()
        said = [program.communicate(timeout=60)[0] for program in programs]
    assert [program.returncode for program in programs] == [0, 0]
    one, other = sorted(int(each) for each in said)
    assert one < other
    with looked_at(on_postgres) as upgraded:
        assert schema.version_of(upgraded) == schema.VERSION


def _waiting(watcher: psycopg.Connection[tuple[int]]) -> int:
    row = watcher.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted").fetchone()
    assert row
    return row[0]


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(
    url: str, journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(url, 1)

    def fail(operations: Operations) -> None:
        operations.add_column("bot_run", Column("remark", Text))
        operations.add_column("bot_nothing", Column("remark", Text))

    monkeypatch.setattr(migrations, "STEPS", {1: fail})
    with pytest.raises(StateError):
        journal.reader.runs()
    with looked_at(url) as after:
        assert schema.version_of(after) == 1
        assert "remark" not in shape_of(after)["bot_run"]
