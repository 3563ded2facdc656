"""The whole path of a person and the bot, on every release, wherever it stands."""

from __future__ import annotations

import csv

from tests.commands.desk import FILE, Desk, Rows, changed, stands, without

HAND_MADE: Rows = {
    "lyon-8e": {"nom": "Lyon 8e", "commune": "Lyon", "lat": "45.730", "lon": "4.870"},
    "bron": {"nom": "Bron", "commune": "Bron", "lat": "45.740", "lon": "4.910"},
    "vienne": {"nom": "Vienne", "commune": "Vienne", "lat": "45.520", "lon": "4.870"},
    "annecy": {"nom": "Annecy", "commune": "Annecy", "lat": "45.900", "lon": "6.120"},
    "roanne": {"nom": "Roanne", "commune": "Roanne", "lat": "46.040", "lon": "4.070"},
    "grenoble": {"nom": "Grenoble", "commune": "Grenoble", "lat": "45.190", "lon": "5.720"},
    "valence": {"nom": "Valence", "commune": "Valence", "lat": "44.930", "lon": "4.890"},
    "privas": {"nom": "Privas", "commune": "Privas", "lat": "44.740", "lon": "4.600"},
    "moulins": {"nom": "Moulins", "commune": "Moulins", "lat": "46.570", "lon": "3.330"},
    "aurillac": {"nom": "Aurillac", "commune": "Aurillac", "lat": "44.930", "lon": "2.440"},
}


def draw(desk: Desk, table: Rows) -> None:
    """A person draws the features by hand: without ids of the file, with a style on each."""
    desk.save(
        [
            {
                "type": "Feature",
                "id": f"hand{number}",
                "properties": {
                    "name": cells["nom"],
                    "commune": cells["commune"],
                    "_umap_options": {"color": "Red"},
                },
                "geometry": {"type": "Point", "coordinates": [float(cells["lon"]), float(cells["lat"])]},
            }
            for number, cells in enumerate(table.values())
        ]
    )


def exported(desk: Desk) -> set[str]:
    """The ids that `export` makes of the map, in the order of nothing."""
    out = desk.folder / "exported.csv"
    desk.done("export", "--output", str(out))
    return {row["id"] for row in csv.DictReader(out.read_text("utf-8").splitlines())}


def adopted(desk: Desk) -> None:
    desk.commit(HAND_MADE, "Ten cités")
    desk.done("adopt", "--approve", desk.held("adopt"))
    assert stands(desk) == HAND_MADE
    first = desk.type("sync")  # nothing differs: nothing is held, nothing sent
    assert (first.code, first.posts) == (0, [])


def edited_and_put_back(desk: Desk) -> None:
    """A person edits a cell that the file changes too, and draws; the sync puts back and leaves alone."""
    table = changed(HAND_MADE, "bron", nom="Bron Parilly")
    desk.commit(table, "Parilly")
    plan = desk.type("plan")
    assert (plan.code, plan.posts) == (2, [])
    assert len(desk.done("sync").posts) == 1
    desk.edit("vienne", name="Vienne (Isère)")
    desk.commit(changed(table, "annecy", lon="6.130"), "moved")
    assert "Vienne (Isère)" in desk.done("sync").out
    assert stands(desk) == changed(table, "annecy", lon="6.130")


def held_and_approved(desk: Desk) -> None:
    before = stands(desk)
    small = without(before, "privas", "moulins", "aurillac", "valence")
    desk.commit(small, "fewer")
    code = desk.held("sync")
    assert stands(desk) == before
    desk.done("sync", "--approve", code)
    assert stands(desk) == small


def undone(desk: Desk) -> None:
    desk.done("rollback", "latest")
    assert len(stands(desk)) == len(HAND_MADE)
    assert {feature["properties"]["_umap_options"]["color"] for feature in desk.features} == {"Red"}


def test_the_whole_path(desk: Desk) -> None:
    """Export, adopt, plan, sync, people's edits, a held plan, approval, rollback; then nothing is left."""
    (desk.repository / FILE).unlink()
    desk.done("check")
    draw(desk, HAND_MADE)
    assert exported(desk) == set(HAND_MADE)
    adopted(desk)
    edited_and_put_back(desk)
    held_and_approved(desk)
    undone(desk)


def test_an_idle_run_is_one_request(desk: Desk) -> None:
    """After a sync the next one asks the page once, and sends nothing."""
    desk.done("sync")
    idle = desk.done("sync")
    assert [method for method, _ in idle.requests] == ["GET"]
    assert "Nothing to do" in idle.out


def test_a_new_layer_is_made(desk: Desk) -> None:
    """`sync --create-layer` makes the layer that the settings name, and fills it."""
    desk.settings(UMAP_LAYER="Neuf")
    desk.done("sync", "--create-layer")
    (made,) = [entry for entry in desk.made.layers() if entry["id"] != desk.layer_id]
    desk.layer_id = made["id"]
    assert (len(desk.features), desk.made.settings(made["id"])["name"]) == (10, "Neuf")
    idle = desk.done("sync")
    assert idle.posts == []
