"""What is told of a plan and a run: the order of design and mock-ups, each kind of news, nothing left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.plans import flat
from umap_bot.model.canon import Geometry
from umap_bot.model.change import Create, Delete, Field, Move, Update
from umap_bot.model.drift import Drift, MapNews, Unmanaged
from umap_bot.model.layer import GEOMETRY, Commit
from umap_bot.model.plan import Objection, Plan
from umap_bot.model.policy import Policy
from umap_bot.model.run import Run
from umap_bot.report.formats.terminal import render
from umap_bot.report.story.sentences import plan_story, run_story
from umap_bot.report.story.story import Diff, Story
from umap_bot.text import joined, say

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
COMMIT = Commit("3f9c2ab" * 5 + "01234", "Ana", NOON, "Quartiers de Bron")


def point(longitude: float, latitude: float) -> Geometry:
    return {"type": "Point", "coordinates": [longitude, latitude]}


CHANGES = (
    Create(key="new", name="New", properties={"id": "new", "commune": "Lyon"}, geometry=point(4.8, 45.7)),
    Update(
        key="bron", name="Bron", fields=(Field("quartiers", "Parilly", "Parilly;Terraillon"),),
        context={"communes": "Bron"},
    ),
    Update(key="grenoble", name="Grenoble", move=Move(point(5.72, 45.18), point(5.7205, 45.18))),
    Delete(key="old", name="Vieille", raw='{"geometry":null,"properties":{"id":"old"}}'),
)  # fmt: skip
EDIT = Drift(
    key="venissieux", name="Vénissieux", field="name", kind="drift", outcome="overwrite",
    base="Vénissieux", desired="Vénissieux", live="St Fons", line=6, header="nom", saved=NOON,
)  # fmt: skip


def plan(*changes: Any, **more: Any) -> Plan:
    return flat(
        **{
            "layer_id": "l1",
            "layer_name": "Cités",
            "map_name": "Map",
            "map_url": "https://u/m_1",
            "version": "v1",
            "commit": COMMIT,
            "file": "cites.csv",
            "key": "id",
            "policy": Policy(),
            "first": False,
            "changes": changes,
            "total": 18,
            **more,
        }
    )


def run(told: Plan | None, outcome: Any = "done", **more: Any) -> Run:
    bare = Run(number=42, layer="l", kind="sync", commit=COMMIT, started=NOON, outcome=outcome, plan=told)
    return replace(bare, ended=NOON + timedelta(seconds=1.4), **more)


def done(told: Plan) -> Run:
    return run(told, applied=told.effects.changes, drift=told.context.drift, pushes=1)


def titles(story: Story) -> list[str]:
    return [str(section.title) for section in story.sections]


def test_the_order_is_news_then_changed_added_removed_then_the_rest() -> None:
    told = plan(
        *CHANGES, drift=(replace(EDIT, times=3), replace(EDIT, key="k", standing=True, outcome="keep")),
        unplaced=("roanne",),
    )  # fmt: skip
    assert [section.kind for section in plan_story(told, NOON).sections] == [
        "war", "people", "file", "added", "removed", "purpose", "know",
    ]  # fmt: skip


def test_a_held_plan_begins_with_the_reasons_and_the_amounts() -> None:
    reason = Objection("deletes", say("Much."), setting="GUARD_DELETES", features=("A", "B"))
    text = render(plan_story(plan(*CHANGES, objections=(reason,), held=True), NOON))
    assert "APPROVAL NEEDED" in text
    assert "  1. Much. (GUARD_DELETES)\n      A, B\n" in text
    assert "A sync would change 2 features, add 1 and remove 1." in text
    assert text.index("Much.") < text.index("A sync would")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ((), "Nothing to do: map and file agree."),
        (CHANGES[:1], "A sync would add 1. None changed, none removed."),
        (CHANGES[1:2], "A sync would change 1 feature. None added, none removed."),
        (CHANGES[3:], "A sync would remove 1. None changed, none added."),
        (CHANGES[1:], "A sync would change 2 features and remove 1. None added."),
        ((CHANGES[0], CHANGES[3]), "A sync would add 1 and remove 1. None changed."),
        (CHANGES[:3], "A sync would change 2 features and add 1. None removed."),
    ],
)
def test_what_would_not_happen_is_said_too(changes: tuple[Any, ...], sentence: str) -> None:
    assert sentence in render(plan_story(plan(*changes), NOON)).split("\n")


def test_an_edit_is_told_with_its_save_and_how_to_keep_it() -> None:
    text = render(plan_story(plan(drift=(EDIT,)), NOON))
    assert '! Vénissieux  name  "Vénissieux" → "St Fons"; saved 24 Nov 2026' in text
    assert "To keep the new one: write it in cites.csv, row 6, column nom." in text


@pytest.mark.parametrize(
    ("live", "said"),
    [
        (
            point(4.8680601, 45.73472),
            "To keep the new place: write latitude 45.73472 and longitude 4.86806 in cites.csv, row 6.",
        ),
        (
            {"type": "Point", "coordinates": [-61, 16.25, 20]},
            "To keep the new place: write latitude 16.25 and longitude -61 in cites.csv, row 6.",
        ),
        (
            {"type": "LineString", "coordinates": [[4, 45], [5, 46]]},
            "To keep the new one: write it in cites.csv, row 6.",
        ),
    ],
)
def test_a_point_that_a_person_moved_is_told_with_both_numbers(live: Geometry, said: str) -> None:
    moved = replace(
        EDIT, field=GEOMETRY, header="", base=point(4.8, 45.7), desired=point(4.8, 45.7), live=live
    )
    assert said in render(plan_story(plan(drift=(moved,)), NOON))


def test_of_a_conflict_all_three_values_are_told() -> None:
    clash = replace(EDIT, kind="conflict", desired="VSF")
    text = render(plan_story(plan(drift=(clash,)), NOON))
    assert '"Vénissieux" → "St Fons"' in text
    assert 'the file says "VSF"' in text


@pytest.mark.parametrize(
    ("drift", "said"),
    [
        (EDIT, 'name: put back 3 times running; someone keeps writing "St Fons"'),
        (replace(EDIT, kind="deleted", field=""), "put back 3 times running; someone keeps removing it"),
        (replace(EDIT, field=GEOMETRY), "put back to its place 3 times running; someone keeps moving it"),
    ],
)
def test_a_war_comes_first(drift: Drift, said: str) -> None:
    (war, *_) = plan_story(plan(drift=(replace(drift, times=3),)), NOON).sections
    assert (war.kind, war.lines[0].said) == ("war", (said,))
    assert "war" not in [
        each.kind for each in plan_story(plan(drift=(replace(drift, times=2),)), NOON).sections
    ]


def test_a_changed_setting_of_the_layer_is_news_with_both_values() -> None:
    news = MapNews(settings=(Field("labelKey", "name", "nom"), Field("odd", None, 7)))
    (people,) = plan_story(plan(news_of_map=news), NOON).sections
    assert people.kind == "people"
    assert people.lines[0].said == (Diff(say("label"), "name", "nom"), Diff(say("odd"), None, "7"))
    assert "They are left as they are." in people.lines[0].notes


def test_several_saves_are_counted_with_the_last() -> None:
    told = plan(
        drift=(replace(EDIT, saved=None),), news_of_map=MapNews(saves=(NOON, NOON + timedelta(hours=2)))
    )
    (title,) = titles(plan_story(told, NOON))
    assert "2 saves, the last one" in title


def test_what_else_is_to_know() -> None:
    told = plan(
        *CHANGES,
        same_as=Commit("9" * 40, date=NOON),
        unplaced=("roanne",),
        ids=2,
        news_of_map=MapNews(release="3.9.0", before="3.8.1", tried="3.8.1", new=True, ours=9, kept=10),
        warnings=(say("cites.csv: odd"),),
    )
    text = render(plan_story(told, NOON))
    assert "cites.csv is identical to its version of 24 Nov 2026 (9999999)." in text
    assert "uMap was updated: 3.8.1 → 3.9.0." in text
    assert "uMap 3.9.0 is newer than the newest tried with this umap-bot (3.8.1)." in text
    assert "The map had no layer “" in text
    assert "Of the 10 versions of the layer that uMap keeps, 9 are the bot's" in text
    assert "1 row without coordinates, not on the map yet: roanne" in text
    assert "2 features get an id of uMap's own" in text
    assert "cites.csv: odd" in text


def test_the_versions_are_no_matter_while_people_have_most_of_them() -> None:
    told = plan(*CHANGES, news_of_map=MapNews(ours=7, kept=10))
    assert "versions of the layer" not in render(plan_story(told, NOON))


def test_a_done_run_tells_what_was_done_and_how_to_see_more() -> None:
    text = render(run_story(done(plan(*CHANGES)), NOON))
    assert (
        "Done: 2 of 18 features changed, 1 added and 1 removed, read back and verified (run 42, 1.4 s)."
        in text
    )
    assert "See it: https://u/m_1" in text
    assert "Details: umap-bot show 42" in text


def test_a_failed_run_tells_every_problem_of_the_file() -> None:
    error = joined(
        (say("f.csv has 2 problems:"), say("f.csv, row 3: no id"), say("f.csv, row 9: no id")), "\n"
    )
    story = run_story(run(None, "failed", error=error), NOON)
    assert story.sentence == "Run 42 failed: f.csv has 2 problems:"
    assert [line.said for line in story.sections[0].lines] == [
        ("f.csv, row 3: no id",),
        ("f.csv, row 9: no id",),
    ]


@pytest.mark.parametrize(
    ("ended", "sentence"),
    [
        (run(plan(), "nothing"), "Nothing to do: map and file agree (version 3f9c2ab)."),
        (run(None, "nothing"), "Nothing to do: map and file agree (version 3f9c2ab)."),
        (run(None, "unfinished"), "Run 42 broke off before it could write anything down."),
        (
            run(plan(*CHANGES), "restless"),
            "The map kept changing while we pushed: not everything of the file may",
        ),
    ],
)
def test_the_other_ends(ended: Run, sentence: str) -> None:
    assert str(run_story(ended, NOON).sentence).startswith(sentence)


def test_what_only_puts_the_files_value_back_is_not_told_twice() -> None:
    back = Update(key="venissieux", name="Vénissieux", fields=(Field("name", "St Fons", "Vénissieux"),))
    kinds = [section.kind for section in plan_story(plan(back, drift=(EDIT,)), NOON).sections]
    assert kinds == ["people"]


def test_every_line_of_a_feature_knows_its_place_and_key() -> None:
    story = plan_story(plan(*CHANGES, drift=(EDIT,)), NOON)
    lines = {line.key: line for section in story.sections for line in section.lines}
    assert set(lines) == {"new", "bron", "grenoble", "old", "venissieux"}
    assert all(line.spot is not None for line in lines.values())
    moved, added = lines["grenoble"].spot, lines["new"].spot
    assert moved is not None
    assert added is not None
    assert (moved.before, moved.after) == (point(5.72, 45.18), point(5.7205, 45.18))
    assert (added.before, added.after) == (None, point(4.8, 45.7))


def test_what_people_added_is_left_alone() -> None:
    text = render(
        plan_story(plan(unmanaged=(Unmanaged("Siège", "x"), Unmanaged("", "y", standing=True))), NOON)
    )
    assert "· Siège  added on the map, not in the file: left alone" in text
    assert "(no name)" not in text
