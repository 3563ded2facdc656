"""A source that answers as it is told, and the memory of a state, both in this process."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from umap_bot.dataset.git.branch import Branch
from umap_bot.dataset.git.repository import Repository
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.sources.feed import Feed, Place
from umap_bot.dataset.sources.source import Fetched, NotModified, Seen
from umap_bot.errors import BotError, SourceError
from umap_bot.model.source_state import SourceState

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MORNING = datetime(2026, 11, 24, 6, 41, tzinfo=UTC)
ADDRESS = "https://grist.example.org/doc/cites"


class Table:
    """The port Source: it holds `data`, or raises `error`. `asked` says how: whole, or conditionally."""

    kind = "Grist"
    address = ADDRESS

    def __init__(self, data: str | bytes, name: str = "cites.csv") -> None:
        self.data = data
        self.name = name
        self.moment: datetime | None = MORNING
        self.error: BotError | None = None
        self.asked: list[str] = []

    def fetch(self, seen: Seen | None = None) -> Fetched | NotModified:
        self.asked.append("conditionally" if seen else "whole")
        if self.error:
            raise self.error
        data = self.data.encode() if isinstance(self.data, str) else self.data
        now = Seen(digest=sha256(data).hexdigest())
        if seen == now:
            return NotModified(now)
        return Fetched(data, self.name, now, self.moment)


class Notes:
    """The port Memory, with what was written into the change log."""

    def __init__(self) -> None:
        self.state = SourceState()
        self.log: list[str] = []

    def known(self) -> SourceState:
        return self.state

    def keep(self, known: SourceState) -> None:
        self.state = SourceState.from_json(known.to_json())

    def failed(self, name: str, error: BotError) -> None:
        self.log.append(f"{name}: {error}")

    def works_again(self, name: str) -> None:
        self.log.append(f"{name} works again")


class World:
    """One table with what it is committed to; each look is a feed of its own, as each pass has one."""

    def __init__(self, table: Table, url: str, cache: Path, own: Path | None = None, token: str = "") -> None:
        self.table = table
        self.notes = Notes()
        self.recipes: Sequence[Recipe] = [Recipe(path="")]
        self.path = ""
        self.ref = ""
        self.repository = Repository(url, cache, token=token)
        self.own = own
        self.now = NOON

    def feed(self, *, commits: bool = True) -> Feed:
        branch = Branch(self.repository, self.ref, self.own)
        return Feed(
            lambda: self.table,
            Place(branch, self.path),
            self.recipes,
            self.notes,
            lambda: self.now,
            commits=commits,
        )

    def fetch(self) -> str:
        """Look once, and return what it came to; raise what nothing can be synced after."""
        feed = self.feed()
        feed.head()
        return feed.taken().outcome

    def fails(self, text: str = "The server does not answer.") -> None:
        from umap_bot.text import say  # noqa: PLC0415

        self.table.error = SourceError(say("{text}", text=text))
