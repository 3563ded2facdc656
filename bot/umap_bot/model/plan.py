"""A plan: everything that a run would do to one layer, what there is to tell, and whether it may go on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import Literal

import msgspec
from msgspec.structs import replace

from umap_bot.model.approval_code import code_of
from umap_bot.model.canon import Canon, canonical, strong_digest
from umap_bot.model.change import Change, Create, Delete, Update
from umap_bot.model.decision import Decision
from umap_bot.model.drift import (
    Drift,
    DriftOutcome,
    Duplicate,
    GoneColumn,
    MapNews,
    Renumbered,
    Rowless,
    Strayed,
    Unmanaged,
)
from umap_bot.model.layer import Commit, Reading
from umap_bot.model.part import Part, parts_of, split
from umap_bot.model.policy import Area, Policy
from umap_bot.model.undo import Redo, Undo
from umap_bot.text import Text

Kind = Literal["sync", "adopt", "rollback", "watch"]


class Objection(msgspec.Struct, frozen=True):
    """A reason to ask a person first. `rule` is its name; `setting` moves its limit, if there is one.

    `parts` are what of the plan it is about: they wait, and all the rest goes on. Without any the file as a
    whole is in doubt, and the whole plan waits. `details` are what it is about, one by one, where a list says
    more than names.
    """

    rule: str
    text: Text
    count: int = 0
    total: int = 0
    limit: str = ""
    setting: str = ""
    features: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    details: tuple[Text, ...] = ()


class Counts(msgspec.Struct, frozen=True):
    create: int = 0
    update: int = 0
    delete: int = 0
    conflict: int = 0
    drift: int = 0


class Effects(msgspec.Struct, frozen=True, kw_only=True):
    """What a run would do to a layer, and to base: what a person approves. Nothing to do is no changes.

    `changes` are in a stable order: creates, updates, deletes, each by key. `ids` is how many features get a
    uMap id in a push that happens anyway. `undo` is what a rollback undoes.
    """

    kind: Kind = "sync"
    layer_id: str
    policy: Policy
    changes: tuple[Change, ...] = ()
    ids: int = 0
    undo: Undo | None = None

    @property
    def creates(self) -> tuple[Create, ...]:
        return tuple(change for change in self.changes if isinstance(change, Create))

    @property
    def updates(self) -> tuple[Update, ...]:
        return tuple(change for change in self.changes if isinstance(change, Update))

    @property
    def deletes(self) -> tuple[Delete, ...]:
        return tuple(change for change in self.changes if isinstance(change, Delete))


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What is told beside the changes: of which map, layer and file, and what was found there.

    `version` is the layer's that the plan was made against, `commit` that of the file, `key` its key
    property. `first`: the layer has no base; else `published` is the commit that it is of, and `anew` tells
    that it is not what the state knew. `ours` is how many features of ours stand on the map, `total` how many
    stand there, `rows` how many rows the file has, `decimal` the separator that its coordinates have.
    `unplaced` are keys of rows that have no coordinates and no feature yet. `awaited` are the names of
    features that stay until another layer has them, to which the file gives them. `moved` are keys of rows
    that go to another layer, which has them, or come from one: they leave the file no more than they are new
    in it. `bad_rows` say what is wrong with the `bad_row_count` rows that can't be read and wait, `rowless`
    are features that stay with them. `strayed` are features that people moved to or from another layer of
    the file. `places_gone`: the file had coordinates as last published, and has none. `renumbered` are rows
    under the ids of others. `undone` is what a rollback undid and the file still asks for. `same_as`: an
    earlier version that was published, and whose file is the same, byte for byte. `replaces`: the version
    that was published last, if the file is another one since. `guess`: the file's
    encoding was guessed, and it is not the one of the file as last published. `area` is that of the points as
    last published, at first contact of the file's; None if nothing would be placed, or if they are too few.
    Points that seem swapped are no part of it. `orphans` are the names of features that we made for rows of
    which nothing is known, after a lost state. `headers` goes from property to the column's name in the
    file, where the two differ.
    """

    layer_name: str
    map_name: str
    map_url: str
    version: str
    commit: Commit
    file: str
    key: str
    first: bool
    published: str = ""
    anew: bool = False
    ours: int = 0
    total: int = 0
    rows: int = 0
    decimal: str = "."
    drift: tuple[Drift, ...] = ()
    unmanaged: tuple[Unmanaged, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    strayed: tuple[Strayed, ...] = ()
    unplaced: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    bad_rows: tuple[Text, ...] = ()
    bad_row_count: int = 0
    rowless: tuple[Rowless, ...] = ()
    gone_columns: tuple[GoneColumn, ...] = ()
    places_gone: bool = False
    orphans: tuple[str, ...] = ()
    renumbered: tuple[Renumbered, ...] = ()
    undone: tuple[Redo, ...] = ()
    headers: dict[str, str] = {}
    news_of_map: MapNews = MapNews()
    same_as: Commit | None = None
    replaces: Commit | None = None
    guess: Reading | None = None
    area: Area | None = None
    warnings: tuple[Text, ...] = ()

    @property
    def rows_wait(self) -> bool:
        """Tell whether features wait for rows to be corrected: their own, or those without a row."""
        return bool(self.bad_rows or self.rowless)

    @property
    def news(self) -> tuple[Drift, ...]:
        """What people changed on the map since the last run."""
        return tuple(drift for drift in self.drift if drift.news)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a plan may go on unasked.

    `approved`: a person approved just this plan, whatever objects. `held`: a person is asked first, and
    nothing of it is done. `waiting` are parts that were taken out of its changes, since a person is asked
    about them, `asked` the digest of just these. `kept` are parts that were taken out since a person decided
    that the map stays as it is there, and `decided` these decisions.
    """

    objections: tuple[Objection, ...] = ()
    approved: bool = False
    held: bool = False
    waiting: tuple[Change, ...] = ()
    asked: str = ""
    kept: tuple[Change, ...] = ()
    decided: tuple[Decision, ...] = ()

    @property
    def asks(self) -> bool:
        """Tell whether a person is asked, of the whole plan or of parts of it."""
        return self.held or bool(self.waiting)


class Plan(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What would be done to a layer, made against one version of it."""

    effects: Effects
    context: Context
    verdict: Verdict = Verdict()

    @property
    def counts(self) -> Counts:
        conflicts = sum(drift.kind in ("conflict", "edited") for drift in self.context.drift)
        return Counts(
            create=len(self.effects.creates),
            update=len(self.effects.updates),
            delete=len(self.effects.deletes),
            conflict=conflicts,
            drift=len(self.context.drift) - conflicts,
        )

    @cached_property
    def digest(self) -> str:
        """The digest of the changes, the layer, the policy and the names of the rules that object.

        A new reason is a new digest. Places, names and uMap ids are no part of it, but for an adoption, so a
        plan that was made again from the same sides after a mere re-ordering on the map has the same digest.
        """
        effects: list[Canon] = [change.effect() for change in self.effects.changes]
        if self.effects.kind == "adopt":  # which feature gets the key is what a person approves
            effects += [[each.umap_id, canonical(list(each.at or ()))] for each in self.effects.updates]
        rules: list[Canon] = [*sorted({objection.rule for objection in self.verdict.objections})]
        policy = canonical(msgspec.to_builtins(self.effects.policy))
        return strong_digest([self.effects.layer_id, policy, rules, effects])

    @property
    def fingerprint(self) -> str:
        """What a person approves: the plan, of which version of the file, to which end; or what waits.

        The version is the file's content where it is known (`Commit.blob`), else the commit. The same plan of
        another version is another one to approve. Parts hold all the values that they are about.
        """
        effects, commit = self.effects, self.context.commit
        end: list[Canon] = [effects.kind, str(effects.undo.run) if effects.undo else None]
        if self.verdict.asked:
            return strong_digest([end, "parts", self.verdict.asked])
        return strong_digest([end, self.digest, commit.blob or commit.sha])

    @property
    def code(self) -> str:
        """The fingerprint's name for people."""
        return code_of(self.fingerprint)

    def holding(self) -> Plan:
        """Return this plan as one that waits for a person."""
        return replace(self, verdict=replace(self.verdict, held=True))

    def doing(self, changes: Iterable[Change], drift: tuple[Drift, ...] | None = None) -> Plan:
        """Return this plan with other changes, and with other drift if there is some given."""
        context = self.context if drift is None else replace(self.context, drift=drift)
        return replace(self, effects=replace(self.effects, changes=tuple(changes)), context=context)

    def telling(self, *warnings: Text) -> Plan:
        """Return this plan with more warnings."""
        context = replace(self.context, warnings=self.context.warnings + warnings)
        return replace(self, context=context) if warnings else self

    def with_news(self, news: MapNews) -> Plan:
        """Return this plan with other news of the map."""
        return replace(self, context=replace(self.context, news_of_map=news))

    @property
    def question(self) -> str:
        """The digest of what a person is asked: of the parts that wait, or else of the whole plan."""
        return self.verdict.asked or self.digest

    def leaving(self, parts: Collection[Part]) -> Plan:
        """Return this plan without parts that a person decided to leave as they are on the map."""
        rest, taken = self._without(parts, "keep")
        return replace(rest, verdict=replace(self.verdict, kept=self.verdict.kept + taken))

    def asking(self, parts: Collection[Part]) -> Plan:
        """Return this plan without the parts that a person is asked about: these wait, the rest goes on."""
        rest, taken = self._without(parts, "hold")
        asked = self.doing(taken).digest
        return replace(rest, verdict=replace(self.verdict, waiting=taken, asked=asked))

    def _without(self, parts: Collection[Part], outcome: DriftOutcome) -> tuple[Plan, tuple[Change, ...]]:
        """Return what is left without these parts, and these; `outcome` is what comes of people's edits
        there."""
        changes, taken = split(self.effects.changes, parts)
        if not taken:
            return self, ()
        cells = set(cells_changed(taken))
        left = set(cells_changed(changes))
        undone = {(redo.key, redo.field) for redo in self.context.undone}
        gone = {cell for _, cell in cells} - {cell for _, cell in left}
        keys = {key for key, _ in cells} - {key for key, _ in left}
        added = {each.key for each in taken if isinstance(each, Delete) and each.why == "foreign"}
        context = replace(
            self.context,
            drift=tuple(
                _left(each, outcome) if {(each.key, each.field), (each.key, "")} & cells else each
                for each in self.context.drift
                if not {(each.key, each.field), (each.key, "")} & cells & undone
            ),
            unmanaged=tuple(
                replace(each, standing=True) if outcome == "keep" and each.key in added else each
                for each in self.context.unmanaged
            ),
            gone_columns=tuple(each for each in self.context.gone_columns if each.name not in gone),
            renumbered=tuple(each for each in self.context.renumbered if each.after not in keys),
        )
        return replace(self.doing(changes), context=context), taken


def cells_changed(changes: Iterable[Change]) -> Iterator[tuple[str, str]]:
    """Return which cells of the file's features changes are about: key and cell (a property's name, GEOMETRY,
    or "" for the whole feature)."""
    of_file = (change for change in changes if not isinstance(change, Delete) or change.why == "row")
    return ((part.key, part.cell) for change in of_file for part in parts_of(change))


def _left(drift: Drift, outcome: DriftOutcome) -> Drift:
    """Return a person's edit as one that is not overwritten."""
    return replace(drift, outcome=outcome, standing=drift.standing or outcome == "keep")


def pass_code(plans: Iterable[Plan]) -> str:
    """Return the code of a pass over several layers, which approves all that waits in it."""
    return code_of(strong_digest(["pass", *sorted(plan.fingerprint for plan in plans)]))


def sort_changes(changes: list[Change]) -> tuple[Change, ...]:
    """Put changes in their stable order: creates, updates, deletes, each by key, then by content."""
    return tuple(sorted(changes, key=_rank))


def _rank(change: Change) -> tuple[int, str, str]:
    if isinstance(change, Create):
        return 0, change.key, change.raw
    if isinstance(change, Update):
        return 1, change.key, ""
    return 2, change.key, change.raw
