"""A plan: everything that a run would do to one layer, what there is to tell, and whether it may go on."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Literal

import msgspec
from msgspec.structs import replace

from umap_bot.model.canon import Canon, canonical, digest
from umap_bot.model.change import Change, Create, Delete, Update
from umap_bot.model.drift import Drift, Duplicate, GoneColumn, MapNews, Renumbered, Rowless, Unmanaged
from umap_bot.model.layer import GEOMETRY, Commit, Reading
from umap_bot.model.policy import Area, Policy
from umap_bot.model.undo import Redo, Undo
from umap_bot.text import Text

Kind = Literal["sync", "adopt", "rollback"]


class Objection(msgspec.Struct, frozen=True):
    """A reason to ask a person first. `rule` is its name; `setting` moves its limit, if there is one."""

    rule: str
    text: Text
    count: int = 0
    total: int = 0
    limit: str = ""
    setting: str = ""
    features: tuple[str, ...] = ()


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
    stand there, `rows` how many rows the file has. `unplaced` are keys of rows that have no coordinates and
    no feature yet. `awaited` are the names of features that stay until another layer has them, to which the
    file gives them. `moved` are keys of rows that go to another layer, which has them, or come from one: they
    leave the file no more than they are new in it. `bad_rows` say what is wrong with the `bad_row_count` rows
    that can't be read and wait, `rowless` are features that stay with them. `places_gone`: the file had
    coordinates as last published, and has none. `renumbered` are rows under the ids of others. `same_as`: an
    earlier version that was published, and whose file is the same, byte for byte. `guess`: the file's
    encoding was guessed, and it is not the one of the file as last published. `area` is that of the points as
    last published, at first contact of the file's; None if nothing would be placed, or if they are too few.
    Points that seem swapped are no part of it.
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
    drift: tuple[Drift, ...] = ()
    unmanaged: tuple[Unmanaged, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    unplaced: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    bad_rows: tuple[Text, ...] = ()
    bad_row_count: int = 0
    rowless: tuple[Rowless, ...] = ()
    gone_columns: tuple[GoneColumn, ...] = ()
    places_gone: bool = False
    renumbered: tuple[Renumbered, ...] = ()
    news_of_map: MapNews = MapNews()
    same_as: Commit | None = None
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
    nothing of it is done. `redo` are parts of the changes that would do again what a rollback undid,
    `withheld` such parts that were taken out of them, and `whole` the digest of the plan with these.
    """

    objections: tuple[Objection, ...] = ()
    approved: bool = False
    held: bool = False
    redo: tuple[Redo, ...] = ()
    withheld: tuple[Redo, ...] = ()
    whole: str = ""

    @property
    def only_redo(self) -> bool:
        """Tell whether nothing stands against the plan but that it would do again what a rollback undid."""
        return bool(self.redo) and all(objection.rule == "redo" for objection in self.objections)


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

        A new reason is a new digest. Places, names and uMap ids are no part of it, so a plan that was made
        again from the same sides after a mere re-ordering on the map has the same digest.
        """
        effects: list[Canon] = [change.effect() for change in self.effects.changes]
        rules: list[Canon] = [*sorted({objection.rule for objection in self.verdict.objections})]
        policy = canonical(msgspec.to_builtins(self.effects.policy))
        return digest([self.effects.layer_id, policy, rules, effects])

    @property
    def code(self) -> str:
        """The digest's name for people."""
        return self.digest[:12]

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

    def rest(self) -> Plan:
        """Return this plan without what would do again what a rollback undid."""
        redone = {(redo.key, redo.field) for redo in self.verdict.redo}
        gone = {redo.field for redo in self.verdict.redo}
        keys = {redo.key for redo in self.verdict.redo}
        changes = tuple(left for change in self.effects.changes if (left := _without(change, redone)))
        fields = {field.name for change in changes if isinstance(change, Update) for field in change.fields}
        context = replace(
            self.context,
            drift=tuple(
                each for each in self.context.drift if not {(each.key, each.field), (each.key, "")} & redone
            ),
            gone_columns=tuple(
                each for each in self.context.gone_columns if each.name in fields or each.name not in gone
            ),
            renumbered=tuple(each for each in self.context.renumbered if each.after not in keys),
        )
        verdict = Verdict(held=self.verdict.held, withheld=self.verdict.redo, whole=self.digest)
        return replace(self.doing(changes), context=context, verdict=verdict)


def _without(change: Change, redone: set[tuple[str, str]]) -> Change | None:
    """Return what is left of a change; None if nothing is."""
    if not isinstance(change, Update):
        is_row = isinstance(change, Create) or change.why == "row"
        return None if is_row and (change.key, "") in redone else change
    fields = tuple(field for field in change.fields if (change.key, field.name) not in redone)
    move = None if (change.key, GEOMETRY) in redone else change.move
    return replace(change, fields=fields, move=move) if fields or move else None


def pass_digest(plans: Iterable[Plan]) -> str:
    """Return the digest of a pass over several layers: one code that approves all its held plans."""
    return digest(["pass", *sorted(plan.digest for plan in plans)])


def sort_changes(changes: list[Change]) -> tuple[Change, ...]:
    """Put changes in their stable order: creates, updates, deletes, each by key, then by content."""
    return tuple(sorted(changes, key=_rank))


def _rank(change: Change) -> tuple[int, str, str]:
    if isinstance(change, Create):
        return 0, change.key, change.raw
    if isinstance(change, Update):
        return 1, change.key, ""
    return 2, change.key, change.raw
