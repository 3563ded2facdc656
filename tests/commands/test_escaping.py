"""What comes from a map or a file can't steer a terminal, nor write lines of its own."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
import unicodedata

import pytest

from tests.commands.desk import LAYER, Desk, Said, changed, rows, stands
from umap_bot.cli.output import logs

CLEAR = "\x1b[2J\x1b[31m"
TITLE = "\x1b]0;owned\x07"
BIDI = "\u202e\u2066gpj.exe\u2069"
FORGED = "x\nDone: all is well.\n✓ nothing"
HOSTILE = {
    "escape": f"Bron{CLEAR}",
    "title": f"{TITLE}Bron",
    "bidi": BIDI,
    "c1": "\x9b2J",
    "forged": FORGED,
    "runner": "::error::x ##[error]y",
}


def assert_harmless(said: Said) -> None:
    text = said.out + said.err
    bad = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert [letter for letter in text if letter != "\n" and unicodedata.category(letter) in bad] == []
    assert [line for line in text.splitlines() if line.startswith(("Done: all", "✓ nothing"))] == []
    assert re.findall(r"^\s*::|##\[", text, re.MULTILINE) == []


@pytest.fixture(params=HOSTILE)
def hostile(request: pytest.FixtureRequest) -> str:
    return HOSTILE[str(request.param)]


def test_names_and_values_of_the_map(synced: Desk, hostile: str) -> None:
    synced.edit("c2", name=hostile, commune=hostile)
    synced.draw(hostile)
    synced.settings(SYNC_DRIFT="keep")
    for words in (("plan",), ("sync",), ("log",), ("show", "2")):
        assert_harmless(synced.type(*words))
    synced.settings(SYNC_DRIFT="hold", SYNC_FOREIGN="hold")
    synced.edit("c3", name=hostile)
    said = synced.type("sync")
    assert said.code == 3
    assert_harmless(said)
    assert_harmless(synced.type("log"))


def test_what_is_hidden_is_made_visible(synced: Desk) -> None:
    synced.edit("c2", name=f"{CLEAR}{BIDI}")
    assert r"\u001b[2J\u001b[31m\u202e\u2066gpj.exe\u2069" in synced.type("plan").out


def test_a_line_break_is_made_visible(synced: Desk) -> None:
    """People write several lines into a cell; in a report it stays one."""
    synced.edit("c2", name="one\ntwo")
    assert '"one⏎two"' in synced.type("plan").out


def test_names_of_the_layer_and_the_map(desk: Desk, hostile: str) -> None:
    desk.made.rename(hostile)
    desk.made.save(desk.layer_id, desk.body, desk.made.read(desk.layer_id)[1], {"name": hostile})
    for layer, run in ((desk.layer_id, "1"), (LAYER, "2")):
        desk.settings(UMAP_LAYER=layer)
        for words in (("check",), ("sync",), ("log",), ("show", run)):
            assert_harmless(desk.type(*words))


@pytest.mark.parametrize("name", ["/merge", "::error::x", "!1 ~bug"])
def test_a_map_whose_name_is_a_command_to_a_forge(desk: Desk, name: str) -> None:
    """The map's name is the first word of a plan, which is posted with a maintainer's token."""
    desk.made.rename(name)
    first = desk.type("plan", "--format", "markdown").out.splitlines()[0]
    assert not first.startswith(name)
    assert re.sub(r"\\(?=\W)|</?span>", "", first).startswith(name)


def test_a_layer_that_is_refused_by_its_name(desk: Desk, hostile: str) -> None:
    remote = {"url": "https://example.org/x", "format": "geojson"}
    settings = {"name": hostile, "remoteData": remote}
    desk.made.save(desk.layer_id, desk.body, desk.made.read(desk.layer_id)[1], settings)
    desk.settings(UMAP_LAYER=None)
    said = desk.type("sync")
    assert said.code == 13
    assert_harmless(said)


def test_values_names_and_the_subject_of_the_file(synced: Desk) -> None:
    wanted = changed(rows(), "c1", nom="Bron\u202e", commune="two\nlines")
    synced.commit(wanted, message=f"{CLEAR} {TITLE}")
    for words in (("plan",), ("check",), ("sync",), ("log",), ("show", "2"), ("validate",)):
        assert_harmless(synced.type(*words))
    assert stands(synced) == wanted  # on the map it is what the file says


@pytest.mark.parametrize("name", ["\x1b[2J", "a\x07", "\u202eb", "\x9b2J"])
def test_columns_of_the_file(desk: Desk, name: str) -> None:
    desk.commit(f"id,nom,{name},lat,lon\n1,A,B,45,4\n2,{name},B,95,4\n{name},A,B,45,4\n")
    for words in (("check",), ("plan",), ("sync",), ("log",), ("validate",)):
        assert_harmless(desk.type(*words))


def test_json_is_json_whatever_it_holds(synced: Desk, hostile: str) -> None:
    synced.edit("c2", name=hostile)
    assert_harmless(synced.type("plan", "--format", "geojson"))
    said = synced.type("plan", "--json")
    assert_harmless(said)
    assert json.loads(said.out)["runs"][0]["drift"][0]["live"] == hostile


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_log_of_a_service(form: logs.LogFormat, monkeypatch: pytest.MonkeyPatch) -> None:
    root, stream = logging.getLogger(), io.StringIO()
    level = root.level
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(sys, "stderr", stream)
    logs.begin(form)
    logging.getLogger("umap_bot").warning("it says %s", f"{CLEAR}{BIDI}\n::error::x ##[error]y")
    root.setLevel(level)
    assert_harmless(Said(0, "", stream.getvalue()))
    assert "gpj.exe" in stream.getvalue()
