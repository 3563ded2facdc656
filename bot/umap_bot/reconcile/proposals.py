"""The edits of people that a file can take over: what an outcome finds beside what the file says."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from umap_bot.model.decision import Decision
from umap_bot.model.drift import Drift
from umap_bot.model.layer import GEOMETRY
from umap_bot.model.plan import Plan
from umap_bot.model.proposal import Edit, EditKind
from umap_bot.reconcile.identity import Standing
from umap_bot.reconcile.outcome import Outcome
from umap_bot.reconcile.sides import Sides
from umap_bot.reconcile.slices import content
from umap_bot.reconcile.threeway import feature_name


def edits_of(outcome: Outcome, decisions: Collection[Decision] = ()) -> tuple[Edit, ...]:
    """Return the edits in the order of the file's rows, those of what was added last.

    Left out is what a person gave to the file, or what somebody moved to another layer of it; and whatever
    only the file and the settings decide: the key, columns kept off the map, a policy that puts back what was
    removed. Nothing was edited in a layer that was never synced.
    """
    plan, sides = outcome.plan, outcome.sides
    if plan.context.first:
        return ()
    for_file = {decision.subject[:2] for decision in decisions if decision.side == "file"}
    changed = sorted(
        (edit for drift in plan.context.drift if (edit := _edit(drift, plan, sides))),
        key=lambda edit: (edit.line, edit.key, edit.kind, edit.field),
    )
    kept = [edit for edit in changed if edit.subject not in for_file]
    return (*kept, *_added(plan, sides))


def _edit(drift: Drift, plan: Plan, sides: Sides) -> Edit | None:
    own = {sides.desired.key, *sides.desired.unpublished}
    strayed = {each.key for each in plan.context.strayed}
    if drift.field in own or drift.key in strayed or drift.line is None:
        return None
    if drift.kind == "deleted":
        return _about(drift, "removed") if drift.outcome != "overwrite" else None
    if drift.kind not in ("drift", "conflict"):
        return None
    if drift.field not in (GEOMETRY, *sides.desired.owned):
        return None  # a column that is gone from the file
    return _about(drift, "place" if drift.field == GEOMETRY else "cell")


def _about(drift: Drift, kind: EditKind) -> Edit:
    return Edit(
        kind=kind,
        key=drift.key,
        name=drift.name,
        field=drift.field,
        column=drift.header or drift.field,
        line=drift.line or 0,
        before=drift.desired,
        after=drift.live,
        at=drift.at,
    )


def _added(plan: Plan, sides: Sides) -> Iterator[Edit]:
    """Return the features that people added, but for copies of the file's and what was the file's once."""
    told = {each.content for each in plan.context.unmanaged}
    told -= sides.base.kept.left if sides.base else frozenset()
    copies = {one.place for others in sides.identities.duplicates.values() for one in others}
    strayed = {each.key for each in plan.context.strayed}
    standings = [one for one in sides.identities.unmanaged if one.place not in copies]
    found = [_new(one, sides) for one in standings if content(one.feature) in told]
    yield from sorted(
        (edit for edit in found if (edit.feature.umap_id or "") not in strayed and not edit.feature.unread),
        key=lambda edit: (edit.name, edit.raw),
    )


def _new(standing: Standing, sides: Sides) -> Edit:
    feature = standing.feature
    raw = sides.live.carried.features[standing.place].decode()
    return Edit(kind="added", key="", name=feature_name(None, feature, ""), feature=feature, raw=raw)
