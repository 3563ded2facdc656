"""A plan: everything that a sync would do to one layer, as an immutable value."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Literal

import msgspec

from umap_bot.model.canon import Canon, Value, canonical, digest
from umap_bot.model.change import Change, Create, Delete, Field, Point, Update
from umap_bot.model.layer import GEOMETRY, Commit, Reading
from umap_bot.model.policy import Policy
from umap_bot.model.undo import Redo, Undo
from umap_bot.text import Text, dec_hook, enc_hook

Kind = Literal["sync", "adopt", "rollback"]
DriftKind = Literal["drift", "conflict", "deleted", "edited", "again"]
DriftOutcome = Literal["overwrite", "keep", "hold"]


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """A cell or feature that a person changed on the map, with the three values and what comes of it.

    `field` is a property's name, GEOMETRY, or "" for the whole feature. `kind`: "drift" (only the map
    changed), "conflict" (both sides changed), "deleted" (a person deleted the feature), "edited" (the row
    is gone from the file, and a person edited the feature). `standing`: the map's value was left there by an
    earlier run and has not changed since: no news. `times` is in how many runs running, this one too, the
    file's value is put back in this cell. `saved` is when the person saved, if uMap's versions tell it of one
    save alone.

    Of a rollback these are what stays, since it was changed after the run that is undone: `base` is what that
    run left, `desired` what it found, and `by` the later run that wrote the map's value (0: somebody did).
    "edited" is then a feature that would go, and "again" one that would come and stands already.
    """

    key: str
    name: str
    field: str
    kind: DriftKind
    outcome: DriftOutcome
    base: Value = None
    desired: Value = None
    live: Value = None
    standing: bool = False
    line: int | None = None
    header: str = ""
    at: Point | None = None
    times: int = 0
    saved: datetime | None = None
    by: int = 0

    @property
    def news(self) -> bool:
        return not self.standing


class Unmanaged(msgspec.Struct, frozen=True):
    """A feature that was added on the map and is not in the file.

    `content` is the digest of what it holds. `standing`: an earlier run has seen it as it is.
    """

    name: str
    content: str
    umap_id: str | None = None
    standing: bool = False
    at: Point | None = None


class Duplicate(msgspec.Struct, frozen=True):
    """A key that stands twice on the map with different content: names and uMap ids of both."""

    key: str
    names: tuple[str, ...]
    umap_ids: tuple[str | None, ...]


class GoneColumn(msgspec.Struct, frozen=True):
    """An owned column that stands in base and no longer in the file.

    `likely` is a new column with the same values in `equal` of `total` rows ("": none is alike), `header`
    its name in the file.
    """

    name: str
    likely: str = ""
    header: str = ""
    equal: int = 0
    total: int = 0


class Objection(msgspec.Struct, frozen=True):
    """A reason to ask a person first. `rule` is its name; `setting` moves its limit, if there is one."""

    rule: str
    text: Text
    count: int = 0
    total: int = 0
    limit: str = ""
    setting: str = ""
    features: tuple[str, ...] = ()


class MapNews(msgspec.Struct, frozen=True):
    """What became of the map since the last settled run, beside its features.

    `settings` are those of the layer, as a person changed them, the layer's name among them. `saves` are the
    times of the versions that others stored, as far as uMap still lists them, oldest first. `release` is
    uMap's, `before` what it was (""s: it is the same), `tried` the newest that this program was tried on, if
    `release` is newer: that is told of the first run, too. `new`: the map does not have the layer yet.
    `remade`: the layer of that name is another one than then. `ours` of the `kept` versions that uMap lists
    were stored by us.
    """

    settings: tuple[Field, ...] = ()
    saves: tuple[datetime, ...] = ()
    release: str = ""
    before: str = ""
    ours: int = 0
    kept: int = 0
    tried: str = ""
    new: bool = False
    remade: bool = False


class Counts(msgspec.Struct, frozen=True):
    create: int = 0
    update: int = 0
    delete: int = 0
    conflict: int = 0
    drift: int = 0


class Plan(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What would be done to a layer, made against one version of it. Nothing to do is an empty plan.

    `changes` are in a stable order: creates, updates, deletes, each by key. `first`: the layer has no base.
    `key` is the key property, `published` the commit that base is of.
    `ours` is how many features of ours stand on the map, `total` how many stand there, `rows` how many rows
    the file has. `ids` is how many features get a uMap id in a push that happens anyway. `pending` are keys
    of rows that have no coordinates and no feature yet. `waiting` are the names of features that stay until
    another layer has them, to which the file gives them. `same_as`: an earlier version that was published,
    and whose file is the same, byte for byte. `guess`: the file's encoding was guessed, and it is not the one
    of the file as last published. `held`: a person is asked first; `apply` then does nothing of
    it. `undo` is what a rollback undoes. `redo` are parts of `changes` that would do again what a rollback
    undid, `withheld` such parts that were taken out of them, and `whole` the digest of the plan with these.
    `anew`: base is not what the state knew.
    """

    layer_id: str
    layer_name: str
    map_name: str
    map_url: str
    version: str
    commit: Commit
    file: str
    key: str
    policy: Policy
    first: bool
    kind: Kind = "sync"
    published: str = ""
    changes: tuple[Change, ...] = ()
    drift: tuple[Drift, ...] = ()
    unmanaged: tuple[Unmanaged, ...] = msgspec.field(default=(), name="strangers")
    duplicates: tuple[Duplicate, ...] = msgspec.field(default=(), name="clones")
    pending: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    ids: int = 0
    ours: int = 0
    total: int = 0
    rows: int = 0
    gone_columns: tuple[GoneColumn, ...] = ()
    news_of_map: MapNews = MapNews()
    same_as: Commit | None = None
    guess: Reading | None = None
    warnings: tuple[Text, ...] = ()
    objections: tuple[Objection, ...] = ()
    held: bool = False
    undo: Undo | None = None
    redo: tuple[Redo, ...] = ()
    withheld: tuple[Redo, ...] = ()
    whole: str = ""
    anew: bool = False

    @property
    def creates(self) -> tuple[Create, ...]:
        return tuple(change for change in self.changes if isinstance(change, Create))

    @property
    def updates(self) -> tuple[Update, ...]:
        return tuple(change for change in self.changes if isinstance(change, Update))

    @property
    def deletes(self) -> tuple[Delete, ...]:
        return tuple(change for change in self.changes if isinstance(change, Delete))

    @property
    def is_empty(self) -> bool:
        return not self.changes

    @property
    def news(self) -> tuple[Drift, ...]:
        """What people changed on the map since the last run."""
        return tuple(drift for drift in self.drift if drift.news)

    @property
    def counts(self) -> Counts:
        conflicts = sum(drift.kind in ("conflict", "edited") for drift in self.drift)
        return Counts(
            create=len(self.creates),
            update=len(self.updates),
            delete=len(self.deletes),
            conflict=conflicts,
            drift=len(self.drift) - conflicts,
        )

    @cached_property
    def digest(self) -> str:
        """The digest of the effects, the layer, the policy and the names of the rules that object.

        A new reason is a new digest. Places, names and uMap ids are no part of it, so a plan that was made
        again from the same sides after a mere re-ordering on the map has the same digest.
        """
        effects: list[Canon] = [change.effect() for change in self.changes]
        rules: list[Canon] = [*sorted({objection.rule for objection in self.objections})]
        policy = canonical(msgspec.to_builtins(self.policy))
        return digest([self.layer_id, policy, rules, effects])

    @property
    def code(self) -> str:
        """The digest's name for people."""
        return self.digest[:12]

    def holding(self) -> Plan:
        """Return this plan as one that waits for a person."""
        return msgspec.structs.replace(self, held=True)

    @property
    def only_redo(self) -> bool:
        """Tell whether nothing stands against the plan but that it would do again what a rollback undid."""
        return bool(self.redo) and all(objection.rule == "redo" for objection in self.objections)

    def rest(self) -> Plan:
        """Return this plan without what would do again what a rollback undid."""
        redone = {(redo.key, redo.field) for redo in self.redo}
        gone = {redo.field for redo in self.redo}
        changes = tuple(left for change in self.changes if (left := _without(change, redone)))
        fields = {field.name for change in changes if isinstance(change, Update) for field in change.fields}
        return msgspec.structs.replace(
            self,
            changes=changes,
            drift=tuple(each for each in self.drift if not {(each.key, each.field), (each.key, "")} & redone),
            gone_columns=tuple(
                each for each in self.gone_columns if each.name in fields or each.name not in gone
            ),
            objections=(),
            redo=(),
            withheld=self.redo,
            whole=self.digest,
        )

    def inverse(self) -> Plan:
        """Return the plan that undoes this one's changes, to be applied to what this one left."""
        changes = sort_changes([change.inverse() for change in self.changes])
        return msgspec.structs.replace(self, changes=changes, drift=(), objections=())

    def to_json(self) -> bytes:
        return msgspec.json.encode(self, enc_hook=enc_hook)

    @classmethod
    def from_json(cls, data: bytes) -> Plan:
        """Raise msgspec.ValidationError if the text is no plan."""
        return msgspec.json.decode(data, type=cls, dec_hook=dec_hook)


def _without(change: Change, redone: set[tuple[str, str]]) -> Change | None:
    """Return what is left of a change; None if nothing is."""
    if not isinstance(change, Update):
        is_row = isinstance(change, Create) or change.why == "row"
        return None if is_row and (change.key, "") in redone else change
    fields = tuple(field for field in change.fields if (change.key, field.name) not in redone)
    move = None if (change.key, GEOMETRY) in redone else change.move
    return msgspec.structs.replace(change, fields=fields, move=move) if fields or move else None


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
