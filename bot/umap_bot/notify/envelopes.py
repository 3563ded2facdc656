"""The messages of one pass: one a layer, or one for all where that would be too many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, get_args

import msgspec
from msgspec.structs import replace

from umap_bot.model.plan import Plan, pass_code
from umap_bot.notify.decision import End, Kind, Verdict
from umap_bot.notify.memory import Told
from umap_bot.notify.message import Message, Place
from umap_bot.notify.wording import belated, change_alone, message_of, missing
from umap_bot.report.story.acts import Commands
from umap_bot.text import Text, joined, say, say_n

MOST: Final = 5
"""Messages of one pass; of more there is one for all."""

GRAVEST_FIRST: Final[tuple[Kind, ...]] = get_args(Kind)

COUNTED: Final[dict[Kind, Callable[[int], Text]]] = {
    "trouble": lambda count: say_n("{count} failing", "{count} failing", count),
    "held": lambda count: say_n("{count} needs approval", "{count} need approval", count),
    "recovery": lambda count: say_n("{count} working again", "{count} working again", count),
    "change": lambda count: say_n("{count} changed", "{count} changed", count),
    "heartbeat": lambda count: say_n("{count} up to date", "{count} up to date", count),
}


class Item(msgspec.Struct, frozen=True):
    """What there is to tell of one layer, and the gravest of its kinds."""

    layer: str
    kind: Kind
    message: Message


class News(msgspec.Struct, frozen=True):
    """All there is to tell of one layer after a run, and what is remembered then: `told` if `fresh` arrived,
    else `untold`.

    `late` is a change of an earlier run that could not be told then. `lost` messages will never arrive.
    """

    told: Told
    untold: Told
    fresh: Item | None = None
    late: Item | None = None
    lost: int = 0

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for item in (self.late, self.fresh) if item)

    def remembered(self, arrived: Sequence[Item], now: datetime) -> Told:
        """Return what is to be remembered, by what arrived."""
        told = self.told if self.fresh is None or self.fresh in arrived else self.untold
        return replace(told, undelivered=None, lost=0, sent=now) if self.late in arrived else told


class Envelope(msgspec.Struct, frozen=True):
    """A message, and what of it is of which layer."""

    message: Message
    items: tuple[Item, ...]


def news_of(end: End, verdict: Verdict, place: Place, before: Told | None) -> News:
    """Put a verdict in words, and beside it a change that could not be told before."""
    undelivered = before.undelivered if before else None
    lost = before.lost if before else 0
    last = before.settled if before else None
    if "change" in verdict.kinds:  # an earlier one is not told any more: one message, not a pile of them
        lost += 1 if undelivered else 0
        return News(
            told=replace(verdict.told, undelivered=None, lost=0),
            untold=replace(verdict.untold, undelivered=change_alone(end, verdict, place, lost), lost=lost),
            fresh=Item(place.layer, verdict.kinds[0], message_of(end, verdict, place, last, lost)),
            lost=lost,
        )
    kinds = verdict.kinds
    fresh = Item(place.layer, kinds[0], message_of(end, verdict, place, last)) if kinds else None
    late = Item(place.layer, "change", belated(undelivered)) if undelivered else None
    return News(verdict.told, verdict.untold, fresh, late)


def envelopes(news: Sequence[News], place: Place, held: Sequence[Plan]) -> list[Envelope]:
    """Return the messages of a pass. `held` are its plans that wait for a person."""
    items = [item for each in news for item in each.items]
    well = [item for item in items if item.kind == "heartbeat"]
    if len(well) == 1:  # it says so for itself
        well = []
    rest = [item for item in items if item not in well]
    for_all = [Envelope(_all_well(len(well), place), tuple(well))] if well else []
    if len(rest) <= MOST:
        return [*(Envelope(item.message, (item,)) for item in rest), *for_all]
    lost = missing(sum(each.lost for each in news))
    return [Envelope(_summary(rest, place, held, lost), tuple(rest)), *for_all]


def _summary(items: Sequence[Item], place: Place, held: Sequence[Plan], lost: tuple[Text, ...]) -> Message:
    """Return counts, and a line a layer, the worst first."""
    ranked = sorted(items, key=lambda item: GRAVEST_FIRST.index(item.kind))
    counts = Counter(item.kind for item in ranked)
    return Message(
        _of_layers(len(items), joined([COUNTED[kind](count) for kind, count in counts.items()], ", ")),
        tuple(item.message.subject for item in ranked),
        (*_answer(held, place.commands), *lost, place.more()),
    )


def _all_well(count: int, place: Place) -> Message:
    """Say that nothing is the matter with several layers."""
    return Message(
        _of_layers(count, say("Everything is up to date")),
        (say("The maps were checked as usual. No changes were needed since the last message."),),
        (place.more(),),
    )


def _of_layers(count: int, what: Text) -> Text:
    return say("[{layers}] {what}", layers=say_n("{count} layer", "{count} layers", count), what=what)


def _answer(held: Sequence[Plan], commands: Commands) -> tuple[Text, ...]:
    """Say how a person answers. One code approves all that waits in a pass."""
    if not held:
        return ()
    code = pass_code(held) if len(held) > 1 else held[0].code
    return (say("To apply everything that needs your approval: {command}", command=commands.approving(code)),)
