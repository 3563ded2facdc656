"""A database of any earlier shape is brought to today's when it is first opened, whole or not at all."""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

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
from tests.journal.remembering import leased, stamp_of
from tests.journal.stories import HELD_COMMIT, STORIES
from tests.journal.test_leases import start
from umap_bot.errors import StateError
from umap_bot.journal import migrations, schema
from umap_bot.journal.journal import SqlJournal
from umap_bot.journal.store import Store
from umap_bot.model.layer import Commit
from umap_bot.model.plan import Plan
from umap_bot.model.run import Applied
from umap_bot.text import Text as Said
from umap_bot.text import say, store

if TYPE_CHECKING:
    from alembic.operations import Operations

EARLIER = range(1, schema.VERSION)
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


def blobs_of(connection: Connection) -> dict[str, list[bytes]]:
    return {
        blob: [bytes(each) for each in connection.execute(text(query)).scalars() if each is not None]
        for blob, query in {
            "bot_run.plan": "SELECT plan FROM bot_run ORDER BY number",
            "bot_intent.plan": "SELECT plan FROM bot_intent ORDER BY id",
            "bot_layer.base": "SELECT base FROM bot_layer WHERE layer = 'Cités'",
        }.items()
    }


@pytest.mark.parametrize("version", EARLIER)
def test_all_that_an_earlier_program_wrote_is_read(
    url: str, journal: SqlJournal, clock: StillClock, version: int
) -> None:
    load(url, version)
    story = STORIES[version]
    done, held, failed, other, killed = reversed(journal.reader.runs())
    assert (done.number, done.applied, done.drift) == (1, (CREATE, UPDATE, DELETE), (EDIT,))
    assert (done.outcome, done.ended, done.repeats, done.again) == ("done", NOON, 0, None)
    assert (held.outcome, held.commit, held.drift) == ("held", HELD_COMMIT, (EDIT,))
    assert held.plan
    assert (held.plan, other.plan) == (story.held, story.other)
    assert [store(each) for each in texts_of(held.plan)] == [store(each) for each in texts_of(story.held)]
    assert (failed.outcome, failed.error, failed.error.template, failed.code) == ("failed", ERROR, "", 12)
    assert (other.layer, other.kind, other.outcome) == ("another", story.other_kind, "nothing")
    assert (killed.outcome, killed.pushes, killed.ended) == ("unfinished", 1, None)

    reader, state = journal.reader, journal.load(LAYER, clock)
    assert journal.find_held(held.plan.code) == ()
    assert reader.run(5) == replace(killed, plan=story.killed)
    assert reader.backup(1) == backup(1, collection("a"), settings=story.settings)
    assert [run.number for run in reader.history("1", LAYER)] == [2, 1]
    assert {each.layer: each.last for each in reader.layers()} == {LAYER: killed, "another": other}
    assert (state.base, state.seen, state.history) == (story.base, story.seen, (done,))
    assert (stamp_of(journal, LAYER), reader.published(LAYER)) == (None, frozenset(story.base.known))
    assert (state.lost_saves, [each.run for each in state.pending]) == ((save("x1", collection("z")),), [5])
    assert state.published == (COMMIT,)
    # An approval of before has but the beginning of a digest: it is told of, and of no use.
    assert (state.approvals, state.outdated) == ((), NOON + timedelta(minutes=10))
    assert state.approval_of(held.plan) is None
    assert journal.load(LAYER, clock.after(days=8)).outdated is None
    assert (journal.told(LAYER), journal.told("another")) == (None, story.told)


def texts_of(made: Plan) -> list[Said]:
    return [*made.context.warnings, *(objection.text for objection in made.verdict.objections)]


@pytest.mark.parametrize("version", EARLIER)
def test_a_sync_goes_on_where_an_earlier_program_was_killed(
    url: str, reopened: Callable[[], SqlJournal], clock: StillClock, version: int
) -> None:
    load(url, version)
    with leased(reopened(), LAYER, clock.after(hours=1)) as memory:
        memory.applied(*(Applied(each.run, each.plan.effects.changes, None) for each in memory.state.pending))
        run = memory.open("sync", Commit("new"))
        ended = memory.close(run.end(plan()), base("2"), "next", SEEN)
    state = reopened().load(LAYER, clock)
    assert (ended.number, ended.outcome) == (6, "nothing")
    assert (state.base, state.seen, state.lost_saves, state.pending) == (base("2"), SEEN, (), ())
    assert stamp_of(reopened(), LAYER) == "next"
    assert state.published == (Commit("new"), COMMIT)
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
        old = shape_of(before), blobs_of(before)
    for step in ("2", {1: "5", 2: "3", 3: "9", 4: "3", 5: "4", 6: "5", 7: "4"}[version], "commit"):
        with start("upgraded", url, step) as program:
            assert program.wait(timeout=60) == -9
        with looked_at(url) as after:
            assert (schema.version_of(after), (shape_of(after), blobs_of(after))) == (version, old)
    with start("upgraded", url, "never") as program:
        assert program.wait(timeout=60) == 0
    with looked_at(url) as upgraded:
        assert schema.version_of(upgraded) == schema.VERSION


# Not as it would be written: blanks, escapes, numbers that are longer than any that is counted with.
ODD = rb'[ {"a" : 1E+2, "b":-0.0,"c":"\u00e9\/\u0000", "d":1180591620717411303424.10 } ]'


def test_values_go_through_an_upgrade_byte_for_byte(url: str, journal: SqlJournal) -> None:
    load(url, 3)
    plan_ = b'{"strangers":%s, "layer_id" : "l1","rows":%s,"whole":%s}' % (ODD, ODD, ODD)
    with looked_at(url) as connection:
        for statement, content in (
            ("UPDATE bot_run SET plan = :blob WHERE number = 1", plan_),
            ("UPDATE bot_intent SET plan = :blob WHERE id = 1", plan_),
            (
                "UPDATE bot_layer SET base = :blob WHERE layer = 'Cités'",
                b'{"known":%s,"kept":{"rows":%s,"strangers":%s}}' % (ODD, ODD, ODD),
            ),
        ):
            connection.execute(text(statement), {"blob": zlib.compress(content, 9)})
        connection.commit()
    assert journal.reader.numbers() == (5, 4, 3, 2, 1)
    with looked_at(url) as upgraded:
        found = {name: zlib.decompress(blobs[0]) for name, blobs in blobs_of(upgraded).items()}
    parted = b'{"effects":{"layer_id":"l1"},"context":{"rows":%s,"unmanaged":%s},"verdict":{"whole":%s}}'
    assert found == {
        "bot_run.plan": parted % (ODD, ODD, ODD),
        "bot_intent.plan": parted % (ODD, ODD, ODD),
        "bot_layer.base": b'{"known":%s,"kept":{"rows":%s,"unmanaged":%s}}' % (ODD, ODD, ODD),
    }


DAMAGED = (
    b"no zlib",
    zlib.compress(b"{" * 5000),
    zlib.compress(b'{"a":'),
    zlib.compress(b"[]"),
    zlib.compress(b'{"kept":7}'),
    zlib.compress(b'{"\xff":1}'),
    zlib.compress(b'{"a":' * 5000 + b"1" + b"}" * 5000),
)


@pytest.mark.parametrize("damaged", DAMAGED)
def test_what_can_not_be_read_stays_as_it_is_and_the_rest_is_read(
    url: str, journal: SqlJournal, damaged: bytes
) -> None:
    load(url, 3)
    with looked_at(url) as connection:
        for statement in (
            "UPDATE bot_run SET plan = :blob WHERE number = 1",
            "UPDATE bot_intent SET plan = :blob WHERE id = 1",
            "UPDATE bot_layer SET base = :blob WHERE layer = 'Cités'",
            "UPDATE bot_told SET data = :blob",
        ):
            connection.execute(text(statement), {"blob": damaged})
        connection.commit()
        before = blobs_of(connection)
    held = journal.reader.run(2)
    assert held
    assert held.plan == STORIES[3].held
    with looked_at(url) as upgraded:
        after = blobs_of(upgraded)
    assert after["bot_layer.base"] == before["bot_layer.base"]
    assert journal.told("another") == damaged
    for read in (lambda: journal.reader.run(1), lambda: journal.reader.backup(1)):
        with pytest.raises(StateError, match="a plan that can't be read"):
            read()
    with pytest.raises(StateError, match="what was published last that can't be read"):
        journal.load(LAYER)


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
