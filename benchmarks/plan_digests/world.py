"""A world: one layer of a map and the file that it is of, through several runs; what was found in each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from benchmarks.plan_digests import program
from benchmarks.plan_digests.program import NOON, BotError, Look

PUSHES: Final = 4
"""The most of one run."""

KEPT: Final = 10
"""Versions of a layer that uMap lists."""

Record = dict[str, Any]

Meddle = Callable[["World", bytes], Iterable[Any]]
"""What others do right after a push: returns the saves that it ran over. The bytes are the layer before."""


class File(NamedTuple):
    commit: Any
    data: bytes
    ending: str


@dataclass
class World:
    """`stored` are the versions of the layer, `files` those of the file, oldest first.

    `history` are the runs that changed the map, `published` the commits that runs were of, newest first.
    """

    policy: Any = field(default_factory=program.policy)
    limits: Any = field(default_factory=lambda: program.limits({}))
    recipe: dict[str, Any] = field(default_factory=dict)
    entry: dict[str, Any] = field(default_factory=dict)
    awaited: frozenset[str] = frozenset()
    stored: list[bytes] = field(default_factory=lambda: [layer_file([])])
    files: list[File] = field(default_factory=list)
    base: Any = None
    seen: Any = None
    history: list[Any] = field(default_factory=list)
    published: list[Any] = field(default_factory=list)
    meddle: Meddle | None = None
    found: list[Record] = field(default_factory=list)

    def publish(self, data: bytes, ending: str) -> None:
        number = len(self.files) + 1
        sha, blob = (blake2b(text, digest_size=20).hexdigest() for text in (str(number).encode(), data))
        commit = program.commit(sha, NOON + timedelta(days=number), f"Version {number}", blob)
        self.files.append(File(commit, data, ending))

    def read(self, commit: Any) -> tuple[Any, Any]:
        """Return the commit and the dataset at it. Raise BotError."""
        file = next(file for file in self.files if file.commit.sha == commit.sha)
        return file.commit, program.dataset(file.data, file.ending, self.recipe, self.awaited, self.base)

    def live(self, saves: Iterable[Any] = ()) -> Any:
        """Return the map as a run reads it. Raise BotError."""
        numbers = range(max(1, len(self.stored) - KEPT + 1), len(self.stored) + 1)
        times = {str(1_780_000_000_000 + number): NOON + timedelta(minutes=number) for number in numbers}
        live = program.live(self.stored[-1], list(times)[-1], times, self.entry)
        return program.carried(saves, live, self.base) if saves else live

    # Runs. Each returns the digest that a person would have to approve ("": nothing waits).

    def sync(self, approved: str = "") -> str:
        return self._run("sync", lambda: program.sync(*self._newest(), self.policy), approved)

    def adopt(self, by_hand: dict[str, str], approved: str = "") -> str:
        def aim() -> Any:
            found = program.adopt(*self._newest(), self.policy, by_hand)
            self.found[-1]["pairs"] = program.pairs(found, self.live(), self.base)
            return found

        return self._run("adopt", aim, approved)

    def roll_back(self, run: Any, approved: str = "") -> str:
        return self._run("rollback", lambda: program.rollback(run, self.policy, self.history), approved)

    def find_base(self, named: str = "") -> str:
        """Find base anew, as a run does first if the state was lost."""
        record: Record = self._record("find")
        try:
            self.base = program.found_base(self, _Repository(self), self.live(), named)
        except BotError as error:
            record["refused"] = [error.code, error.text]
        record["base"] = program.remembered(self.base)
        return ""

    def _newest(self) -> tuple[Any, Any]:
        return self.read(self.files[-1].commit)

    def _record(self, kind: str) -> Record:
        self.found.append({"run": len(self.found) + 1, "kind": kind, "refused": None, "looks": []})
        return self.found[-1]

    def _run(self, kind: str, aim: Callable[[], Any], approved: str) -> str:
        record, to_approve = self._record(kind), ""
        try:
            to_approve = self._converge(aim(), record, approved)
        except BotError as error:
            record["refused"] = [error.code, error.text]
        record["base"] = program.remembered(self.base)
        record["layer"] = self.stored[-1].decode()
        return to_approve

    def _converge(self, aim: Any, record: Record, approved: str) -> str:
        """Push until what would be pushed is what stands, as the program's own run does."""
        number, saves, applied, drift = record["run"], list[Any](), tuple[Any, ...](), list[Any]()
        live, in_part = self.live(), False
        for pushes in range(PUSHES + 1):
            look = program.plan_and_base(
                aim, live, self, self.limits, number, approved=approved, in_part=in_part
            )
            record["looks"].append([look.digest, program.beside(look), program.objections(look)])
            drift += [each for each in program.news(look) if each not in drift]
            in_part = look.in_part
            if look.settled or pushes == PUSHES:
                break
            saves += self._push(look)
            before, live = live, self.live(saves)
            stands, self.base = program.stands_of(look, before, live, self.base, number)
            applied += stands
        if look.settled and not look.held:
            self._settle(
                aim, look, live, program.run(number, aim, look, applied + look.applied, tuple(drift))
            )
        return look.to_approve

    def _push(self, look: Look) -> Iterable[Any]:
        was = self.stored[-1]
        self.stored.append(look.wanted.encode())
        meddle, self.meddle = self.meddle, None
        return meddle(self, was) if meddle else ()

    def _settle(self, aim: Any, look: Look, live: Any, run: Any) -> None:
        pushed = len(self.found[-1]["looks"]) > 1
        self.base, self.seen = look.base, program.seen(live, self.seen, pushed=pushed)
        if pushed:
            self.history.insert(0, run)
        if aim.kind == "sync":
            self.published.insert(0, aim.commit)


@dataclass
class _Repository:
    """The port Dataset, as far as base is found with it."""

    world: World

    def head(self) -> Any:
        return self.world.files[-1].commit

    def read(self, commit: Any) -> tuple[Any, Any]:
        return self.world.read(commit)

    def history(self, _head: Any, since: str = "") -> tuple[Any, ...]:
        commits = [file.commit for file in self.world.files]
        start = next((place for place, commit in enumerate(commits, 1) if commit.sha == since), 0)
        return tuple({commit.blob: commit for commit in commits[start:]}.values())[::-1]

    def named(self, name: str, _head: Any) -> tuple[Any, bool]:
        return next(file.commit for file in self.world.files if file.commit.sha == name), True


def layer_file(features: Iterable[bytes]) -> bytes:
    """Return the layer's file on the map that holds these features."""
    start = b'{"type":"FeatureCollection","_umap_options":{"name":"Cit\\u00e9s"},"features":['
    return start + b",".join(features) + b"]}"


def lose(world: World, _was: bytes) -> Iterable[Any]:
    """A push never arrives."""
    world.stored.pop()
    return ()
