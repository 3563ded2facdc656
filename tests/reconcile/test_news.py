"""What is told beside the changes: the map's settings, saves and release, a war, a file seen before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from tests.plans import flat
from tests.reconcile.worlds import ENTRY
from umap_bot.model.change import Field
from umap_bot.model.drift import Drift
from umap_bot.model.layer import Collection, Commit, Live
from umap_bot.model.plan import Plan
from umap_bot.model.policy import Policy
from umap_bot.model.release import NEWEST_TRIED
from umap_bot.model.run import Run
from umap_bot.model.seen import Seen
from umap_bot.model.state import LayerState
from umap_bot.reconcile.news import seen_after, told

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
EMPTY = Collection((), ())


def live(*known: str, **entry: Any) -> Live:
    times = {version: NOON + timedelta(minutes=int(version[1:])) for version in known}
    now = replace(ENTRY, version=known[-1], **entry)
    return Live(now, known[-1], EMPTY, EMPTY, known, times)


def plan(*drift: Drift, commit: Commit | None = None) -> Plan:
    return flat(
        layer_id="l1", layer_name="Layer", map_name="Map", map_url="", version="v1",
        commit=commit or Commit("c" * 40), file="f.csv", key="id", policy=Policy(), first=False, drift=drift,
    )  # fmt: skip


def edit(field: str = "name", value: str = "x", **more: Any) -> Drift:
    return Drift(key="a", name="A", field=field, kind="drift", outcome="overwrite", live=value, **more)


def run(number: int, *drift: Drift) -> Run:
    commit = Commit("c" * 40)
    return Run(
        number=number, layer="l", kind="sync", commit=commit, started=NOON, outcome="done", drift=drift
    )


SEEN = Seen(
    name="Layer", release="3.8.1", settings={"color": "red", "old": 1}, known=("v1", "v2"), ours=("v2",)
)
KNOWN = LayerState(seen=SEEN)


def test_without_memory_there_is_no_news() -> None:
    news = told(plan(), live("v1", "v9", name="Other"), LayerState()).context.news_of_map
    assert (news.settings, news.saves, news.release, news.kept) == ((), (), "", 0)


@pytest.mark.parametrize(
    ("before", "entry", "remade"),
    [
        (ENTRY.layer_id, {}, False),
        ("another", {}, True),
        ("another", {"new": True}, False),  # the map has none, and the first push makes it
        ("", {}, False),  # an umap-bot that did not keep it saw it last
    ],
)
def test_a_layer_that_was_made_anew_is_another(before: str, entry: dict[str, Any], remade: bool) -> None:
    news = told(
        plan(), live("v1", **entry), LayerState(seen=replace(SEEN, layer_id=before))
    ).context.news_of_map
    assert news.remade == remade


def test_settings_that_a_person_changed_are_told_with_both_values() -> None:
    now = live("v2", name="New name", settings={"color": "red", "labelKey": "nom"})
    assert told(plan(), now, KNOWN).context.news_of_map.settings == (
        Field("name", "Layer", "New name"),
        Field("labelKey", UNSET, "nom"),
        Field("old", 1, UNSET),
    )


def test_a_layer_that_was_renamed_is_told_once() -> None:
    """uMap keeps its name among its settings."""
    known = replace(KNOWN, seen=replace(SEEN, settings={"name": "Layer"}))
    now = live("v2", name="New name", settings={"name": "New name"})
    renamed = (Field("name", "Layer", "New name"),)
    assert told(plan(), now, known).context.news_of_map.settings == renamed


def test_a_setting_that_is_spelt_otherwise_is_no_news() -> None:
    now = live("v2", settings={"color": "red", "old": "1", "empty": ""})
    assert told(plan(), now, KNOWN).context.news_of_map.settings == ()


def test_what_the_editor_adds_by_itself_at_a_save_is_no_news() -> None:
    inferred = [{"key": "name", "type": "String"}, {"key": "description", "type": "Text"}]
    added = {"displayOnLoad": True, "inCaption": True, "browsable": True, "remoteData": {}, "rules": []}
    now = live("v2", settings={**SEEN.settings, **added, "fields": inferred})
    assert told(plan(), now, KNOWN).context.news_of_map.settings == ()
    known = replace(KNOWN, seen=replace(SEEN, settings=now.entry.settings))
    assert told(plan(), live("v2", settings=SEEN.settings), known).context.news_of_map.settings == ()


def test_what_a_person_chose_against_a_default_or_as_a_type_is_news() -> None:
    chosen = [{"key": "name", "type": "String"}, {"key": "year", "type": "Number"}, "odd", {"key": "x"}]
    now = live("v2", settings={**SEEN.settings, "browsable": False, "fields": chosen})
    assert told(plan(), now, KNOWN).context.news_of_map.settings == (
        Field("browsable", True, False),
        Field("fields", UNSET, {"year": "Number", "x": None}),
    )


def test_saves_since_are_those_that_are_new_and_not_ours() -> None:
    news = told(plan(), live("v2", "v3", "v4"), KNOWN).context.news_of_map
    assert news.saves == (NOON + timedelta(minutes=3), NOON + timedelta(minutes=4))


@pytest.mark.parametrize(("known", "saved"), [(("v2", "v3"), 3), (("v2", "v3", "v4"), None), (("v2",), None)])
def test_an_edit_has_the_time_of_its_save_if_there_was_one_alone(
    known: tuple[str, ...], saved: int | None
) -> None:
    (drift,) = told(plan(edit()), live(*known), KNOWN).context.drift
    assert drift.saved == (None if saved is None else NOON + timedelta(minutes=saved))


def test_an_edit_that_stands_for_long_has_no_time() -> None:
    (drift,) = told(plan(edit(standing=True)), live("v2", "v3"), KNOWN).context.drift
    assert drift.saved is None


def test_another_release_is_told_with_the_one_before() -> None:
    news = told(plan(), live("v2", release="3.9.0"), KNOWN).context.news_of_map
    assert (news.before, news.release) == ("3.8.1", "3.9.0")
    assert told(plan(), live("v2"), KNOWN).context.news_of_map.release == ""


def test_a_release_that_is_newer_than_any_that_was_tried_is_told_once() -> None:
    first = told(plan(), live("v2", release="99.0"), LayerState()).context.news_of_map
    assert (first.release, first.before, first.tried) == ("99.0", "", NEWEST_TRIED)
    updated = told(plan(), live("v2", release="99.0"), KNOWN).context.news_of_map
    assert (updated.release, updated.before, updated.tried) == ("99.0", "3.8.1", NEWEST_TRIED)
    same = told(
        plan(), live("v2", release="99.0"), LayerState(seen=replace(SEEN, release="99.0"))
    ).context.news_of_map
    assert (same.release, same.before, same.tried) == ("", "", "")
    known = told(plan(), live("v2", release="2.9.3"), LayerState()).context.news_of_map
    assert (known.release, known.before, known.tried) == ("", "", "")


def test_our_share_of_the_versions_is_counted() -> None:
    news = told(plan(), live("v1", "v2", "v3"), KNOWN).context.news_of_map
    assert (news.ours, news.kept) == (1, 3)


def test_a_war_is_the_same_cell_in_run_after_run() -> None:
    history = (run(3, edit(value="y")), run(2, edit()), run(1))
    (drift,) = told(plan(edit()), live("v2"), LayerState(history=history)).context.drift
    assert drift.times == 3


@pytest.mark.parametrize(
    "before",
    [edit("other"), replace(edit(), key="b"), replace(edit(), outcome="keep")],
    ids=["another field", "another feature", "it was kept"],
)
def test_what_is_no_war(before: Drift) -> None:
    (drift,) = told(
        plan(edit()), live("v2"), LayerState(history=(run(2, before), run(1, edit())))
    ).context.drift
    assert drift.times == 1


def test_what_is_kept_is_never_a_war() -> None:
    kept = replace(edit(), outcome="keep")
    (drift,) = told(plan(kept), live("v2"), LayerState(history=(run(1, kept),))).context.drift
    assert drift.times == 0


def commit(sha: str, blob: str) -> Commit:
    return Commit(sha * 40, blob=blob)


def test_a_file_that_is_an_earlier_one_is_told_with_the_newest_of_these() -> None:
    published = (commit("3", "B"), commit("2", "A"), commit("1", "A"))
    assert (
        told(plan(commit=commit("4", "A")), live("v2"), LayerState(published=published)).context.same_as
        == published[1]
    )


@pytest.mark.parametrize(
    "published",
    [(), (commit("3", "A"), commit("2", "B"), commit("1", "A")), (commit("3", ""), commit("2", "A"))],
    ids=["nothing before", "the last one has it too", "the last one is not known"],
)
def test_a_file_that_is_no_earlier_one(published: tuple[Commit, ...]) -> None:
    assert (
        told(plan(commit=commit("4", "A")), live("v2"), LayerState(published=published)).context.same_as
        is None
    )


@pytest.mark.parametrize(
    ("now", "published", "replaces"),
    [
        (commit("4", "B"), (commit("3", "A"), commit("2", "B")), commit("3", "A")),
        (commit("4", "A"), (commit("3", "A"),), None),
        (commit("4", "A"), (), None),
        (commit("4", ""), (commit("3", "A"),), None),
        (commit("4", "A"), (commit("3", ""),), None),
    ],
    ids=["another", "the same", "nothing before", "not known", "the last one is not known"],
)
def test_a_file_that_replaces_another_one(
    now: Commit, published: tuple[Commit, ...], replaces: Commit | None
) -> None:
    assert told(plan(commit=now), live("v2"), LayerState(published=published)).context.replaces == replaces


def test_no_news_changes_the_code_of_a_plan() -> None:
    bare = plan(edit())
    full = told(
        bare, live("v2", "v3", release="9", name="N"), LayerState(seen=SEEN, history=(run(1, edit()),))
    )
    assert full.digest == bare.digest


def test_what_a_settled_run_has_seen() -> None:
    now = live("v2", "v3", "v4", settings={"color": "blue"})
    seen = seen_after(now, SEEN, pushed=True)
    assert seen == Seen("Layer", "3.8.1", {"color": "blue"}, ("v2", "v3", "v4"), ("v2", "v4"), ENTRY.layer_id)
    assert seen_after(now, SEEN, pushed=False).ours == ("v2",)
    assert seen_after(now, None, pushed=False).ours == ()


def test_after_it_nothing_of_that_is_news() -> None:
    now = live("v2", "v3", "v4", settings={"color": "blue"}, release="9")
    news = told(plan(edit()), now, LayerState(seen=seen_after(now, SEEN, pushed=False))).context.news_of_map
    assert (news.settings, news.saves, news.release) == ((), (), "")
