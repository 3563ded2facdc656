"""The adapter: all that depends on the program's names, as they are now and as they were in older commits.

What goes in is bytes and settings as plain data, what comes out is plain data under names of our own; what is
between the two is only handed on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from importlib import import_module
from importlib.util import find_spec
from inspect import signature
from typing import Any, Final, Protocol

import msgspec
from msgspec.structs import replace

PACKAGE: Final = "umap_bot" if find_spec("umap_bot") else "bot"
WHERE: Final = next(iter(import_module(PACKAGE).__path__))
"""The folder of the program that is looked at."""

NOON: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)


def _named(name: str, *rooms: str) -> Any:
    """Return what has this name in the first of these modules that has it."""
    for room in rooms:
        try:
            return getattr(import_module(f"{PACKAGE}.{room}"), name)
        except (ImportError, AttributeError):
            continue
    raise ImportError(f"no {name} in {rooms}")


BotError = _named("BotError", "errors")
_Adopt = _named("Adopt", "reconcile.aims")
_Commit = _named("Commit", "model.layer")
_Entry = _named("Entry", "model.layer")
_Intent = _named("Intent", "model.run")
_Limits = _named("Limits", "model.policy")
_Live = _named("Live", "model.layer")
_Policy = _named("Policy", "model.policy")
_Recipe = _named("Recipe", "dataset.recipe")
_Rollback = _named("Rollback", "reconcile.undo.rollback", "reconcile.rollback")
_Run = _named("Run", "model.run")
_Save = _named("Save", "model.layer")
_Sync = _named("Sync", "reconcile.aims")
_advance = _named("advance", "reconcile.recovery")
_apply = _named("apply", "reconcile.apply")
_canonical = _named("canonical", "model.canon")
_canonical_geometry = _named("canonical_geometry", "model.canon")
_carry = _named("carry", "reconcile.lost_saves", "reconcile.debts")
_decode_file = _named("decode", "dataset.decode")
_digest = _named("digest", "model.canon")
_decode_layer = _named("decode", "umap.layer.body", "umap.body")
_guard = _named("guard", "reconcile.guard.guard", "reconcile.guard")
_recover = _named("recover", "reconcile.recovery")
_seen_after = _named("seen_after", "reconcile.news")
_told = _named("told", "reconcile.news")

_IS_OLD: Final = not hasattr(_Sync, "outcome")
"""Of the program before a plan had parts, and a layer a state."""

_APPLIED: Final = "applied" if "applied" in _Run.__struct_fields__ else "landed"


class Memory(Protocol):
    """What is remembered of a layer. `history` are the runs that changed the map, newest first."""

    base: Any
    seen: Any
    history: list[Any]
    published: list[Any]


# Plans and bases.


@dataclass(frozen=True)
class Look:
    """What a run comes to at one look at the map.

    `wanted` is the layer as it should stand. `settled`: so it does, and then `base` is what the run leaves
    and `applied` are the changes that stand without a push.
    """

    plan: Any
    wanted: Any
    settled: bool
    base: Any = None
    applied: tuple[Any, ...] = ()

    @property
    def held(self) -> bool:
        return bool(_first(self.plan, "held"))

    @property
    def in_part(self) -> bool:
        return bool(_first(self.plan, "withheld|waiting"))

    @property
    def digest(self) -> str:
        """The digest of the plan's effects and of the rules that object, as plans of any commit have them."""
        effects = [change.effect() for change in _first(self.plan, "changes")]
        rules = sorted({objection.rule for objection in _first(self.plan, "objections")})
        policy = _canonical(msgspec.to_builtins(_first(self.plan, "policy")))
        return str(_digest([_first(self.plan, "layer_id"), policy, rules, effects]))

    @property
    def to_approve(self) -> str:
        """What names the plan that a person would have to approve; "" if nothing waits."""
        named = _first(self.plan, "whole|fingerprint") or _first(self.plan, "fingerprint|digest")
        return str(named) if self.held or self.in_part else ""


def plan_and_base(
    aim: Any, live: Any, memory: Memory, limits: Any, number: int, *, approved: str, in_part: bool
) -> Look:
    """Look once at the map, as run `number` with this aim. `approved` is what names a plan.

    `in_part`: the run has gone on before without what a rollback undid.
    """
    compared = (_old_step if _IS_OLD else _step)(aim, live, memory, limits, approved, in_part=in_part)
    plan = compared if _IS_OLD else compared.plan
    wanted = _apply(plan, live)
    if wanted != live.standing:
        return Look(plan, wanted, settled=False)
    base, applied = memory.base, ()
    changes, undo, held = (_first(plan, name) for name in ("changes", "undo", "held"))
    done = bool(changes or undo) and not held
    if done:
        applied = changes
        base = base and _advance(base, plan, applied, number)
    stands = replace(live, carried=live.standing)
    if _IS_OLD:
        return Look(plan, wanted, True, aim.base(plan, stands, base) or base, applied)
    if aim.kind == "sync" and (done or live.carried != live.standing):  # as the run does
        compared = aim.outcome(stands, base)
    return Look(plan, wanted, True, compared.base_after(plan) or base, applied)


def _old_step(aim: Any, live: Any, memory: Memory, limits: Any, approved: str, *, in_part: bool) -> Any:
    """Return the judged plan, before one comparison gave plan and base."""
    history, published = tuple(memory.history), tuple(memory.published)
    plan = _told(aim.plan(live, memory.base), live, memory.seen, history, published)
    plan = _guard(plan, live, limits, history)
    if plan.objections and plan.digest == approved:
        return plan
    return _named("unapproved", "sync")(plan, in_part=in_part)


def _step(aim: Any, live: Any, memory: Memory, limits: Any, approved: str, *, in_part: bool) -> Any:
    """Return the outcome of one step of a run, with the judged plan."""
    job = _named("Job", "run.job")(layer="l", policy=aim.policy, limits=limits)
    state = _state(memory)
    if approved:
        state = replace(state, approvals=(_approval(approved),))
    step = _named("step", "run.step")
    before = {"in_part": in_part} if "in_part" in signature(step).parameters else {}
    return step(live, state, aim, job, **before)


def _approval(approved: str) -> Any:
    """Return a person's word for a plan; in earlier commits it names its digest."""
    approval = _named("Approval", "model.run")
    if "fingerprint" in approval.__struct_fields__:
        return approval(code="", fingerprint=approved)
    return approval(digest=approved)


def _state(memory: Memory) -> Any:
    history, published = tuple(memory.history), tuple(memory.published)
    state = _named("LayerState", "model.state")
    return state(base=memory.base, seen=memory.seen, history=history, published=published)


def stands_of(look: Look, live: Any, after: Any, base: Any, number: int) -> tuple[tuple[Any, ...], Any]:
    """Return what of a pushed plan the next read finds on the map, and base as it follows from that."""
    intent = _Intent(number, look.plan, look.wanted.digest, live.standing, live.version)
    (stands,) = _recover((intent,), base, after.carried)
    return stands.changes, base if stands.base is None else stands.base


def found_base(memory: Memory, repository: Any, live: Any, named: str) -> Any:
    """Return base as it is found anew in the file's history, or as it was."""
    head, clock = repository.head(), _Clock()
    if _IS_OLD:
        has_runs = memory.base is not None or bool(memory.history)
        past = _named("Past", "origin")(memory.base, memory.seen, has_runs, named)
        return _named("found", "origin")(past, head, repository, live, clock) or memory.base
    regained, brought_up = (_named(name, "run.origin") for name in ("regained", "brought_up"))
    state = _state(memory)
    if base := regained(state, named, head, repository, live, clock):
        return base
    if memory.base is None:
        return None
    aim = _Sync(*repository.read(head), _Policy())
    sides = aim.outcome(live, memory.base).sides
    return brought_up(state, sides, head, repository, clock) or memory.base


class _Clock:
    def now(self) -> datetime:
        return NOON


# What goes in.


def policy(drift: str = "overwrite", deleted: str = "hold", foreign: str = "keep") -> Any:
    return _Policy(drift, deleted, foreign)


def limits(told: Mapping[str, Any]) -> Any:
    """Return the limits. Shares are 0 to 1, as they were; later they are in percent, and by now beside a
    unit."""
    usual = _Limits().deletes
    with_unit = hasattr(usual, "unit")
    unit = 1 if not with_unit and usual < 1 else 100
    shares = {name: round(unit * told[name], 9) for name in ("deletes", "updates", "creates") if name in told}
    said = {name: {"most": share} if with_unit else share for name, share in shares.items()}
    return msgspec.convert({**told, **said}, _Limits)


def commit(sha: str, date: datetime, message: str, blob: str) -> Any:
    return _Commit(sha, "Ada", date, message, blob)


def dataset(
    data: bytes, ending: str, recipe: Mapping[str, Any], awaited: frozenset[str], base: Any = None
) -> Any:
    """Return the dataset that a file describes. `awaited` are keys that another layer is to have first.

    A program that need not read what is as `base` has it does not.
    """
    beside = {"base": base} if "base" in signature(_decode_file).parameters else {}
    layer = _decode_file(data, _Recipe(path=f"cites{ending}", **recipe), **beside)
    return replace(layer, awaited=awaited & layer.left_out)


def live(body: bytes, version: str, times: dict[str, datetime], entry: Mapping[str, Any]) -> Any:
    """Return the map: the layer's bytes, the versions that it keeps, and what its page says of it."""
    known = {"name": "Cités", "release": "3.8.1", "editable": True, "layer_id": "layer-1", **entry}
    said = _Entry(map_id="1", map_name="Carte", map_url="http://127.0.0.1/m", version=version, **known)
    standing = _decode_layer(body)
    return _Live(said, version, standing, standing, tuple(times), times)


def lost_save(was: bytes, ours: bytes, lost: bytes) -> Any:
    return _Save("1780000000000", *map(_decode_layer, (was, ours, lost)))


def carried(saves: Iterable[Any], live: Any, base: Any) -> Any:
    """Return the map, read with the saves that a push ran over."""
    return _carry(tuple(saves), live, base.key if base else "")


def features_of(body: bytes) -> tuple[bytes, ...]:
    return tuple(_decode_layer(body).features)


def sync(commit: Any, layer: Any, policy: Any) -> Any:
    return _Sync(commit, layer, policy)


def adopt(commit: Any, layer: Any, policy: Any, by_hand: dict[str, str]) -> Any:
    return _Adopt(commit, layer, policy, by_hand=by_hand)


def rollback(run: Any, policy: Any, history: Iterable[Any]) -> Any:
    return _Rollback(run, policy, tuple(each for each in history if each.number > run.number))


# What is remembered.


def run(number: int, aim: Any, look: Look, applied: tuple[Any, ...], drift: tuple[Any, ...]) -> Any:
    """Return a run that changed the map, as the log has it."""
    known = {"layer": "l", "kind": aim.kind, "commit": aim.commit, "started": NOON, "outcome": "done"}
    return _Run(number=number, plan=look.plan, drift=drift, pushes=1, **known, **{_APPLIED: applied})


def seen(live: Any, before: Any, *, pushed: bool) -> Any:
    return _seen_after(live, before, pushed=pushed)


def umap_id(base: Any, key: str) -> str:
    return str(base.known[key].umap_id)


# What comes out.


def news(look: Look) -> Iterable[Any]:
    """Return what people changed on the map since the last run, as the program has it."""
    return tuple(_first(look.plan, "news"))


def pairs(aim: Any, live: Any, base: Any) -> list[Any]:
    """Return which row an adoption finds to be which feature, what is doubtful, and what is left over."""
    found = aim.pairing(live, base) if _IS_OLD else aim.outcome(live, base).pairing
    doubts = [
        [*_pick(one, "key name"), _all(one.candidates, "name reference|umap_id metres")]
        for one in found.doubtful
    ]
    feature = "feature.name|feature feature.reference|umap_id"
    sure = _all(found.sure, f"key name place {feature} how feature.metres|metres")
    left = sorted(getattr(row, "key", row) for row in (*found.rows, *getattr(found, "unplaced", ())))
    return [sure, doubts, left, _all(found.features, "name reference|umap_id")]


def objections(look: Look) -> list[Any]:
    """Return what objects to a plan, whatever the words are by now."""
    return _all(_first(look.plan, "objections"), "rule count total features")


def beside(look: Look) -> dict[str, Any]:
    """Return all that people or a later step can see of a plan, beside the digest of its effects."""
    plan = look.plan
    news, same, guess, undo = (_first(plan, name) for name in ("news_of_map", "same_as", "guess", "undo"))
    told = "layer_id layer_name map_name map_url version file key kind first published held anew"
    drift = "key name field kind outcome standing base desired live line header at times saved by"
    redo = "key name field run by desired live line header at"
    return {
        "plan": _pick(plan, f"{told} commit.sha policy.drift policy.deleted policy.foreign"),
        "objections": _all(_first(plan, "objections"), "rule text count total limit setting features"),
        "drift": _all(_first(plan, "drift"), drift),
        "counts": _pick(plan.counts, "create update delete conflict drift"),
        "amounts": _pick(plan, "ids ours total rows"),
        "warnings": _first(plan, "warnings"),
        "changes": [_change(change) for change in _first(plan, "changes")],
        "unmanaged": _all(_first(plan, "unmanaged|strangers"), "name content umap_id standing at"),
        "duplicates": _all(_first(plan, "duplicates|clones"), "key names umap_ids"),
        "rows": _pick(plan, "unplaced|pending awaited|waiting"),
        "columns": _all(_first(plan, "gone_columns"), "name likely header equal total"),
        "map": _pick(news, "saves release before ours kept tried new remade"),
        "settings": _all(news.settings, "name before after"),
        "same": same and same.sha,
        "guess": guess and _pick(guess, "encoding words"),
        "redo": _all(_first(plan, "redo|undone"), redo),
        "withheld": [_change(change) for change in _first(plan, "waiting")]
        if hasattr(getattr(plan, "verdict", None), "waiting")
        else _all(_first(plan, "withheld"), redo),
        "undo": undo and [*_pick(undo, "run said left"), _rows(undo.rows)],
    }


def remembered(base: Any) -> dict[str, Any] | None:
    """Return a base as plain data."""
    if base is None:
        return None
    return {
        "of": _pick(base, "layer_id commit key columns places encoding"),
        "rows": _rows(base.known),
        "cells": base.kept.cells,
        "deleted": base.kept.deleted,
        "unmanaged": _first(base.kept, "unmanaged|strangers"),
        "left": base.kept.left,
        "rows left": _rows(base.kept.rows),
        "undone": {key: _undone(cells) for key, cells in base.undone.items()},
        "origin": base.origin and _pick(base.origin, "how commit.sha differing cells skipped apart"),
    }


def _undone(cells: Mapping[str, Any]) -> dict[str, Any]:
    return {cell: _pick(one, "value run by") for cell, one in cells.items()}


def _rows(rows: Mapping[str, Any]) -> dict[str, Any]:
    return {key: row and _row(row) for key, row in rows.items()}


def _row(row: Any) -> list[Any]:
    return [_canonical(row.properties), _canonical_geometry(row.geometry), *_pick(row, "umap_id row raw")]


_PARTS: Final[dict[str, Callable[[Any], list[Any]]]] = {
    "Create": lambda change: _pick(change, "properties geometry raw recreates"),
    "Update": lambda change: [
        *_pick(change, "place context"),
        _all(change.fields, "name before after"),
        change.move and _pick(change.move, "before after"),
    ],
    "Delete": lambda change: _pick(change, "raw place why"),
}


def _change(change: Any) -> list[Any]:
    kind = type(change).__name__
    return [kind, *_pick(change, "key name umap_id at"), *_PARTS[kind](change)]


def _all(values: Iterable[Any], names: str) -> list[Any]:
    return [_pick(value, names) for value in values]


def _pick(value: Any, names: str) -> list[Any]:
    """Return attributes by their names, as dots lead to them; `now|then` are two names of one."""
    return [_first(value, name) for name in names.split()]


def _first(value: Any, names: str) -> Any:
    parts = (getattr(value, part) for part in ("effects", "context", "verdict") if hasattr(value, part))
    for holder in (value, *parts):
        for name in names.split("|"):
            try:
                return reduce(getattr, name.split("."), holder)
            except AttributeError:
                continue
    raise AttributeError(f"{type(value).__name__} has no {names}")
