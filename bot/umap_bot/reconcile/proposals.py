"""The edits of people that a file can take over: what an outcome finds beside what the file says."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from msgspec import UNSET

from umap_bot.model.canon import Canon, canonical, canonical_geometry, digest
from umap_bot.model.change import Create, Delete, Update
from umap_bot.model.decision import Decision
from umap_bot.model.drift import Drift
from umap_bot.model.layer import GEOMETRY, Layer
from umap_bot.model.plan import Plan
from umap_bot.model.proposal import Edit, EditKind
from umap_bot.reconcile.identity import Standing
from umap_bot.reconcile.outcome import Outcome
from umap_bot.reconcile.sides import Sides
from umap_bot.reconcile.slices import content, decode
from umap_bot.reconcile.threeway import feature_name
from umap_bot.text import Text, say_n


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


def asked_of(decisions: Collection[Decision]) -> frozenset[tuple[str, str, str]]:
    """Return the cells, with the digest of what the map held, whose proposal was refused, or for which a
    person then let the file win."""
    return frozenset(
        (decision.part.key, decision.part.cell, digest(live))
        for decision in decisions
        if decision.side in ("refused", "file") and isinstance(decision.change, Update)
        for live in _live(decision.change)
    )


def _live(update: Update) -> Iterator[Canon]:
    """Return what the map holds in the one cell that an update is about."""
    if update.move:
        yield canonical_geometry(update.move.before)
    for field in update.fields:
        yield canonical(None if field.before is UNSET else field.before)


def told_of_proposals(plan: Plan, decisions: Collection[Decision], desired: Layer) -> Iterator[Text]:
    """Tell what became of proposals: which branch waits for a merge, was merged, or was deleted instead."""
    differing = {(drift.key, drift.field) for drift in plan.context.drift}
    added = {each.content for each in plan.context.unmanaged}
    for branch in dict.fromkeys(each.by for each in decisions if each.side == "proposed"):
        own = [each for each in decisions if each.side == "proposed" and each.by == branch]
        waiting = [each for each in own if _differs(each, differing, added)]
        merged = [each for each in own if each not in waiting and _is_in_file(each, desired)]
        if waiting:
            yield say_n(
                "{count} edit made on the map is proposed on the branch {branch}; the map keeps it.",
                "{count} edits made on the map are proposed on the branch {branch}; the map keeps them.",
                len(waiting),
                branch=branch,
            )
        if merged:
            yield say_n(
                "{count} edit that was proposed on the branch {branch} is in the file now.",
                "{count} edits that were proposed on the branch {branch} are in the file now.",
                len(merged),
                branch=branch,
            )
    refused = [each for each in decisions if each.side == "refused" and _differs(each, differing, added)]
    for branch in dict.fromkeys(each.by for each in refused):
        yield say_n(
            "The branch {branch} was deleted without a merge: {count} edit made on the map was refused.",
            "The branch {branch} was deleted without a merge: {count} edits made on the map were refused.",
            sum(each.by == branch for each in refused),
            branch=branch,
        )


def _differs(decision: Decision, differing: Collection[tuple[str, str]], added: Collection[str]) -> bool:
    change = decision.change
    if isinstance(change, Delete):
        return content(decode(change.raw.encode())) in added
    return (decision.part.key, decision.part.cell) in differing


def _is_in_file(decision: Decision, desired: Layer) -> bool:
    """Tell whether the file says what was proposed."""
    change, row = decision.change, desired.rows.get(decision.part.key)
    if isinstance(change, Create):
        return row is None
    if isinstance(change, Delete) or row is None:
        return isinstance(change, Delete)
    cell = decision.part.cell
    own = canonical_geometry(row.geometry) if cell == GEOMETRY else canonical(row.properties.get(cell))
    return own in _live(change)


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
        is_asked=drift.outcome == "hold",
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
