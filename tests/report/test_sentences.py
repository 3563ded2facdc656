"""What is told of a plan and a run: the order of design and mock-ups, each kind of news, nothing left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from tests.plans import but, flat
from umap_bot.model.canon import Geometry
from umap_bot.model.change import Create, Delete, Field, Move, Update
from umap_bot.model.decision import Decision, Waiting
from umap_bot.model.drift import Drift, MapNews, Unmanaged
from umap_bot.model.layer import GEOMETRY, Commit
from umap_bot.model.part import parts_of
from umap_bot.model.plan import Objection, Plan
from umap_bot.model.policy import Policy
from umap_bot.model.run import Run
from umap_bot.report.formats.terminal import render
from umap_bot.report.log import log_lines
from umap_bot.report.settling import settlers
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
        unplaced=("roanne",), bad_rows=(say("row 4: id is empty"),), bad_row_count=1,
    )  # fmt: skip
    assert [section.kind for section in plan_story(told, NOON).sections] == [
        "rows", "war", "people", "file", "added", "removed", "purpose", "know",
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
        ((), "Nothing to do: the map is up to date."),
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
    assert '! Vénissieux  nom  "Vénissieux" → "St Fons"; saved 24 Nov 2026' in text
    assert "To keep the new value: enter it in cites.csv, row 6, column nom." in text


@pytest.mark.parametrize(
    ("live", "said"),
    [
        (
            point(4.8680601, 45.73472),
            "To keep the new position: enter latitude 45.73472 and longitude 4.86806 in cites.csv, row 6.",
        ),
        (
            {"type": "Point", "coordinates": [-61, 16.25, 20]},
            "To keep the new position: enter latitude 16.25 and longitude -61 in cites.csv, row 6.",
        ),
        (
            {"type": "LineString", "coordinates": [[4, 45], [5, 46]]},
            "To keep the new value: enter it in cites.csv, row 6.",
        ),
    ],
)
def test_a_point_that_a_person_moved_is_told_with_both_numbers(live: Geometry, said: str) -> None:
    moved = replace(
        EDIT, field=GEOMETRY, header="", base=point(4.8, 45.7), desired=point(4.8, 45.7), live=live
    )
    assert said in render(plan_story(plan(drift=(moved,)), NOON))
    numbers, where, rest = said.partition(" in cites")
    commas = plan_story(plan(drift=(moved,), decimal=","), NOON)
    assert f"{numbers.replace('.', ',')}{where}{rest}" in render(commas)


def test_of_a_conflict_all_three_values_are_told() -> None:
    clash = replace(EDIT, kind="conflict", desired="VSF")
    text = render(plan_story(plan(drift=(clash,)), NOON))
    assert '"Vénissieux" → "St Fons"' in text
    assert 'the file says "VSF"' in text


@pytest.mark.parametrize(
    ("drift", "said"),
    [
        (EDIT, 'nom: restored 3 times in a row; someone keeps writing "St Fons"'),
        (replace(EDIT, kind="deleted", field=""), "restored 3 times in a row; someone keeps removing it"),
        (replace(EDIT, field=GEOMETRY), "moved back 3 times in a row; someone keeps moving it"),
    ],
)
def test_a_war_comes_first(drift: Drift, said: str) -> None:
    (war, *_) = plan_story(plan(drift=(replace(drift, times=3),)), NOON).sections
    assert (war.kind, war.lines[0].said) == ("war", (said,))
    assert "war" not in [
        each.kind for each in plan_story(plan(drift=(replace(drift, times=2),)), NOON).sections
    ]


def test_a_changed_setting_of_the_layer_is_news_with_both_values() -> None:
    news = MapNews(
        settings=(
            Field("labelKey", "name", "nom"),
            Field("odd", None, 7),
            Field("browsable", True, False),
            Field("remoteData", msgspec.UNSET, {"url": "https://e.org/x", "format": "csv", "ttl": None}),
            Field("rules", [{"condition": "a=1", "options": {"color": "red"}}, "b"], []),
        )
    )
    (people,) = plan_story(plan(news_of_map=news), NOON).sections
    assert people.kind == "people"
    assert people.lines[0].said == (
        Diff(say("label"), "name", "nom"),
        Diff(say("odd"), None, "7"),
        say("browsable data: turned off"),
        Diff(say("remote data"), None, "url: https://e.org/x, format: csv"),
        Diff(say("conditional styles"), "condition: a=1, options: color: red; b", None),
    )
    assert "They are left untouched." in people.lines[0].notes


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
    assert "uMap 3.9.0 has not been tested with this version of umap-bot (newest tested: 3.8.1)." in text
    assert "The map had no layer “" in text
    assert "Of the 10 versions of the layer that uMap keeps, 9 are from the bot" in text
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
    assert "See the map: https://u/m_1" in text
    assert "Details: umap-bot show 42" in text


@pytest.mark.parametrize("outcome", ["done", "restless", "unfinished"])
def test_who_approved_is_told_below_the_version_of_the_file(outcome: str) -> None:
    approved = replace(done(plan(*CHANGES)), outcome=outcome, approved_by="Anne\x1b[2J", approved_at=NOON)
    lines = render(run_story(approved, NOON)).splitlines()
    assert lines[1].startswith("File cites.csv, version 3f9c2ab")
    assert lines[2] == "Approved by Anne\\u001b[2J, 24 Nov 2026 12:00"
    (line,) = log_lines([approved])
    assert str(line).endswith(" · approved by Anne\x1b[2J, 24 Nov 2026 12:00")


GONE = Create(key="lyon", name="Lyon", properties={"id": "lyon"}, geometry=None)
DELETED = Drift(key="lyon", name="Lyon", field="", kind="deleted", outcome="hold", line=12)


def asking(*changes: Any) -> Plan:
    """A plan that goes on, but for a feature that somebody removed."""
    asked = plan(*changes, GONE, drift=(DELETED,)).asking(parts_of(GONE))
    reason = Objection("deleted", say("Somebody removed it."), 1, features=("Lyon",), parts=parts_of(GONE))
    return but(asked, objections=(reason,))


def waits(told: Plan, outcome: Any = "held", **more: Any) -> Run:
    return run(told, outcome, code=3, **more)


def test_what_was_done_comes_before_what_waits() -> None:
    told = asking(CHANGES[1])
    ended = waits(told, "done", applied=(CHANGES[1],), drift=(DELETED,), pushes=1)
    story = run_story(ended, NOON)
    assert story.sentence == (
        "Done: 1 of 18 features changed, read back and verified (run 42, 1.4 s). 1 change needs your "
        "approval."
    )
    assert [section.kind for section in story.sections] == ["why", "people", "file", "acts"]
    assert "See the map: https://u/m_1" in story.end
    foretold = plan_story(told, NOON)
    assert foretold.sentence == "A sync would change 1 feature. 1 change needs your approval."
    assert foretold.end[0].startswith("Nothing was written. To apply the rest: umap-bot sync · ")


def test_a_run_that_only_waits_does_not_say_that_map_and_file_agree() -> None:
    story = run_story(waits(asking()), NOON)
    assert story.sentence == "Nothing was changed. 1 change needs your approval."
    assert "It needs your approval." in render(story)
    assert plan_story(asking(), NOON).sentence.startswith("No feature would change. 1 change needs")


def test_an_idle_run_says_what_still_waits_and_since_when() -> None:
    since = Waiting(asked="", run=41, since=NOON, features=1)
    text = render(run_story(waits(asking(CHANGES[1]), number=0, waiting=since), NOON))
    assert "Nothing new. 1 change still needs your approval, since 24 Nov 2026" in text
    assert "(run 41)." in text
    assert "~ Bron" not in text  # what the run that asked did is not done again
    assert "What you can do\n  → Leave it off the map: umap-bot keep lyon" in text


@pytest.mark.parametrize(("code", "how"), [(0, "settled by run 46"), (3, "superseded by run 46")])
def test_a_question_that_is_no_more_is_told_as_settled(code: int, how: str) -> None:
    later = run(plan(CHANGES[0]).holding(), "held" if code else "done", number=46, code=code)
    for asked in (waits(asking()), waits(plan(*CHANGES, objections=asking().verdict.objections).holding())):
        story = run_story(asked, NOON, settler=later)
        assert story.sentence.endswith(f"({how}: umap-bot show 46)")
        assert "NEEDED" not in story.sentence
        assert "waits for" not in story.sentence
        assert titles(story)[0] == "Why approval was needed"
        assert "acts" not in [section.kind for section in story.sections]
        assert settlers((later, asked)) == {42: later}
        line = log_lines((later, asked))[1]
        assert line.endswith(f" · {how}")
        assert line == log_lines((asked,), later=(later,))[0]
        assert "NEEDED" not in line
        assert "waits for" not in line
        assert asked.plan
        assert asked.plan.code not in line


def test_what_a_settled_question_was_about_is_told_as_what_did_not_happen() -> None:
    asked = waits(plan(*CHANGES, GONE, objections=asking().verdict.objections).holding())
    later = run(plan(), "nothing", number=46)
    assert not [title for title in titles(run_story(asked, NOON, settler=later)) if "ould be" in title]
    assert [title for title in titles(run_story(asked, NOON)) if "Would be" in title]


def test_a_question_stands_while_runs_fail_or_ask_the_same() -> None:
    asked = waits(asking())
    same = replace(asked, number=43)
    other = replace(run(plan(), "nothing"), number=44, layer="other")
    rollback = replace(run(plan(), "done"), number=45, kind="rollback")
    assert settlers((asked, same, replace(run(None, "failed"), number=46), other, rollback)) == {}


def test_what_a_person_decided_to_keep_stands_with_who_and_when() -> None:
    moved = CHANGES[2]
    left = plan(GONE, moved, drift=(DELETED,)).leaving([*parts_of(GONE), *parts_of(moved)])
    said = (
        Decision(side="map", change=GONE, by="Anne", at=NOON),
        Decision(side="map", change=moved, by="", at=NOON),
    )
    (purpose,) = plan_story(but(left, decided=said), NOON).sections
    lines = {str(line.name): "; ".join(map(str, line.said)) for line in purpose.lines}
    assert purpose.kind == "purpose"
    assert lines["Lyon"].startswith("removed from the map, and left off it; decided by Anne, 24 Nov 2026")
    assert lines["Grenoble"].startswith("stays where it is on the map (in the file: moved ")
    assert "decided 24 Nov 2026" in lines["Grenoble"]


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
        (run(plan(), "nothing"), "Nothing to do: the map is up to date (version 3f9c2ab)."),
        (run(None, "nothing"), "Nothing to do: neither the file nor the map has changed (version 3f9c2ab)."),
        (run(None, "unfinished"), "Run 42 was interrupted before it could record anything."),
        (
            run(plan(*CHANGES), "restless"),
            "The map kept changing during the sync: some changes from the file may not",
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
    assert "· Siège  added on the map, not in the file: left untouched" in text
    assert "(no name)" not in text


def test_columns_are_called_as_in_the_file_and_features_stand_in_natural_order() -> None:
    added = tuple(
        Create(key=f"k{number}", name=f"Place {number}", properties={"town": "x"}, geometry=None)
        for number in (1, 10, 2)
    )
    renamed = Update(key="a", name="A", fields=(Field("name", "B", "A"),), context={"town": "Bron"})
    told = render(plan_story(plan(*added, renamed, headers={"name": "Nom", "town": "Ville"}), NOON))
    assert [line.split("  ")[1] for line in told.splitlines() if line.startswith("  +")] == [
        "+ Place 1", "+ Place 2", "+ Place 10"
    ]  # fmt: skip
    assert '~ A  Nom  "B" → "A"\n      (Ville Bron)' in told
    assert '+ Place 2   Ville "x"' in told


@pytest.mark.parametrize(
    ("name", "key", "told"),
    [
        ("Bron", "25", "Bron"),
        ("lyon-8e", "lyon-8e", "lyon-8e"),
        ("25", "25", "25 (at 45.70000, 4.80000)"),
        ("", "25", "(no name, at 45.70000, 4.80000)"),
        ("", "", "(no name, at 45.70000, 4.80000)"),
    ],
)
def test_a_feature_without_a_name_is_known_by_its_place(name: str, key: str, told: str) -> None:
    gone = Delete(key=key, name=name, raw="", at=(4.8, 45.7))
    assert f"  - {told}  " in render(plan_story(plan(gone), NOON))


def test_a_feature_of_nobody_without_a_name_is_known_by_its_place() -> None:
    theirs = (Unmanaged("", "x", "u", at=(4.8, 45.7)), Unmanaged("", "y", "v"))
    told = render(plan_story(plan(unmanaged=theirs), NOON))
    assert "  · (no name, at 45.70000, 4.80000)  added on the map" in told
    assert "  · (no name)  " in told


def test_a_row_of_another_layer_is_not_gone_from_the_file() -> None:
    edited = replace(EDIT, kind="edited", outcome="overwrite")
    gone = Delete(key=EDIT.key, name=EDIT.name, raw="")
    told = render(plan_story(plan(gone, drift=(edited,), moved=(EDIT.key,)), NOON))
    assert "Its row is on another layer now, so the feature is removed" in told
    assert f"its row ({EDIT.key}) is on another layer now" in told
    assert "no longer in the file" not in told
