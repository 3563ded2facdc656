"""`export --backup`: the layer as it was before a run changed it, without asking map or git."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zlib
from contextlib import closing
from typing import Any

import pytest

from tests.commands.desk import LAYER, Desk, changed, rows, signature, spellings, without
from tests.journal.old import load
from umap_bot.journal.journal import SqlJournal

OWN = (
    b'{"type":"Feature","id":"Abcde","geometry":{"type":"Point","coordinates":[4.50,45.50]},'
    b'"properties":{"name":"Notre si\\u00e8ge","n":1.0,"_umap_options":{"color":"Red"}},"more":[ 1 ]}'
)
STYLE = {"color": "DarkGreen", "popupContentTemplate": "# {name}", "iconClass": "Drop"}


@pytest.fixture
def was(synced: Desk) -> bytes:
    """The layer's file after people gave layer and features a style and added a feature of their own."""
    whole = json.loads(synced.body)
    whole["features"][0]["properties"]["_umap_options"] = {"color": "Blue", "anything": [1, None]}
    text = json.dumps(whole).encode().replace(b'"features": [', b'"features": [' + OWN + b", ")
    settings = {**synced.made.settings(synced.layer_id), **STYLE}
    version = synced.made.read(synced.layer_id)[1]
    assert synced.made.save(synced.layer_id, text, version, settings).ok
    return synced.body


@pytest.fixture
def styled(synced: Desk, was: bytes) -> Desk:
    """The desk after that, and after run 2, which changed one cell."""
    synced.commit(changed(rows(), "c1", commune="Lyon"))
    synced.done("sync")
    assert (synced.body != was, synced.made.settings(synced.layer_id)["color"]) == (True, "DarkGreen")
    return synced


def test_the_features_are_as_they_came_byte_for_byte(styled: Desk, was: bytes) -> None:
    said = styled.done("export", "--backup", "2")
    assert OWN.decode() in said.out
    assert json.loads(said.out) == json.loads(was)
    beginning = f"Wrote 11 features from “Cités” ({styled.made.name}), as they were before run 2 of "
    assert said.err.startswith(beginning)
    assert said.err.endswith(", to stdout.\n")


def test_neither_map_nor_git_is_asked(styled: Desk, was: bytes) -> None:
    styled.made.delete()
    styled.settings(DATASET_REPO=None, DATASET_PATH=None, UMAP_EDIT_LINK=None)
    said = styled.done("export", "--backup", "latest", "--output", "layer.geojson")
    assert (said.requests, said.online) == ((), ())
    assert json.loads((styled.folder / "layer.geojson").read_bytes()) == json.loads(was)
    styled.settings(UMAP_MAP_URL=None, UMAP_LAYER=None)
    assert json.loads(styled.done("export", "--backup", "latest").out) == json.loads(was)


def test_a_table_holds_the_cells(styled: Desk) -> None:
    said = styled.done("export", "--backup", "2", "--format", "csv")
    table = {row["id"]: row for row in csv.DictReader(io.StringIO(said.out))}
    assert table["c1"]["commune"] == "Ville 1"
    assert table["notre-siege"]["name"] == "Notre siège"
    assert "Styles are not exported; to include them: --format geojson or --format umap" in said.err
    styled.done("export", "--backup", "2", "--output", "layer.xlsx")
    assert (styled.folder / "layer.xlsx").read_bytes()[:2] == b"PK"


@pytest.mark.parametrize("words", [["--backup", "latest"], []])
def test_what_umap_imports_has_the_settings_of_the_layer_too(
    styled: Desk, was: bytes, words: list[str]
) -> None:
    """From the backup, or from the map as it is now."""
    said = styled.done("export", *words, "--output", "layer.umap")
    assert "“Import data”" in said.err
    file = json.loads((styled.folder / "layer.umap").read_bytes())
    assert (file["type"], file["uri"]) == ("umap", styled.made.url)
    assert file["properties"] == {"name": styled.made.name}
    (layer,) = file["layers"]
    assert layer["features"] == json.loads(was if words else styled.body)["features"]
    assert layer["properties"] == layer["_umap_options"]
    assert layer["properties"] == styled.made.settings(styled.layer_id) | STYLE


def test_show_names_the_backup(styled: Desk) -> None:
    told = "To export the layer as it was before this run: umap-bot export --backup 2"
    assert styled.done("show", "2").out.rstrip().splitlines()[-1] == told
    styled.commit(without(rows(), "c1", "c2", "c3", "c4"))
    assert styled.type("sync").code == 3
    assert "Backup" not in styled.done("show", "3").out


NOT_GIVEN = (
    (["3"], "Run 3 sent nothing to the map, so there is no backup of it."),
    (["4"], "There is no run 4 in the log. To list the runs: umap-bot log"),
    (["9" * 5000], '9…" is not a run: use the number of a run, or latest. To list the runs: umap-bot log'),
    (["last"], '"last" is not a run: use the number of a run, or latest. To list the runs: umap-bot log'),
    (["2", "--layer", "Autre"], "Run 2 changed another layer: "),
    (
        ["latest", "--layer", "Autre"],
        "There is no backup of this layer. To export a backup of another layer, name its run:",
    ),
    (
        ["2", "http://127.0.0.1/fr/map/x_1"],
        "A backup can only be exported for the map that it was made from. Run the command without MAP_URL",
    ),
    (["2", "--format", "xlsx"], "A workbook can't be printed to the terminal."),
)


def test_what_can_not_be_given(styled: Desk, subtests: pytest.Subtests) -> None:
    styled.commit(without(rows(), "c1", "c2", "c3", "c4"))
    assert styled.type("sync").code == 3
    for words, told in NOT_GIVEN:
        with subtests.test(words=words):
            said = styled.type("export", "--backup", *words)
            assert (said.code, said.out) == (64, "")
            assert told in said.err


def test_a_backup_that_is_gone(styled: Desk) -> None:
    styled.settings(STATE_KEEP_RUNS="10")
    for number in range(10):
        styled.commit(changed(rows(), "c1", commune=f"Lyon {number}"))
        styled.done("sync")
    said = styled.type("export", "--backup", "2")
    assert (
        said.code,
        "Run 2 is no longer in the log, nor its backup. STATE_KEEP" in said.err,
    ) == (64, True)
    assert styled.done("export", "--backup", "3").out


def test_before_any_run_there_is_none(desk: Desk) -> None:
    said = desk.type("export", "--backup", "latest")
    assert (said.code, "There is no backup: no run has changed a layer so far." in said.err) == (64, True)
    assert not desk.state.exists()


def test_another_layer_of_the_same_state_is_not_taken_for_it(styled: Desk) -> None:
    styled.made.add_layer("Autre", {"type": "FeatureCollection", "features": []})
    styled.settings(UMAP_LAYER="Autre")
    said = styled.type("export", "--backup", "latest")
    assert (said.code, said.out) == (64, "")
    assert f"To export a backup of another layer, name its run: --backup 2 ({_name(styled)})." in said.err
    styled.done("sync")
    assert json.loads(styled.done("export", "--backup", "latest").out)["features"] == []
    assert (
        len(json.loads(styled.done("export", "--backup", "latest", "--layer", LAYER).out)["features"]) == 11
    )


def test_with_a_manifest_the_run_names_its_layer(styled: Desk) -> None:
    styled.made.add_layer("Autre", {"type": "FeatureCollection", "features": []})
    layers = "".join(f'[[layer]]\numap_layer = "{name}"\n' for name in (LAYER, "Autre"))
    (styled.folder / "umap-bot.toml").write_text(layers, "utf-8")
    styled.settings(UMAP_LAYER=None)
    styled.done("sync", "--layer", "Autre")
    said = styled.type("export", "--backup", "latest")
    assert (said.code, "There are backups of 2 layers. Name a run: --backup 3" in said.err) == (64, True)
    assert len(json.loads(styled.done("export", "--backup", "2").out)["features"]) == 11
    assert (
        len(json.loads(styled.done("export", "--backup", "latest", "--layer", LAYER).out)["features"]) == 11
    )
    assert json.loads(styled.done("export", "--backup", "latest", "--layer", "Autre").out)["features"] == []
    assert "from “Autre”" in styled.done("export", "--layer", "Autre").err


def test_a_backup_of_an_earlier_umap_bot_has_no_settings_and_says_so(desk: Desk) -> None:
    """Its features are made up, and no GeoJSON at all: they come as they are."""
    load(f"sqlite:///{desk.state}", 2)
    said = desk.done("export", "--backup", "1", "--format", "umap")
    (layer,) = json.loads(said.out)["layers"]
    assert (layer["features"], layer["properties"]) == ([{"n": "a"}], {"name": LAYER})
    assert (
        "The layer's own style is not included, because an earlier version of umap-bot made "
        "this backup and did not store it."
    ) in said.err


def test_nothing_secret_is_kept_with_a_backup(styled: Desk) -> None:
    """What the state packs is unpacked first; the page that it was read from held the edit link."""
    assert styled.made.page()["permissions"]["anonymous_edit_url"] == styled.made.edit_link
    backup = SqlJournal(f"sqlite:///{styled.state}").reader.backup(2)
    assert backup
    assert backup.settings
    assert backup.settings.settings == styled.made.settings(styled.layer_id)
    packed = list(_packed(styled))
    assert sum(b"DarkGreen" in each for each in packed) > 1
    secrets = {each.encode() for each in spellings(signature(styled.made.edit_link))}
    assert not [each for each in packed for secret in secrets if secret in each]


def _packed(desk: Desk) -> Any:
    with closing(sqlite3.connect(desk.state)) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608  our own tables
                yield from (
                    zlib.decompress(each) for each in row if isinstance(each, bytes) and each[:1] == b"x"
                )


def _name(desk: Desk) -> str:
    return f"{desk.made.url.partition('://')[2].partition('/')[0]}/map/{desk.made.id}/{LAYER}"
