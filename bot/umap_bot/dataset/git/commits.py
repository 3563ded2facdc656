"""Commits as `git log` tells them: who, when, and the first line of why, harmless and short."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Final

from umap_bot.model.layer import Commit

FORMAT: Final = "--format=%H%x00%an%x00%aI%x00%s"
"""For `git log -z`: sha, author, date, subject."""
_FIELDS: Final = 4
_AUTHOR: Final = 100
_SUBJECT: Final = 200
"""Letters of a commit's author and subject that are kept."""
_UNSEEN: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_TURNS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of writing, beyond the end of the text that they stand in."""


def commits_of(log: str) -> tuple[Commit, ...]:
    """Return the commits of a `git log -z` in our format. Texts are one line each, cut, without controls."""
    fields = log.removesuffix("\0").split("\0")
    starts = range(0, len(fields) - _FIELDS + 1, _FIELDS)
    return tuple(_commit(*fields[at : at + _FIELDS]) for at in starts)


def _commit(sha: str, author: str, date: str, subject: str) -> Commit:
    return Commit(sha, _plain(author, _AUTHOR), _date(date), _plain(subject, _SUBJECT))


def _plain(text: str, most: int) -> str:
    seen = "".join(" " if _is_unseen(char) else char for char in text[: 2 * most])
    line = " ".join(seen.split())
    return line if len(line) <= most else line[: most - 1] + "…"


def _is_unseen(char: str) -> bool:
    return char in _TURNS or unicodedata.category(char) in _UNSEEN


def _date(text: str) -> datetime | None:
    """Return an aware date, None for one that no calendar has (git stores any number)."""
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        return None
    return date if date.tzinfo else None
