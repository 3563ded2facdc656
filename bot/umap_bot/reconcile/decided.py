"""What a person decided, as a plan meets it: which decisions hold, which are over, what a run decides so."""

from __future__ import annotations

from collections.abc import Iterable, Set

from umap_bot.model.change import Change, Delete
from umap_bot.model.decision import Decision
from umap_bot.model.part import parts_of, split
from umap_bot.model.plan import Plan
from umap_bot.reconcile.slices import content, decode


def over(decisions: Iterable[Decision], settled: Plan) -> tuple[Decision, ...]:
    """Return the decisions that are over after a run of the newest file settled on this plan.

    Both sides agree by now, or one of them says something else, or the feature is gone: the plan has no such
    part any more, and nothing that policy leaves there either.
    """
    verdict = settled.verdict
    parts = {
        part
        for change in (*settled.effects.changes, *verdict.kept, *verdict.waiting)
        for part in parts_of(change)
    }
    left = {(drift.key, drift.field) for drift in settled.context.drift if drift.outcome == "keep"}
    added = {theirs.content for theirs in settled.context.unmanaged}
    return tuple(
        decision
        for decision in decisions
        if decision.part not in parts
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
