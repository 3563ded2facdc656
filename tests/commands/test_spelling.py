"""A map whose property names are decomposed, as a Mac's files have them: one name from export to rollback."""

from __future__ import annotations

from typing import Any
from unicodedata import normalize

import pytest

from tests.commands.desk import Desk

NFC = "Téléphone"
NFD = normalize("NFD", NFC)
KEY = normalize("NFD", "numéro")


def draw(desk: Desk, *, key: str = "") -> None:
    """A person draws three features, the first with style and note of their own."""
    drawn: list[dict[str, Any]] = [
        {
            "type": "Feature",
            "properties": {
                "name": f"Café {number}",
                NFD: f"0{number}",
                **({key: f"k{number}"} if key else {}),
            },
            "geometry": {"type": "Point", "coordinates": [4 + number / 10, 45]},
            "id": f"hand{number}",
        }
        for number in range(1, 4)
    ]
    drawn[0]["properties"] |= {"_umap_options": {"color": "Red"}, "note": "mine"}
    desk.save(drawn)


def names(desk: Desk) -> set[str]:
    """All names of properties on the map, as they are spelled there."""
    return {name for feature in desk.features for name in feature["properties"]} - {"_umap_options", "note"}


def exported(desk: Desk) -> str:
    """Export the layer and take that for the file, as the export says."""
    desk.done("export", "--output", "data/map.csv")
    text = (desk.repository / "map.csv").read_text("utf-8")
    desk.settings(DATASET_PATH="map.csv")
    desk.commit(text, file="map.csv")
    return text


def test_export_adopt_and_sync_make_no_second_name(desk: Desk) -> None:
    desk.settings(DATASET_RENAME=None)
    draw(desk)
    text = exported(desk)
    assert text.splitlines()[0] == f"id,name,{NFC},note,lat,lon"
    desk.done("adopt", "--approve", desk.held("adopt"))
    before = desk.features
    said = desk.type("sync")
    assert said.code == 0, said.out
    assert desk.features == before
    assert names(desk) == {"id", "name", NFD}

    desk.commit(text.replace(",01,", ",09,") + "cafe-4,Café 4,04,,45,4.4\n", file="map.csv")
    said = desk.done("sync")
    assert f'{NFC}  "01" → "09"' in said.out
    assert names(desk) == {"id", "name", NFD}
    assert [feature["properties"][NFD] for feature in desk.features] == ["09", "02", "03", "04"]
    assert desk.features[0]["properties"]["_umap_options"] == {"color": "Red"}

    desk.done("rollback", "latest")
    assert desk.features == before


def test_a_change_on_the_map_is_told_by_the_files_name_and_put_back(desk: Desk) -> None:
    desk.settings(DATASET_RENAME=None)
    draw(desk)
    text = exported(desk)
    desk.done("adopt", "--approve", desk.held("adopt"))
    desk.done("sync")
    desk.edit("cafe-2", **{NFD: "by hand"})
    said = desk.done("sync")
    assert f'{NFC}  "02" → "by hand"' in said.out
    assert desk.feature("cafe-2")["properties"][NFD] == "02"
    # Without state the published version is found by what stands, and a column that goes, goes.
    desk.state.unlink()
    rows = [line.split(",") for line in text.splitlines()]
    desk.commit("".join(",".join([*row[:2], *row[3:]]) + "\n" for row in rows), file="map.csv")
    said = desk.done("sync", "--approve", desk.held("sync"))
    assert "is assumed to be the last published" in said.out
    assert names(desk) == {"id", "name"}


@pytest.mark.parametrize("written", [KEY, normalize("NFC", KEY)])
def test_the_key_and_a_renamed_column_meet_what_stands(desk: Desk, written: str) -> None:
    draw(desk, key=KEY)
    desk.settings(DATASET_KEY=written, DATASET_RENAME=f"tel={NFD},nom=name")
    desk.commit(
        f"{written},nom,tel,lat,lon\n" + "".join(f"k{n},Café {n},0{n},45,4.{n}\n" for n in range(1, 5))
    )
    assert desk.done("export", "--output", "map.csv").out == ""
    assert (desk.folder / "map.csv").read_text("utf-8").startswith(normalize("NFC", f"{KEY},name,{NFC},"))
    desk.done("sync", "--approve", desk.held("sync"))
    assert names(desk) == {KEY, "name", NFD}
    assert [feature["properties"][KEY] for feature in desk.features] == ["k1", "k2", "k3", "k4"]
    assert desk.done("sync").posts == []
