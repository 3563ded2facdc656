"""What the state knows of a table that is fetched: when, how it is known again, what is wrong with it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from umap_bot.text import NOTHING, Text, dec_hook, enc_hook


class SourceState(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One table at one address. Times are aware, UTC.

    `name` is the file that it is committed as, "" before the first commit. `seen` are the marks by which its
    last answer is known again, none if it has to be fetched whole; `recipes` names how it was read then, and
    `commit` is what was the branch's newest.
    `fetched` is when its source last answered, `changed` when its rows last changed. `error` is why it was
    not taken last time, `since` when that began; both end with the next time that works.
    """

    name: str = ""
    seen: dict[str, str] = {}
    recipes: str = ""
    commit: str = ""
    fetched: datetime | None = None
    changed: datetime | None = None
    error: Text = NOTHING
    since: datetime | None = None

    def to_json(self) -> bytes:
        return msgspec.json.encode(self, enc_hook=enc_hook)

    @classmethod
    def from_json(cls, data: bytes) -> SourceState:
        """Raise msgspec.MsgspecError if the text is none."""
        return msgspec.json.decode(data, type=cls, dec_hook=dec_hook)
