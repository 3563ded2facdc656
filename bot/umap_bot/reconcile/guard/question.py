"""What the guard's rules are asked about, and the words they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Final, TypeAlias

import msgspec

from umap_bot.model.change import Change
from umap_bot.model.layer import Live
from umap_bot.model.part import Part, parts_of
from umap_bot.model.plan import Effects, Objection, Plan
from umap_bot.model.policy import Limit, Limits
from umap_bot.model.run import Run
from umap_bot.text import Text, say, say_n


class Question(msgspec.Struct, frozen=True):
    """What a rule is asked about. `decided` are parts that a person said a word on, and `plan` is without
    them: a half of a pair tells about the other one."""

    plan: Plan
    live: Live
    limits: Limits
    history: tuple[Run, ...]
    decided: tuple[Change, ...] = ()

    @property
    def whole(self) -> Effects:
        """What the plan would do, and what was decided."""
        return self.plan.doing((*self.plan.effects.changes, *self.decided)).effects

    def parts(self, cells: Iterable[tuple[str, str]]) -> tuple[Part, ...]:
        """Return the parts of the plan that are about these: key and cell, "" for all of a feature."""
        asked = set(cells)
        keys = {key for key, _ in asked}
        return tuple(
            part
            for change in self.plan.effects.changes
            if change.key in keys
            for part in parts_of(change)
            # By the change's key: the part of what a person added has none.
            if {(change.key, part.cell), (change.key, "")} & asked
        )


_DECIMALS: Final = 10
"""What `.12g` shows of a percentage, at the most."""

Rule: TypeAlias = Callable[[Question], Iterator[Objection]]


def changes_beside_renumbered(plan: Plan) -> Iterator[Change]:
    """Return the changes but those that merely follow from ids that were numbered again, which is told."""
    renumbered = {key for each in plan.context.renumbered for key in (each.before, each.after)}
    return (change for change in plan.effects.changes if change.key not in renumbered)


def features(count: int) -> Text:
    return say_n("{count} feature", "{count} features", count)


def share(count: int, total: int, limit: Limit) -> Text:
    """Return what share of the total a count above the limit is, as it stands after the numbers.

    It has as many decimals as show that it is above. Nothing of nothing, nor beside a number of features.
    """
    if not total or limit.unit == "features":
        return Text("")
    exact = Decimal(100 * count) / total
    rounded = (round(exact, decimals) for decimals in range(_DECIMALS))
    shown = next((each for each in rounded if each > limit.most), exact)
    return say(" ({percent:.12g} %)", percent=float(shown))


def limited(limit: Limit) -> Text:
    """Return a limit in the unit in which it was set."""
    if limit.unit == "features":
        return features(int(limit.most))
    return say("{percent:.12g} %", percent=float(limit.most))


def limited_from(limit: Limit, floor: int = 1) -> Text:
    """Return a limit with the number of features that it allows however small the map is."""
    said = limited(limit)
    return said if limit.unit == "features" else say("{limit} (at least {floor})", limit=said, floor=floor)
