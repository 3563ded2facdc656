"""One message for a whole pass, where one a layer would be too many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from umap_bot.model.plan import Plan, pass_digest
from umap_bot.notify.decision import Kind
from umap_bot.notify.message import Message
from umap_bot.notify.place import Place
from umap_bot.text import Text, joined, say, say_n

ORDER: Final[tuple[Kind, ...]] = ("trouble", "held", "recovery", "change", "heartbeat")
"""The worst first."""

COUNTED: Final[dict[Kind, Callable[[int], Text]]] = {
    "trouble": lambda count: say_n("{count} in trouble", "{count} in trouble", count),
    "held": lambda count: say_n("{count} waiting for you", "{count} waiting for you", count),
    "recovery": lambda count: say_n("{count} working again", "{count} working again", count),
    "change": lambda count: say_n("{count} changed", "{count} changed", count),
    "heartbeat": lambda count: say_n("{count} well", "{count} well", count),
}

Item: TypeAlias = tuple[Kind, Message]
"""What there is to tell of one layer, and the gravest of its kinds."""


def summary_of(items: Sequence[Item], place: Place, held: Sequence[Plan], lost: tuple[Text, ...]) -> Message:
    """Return counts, and a line a layer. `held` are the plans of the pass that wait for a person."""
    ranked = sorted(items, key=lambda item: ORDER.index(item[0]))
    counts = Counter(kind for kind, _ in items)
    subject = joined([COUNTED[kind](counts[kind]) for kind in ORDER if counts[kind]], ", ")
    layers = say_n("{count} layer", "{count} layers", len(items))
    return Message(
        say("[{layers}] {what}", layers=layers, what=subject),
        tuple(message.subject for _, message in ranked),
        (*_answer(held, place.command), *lost, place.log()),
    )


def all_well(count: int, place: Place) -> Message:
    """Say that nothing is the matter with several layers."""
    layers = say_n("{count} layer", "{count} layers", count)
    return Message(
        say("[{layers}] {what}", layers=layers, what=say("All is well")),
        (say("The maps were looked at as always, and nothing had to be changed since the last message."),),
        (place.log(),),
    )


def _answer(held: Sequence[Plan], command: str) -> tuple[Text, ...]:
    """Say how a person answers. One code approves all that waits in a pass."""
    if not held:
        return ()
    code = pass_digest(held)[:12] if len(held) > 1 else held[0].code
    meant = f"{command} --approve {code}"
    return (say("If all of it is meant: {command}          (good once)", command=meant),)
