"""What a person decided, as a plan meets it: which decisions hold, which are over, what a run decides so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Set

from umap_bot.model.change import Change, Delete
from umap_bot.model.decision import Decision, Side
from umap_bot.model.part import Part, parts_of, split
from umap_bot.model.plan import Plan
from umap_bot.reconcile.slices import content, decode


def decided(plan: Plan, decisions: Collection[Decision], side: Side) -> frozenset[Part]:
    """Return the parts of a plan for which a person decided so."""
    made = [decision for decision in decisions if decision.side == side]
    asked = _parts_of(plan.effects.changes, made)
    return frozenset(part for part in asked if any(decision.holds_for(part) for decision in made))


def is_wanted(plan: Plan, by: Plan) -> bool:
    """Tell whether another plan, or what waits of it, is about everything that this one would do: the same
    cells and features, whatever their values."""
    wanted = {_subject(part) for change in _all(by) for part in parts_of(change)}
    return all(_subject(part) in wanted for change in plan.effects.changes for part in parts_of(change))


def _all(plan: Plan) -> tuple[Change, ...]:
    return (*plan.effects.changes, *plan.verdict.waiting)


def _subject(part: Part) -> tuple[str, ...]:
    return (part.kind, part.key, part.cell) if part.key else (part.kind, part.value)


def answering(plan: Plan, decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Return the decisions that the file wins by which a plan does something that was asked."""
    parts = [part for change in plan.effects.changes for part in parts_of(change)]
    return tuple(
        each for each in decisions if each.side == "file" and any(each.holds_for(part) for part in parts)
    )


def over(
    decisions: Collection[Decision], settled: Plan, stands: Callable[[str], bool]
) -> tuple[Decision, ...]:
    """Return the decisions that are over after a run of the newest file settled on this plan. `stands` tells
    whether a feature of that key was on the map.

    Both sides agree by now, or one of them says something else, or the feature is gone: the plan has no such
    part any more, and nothing that policy leaves there either. What stays off the map does so until it stands
    there: a file that lost its row for a day must not bring it back.
    """
    verdict = settled.verdict
    parts = _parts_of((*settled.effects.changes, *verdict.kept, *verdict.waiting), decisions)
    left = {(drift.key, drift.field) for drift in settled.context.drift if drift.outcome == "keep"}
    added = {theirs.content for theirs in settled.context.unmanaged}
    return tuple(
        decision
        for decision in decisions
        if not any(decision.holds_for(part) for part in parts)
        and (stands(decision.part.key) or not decision.stays_off)
        and (decision.part.key, decision.part.cell) not in left
        and not _stands(decision.change, added)
    )


def _stands(change: Change, added: Set[str]) -> bool:
    """Tell whether what would go is among what people added and policy lets be."""
    return (
        isinstance(change, Delete)
        and change.why == "foreign"
        and content(decode(change.raw.encode())) in added
    )


def _parts_of(changes: Iterable[Change], decisions: Iterable[Decision]) -> set[Part]:
    """Return the parts of those features on which something was decided."""
    keys = {decision.part.key for decision in decisions}
    added = "" in keys  # what people drew is known by what it holds
    return {part for change in changes if added or change.key in keys for part in parts_of(change)}


def named(plan: Plan, keys: Iterable[str], field: str = "") -> tuple[Change, ...]:
    """Return the parts of a plan, one in each change, of the features with these keys; of all without any.

    `field` is a property's name or GEOMETRY, and "" for all that is asked of a feature.
    """
    wanted = set(keys)
    return tuple(
        alone
        for change in plan.effects.changes
        if not wanted or change.key in wanted
        for part in parts_of(change)
        if field in ("", part.cell)
        for alone in split((change,), (part,))[1]
    )


def left_by_option(usual: Plan, this: Plan) -> tuple[Change, ...]:
    """Return what a plan leaves by its policy, one part in each change, that the plan of the usual policy
    would do.

    A run with an option such as `--drift keep` decides so, as if each part had been named.
    """
    asked = (*this.effects.changes, *this.verdict.waiting, *this.verdict.kept)
    does = {part for change in asked for part in parts_of(change)}
    return tuple(each for each in named(usual, ()) if parts_of(each)[0] not in does)
