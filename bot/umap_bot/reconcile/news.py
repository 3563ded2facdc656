"""What there is to tell beside the changes: what became of the map, an edit war, a file seen before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Final

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from umap_bot.model.canon import Value, canonical
from umap_bot.model.change import Field
from umap_bot.model.drift import Drift, MapNews
from umap_bot.model.layer import Commit, Entry, Live
from umap_bot.model.plan import Plan
from umap_bot.model.release import beyond_tried
from umap_bot.model.seen import Seen
from umap_bot.model.state import LayerState

_Cell = tuple[str, str, str]

NAME: Final = "name"
"""The layer's name, told as one of its settings."""

UNSAID: Final[Mapping[str, Value]] = {"displayOnLoad": True, "inCaption": True, "browsable": True}
"""What a layer is without a word about it. uMap's editor writes it out at each save (protocol 12)."""

FIELDS: Final = "fields"
"""The columns that uMap's editor found among the features, with their types."""

INFERRED: Final = frozenset({"String", "Text"})
"""The types that uMap's editor gives to columns by itself; any other one somebody chose."""


def told(plan: Plan, live: Live, state: LayerState) -> Plan:
    """Return the plan with its news. No news changes what a plan does, nor its digest."""
    news = _of_map(live, state.seen) if state.seen else _at_first(live)
    alone = news.saves[0] if len(news.saves) == 1 else None
    earlier = [{_cell(each) for each in run.drift} for run in state.history]
    drift = tuple(
        replace(each, times=_times(each, earlier), saved=alone if each.news else None)
        for each in plan.context.drift
    )
    same_as, replaces = (
        _same(plan.context.commit, state.published),
        _replaced(plan.context.commit, state.published),
    )
    return replace(
        plan,
        context=replace(plan.context, drift=drift, news_of_map=news, same_as=same_as, replaces=replaces),
    )


def seen_after(live: Live, before: Seen | None, *, pushed: bool) -> Seen:
    """Return what a run that settles on `live` has seen. `pushed`: the version that stands is its own."""
    ours = {*(before.ours if before else ()), *((live.version,) if pushed else ())}
    entry = live.entry
    return Seen(
        name=entry.name,
        release=entry.release,
        settings=entry.settings,
        known=live.known,
        ours=tuple(version for version in live.known if version in ours),
        layer_id=entry.layer_id,
    )


def _at_first(live: Live) -> MapNews:
    """Tell what there is to tell of a map that was not seen before: a uMap that we do not know yet."""
    tried = beyond_tried(live.entry.release)
    return MapNews(release=live.entry.release if tried else "", tried=tried, new=live.entry.new)


def _of_map(live: Live, seen: Seen) -> MapNews:
    entry = live.entry
    new = [version for version in live.known if version not in {*seen.known, *seen.ours}]
    updated = entry.release != seen.release
    return MapNews(
        settings=tuple(_settings(entry, seen)),
        saves=tuple(sorted(live.times[version] for version in new if version in live.times)),
        release=entry.release if updated else "",
        before=seen.release if updated else "",
        tried=beyond_tried(entry.release) if updated else "",
        new=entry.new,
        remade=is_remade(entry, seen),
        ours=sum(version in seen.ours for version in live.known),
        kept=len(live.known),
    )


def is_remade(entry: Entry, seen: Seen) -> bool:
    """Tell whether the layer was deleted since, and another of its name made."""
    return not entry.new and seen.layer_id not in {"", entry.layer_id}


def _settings(entry: Entry, seen: Seen) -> Iterable[Field]:
    if entry.name != seen.name:
        yield Field(NAME, seen.name, entry.name)
    before, now = _chosen(seen.settings), _chosen(entry.settings)
    for name in sorted({*before, *now} - {NAME}):  # told already, also where uMap keeps it among these
        if canonical(before.get(name)) != canonical(now.get(name)):
            yield Field(name, _or_unset(before, name), _or_unset(now, name))


def _chosen(settings: Mapping[str, Value]) -> dict[str, Value]:
    """Return the settings that somebody may have chosen, without what uMap's editor adds by itself."""
    told = {name: value for name, value in {**UNSAID, **settings}.items() if value not in ([], {})}
    types = _chosen_types(told.pop(FIELDS, None))
    return {**told, FIELDS: types} if types else told


def _chosen_types(fields: Value) -> dict[str, Value]:
    listed = [each for each in fields if isinstance(each, dict)] if isinstance(fields, list) else []
    return {str(each.get("key")): each.get("type") for each in listed if each.get("type") not in INFERRED}


def _or_unset(settings: dict[str, Value], name: str) -> Value | msgspec.UnsetType:
    return settings.get(name, UNSET)


def _times(drift: Drift, earlier: list[set[_Cell]]) -> int:
    """Return in how many runs running this cell, or the whole feature, was put back, this time too."""
    if not drift.news or drift.outcome != "overwrite" or drift.kind == "edited":
        return 0
    return 1 + sum(1 for _ in takewhile(lambda cells: _cell(drift) in cells, earlier))


def _cell(drift: Drift) -> _Cell:
    return drift.key, drift.field, drift.outcome


def _replaced(commit: Commit, published: tuple[Commit, ...]) -> Commit | None:
    """Return the version that was published last, if it is known to have another file."""
    last = published[0] if published else None
    return last if last and commit.blob and last.blob not in {"", commit.blob} else None


def _same(commit: Commit, published: tuple[Commit, ...]) -> Commit | None:
    """Return the newest earlier version with just this file, if the one before this has another."""
    if _replaced(commit, published) is None:
        return None
    return next((each for each in published if each.blob == commit.blob), None)
