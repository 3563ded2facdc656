"""The reason to ask first that is a matter of where: points that would lie outside the layer's own area."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from umap_bot.model.area import fits_swapped, wider
from umap_bot.model.change import Change, Delete, Point, Update, distance, point_of
from umap_bot.model.layer import GEOMETRY
from umap_bot.model.plan import Objection
from umap_bot.model.policy import Area
from umap_bot.reconcile.guard.question import Question, changes_beside_renumbered
from umap_bot.text import Text, joined, say


class Jump(msgspec.Struct, frozen=True):
    """A feature whose point would lie outside the area; `start` is None if it has none on the map."""

    key: str
    name: str
    start: Point | None
    end: Point
    fits_swapped: bool


def far_jumps(question: Question) -> Iterator[Objection]:
    """A point would move out of the area of the points as last published, or be added far outside of it: a
    map grows at its edges, and what stands does not travel.

    Few are in doubt by themselves, many are a file in doubt: the wrong one, or a map that grows somewhere
    else. SYNC_AREA, where it is set, is the area.
    """
    area = question.plan.context.area
    if area is None or question.limits.area is not None:
        return
    changes = changes_beside_renumbered(question.plan)
    jumps = [jump for change in changes if (jump := _jump(change, area))]
    if jumps:
        names = tuple(jump.name for jump in jumps)
        told = tuple(_sentence(jump, question.plan.context.decimal) for jump in jumps)
        text, details = (told[0], ()) if len(told) == 1 else (_sum(len(told)), told)
        yield Objection(
            "jump",
            text,
            count=len(jumps),
            setting="SYNC_AREA",
            features=names,
            parts=question.parts((jump.key, GEOMETRY if jump.start else "") for jump in jumps),
            details=details,
        )


def _jump(change: Change, area: Area) -> Jump | None:
    if isinstance(change, Delete):
        return None
    start = end = None
    if not isinstance(change, Update):
        end = point_of(change.geometry)
    elif change.move:
        start, end = point_of(change.move.before), point_of(change.move.after)
    if end is None or area.holds(*end):
        return None
    jump = Jump(change.key, change.name, start, end, fits_swapped(end, area))
    is_far = area.holds(*start) if start is not None else not wider(area).holds(*end)
    return jump if is_far or jump.fits_swapped else None


def _sum(count: int) -> Text:
    return say("{count} features would be far from the other features:", count=count)


def _sentence(jump: Jump, decimal: str) -> Text:
    if jump.start is None:
        told = say(
            '"{name}" would be added at {end}, far from the other features.',
            name=jump.name,
            end=_at(jump.end, decimal),
        )
    else:
        told = say(
            '"{name}" would move {kilometres:.0f} km away from the other features: from {start} to {end}.',
            name=jump.name,
            kilometres=distance(jump.start, jump.end) / 1000,
            start=_at(jump.start, decimal),
            end=_at(jump.end, decimal),
        )
    if not jump.fits_swapped:
        return told
    hint = say(
        "With latitude and longitude swapped, it would be among them. If they are swapped "
        "in the file, correct them there."
    )
    return joined((told, hint))


def _at(point: Point, decimal: str) -> Text:
    """Return a place with its numbers as the file has them, to be looked for there."""
    longitude, latitude = (f"{degrees:.10g}".replace(".", decimal) for degrees in point)
    return say("latitude {latitude}, longitude {longitude}", latitude=latitude, longitude=longitude)
