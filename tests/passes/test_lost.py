"""The state of several layers is lost: each finds the version that it was last published from by itself."""

from __future__ import annotations

import pytest

from tests.commands.desk import changed, without
from tests.passes.fleet import NORTH, SOUTH, Fleet, towns
from umap_bot.model.layer import Collection, Live
from umap_bot.umap.layer.layer import UmapLayer

TAKEN = "The state has no record of a sync of this layer, but the map shows one"


def test_versions_that_differ_in_another_layers_rows_are_no_tie(synced: Fleet) -> None:
    southern = changed(towns(), "c12", nom="Douze")
    synced.any.commit(southern, "only the south")
    synced.done("sync")
    synced.any.state.unlink()
    synced.any.commit(without(southern, "c3"), "c3 goes")
    said = synced.done("sync")
    assert said.out.count(TAKEN) == 3
    assert synced.keys(NORTH) == ["c1", "c2", "c4", "c5", "c6"]


def test_a_row_that_moves_is_never_on_no_map(synced: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    synced.any.state.unlink()
    synced.any.commit(towns(c1=SOUTH), "c1 is in the south")
    seen: list[int] = []
    push = UmapLayer.push

    def pushed(layer: UmapLayer, wanted: Collection, on: Live) -> None:
        push(layer, wanted, on)
        seen.append(synced.keys(NORTH).count("c1") + synced.keys(SOUTH).count("c1"))

    monkeypatch.setattr(UmapLayer, "push", pushed)
    synced.done("sync")
    assert seen == [2, 1]
    assert "c1" not in synced.keys(NORTH)


def test_a_named_version_is_that_of_every_layer_that_is_chosen(synced: Fleet) -> None:
    published = synced.any.git("rev-parse", "HEAD")
    synced.any.state.unlink()
    synced.any.commit(without(towns(), "c3", "c9"), "two go")
    said = synced.done("sync", "--layer", NORTH, "--layer", SOUTH, "--base", published[:8])
    assert said.out.count("as set by --base") == 2
    assert (synced.keys(NORTH).count("c3"), synced.keys(SOUTH).count("c9")) == (0, 0)
