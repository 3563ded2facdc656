"""Features that a person moved to another layer of the file: they stand once, and never twice unasked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from umap_bot.model.change import Create, Delete
from umap_bot.model.drift import Strayed
from umap_bot.model.layer import Layer
from umap_bot.model.plan import Objection, Plan
from umap_bot.reconcile.guard.question import Question
from umap_bot.reconcile.identity import key_of
from umap_bot.reconcile.slices import decode
from umap_bot.text import say, say_n


def looked_for(plan: Plan, desired: Layer) -> frozenset[str]:
    """Return the keys of features that a person may have moved to or from another layer of the file."""
    return frozenset(key for _, key in _suspects(plan, desired))


def marked(plan: Plan, desired: Layer, elsewhere: Mapping[str, str]) -> Plan:
    """Return the plan with the features that were moved.

    `elsewhere` goes from the key of each of those looked for that stands on another layer of the file to that
    layer's name.
    """
    found = [
        Strayed(change.key, change.name, elsewhere.get(key, ""))
        for change, key in _suspects(plan, desired)
        if isinstance(change, Create) == (key in elsewhere)
    ]
    return replace(plan, context=replace(plan.context, strayed=tuple(found))) if found else plan


def strayed(question: Question) -> Iterator[Objection]:
    """A feature would stand on two layers of the file, or on none, since a person moved it."""
    moved = question.plan.context.strayed
    away = [one for one in moved if one.layer]
    here = [one for one in moved if not one.layer]
    if parts := question.parts((one.key, "") for one in away):
        text = say_n(
            "{count} feature of the file was moved on the map to another layer: {moved:, }. If "
            "you approve, it is added here again and also stays there.",
            "{count} features of the file were moved on the map to another layer: {moved:, }. "
            "If you approve, they are added here again and also stay there.",
            len(away),
            moved=tuple(say('{name} (now on "{layer}")', name=one.name, layer=one.layer) for one in away),
        )
        yield Objection("strayed", text, len(away), features=tuple(one.name for one in away), parts=parts)
    if parts := question.parts((one.key, "") for one in here):
        text = say_n(
            "{count} feature was moved here on the map, but the file has it on another layer: "
            "{moved:, }. It is nowhere else, so if you approve, it is removed from the map.",
            "{count} features were moved here on the map, but the file has them on another "
            "layer: {moved:, }. They are nowhere else, so if you approve, they are removed from "
            "the map.",
            len(here),
            moved=tuple(one.name for one in here),
        )
        yield Objection("strayed", text, len(here), features=tuple(one.name for one in here), parts=parts)


def _suspects(plan: Plan, desired: Layer) -> Iterator[tuple[Create | Delete, str]]:
    """Return what would come back, and what of another layer's rows would go, each with the row's key."""
    for change in plan.effects.changes:
        if isinstance(change, Create) and change.recreates:
            yield change, change.key
        elif isinstance(change, Delete) and change.why == "foreign":
            key = key_of(decode(change.raw.encode()), desired.key)
            if key in desired.left_out:
                yield change, key
