"""The messages of one pass: one a layer, or one for all where that would be too many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from umap_bot.model.plan import Plan
from umap_bot.notify.decision import End, Kind, Verdict
from umap_bot.notify.message import Message
from umap_bot.notify.place import Place
from umap_bot.notify.summary import all_well, summary_of
from umap_bot.notify.told import Told
from umap_bot.notify.wording import change_alone, later, message_of, missing

MOST: Final = 5
"""Messages of one pass; of more there is one for all."""


class Item(msgspec.Struct, frozen=True):
    """One thing to tell of a layer. `debt`: it could not be told when it happened."""

    layer: str
    kind: Kind
    message: Message
    debt: bool = False


class Envelope(msgspec.Struct, frozen=True):
    """A message, and what of it is of which layer."""

    message: Message
    items: tuple[Item, ...]


class News(msgspec.Struct, frozen=True):
    """All there is to tell of one layer, and what is remembered if it arrives or not."""

    items: tuple[Item, ...]
    told: Told
    untold: Told
    lost: int = 0

    def remembered(self, arrived: Sequence[Item], now: datetime) -> Told:
        """Return what is to be remembered, by what arrived."""
        mine = [item for item in self.items if item in arrived]
        debts = [item for item in self.items if item.debt]
        complete = len(mine) - sum(item.debt for item in mine) == len(self.items) - len(debts)
        told = self.told if complete else self.untold
        return replace(told, owed=None, lost=0, sent=now) if any(item.debt for item in mine) else told


def news_of(layer: str, end: End, verdict: Verdict, place: Place, before: Told | None) -> News:
    """Put a verdict in words, together with a change that could not be told before."""
    owed = before.owed if before else None
    lost = before.lost if before else 0
    last = before.settled if before else None
    if "change" in verdict.kinds:  # what is owed is not told any more: one message, not a pile of them
        lost += 1 if owed else 0
        message = message_of(end, verdict, place, last, lost)
        alone = change_alone(end, verdict, place, lost)
        told = replace(verdict.told, owed=None, lost=0)
        untold = replace(verdict.untold, owed=alone, lost=lost)
        return News((Item(layer, verdict.kinds[0], message),), told, untold, lost)
    debts = (Item(layer, "change", later(owed), debt=True),) if owed else ()
    if not verdict.kinds:
        return News(debts, verdict.told, verdict.untold)
    message = message_of(end, verdict, place, last)
    return News((*debts, Item(layer, verdict.kinds[0], message)), verdict.told, verdict.untold)


def envelopes(news: Sequence[News], place: Place, held: Sequence[Plan]) -> list[Envelope]:
    """Return the messages of a pass. `held` are its plans that wait for a person."""
    items = [item for each in news for item in each.items]
    well = [item for item in items if item.kind == "heartbeat"]
    rest = [item for item in items if item.kind != "heartbeat"] if len(well) > 1 else items
    told = [Envelope(all_well(len(well), place), tuple(well))] if len(well) > 1 else []
    if len(rest) <= MOST:
        return [*(Envelope(item.message, (item,)) for item in rest), *told]
    lost = missing(sum(each.lost for each in news))
    pairs = [(item.kind, item.message) for item in rest]
    return [Envelope(summary_of(pairs, place, held, lost), tuple(rest)), *told]
