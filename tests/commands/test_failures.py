"""A failure has its code and one line, changes nothing on the map, stands in the log; the next goes on."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.commands.desk import LAYER, Desk, changed, rows, stands, text
from umap_bot.umap.map import UmapMap

NOBODYS = "http://127.0.0.1:9"


def test_an_id_that_was_lost_is_named_as_it_was_published(desk: Desk) -> None:
    desk.done("sync")
    emptied = text(rows()).replace("c3,", ",").replace("c7,", ",")
    desk.commit(emptied)
    for command in ("plan", "sync", "check"):
        said = desk.type(command)
        assert said.code == 11
        assert "cites.csv, row 4: id is empty; it was c3: write it back" in said.out + said.err
    assert "row 8: id is empty; it was c7: write it back" in desk.type("sync").err
    desk.commit(text(rows()).replace("id,", "ref,", 1))
    assert "restore the column from the previous version" in desk.type("sync").err
    assert stands(desk) == rows()


def doubled(desk: Desk) -> None:
    desk.commit("id,nom,commune,lat,lon\n1,Lyon,Lyon,45.7,4.8\n1,Bron,Bron,45.7,4.9\n")


def keyless(desk: Desk) -> None:
    desk.commit("nom,commune,lat,lon\nLyon,Lyon,45.7,4.8\n")


def half_keyless(desk: Desk) -> None:
    desk.commit("id,nom,commune,lat,lon\n1,Lyon,Lyon,45.7,4.8\n,Bron,Bron,45.7,4.9\n")


def page(desk: Desk) -> None:
    desk.commit("<!DOCTYPE html>\n<html><body>Sign in to continue, please</body></html>\n")


def empty(desk: Desk) -> None:
    desk.commit("id,nom,commune,lat,lon\n")


def blank(desk: Desk) -> None:
    desk.commit("")


def no_repository(desk: Desk) -> None:
    shutil.move(desk.repository, desk.folder / "moved")


def plain_folder(desk: Desk) -> None:
    shutil.move(desk.repository / ".git", desk.folder / "moved")


def refused_link(desk: Desk) -> None:
    link = desk.made.edit_link
    desk.commit(changed(rows(), "c1", nom="Neuve"))
    desk.settings(UMAP_EDIT_LINK=link[:-3] + ("abc" if link[-3:] != "abc" else "abd"))


def owned(desk: Desk) -> None:
    """The layer is its owner's alone now."""
    desk.commit(changed(rows(), "c1", nom="Neuve"))
    desk.settings(UMAP_EDIT_LINK=None)


def no_layer(desk: Desk) -> None:
    other = desk.made.add_layer("Autre", {"type": "FeatureCollection", "features": []})
    assert other != desk.layer_id
    desk.made.save(desk.layer_id, desk.body, desk.made.read(desk.layer_id)[1], {"name": "Renamed"})


def no_branch(desk: Desk) -> None:
    desk.settings(DATASET_REF="mian")


def dead_map(desk: Desk) -> None:
    desk.made.delete()


def remote(desk: Desk) -> None:
    source = {"url": "https://example.org/data.geojson?key=geheim", "format": "geojson"}
    settings = {"name": LAYER, "remoteData": source}
    desk.made.save(desk.layer_id, desk.body, desk.made.read(desk.layer_id)[1], settings)


FAILURES: dict[str, tuple[Callable[[Desk], None], int, str]] = {
    "a key twice": (doubled, 11, 'row 3: duplicate id "1" (also in row 2)'),
    "no key column": (keyless, 11, 'no column "id"'),
    "a key missing": (half_keyless, 11, "If not, write 2"),
    "a page of HTML": (page, 11, "holds a web page instead of data"),
    "no rows": (empty, 11, "cites.csv has no rows. Restore the rows"),
    "an empty file": (blank, 11, "cites.csv"),
    "no such branch": (no_branch, 12, "mian"),
    "git gone": (no_repository, 12, "does not exist or "),
    "a plain folder": (plain_folder, 12, "data is not a git repository. To turn it into one: git -C "),
    "wrong edit link": (refused_link, 13, "The secret edit link is wrong"),
    "not editable": (owned, 13, "can be read but not edited"),
    "layer renamed": (no_layer, 13, "Layers: “Renamed” ("),
    "remote data": (remote, 13, "It shows https://example.org/data.geojson?…"),
    "dead map": (dead_map, 13, "it was deleted or made private"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_nothing_changes_on_the_map_and_it_stands_in_the_log(synced: Desk, name: str) -> None:
    spoil, code, told = FAILURES[name]
    spoil(synced)
    said = synced.type("sync")
    assert said.code == code
    assert told in said.err
    assert said.last.startswith(f"exit code {code}: ")
    assert said.out == ""
    assert said.posts == []
    logged = synced.done("log").out.splitlines()
    assert logged[0].startswith("   2 · ")
    assert "FAILED: " in logged[0]
    assert [line[:7] for line in logged] == ["   2 · ", "   1 · "]
    assert told in synced.done("show", "2").out


@pytest.mark.parametrize("name", ["a key twice", "git gone", "a plain folder", "wrong edit link"])
def test_a_plan_ends_alike_and_is_not_in_the_log(synced: Desk, name: str) -> None:
    spoil, code, told = FAILURES[name]
    spoil(synced)
    before = synced.state.read_bytes()
    said = synced.type("plan")
    assert said.code == code
    assert told in said.err
    assert synced.state.read_bytes() == before


def test_umap_that_is_down_is_14_and_in_the_log(synced: Desk) -> None:
    """The layer's name in the log begins with its host, so it is another layer's log."""
    site = synced.made.url.partition("/en/")[0]
    link = synced.made.edit_link.replace(site, NOBODYS)
    synced.settings(UMAP_MAP_URL=synced.made.url.replace(site, NOBODYS), UMAP_EDIT_LINK=link)
    said = synced.type("sync")
    assert said.code == 14
    assert "127.0.0.1:9 can't be reached." in said.err
    assert "FAILED: 127.0.0.1:9 can't be reached." in synced.done("log").out


def test_a_state_that_can_not_be_read_is_15(synced: Desk) -> None:
    synced.state.write_bytes(b"no database" * 999)
    synced.commit(changed(rows(), "c1", nom="Neuve"))
    for command in (("sync",), ("plan",), ("log",), ("show", "1"), ("approve", "0123-4567-89AB-CDEF")):
        said = synced.type(*command)
        assert said.code == 15
        assert said.posts == []
        assert "is not a database" in said.err
    assert stands(synced) == rows()


def test_a_state_of_a_newer_program_is_refused_by_name(synced: Desk) -> None:
    with closing(sqlite3.connect(synced.state)) as database, database:
        database.execute("UPDATE bot_schema SET version = 99")
    said = synced.type("sync")
    assert said.code == 15
    assert "was written by a newer umap-bot" in said.err


def test_after_the_trouble_the_next_run_goes_on(synced: Desk) -> None:
    doubled(synced)
    assert synced.type("sync").code == 11
    wanted = changed(rows(), "c1", nom="Neuve")
    synced.commit(wanted)
    synced.done("sync")
    assert stands(synced) == wanted
    assert [run["outcome"] for run in synced.done("log", "--json").runs] == ["done", "failed", "done"]


def test_a_bug_is_1_and_leaves_its_trace_in_a_file(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    link = synced.made.edit_link

    def broken(_: UmapMap) -> None:
        raise ZeroDivisionError(f"at {link}, or {link.partition('/en/')[2]}")

    monkeypatch.setattr(UmapMap, "look", broken)
    said = synced.type("sync")
    assert said.code == 1
    told, last = said.err.splitlines()
    assert told.startswith("umap-bot: internal error: ZeroDivisionError. The traceback is in ")
    assert last == "exit code 1: a bug in umap-bot"
    trace = Path(told.partition("The traceback is in ")[2])
    assert trace.stat().st_mode & 0o777 == 0o600
    assert "ZeroDivisionError: at ********, or " in trace.read_text("utf-8")
    assert said.out == ""


def test_a_bug_gives_the_layer_back(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(UmapMap, "look", lambda _: 1 / 0)
        assert synced.type("sync").code == 1
    synced.done("sync")


def test_a_run_that_is_not_in_the_log_is_64(synced: Desk) -> None:
    said = synced.type("show", "9")
    assert (said.code, said.out) == (64, "")
    assert "There is no run 9 in the log. To list the runs: umap-bot log" in said.err


def test_ctrl_c_is_130(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: UmapMap) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(UmapMap, "look", interrupted)
    said = synced.type("sync")
    assert (said.code, said.out, said.last) == (130, "", "exit code 130: stopped")


def test_a_failure_of_a_process_has_its_last_line_on_stderr(desk: Desk) -> None:
    doubled(desk)
    said = desk.spawn("sync")
    assert (said.code, said.out) == (11, "")
    assert said.last == "exit code 11: a problem with the file"
    assert len(said.err.splitlines()) == 2


def test_a_console_that_lacks_our_signs_is_no_bug(desk: Desk) -> None:
    said = desk.spawn("check", PYTHONUTF8="0", PYTHONIOENCODING="cp437")
    assert said.code == 0
    assert said.out.startswith("\\u2713 settings")
