"""What a person can do about each reason: words of that reason, commands that name what it is about."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.plans import but, flat
from umap_bot.model.canon import Geometry
from umap_bot.model.change import Change, Create, Delete, Field, Move, Update
from umap_bot.model.drift import Drift, GoneColumn, Unmanaged
from umap_bot.model.layer import GEOMETRY, Commit
from umap_bot.model.part import Part, parts_of
from umap_bot.model.plan import Objection, Plan
from umap_bot.model.policy import Policy
from umap_bot.model.undo import Redo, Undo
from umap_bot.report.story.acts import FEW, USUAL, Commands, acts, answers
from umap_bot.text import say

CODE = "CODE"
PUBLISHED = "9c1e77d" * 5 + "01234"
NOW = Commit("3f9c2ab" * 5 + "01234")
LYON = Create(key="lyon-8e", name="Lyon 8e", properties={"id": "lyon-8e"}, geometry=None)
OLD = Delete(key="lyon-8", name="Lyon 8e")
BRON = Update(key="bron", name="Bron", fields=(Field("name", "Bron!", "Bron"),))
OWN = Delete(key="Own42", name="Kiosque", umap_id="Own42", why="foreign")
OFFICE = Delete(key="Own43", name="Office", umap_id="Own43", raw='{"properties": {}}', why="foreign")
EDIT = Drift(
    key="bron", name="Bron", field="name", kind="drift", outcome="hold",
    base="Bron", desired="Bron", live="Bron!", line=6, header="nom",
)  # fmt: skip
REDO = Redo(key="bron", name="Bron", field="name", run=2, by=3, line=6, header="nom")
GONE = Drift(key="lyon-8e", name="Lyon 8e", field="", kind="deleted", outcome="hold", line=12)


def point(longitude: float, latitude: float) -> Geometry:
    return {"type": "Point", "coordinates": [longitude, latitude]}


JUMP = Update(key="bron", name="Bron", move=Move(point(4, 45), point(45, 4)))


def plan(*changes: Change, **more: Any) -> Plan:
    fields: dict[str, Any] = {
        "layer_id": "1", "layer_name": "Cités", "map_name": "Map", "map_url": "https://u/m_1", "version": "1",
        "commit": NOW, "file": "cites.csv", "key": "id", "policy": Policy(), "first": False, "ours": 18,
        "published": PUBLISHED, "changes": changes,
    }  # fmt: skip
    return flat(**fields | more)


def objection(rule: str, *changes: Change, parts: tuple[Part, ...] | None = None) -> Objection:
    found = tuple(part for change in changes for part in parts_of(change)) if parts is None else parts
    return Objection(rule, say("Why."), len(changes), features=tuple(c.name for c in changes), parts=found)


def asking(whole: Plan, *objections: Objection) -> Plan:
    """The plan as a run leaves it that waits for these parts alone."""
    parts = {part for each in objections for part in each.parts}
    return but(whole.asking(parts), objections=objections)


def told(asked: Plan, commands: Commands = USUAL) -> list[str]:
    return [
        f"{number} {act.told}".strip().replace(asked.code, CODE) for number, act in answers(asked, commands)
    ]


OF_FEATURES = {
    "deleted": (
        asking(plan(LYON, drift=(GONE,)), objection("deleted", LYON)),
        [
            "Leave it off the map: umap-bot keep lyon-8e",
            "Restore it from the file: umap-bot approve CODE lyon-8e",
            "To remove it permanently, delete row 12 of cites.csv",
        ],
    ),
    "drift": (
        asking(plan(BRON, drift=(EDIT,)), objection("drift", BRON)),
        [
            "Keep what was edited on the map: umap-bot keep bron",
            "To have it in the file, enter it in cites.csv, row 6, column nom",
            "Restore the file's value: umap-bot approve CODE bron",
        ],
    ),
    "drift, its row gone": (
        asking(
            plan(OLD, drift=(replace(EDIT, key="lyon-8", kind="edited"),)), objection("drift", OLD)
        ),
        [
            "Keep what was edited on the map: umap-bot keep lyon-8",
            "Remove it, as in the file: umap-bot approve CODE lyon-8",
        ],
    ),
    "foreign": (
        asking(plan(OWN), objection("foreign", OWN)),
        [
            "Leave it on the map: umap-bot keep Kiosque",
            "Remove it from the map: umap-bot approve CODE Kiosque",
        ],
    ),
    "re-keyed": (
        asking(plan(LYON, OLD), replace(objection("re-keyed", LYON, OLD), features=("Lyon 8e",))),
        [
            "To keep its style and notes, change the id lyon-8e back to lyon-8 in cites.csv",
            "Leave the map as it is: umap-bot keep lyon-8e lyon-8",
            "Replace the old one with the new one: umap-bot approve CODE lyon-8e lyon-8",
        ],
    ),
    "look-alike": (
        asking(plan(LYON), objection("look-alike", LYON)),
        [
            "If it is the same place, match the feature on the map with its row: umap-bot adopt",
            "Leave the map as it is: umap-bot keep lyon-8e",
            "If it is another place, add it: umap-bot approve CODE lyon-8e",
        ],
    ),
    "look-alike that goes": (
        asking(plan(LYON, OWN), objection("look-alike", LYON, OWN)),
        [
            "If they are the same places, match the features on the map with their rows: umap-bot adopt",
            "Leave the map as it is: umap-bot keep lyon-8e Kiosque",
            "Replace the drawn feature with the row: umap-bot approve CODE lyon-8e Kiosque",
        ],
    ),
    "jump": (
        asking(plan(JUMP), objection("jump", JUMP)),
        [
            "If the position is wrong, correct it in cites.csv; nothing else is needed",
            "Leave it as it is on the map: umap-bot keep bron",
            "If the position is right, apply it: umap-bot approve CODE bron",
        ],
    ),
    "clone": (
        asking(plan(BRON), objection("clone", BRON)),
        [
            "Give the copy another id on the map; nothing else is needed",
            "Leave all of them untouched: umap-bot keep bron",
            "Use the first of them, and leave the copy untouched: umap-bot approve CODE bron",
        ],
    ),
    "strayed": (
        asking(plan(LYON, drift=(GONE,)), objection("strayed", LYON)),
        [
            "To make the same move in the file: cites.csv, row 12",
            "Leave it where it is now: umap-bot keep lyon-8e",
            "To undo the move, move it back by hand in uMap",
            "Add it here again; it is then on both layers: umap-bot approve CODE lyon-8e",
        ],
    ),
    "strayed, the other side": (
        asking(plan(OWN, OFFICE), objection("strayed", OWN)),
        [
            "To make the same move in the file: cites.csv",
            "Leave it where it is now: umap-bot keep Kiosque",
            "To undo the move, move it back by hand in uMap",
            "Remove it here; it is on no other layer: umap-bot approve CODE Kiosque",
        ],
    ),
    "redo": (
        asking(
            plan(BRON, undone=(REDO,)),
            objection("redo", BRON),
        ),
        [
            "Keep it undone: umap-bot keep bron",
            "Correct the file: cites.csv, row 6, column nom",
            "Redo what was undone: umap-bot approve CODE bron",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", OF_FEATURES)
def test_a_doubt_about_features_names_them(what: str) -> None:
    asked, expected = OF_FEATURES[what]
    assert told(asked) == expected


APPROVE = "umap-bot sync --approve CODE"
RESTORE = "If the file is wrong, restore version 9c1e77d of cites.csv; nothing else is needed"
OF_THE_FILE: dict[str, tuple[dict[str, Any], list[str]]] = {
    "first": (
        {"unmanaged": (Unmanaged("A", "d"),), "ours": 0},
        [
            "First match the features that were drawn by hand with the rows: umap-bot adopt",
            f"Apply the changes shown here: {APPROVE}",
        ],
    ),
    "lost": (
        {},
        [
            (
                "If the state was lost, give the version of the file that was published last: "
                "umap-bot sync --base COMMIT"
            ),
            f"Apply the changes shown here: {APPROVE}",
        ],
    ),
    "nothing-left": ({}, [RESTORE, f"Remove all 2 features from the map: {APPROVE}"]),
    "deletes": ({}, [RESTORE, f"Remove these 2 features: {APPROVE}"]),
    "deletes ": (
        {"changes": (OWN, replace(OWN, key="Own43"))},
        [
            "Keep what was added on the map: umap-bot sync --foreign keep",
            f"Remove these 2 features: {APPROVE}",
        ],
    ),
    "updates": ({}, [RESTORE, f"Change these 2 features: {APPROVE}"]),
    "updates ": (
        {"drift": (replace(EDIT, outcome="overwrite"),), "replaces": None},
        [
            "Keep what was edited on the map: umap-bot sync --drift keep",
            f"Change these 2 features, and overwrite the edits made on the map: {APPROVE}",
        ],
    ),
    "creates": ({}, [RESTORE, f"Add these 2 features: {APPROVE}"]),
    "renumbered": (
        {},
        [
            "Restore the old ids of the rows in cites.csv; nothing else is needed",
            f"If the ids are right, move styles and notes to the rows that have these ids now: {APPROVE}",
        ],
    ),
    "encoding": (
        {},
        [
            "If these words are wrong, save cites.csv as CSV UTF-8",
            f"If these words are right, continue: {APPROVE}",
        ],
    ),
    "column": (
        {"gone_columns": (GoneColumn("Lyon 8e", "new", "Nouveau", 3, 4),)},
        [
            "If it was renamed, add Nouveau=Lyon 8e to DATASET_RENAME",
            f'Remove "Lyon 8e" from the map: {APPROVE}',
        ],
    ),
    "column  ": (
        {"gone_columns": (GoneColumn("Lyon 8e", "new", "Lyon 8e", 3, 4),)},
        [
            "To keep its name on the map, remove Lyon 8e=new from DATASET_RENAME",
            f'Remove "Lyon 8e" from the map: {APPROVE}',
        ],
    ),
    "column ": (
        {"gone_columns": (GoneColumn("Lyon 8e", left_out=True),)},
        [
            "To keep it on the map, change DATASET_LEAVE_OUT or DATASET_COLUMNS",
            f'Remove "Lyon 8e" from the map: {APPROVE}',
        ],
    ),
    "orphaned": (
        {},
        [
            (
                "If you know which version of the file was published last, give it; rows removed since then "
                "are removed from the map: umap-bot sync --base COMMIT"
            ),
            "To remove them, delete them by hand in uMap; nothing else is needed",
            f"Keep them on the map permanently: {APPROVE}",
        ],
    ),
    "coordinates": (
        {},
        [
            (
                "Restore the coordinates in cites.csv, or set their columns: DATASET_LATITUDE and "
                "DATASET_LONGITUDE, or DATASET_GEOMETRY"
            ),
            f"Continue without coordinates; the features stay where they are: {APPROVE}",
        ],
    ),
    "area": (
        {},
        [
            "If the positions are wrong, correct them in cites.csv; nothing else is needed",
            f"If the positions are right, apply them: {APPROVE}",
        ],
    ),
    "reverted": (
        {},
        [
            (
                "If an old copy was saved by accident, restore an earlier version of the layer in uMap; "
                "nothing else is needed"
            ),
            f"If it was on purpose, leave the map as it is: {APPROVE}",
        ],
    ),
    "adopt": ({}, [f"Write these ids to the map: {APPROVE}"]),
}


@pytest.mark.parametrize("what", OF_THE_FILE)
def test_a_doubt_about_the_file_is_about_the_whole_plan(what: str) -> None:
    more, expected = OF_THE_FILE[what]
    asked = objection(what.strip(), LYON, OLD, parts=())
    fields = {"replaces": Commit(PUBLISHED), "objections": (asked,), "held": True} | more
    assert told(plan(*(LYON, OLD) if "changes" not in more else (), **fields)) == expected


def test_every_rule_has_acts() -> None:
    schema = json.loads((Path(__file__).parents[2] / "docs" / "runs.schema.json").read_text("utf-8"))
    for rule in schema["$defs"]["objection"]["properties"]["rule"]["enum"]:
        found = acts(objection(rule, LYON, parts=()), plan(LYON, held=True))
        assert 0 < len(found) <= 3


def test_the_file_that_was_published_last_is_not_to_be_restored() -> None:
    asked = objection("deletes", LYON, OLD, parts=())
    same = plan(LYON, OLD, objections=(asked,), held=True, commit=Commit(PUBLISHED))
    assert told(same)[0] == "The file has not changed. If the settings are wrong, restore the previous ones"
    # The repository moved on, and nothing tells whether the file did.
    assert told(but(same, commit=NOW)) == [f"Remove these 2 features: {APPROVE}"]


def test_what_restores_a_removed_feature_is_never_first() -> None:
    asked, _ = OF_FEATURES["deleted"]
    for commands in (USUAL, Commands(asked=False), Commands(filtered=("type",))):
        assert "back" not in told(asked, commands)[0]


def test_a_row_that_a_person_moved_to_another_layer_is_followed_before_it_is_put_back() -> None:
    asked, _ = OF_FEATURES["deleted"]
    assert told(asked, Commands(filtered=("type",)))[1] == (
        "If it was moved to another layer, change type in cites.csv, row 12; do not restore it here"
    )
    moved, _ = OF_FEATURES["strayed"]
    assert told(moved, Commands(filtered=("type",)))[0] == (
        "To make the same move in the file, change type in cites.csv, row 12"
    )


def test_the_options_are_as_typed_and_ids_are_quoted() -> None:
    odd = replace(LYON, key="-a b'c")
    asked = asking(plan(odd), objection("deleted", odd))
    commands = Commands(
        sync="umap-bot sync --env-file 'my.env'", chosen=("--env-file", "my env", "--layer", "é")
    )
    keep = acts(asked.verdict.objections[0], asked, commands)[0].command
    assert shlex.split(keep) == [
        "umap-bot", "keep", "--env-file", "my env", "--layer", "é", "--", "-a b'c",
    ]  # fmt: skip


def test_a_plan_that_no_run_asked_is_approved_by_a_sync() -> None:
    """`approve` needs what a run wrote down."""
    asked, _ = OF_FEATURES["deleted"]
    assert told(asked, Commands(asked=False))[1] == f"Restore it from the file: {APPROVE}"


def test_several_reasons_have_their_numbers_and_what_answers_all_comes_last() -> None:
    two = objection("deletes", LYON, OLD, parts=()), objection("area", LYON, parts=())
    assert told(plan(LYON, OLD, objections=two, held=True, replaces=Commit(PUBLISHED))) == [
        f"1 {RESTORE}",
        "2 If the position is wrong, correct it in cites.csv; nothing else is needed",
        f"Apply the whole plan as it is: {APPROVE}",
    ]
    both = asking(plan(LYON, BRON, drift=(GONE, EDIT)), objection("deleted", LYON), objection("drift", BRON))
    assert told(both)[1] == "1 Restore it from the file: umap-bot approve CODE lyon-8e"
    assert told(both)[-1] == "2 Restore the file's value: umap-bot approve CODE bron"


def test_under_ids_that_were_numbered_again_no_command_names_a_row() -> None:
    """`keep lyon-8e` would mean another place than it did."""
    two = objection("renumbered", LYON, parts=()), objection("deleted", LYON)
    assert told(plan(LYON, OLD, objections=two, held=True, drift=(GONE,))) == [
        "Restore the old ids of the rows in cites.csv; nothing else is needed",
        f"Apply the whole plan as it is: {APPROVE}",
    ]


def test_many_features_are_meant_by_commands_without_names() -> None:
    many = tuple(replace(LYON, key=f"k{number}", name=f"N {number}") for number in range(FEW + 1))
    asked = asking(plan(*many), objection("deleted", *many))
    assert told(asked)[:2] == [
        "Leave them off the map: umap-bot sync --deleted keep",
        "Restore them from the file: umap-bot approve CODE",
    ]
    both = asking(plan(*many, BRON), objection("deleted", *many), objection("drift", BRON))
    assert "1 Apply everything that needs approval: umap-bot approve CODE" in told(both)


def test_keeping_one_column_leaves_the_others_to_the_file() -> None:
    """The file changes the commune as well: to keep the name must not keep that."""
    update = replace(BRON, fields=(*BRON.fields, Field("commune", "a", "b")))
    name = parts_of(update)[0]
    asked = asking(plan(update, drift=(EDIT,)), objection("drift", update, parts=(name,)))
    assert told(asked)[0] == "Keep what was edited on the map: umap-bot keep --field name bron"
    moved = replace(JUMP, fields=(Field("commune", "a", "b"),))
    place = next(part for part in parts_of(moved) if part.cell == GEOMETRY)
    jumped = asking(plan(moved), objection("jump", moved, parts=(place,)))
    assert told(jumped)[1] == "Leave it as it is on the map: umap-bot keep --field geometry bron"


def test_of_a_rollback_the_command_is_the_rollback() -> None:
    undo = Undo(run=7, said={}, rows={}, left={})
    asked = plan(
        LYON, kind="rollback", undo=undo, held=True, objections=(objection("look-alike", LYON, parts=()),)
    )
    again = Commands(sync="umap-bot rollback 7")
    assert told(asked, again) == [
        "First remove the other one from the map, then undo again: umap-bot rollback 7",
        "Undo the run anyway; the feature is then on the map twice: umap-bot rollback 7 --approve CODE",
    ]
