"""A table that is fetched from where it lives, and committed if it has changed: once a pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from umap_bot import progress
from umap_bot.dataset.git.branch import Branch, Signature, Tip
from umap_bot.dataset.recipe import Recipe
from umap_bot.dataset.sources.source import Fetched, NotModified, Seen, Source
from umap_bot.errors import BotError, DatasetError, GitError, SourceError, SourceHeld
from umap_bot.model.approval_code import code_of, read_code
from umap_bot.model.canon import digest, strong_digest
from umap_bot.model.layer import Commit, Layer
from umap_bot.model.run import Run
from umap_bot.model.source_state import SourceState
from umap_bot.text import NOTHING, Text, joined, say

TRIES: Final = 5
"""How often a commit is made anew on top of what somebody else has pushed meanwhile."""

Hide: TypeAlias = Callable[[BotError], BotError]


class Memory(Protocol):
    """What the state keeps of one table that is fetched. All raise StateError."""

    def known(self) -> SourceState: ...
    def keep(self, known: SourceState) -> None: ...
    def failed(self, name: str, error: BotError) -> None:
        """Write into the change log that the table was not taken."""

    def works_again(self, name: str) -> None:
        """Note that it works: the next failure is another one."""


class Looking:
    """The memory of whoever only looks: it is read, and nothing is written."""

    def __init__(self, memory: Memory) -> None:
        self.known = memory.known

    def keep(self, known: SourceState) -> None: ...
    def failed(self, name: str, error: BotError) -> None: ...
    def works_again(self, name: str) -> None: ...


class Place(NamedTuple):
    """Where a table goes: the branch, and the path of the file ("": as its source calls it)."""

    branch: Branch
    path: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What a look at the source came to.

    `head` is the newest commit that can be synced from, None if there is none; then `error` says why.
    `outcome`: "new" was committed (or would be, by who only looks), the table "waits" for a person, or the
    source "failed". `file` is the path in the repository, `rows` how many the layers read of it (of a new
    one). `state` is what is known of the table now. `recovered`: it failed, or waited, until now.
    """

    head: Commit | None
    outcome: Literal["new", "unchanged", "waits", "failed"]
    file: str
    state: SourceState
    error: BotError | None = None
    rows: int = 0
    recovered: bool = False


class Feed:
    """One table at one address, for the layers that are read from it by `recipes`.

    `find` gives the source (it may raise BotError: the address is none), `now` the time, aware. With
    `commits` what is new is pushed to the branch and written down; without, it is a commit of our own copy
    alone, which can be read like any other. `hide` takes out of an error what is not to be shown.
    """

    def __init__(
        self,
        find: Callable[[], Source],
        place: Place,
        recipes: Sequence[Recipe],
        memory: Memory,
        now: Callable[[], datetime],
        *,
        commits: bool = False,
        hide: Hide = lambda error: error,
    ) -> None:
        self._find = find
        self._branch, self._path = place
        self._recipes = recipes
        self._memory = memory if commits else Looking(memory)
        self._now = now
        self._commits = commits
        self._hide = hide
        self._shape = digest([msgspec.json.encode(recipe).decode() for recipe in recipes])
        self._accepted = ""
        self._source: Source | None = None
        self._taken: Taken | None = None

    @property
    def source(self) -> Source:
        """Return the source. Raise BotError if the address is none."""
        if self._source is None:
            self._source = self._find()
        return self._source

    @property
    def name(self) -> str:
        """Its address, without what is secret in it; to be asked for once it was found."""
        return self._source.address if self._source else "DATASET_URL"

    def file(self) -> str:
        """Return the file that its table is committed as; "" as long as nobody knows. Raise StateError."""
        return self._taken.file if self._taken else self._path or self._memory.known().name

    def head(self) -> Commit:
        """Return the newest commit, after what is new was committed; only `sha` is filled in.

        A source that fails is no reason not to go on with what was committed before. Raise BotError if there
        is nothing.
        """
        taken = self.taken()
        if taken.head is None:
            raise taken.error or SourceError(say("No data was fetched from {address}.", address=self.name))
        return taken.head

    @property
    def end(self) -> Run | BotError | None:
        """What is to be told of it beside the runs of its layers: that it failed although they went on, or
        that it works again; None if there is nothing."""
        taken = self._taken
        if taken is None or taken.head is None:
            return None
        if taken.recovered:
            now = self._now()
            return Run(
                number=0,
                layer=self.name,
                kind="sync",
                commit=taken.head,
                started=now,
                ended=now,
                outcome="nothing",
            )
        return taken.error

    def taken(self) -> Taken:
        """Return what a look came to; it is made once. Raise GitError, StateError, SettingsError."""
        if self._taken is None:
            self._taken = self._take()
        return self._taken

    def accept(self, typed: str) -> None:
        """Let just the table with this code be committed, however few rows it has. Raise UsageError."""
        self._accepted = read_code(typed)

    def _take(self) -> Taken:
        known, tip = self._memory.known(), self._branch.tip()
        try:
            return self._worked(known, *self._fetch(known, tip))
        except (SourceError, GitError) as error:
            return self._failed(known, tip, self._hide(error))

    def _fetch(self, known: SourceState, tip: Tip) -> tuple[Taken, Tip]:
        source = self.source
        progress.step(say("Fetching the data from {address}", address=source.address))
        came = source.fetch(self._seen(known, tip))
        if isinstance(came, NotModified):
            state = replace(known, seen=msgspec.structs.asdict(came.seen))
            return Taken(Commit(tip.sha), "unchanged", self._path or known.name, state), tip
        return self._settle(came, known, tip)

    def _seen(self, known: SourceState, tip: Tip) -> Seen | None:
        """Return by what the last answer is known again, if what it held is what the branch and the layers
        have."""
        if not tip.sha or not known.seen or known.recipes != self._shape:
            return None
        there = tip.sha == known.commit or self._has(tip, self._path or known.name)
        return Seen(**known.seen) if there else None

    def _has(self, tip: Tip, path: str) -> bool:
        return bool(tip.sha and path) and self._branch.has(tip, path)

    def _settle(self, came: Fetched, known: SourceState, tip: Tip) -> tuple[Taken, Tip]:
        """Commit a table that came, if it is another one. Raise SourceError, GitError."""
        path = self._path or _named(came.name, known.name)
        new = self._decoded(came.data, path)
        for _ in range(TRIES):
            before = known.name or path
            old = self._branch.read(tip, before)
            if old is not None and before == path and (old == came.data or self._is_same(old, new, path)):
                return self._unchanged(came, known, path, tip), tip
            if old is not None:
                self._refuse_less(self._or_none(old, before), new, came)
            signature = self._signature(came)
            sha = self._branch.commit(tip, path, came.data, signature, gone=before if old else "")
            if not self._commits or self._branch.push(tip, sha):
                state = self._state(came, known, path, changed=signature.date)
                rows = sum(len(layer.rows) for layer in new)
                return Taken(Commit(sha), "new", path, state, rows=rows), Tip(tip.branch, sha)
            tip = self._branch.tip()
        raise GitError(
            say("Others kept pushing to the branch {branch} first.", branch=tip.branch),
            way_out=say("Try again later."),
        )

    def _unchanged(self, came: Fetched, known: SourceState, path: str, tip: Tip) -> Taken:
        return Taken(Commit(tip.sha), "unchanged", path, self._state(came, known, path))

    def _state(
        self, came: Fetched, known: SourceState, path: str, changed: datetime | None = None
    ) -> SourceState:
        return replace(
            known,
            name=path,
            seen=msgspec.structs.asdict(came.seen),
            recipes=self._shape,
            changed=changed or known.changed or came.moment,
        )

    def _decoded(self, data: bytes, path: str) -> list[Layer]:
        """Return what each layer reads of the table. Raise SourceError for what one of them can't read."""
        try:
            return self._read(data, path)
        except DatasetError as error:
            raise SourceError(
                say(
                    "The data of {address} can't be used as it is: {problem}",
                    address=self.name,
                    problem=error.message,
                ),
                way_out=error.way_out,
            ) from error

    def _read(self, data: bytes, path: str) -> list[Layer]:
        from umap_bot.dataset.decode import decode  # noqa: PLC0415  all decoders: an idle run needs none

        return [decode(data, replace(recipe, path=path)) for recipe in self._recipes]

    def _or_none(self, data: bytes, path: str) -> list[Layer]:
        """Return what the layers read of an older table; nothing if today's settings can't read it."""
        try:
            return self._read(data, path)
        except DatasetError:
            return []

    def _is_same(self, old: bytes, new: Sequence[Layer], path: str) -> bool:
        return [_content(layer) for layer in self._or_none(old, path)] == [_content(layer) for layer in new]

    def _refuse_less(self, old: Sequence[Layer], new: Sequence[Layer], came: Fetched) -> None:
        """Raise SourceHeld if suddenly less than half of the rows is left, and nobody has accepted it."""
        less = [
            (len(one.rows), len(other.rows))
            for one, other in zip(old, new, strict=False)
            if 2 * len(other.rows) < len(one.rows)
        ]
        code = code_of(strong_digest(["source", self.name, sha256(came.data).hexdigest()])) if less else ""
        if not less or self._accepted == code:
            return
        before, now = less[0]
        raise SourceHeld(
            say(
                "Only {now} of {before} rows are left at {address}. Approval needed: nothing was committed.",
                address=self.name,
                now=now,
                before=before,
            ),
            code,
            way_out=say(
                "If this is what you want: {command}. If it is not, restore the rows there; nothing else is "
                "needed.",
                command=f"umap-bot fetch --accept {code}",
            ),
        )

    def _signature(self, came: Fetched) -> Signature:
        source, date = self.source, came.moment or self._now()
        host = urlsplit(source.address if "://" in source.address else f"//{source.address}").hostname or ""
        author = f"{source.kind} ({host})" if host else source.kind
        as_of = date.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
        return Signature(author, date, f"Data of {source.address} as of {as_of}")

    def _worked(self, known: SourceState, taken: Taken, tip: Tip) -> Taken:
        recovered = bool(known.error)
        state = replace(taken.state, commit=tip.sha, fetched=self._now(), error=NOTHING, since=None)
        self._memory.keep(state)
        if recovered:
            self._memory.works_again(self.name)
        return Taken(taken.head, taken.outcome, taken.file, state, rows=taken.rows, recovered=recovered)

    def _failed(self, known: SourceState, tip: Tip, error: BotError) -> Taken:
        path = self._path or known.name
        goes_on = self._has(tip, path)
        told = _going_on(error, known.changed) if goes_on else error
        held = error if isinstance(error, SourceHeld) else None
        state = replace(
            known,
            fetched=self._now() if held else known.fetched,
            error=error.message,
            since=known.since or self._now(),
        )
        self._memory.keep(state)
        if goes_on:
            self._memory.failed(self.name, told)
        head = Commit(tip.sha) if goes_on else None
        return Taken(head, "waits" if held else "failed", path, state, error=told)


def _named(name: str, known: str) -> str:
    """Return the name of the file: the one that it has, as long as it is of the same kind."""
    return known if known and PurePosixPath(known).suffix == PurePosixPath(name).suffix else name


def _content(layer: Layer) -> tuple[object, ...]:
    """Return what a map could be told of a layer."""
    return layer.columns, layer.places, layer.unpublished, dict(layer.rows), layer.bad_rows


def _going_on(error: BotError, changed: datetime | None) -> BotError:
    """Return the error with what becomes of the map meanwhile."""
    still: Text = (
        say("Syncs continue with the data of {time}.", time=changed)
        if changed
        else say("Syncs continue with the data that was fetched last.")
    )
    # What is said of a file ends without a full stop.
    message = joined((error.message, still), " " if error.message.endswith((".", "!", "?", ")")) else ". ")
    if isinstance(error, SourceHeld):
        return SourceHeld(message, error.approval, way_out=error.way_out)
    kind = SourceError if isinstance(error, SourceError) else GitError
    return kind(message, way_out=error.way_out)
