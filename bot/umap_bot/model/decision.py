"""What a person decided about parts of a plan, and what waits for them to decide."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

import msgspec

from umap_bot.model.change import Change, Create
from umap_bot.model.part import Part, parts_of

Side = Literal["file", "map", "proposed", "refused"]
"""Who wins, as a person decided; or that the map's value is proposed for the file, on which branch, and that
this branch was deleted without a merge: then a person is asked."""

PLACE: Final = "geometry"
"""What people call the cell that holds where a feature is."""


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A person's word on one part of a plan: the file wins, or the map stays as it is.

    `change` is that part alone, as it was when they decided, with the values on both sides. It holds for
    just these: another value is another question. With the side "proposed" or "refused" nobody has decided
    yet; `by` is then the branch. Only what people took down, and stays off, does so whatever its row says by
    then. `number` is 0 for one that is not written down yet. `at` is aware, UTC.
    """

    side: Side
    change: Change
    by: str = ""
    at: datetime | None = None
    number: int = 0

    @property
    def part(self) -> Part:
        """The part that it is about."""
        return parts_of(self.change)[0]

    @property
    def stays_off(self) -> bool:
        """Whether a feature stays off the map that people took down, perhaps for somebody's privacy."""
        return self.side == "map" and isinstance(self.change, Create) and self.change.recreates

    def holds_for(self, part: Part) -> bool:
        """Tell whether this is a word on that part of a plan."""
        own = self.part
        return part == own or (self.stays_off and (part.kind, part.key) == (own.kind, own.key))

    @property
    def subject(self) -> tuple[str, str, str]:
        """What has one decision at a time: a cell or a feature of the file's, or, of what people added, one
        that holds just this."""
        part = self.part
        return part.key, part.cell, "" if part.key else part.value


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a person since a settled run: the question's digest, the run that asked it first and
    when, and of how many features."""

    asked: str
    run: int
    since: datetime
    features: int
