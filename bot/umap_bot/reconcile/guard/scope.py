"""The scope of an objection: the file as a whole, or single features. This is the one place that decides it.

If the file is in doubt, the whole plan waits. If features are, these wait and all the rest goes on. What a
rule finds in single features is a doubt of the file, too, if it finds it in many of them: that is no accident
of one row.
"""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from umap_bot.model.plan import Objection
from umap_bot.reconcile.guard.question import Question

FEW: Final = 3
"""So many features are never the whole file."""

SHARE: Final = 10
"""Percent of the features of ours on the map up to which they are single ones, too."""

ALWAYS: Final = frozenset({"redo", "strayed", "deleted", "drift", "foreign", "clone"})
"""Rules about what people did, one feature at a time: however many, the file is not in doubt."""

IF_FEW: Final = frozenset({"re-keyed", "look-alike", "area", "jump"})
"""Rules that a wrong file would break in many rows at once."""


def scoped(objection: Objection, question: Question) -> Objection:
    """Return the objection with its parts only if these can wait by themselves."""
    context = question.plan.context
    # The first sync of a layer with features settles only at a person's word: from then on policy goes by it.
    first = context.first and context.total > 0
    if question.plan.effects.kind != "sync" or first or not _of_features(objection, context.ours):
        return replace(objection, parts=())
    return objection


def _of_features(objection: Objection, ours: int) -> bool:
    if objection.rule in ALWAYS:
        return True
    count = objection.count
    return objection.rule in IF_FEW and (count <= FEW or 100 * count <= SHARE * ours)
