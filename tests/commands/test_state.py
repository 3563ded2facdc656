"""`umap-bot state`: everything that is remembered, as one file, and back."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.commands.desk import Desk, changed, rows, stands, without
from tests.journal.conftest import on_postgres, server  # noqa: F401  fixtures
from umap_bot.settings import Settings, load

TOLD = (["log"], ["show", "1"], ["show", "2"], ["history", "c1"])


def told(desk: Desk) -> tuple[str, ...]:
    """What people read of the past."""
    return tuple(
        desk.done(*words).out for words in (["log"], ["show", "1"], ["show", "2"], ["history", "c1"])
    )


@pytest.fixture
def kept(synced: Desk) -> Desk:
    """Two runs, and the state of then in a file."""
    synced.commit(changed(rows(), "c1", commune="Lyon"))
    synced.done("sync")
    said = synced.done("state", "backup", "kept.db")
    assert said.out == f"Backed up the state from sqlite:///{synced.state} to kept.db: 2 runs.\n"
    assert (said.requests, said.online) == ((), ())
    return synced


def test_a_state_moves_to_postgresql_and_back(kept: Desk, on_postgres: str) -> None:  # noqa: F811
    """Each command a process of its own, which gives back its connections by ending."""
    before, sqlite = told(kept), f"sqlite:///{kept.state}"
    kept.settings(STATE_URL=on_postgres)
    assert "2 runs. Next: umap-bot plan." in spawned(kept, "state", "restore", "kept.db")
    assert tuple(spawned(kept, *words) for words in TOLD) == before
    version = kept.versions[0]
    spawned(kept, "sync")
    assert kept.versions[0] == version
    kept.commit(without(changed(rows(), "c1", commune="Lyon"), "c2"))
    assert "(run 4, " in spawned(kept, "sync")
    spawned(kept, "state", "backup", "back.db")
    kept.state.unlink()
    kept.settings(STATE_URL=sqlite)
    kept.done("state", "restore", "back.db")
    assert told(kept)[1:] == before[1:]
    kept.commit(without(changed(rows(), "c1", commune="Paris"), "c2"))
    assert "(run 5, " in kept.done("sync").out
    assert stands(kept) == without(changed(rows(), "c1", commune="Paris"), "c2")


def spawned(desk: Desk, *words: str) -> str:
    said = desk.fork(*words)
    assert said.code == 0, said
    return said.out


def test_the_next_sync_after_it_looks_closer(kept: Desk) -> None:
    """Nothing is new for it, and still the layer is read: the map may be newer than the state."""
    assert len(kept.done("sync").requests) == 1
    kept.done("state", "restore", "kept.db", "--force")
    assert len(kept.done("sync").requests) > 1
    assert len(kept.done("sync").requests) == 1


def test_what_is_there_is_not_lost_without_force(kept: Desk) -> None:
    before = told(kept), (kept.folder / "kept.db").read_bytes()
    said = kept.type("state", "restore", "kept.db")
    assert (said.code, "is not empty. Set STATE_URL to another database. To overwrite" in said.err) == (
        64,
        True,
    )
    said = kept.type("state", "backup", "kept.db")
    assert (said.code, "kept.db already exists." in said.err) == (64, True)
    assert (told(kept), (kept.folder / "kept.db").read_bytes()) == before
    kept.done("state", "backup", "kept.db", "--force")
    assert (kept.folder / "kept.db").stat().st_mode & 0o777 == 0o600


def test_a_state_is_compacted_and_says_what_that_freed(kept: Desk) -> None:
    with closing(sqlite3.connect(kept.state)) as connection:
        connection.execute("CREATE TABLE large AS SELECT zeroblob(3000000) AS data")
        connection.execute("DROP TABLE large")
        connection.commit()
    before = told(kept)
    said = kept.done("state", "compact")
    place = f"sqlite:///{kept.state}"
    assert said.out.startswith(f"Compacted the state of {place}: 0 runs removed, 3.0 MB freed, 0.")
    assert (said.requests, said.online) == ((), ())
    assert kept.state.stat().st_size < 1_000_000
    assert told(kept) == before
    assert kept.done("sync").requests
    kept.env.write_text(f"STATE_URL={place}\n", "utf-8")
    assert "0 runs removed, 0.0 MB freed" in kept.done("state", "compact").out
    kept.state.unlink()
    said = kept.type("state", "compact")
    assert (said.code, "so there is nothing to compact. Check STATE_URL." in said.err) == (15, True)


@pytest.mark.parametrize(
    ("value", "octets"),
    [("1 MB", 10**6), ("2 Go", 2 * 10**9), ("1,5gb", 1_500_000_000), ("500\u00a0MB", 5 * 10**8)],
)
def test_how_much_room_the_log_may_take(kept: Desk, value: str, octets: int) -> None:
    kept.settings(STATE_KEEP_SIZE=value)
    assert load(Settings, kept.env, {}).state_keep_size == octets
    for wrong in ("0", "500", "999 kB", "0.5 MB", "a lot", "-1 GB"):
        kept.settings(STATE_KEEP_SIZE=wrong)
        said = kept.type("sync")
        assert said.code == 10
        assert "STATE_KEEP_SIZE: write a size of at least 1 MB, such as 500 MB or 2 GB" in said.err


def test_only_the_state_need_be_known(kept: Desk) -> None:
    """On a new machine there are no settings yet."""
    moved = f"sqlite:///{kept.folder / 'moved.db'}"
    kept.env.write_text(f"STATE_URL={moved}\n", "utf-8")
    assert moved in kept.done("state", "restore", "kept.db").out
    kept.done("state", "backup", "again.db")


def test_a_newer_state_is_refused_by_name_wherever_it_stands(kept: Desk) -> None:
    with closing(sqlite3.connect(kept.folder / "kept.db")) as connection:
        connection.execute("UPDATE bot_schema SET version = 99")
        connection.commit()
    said = kept.type("state", "restore", "kept.db", "--force")
    newer = "The state database (kept.db) was written by a newer umap-bot (its tables have version 99"
    assert (said.code, newer in said.err, "Update umap-bot" in said.err) == (15, True, True)
    kept.settings(STATE_URL=f"sqlite:///{kept.folder / 'kept.db'}")
    for words in (["sync"], ["log"], ["state", "backup", "other.db"], ["export", "--backup", "latest"]):
        said = kept.type(*words)
        assert (said.code, "was written by a newer umap-bot" in said.err) == (15, True)


def test_what_is_no_state_is_told_in_a_line(kept: Desk) -> None:
    said = kept.type("state", "restore", "data/cites.csv", "--force")
    assert (said.code, "data/cites.csv is not an umap-bot state." in said.err) == (15, True)
    assert kept.type("state", "restore", "nowhere.db").code == 64
    kept.state.unlink()
    said = kept.type("state", "backup", "other.db")
    assert (said.code, "so there is nothing to back up. Check STATE_URL." in said.err) == (15, True)
    assert not kept.state.exists()


@pytest.mark.parametrize("words", [["state"], ["state", "backup", "--help"], ["state", "restore", "--help"]])
def test_the_help(kept: Desk, words: list[str]) -> None:
    said = kept.type(*words)
    assert "FILE" in said.out + said.err


def test_a_state_from_before_the_last_runs_takes_them_for_nobodys_edits(kept: Desk) -> None:
    kept.commit(changed(changed(rows(), "c1", commune="Lyon"), "c2", commune="Bron"))
    kept.done("sync")
    kept.done("state", "restore", "kept.db", "--force")
    kept.commit(changed(changed(rows(), "c1", commune="Lyon"), "c2", commune="Vaulx"))
    said = kept.done("sync")
    assert "Edited on the map" not in said.out
    assert kept.feature("c2")["properties"]["commune"] == "Vaulx"
    assert "(run 4, " in said.out  # run 3 was made, if not remembered
