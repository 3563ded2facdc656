"""Which later run settled what an earlier one asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from umap_bot.model.run import Outcome, Run
from umap_bot.text import Text, say

CAME_TO_A_PLAN: Final[frozenset[Outcome]] = frozenset({"done", "nothing", "held"})


def settlers(runs: Iterable[Run]) -> dict[int, Run]:
    """Return for the number of each run that asked something the run after which it is asked no more.

    That one was told the answer, or found nothing to ask, or asks something else. `runs` are of any layers.
    """
    open_: defaultdict[tuple[str, str], list[Run]] = defaultdict(list)
    found: dict[int, Run] = {}
    for run in sorted(runs, key=lambda each: each.number):
        if run.outcome not in CAME_TO_A_PLAN:
            continue
        asked = open_[run.layer, run.kind]
        found |= {each.number: run for each in asked if _question(each) != _question(run)}
        open_[run.layer, run.kind] = [each for each in asked if each.number not in found]
        if run.waits:
            open_[run.layer, run.kind].append(run)
    return found


def settled(by: Run) -> Text:
    """Return what became of a question."""
    if by.waits:
        return say("superseded by run {number}", number=by.number)
    return say("settled by run {number}", number=by.number)


def _question(run: Run) -> str:
    return run.plan.question if run.waits and run.plan else ""
