"""REPORT_HIDE: plans, runs and errors as they may be told, without the values of some columns.

The log keeps everything; what is hidden here is hidden from people who read reports. Digests and approval
codes stay those of the whole plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeVar, overload

import msgspec
from msgspec.structs import replace

from umap_bot.errors import BotError
from umap_bot.model.canon import Value, nfc
from umap_bot.model.change import Change, Create, Delete, Field, Update
from umap_bot.model.decision import Decision
from umap_bot.model.decoding import values_of
from umap_bot.model.drift import Drift, Duplicate, Rowless, Unmanaged
from umap_bot.model.hidden import Hidden
from umap_bot.model.layer import GEOMETRY
from umap_bot.model.pairing import Drawn, Pairing, Row
from umap_bot.model.part import Part, parts_of
from umap_bot.model.plan import Objection, Plan, sort_changes
from umap_bot.model.run import Run
from umap_bot.model.undo import Redo
from umap_bot.report.formats.record import digest_of
from umap_bot.report.quotations import quotations, rewritten
from umap_bot.report.story.words import HIDDEN, HIDDEN_MARK, plain
from umap_bot.text import Text, as_text, joined, say

E = TypeVar("E", bound=BotError)

NAME: Final = "name"
"""The property that features are called by. If it is hidden, they are called by their id in the file."""

LEAST: Final = 4
"""Characters from which a hidden value is looked for within somebody's words; a shorter one is anywhere."""

_NO_COLUMNS: Final = frozenset({"", GEOMETRY, "_umap_options", "_storage_options"})
"""What changes beside columns: the whole feature, its place, its style."""

_SAFE: Final = frozenset(
    {"column", "columns", "command", "example", "file", "header", "key", "numbers", "setting", "version"}
)
"""Places of a text that hold no value of a cell."""
_SAMPLE: Final = "sample"
"""The place of text from anywhere in the file: nobody knows of which columns."""
_TITLE: Final = "title"
"""The place of the name of a feature that may be in no change: no value tells which column it is of."""
_WORDS: Final = "words"
"""The place of single words of columns that were not hidden when they were read (Recipe.unshown): a person is
asked whether they were read well. Those of a column that is hidden by now are found by its values."""
_COLUMN: Final = frozenset({"column", "header"})
"""Places of a text that hold the name of the column that it is about. Texts about coordinates have another:
where a feature lies is public."""


_OTHER_NAME: Final = say(
    "REPORT_HIDE hides this column. If it has another name in the file now, add that name to REPORT_HIDE "
    "before you approve."
)


@overload
def without_columns(told: Run, columns: Hidden) -> Run: ...
@overload
def without_columns(told: Plan, columns: Hidden) -> Plan: ...
@overload
def without_columns(told: Decision, columns: Hidden) -> Decision: ...
@overload
def without_columns(told: E, columns: Hidden) -> E: ...
def without_columns(
    told: Run | Plan | Decision | BotError, columns: Hidden
) -> Run | Plan | Decision | BotError:
    """Return the same without the values of these columns, wherever they would be told.

    That a value changed is still told. The column that holds the id can't be hidden, since everything is told
    by it.
    """
    if not columns:
        return told
    if isinstance(told, Plan):
        return _plan(told, _Veil(columns, _changes(told), told.context.drift, told))
    if isinstance(told, Run):
        return _run(told, columns)
    if isinstance(told, Decision):
        return _Veil(columns, (told.change,)).decision(told)
    veiled, veil = _copy(told), _Veil(columns)
    veiled.message, veiled.way_out = veil.text(told.message), veil.text(told.way_out)
    veiled.args = (str(veiled.message),)
    return veiled


def words_without(text: Text, columns: Hidden) -> Text:
    """Return a text without the values of these columns."""
    return _Veil(columns).text(text) if columns else text


def pairing_without(pairing: Pairing, columns: Hidden) -> Pairing:
    """Return pairs without names, if these are hidden: rows are called by their ids, features by nothing."""
    if NAME not in columns:
        return pairing
    rows: tuple[Row, ...] = (*pairing.sure, *pairing.doubtful, *pairing.rows, *pairing.unplaced)
    drawn = (*(match.feature for match in pairing.sure), *pairing.features)
    drawn += tuple(one for doubt in pairing.doubtful for one in doubt.candidates)
    names = {*(row.name for row in rows), *(one.name for one in drawn)} - {""}

    def nameless(one: Drawn) -> Drawn:
        return replace(one, name="")

    def why(text: Text) -> Text:
        return rewritten(text, lambda _, words: HIDDEN if words in names else words)

    return Pairing(
        sure=tuple(replace(each, name=each.key, feature=nameless(each.feature)) for each in pairing.sure),
        doubtful=tuple(
            replace(each, name=each.key, why=why(each.why), candidates=tuple(map(nameless, each.candidates)))
            for each in pairing.doubtful
        ),
        rows=tuple(replace(each, name=each.key) for each in pairing.rows),
        unplaced=tuple(replace(each, name=each.key) for each in pairing.unplaced),
        features=tuple(map(nameless, pairing.features)),
    )


def _copy(error: E) -> E:
    """Return the same error again. `copy` would call its class with the arguments of another one."""
    again = type(error).__new__(type(error), *error.args)
    again.__dict__.update(error.__dict__)
    return again


def _run(run: Run, columns: Hidden) -> Run:
    plan = run.plan
    changes = (*run.applied, *run.recovered, *(_changes(plan) if plan else ()))
    veil = _Veil(columns, changes, run.drift, plan)
    return replace(
        run,
        plan=plan and _plan(plan, veil),
        applied=tuple(veil.change(change) for change in run.applied),
        recovered=tuple(veil.change(change) for change in run.recovered),
        drift=tuple(veil.drift(drift) for drift in run.drift),
        approved=digest_of(run) or "",  # what names the run's plan in a record, while all of it is there
        error=veil.text(run.error),
    )


def _changes(plan: Plan) -> tuple[Change, ...]:
    """Return all changes that a plan tells of: what goes on, what waits, and what a person left."""
    return (*plan.effects.changes, *plan.verdict.waiting, *plan.verdict.kept)


def _plan(plan: Plan, veil: _Veil) -> Plan:
    effects = replace(
        plan.effects, changes=sort_changes([veil.change(change) for change in plan.effects.changes])
    )
    context = replace(
        plan.context,
        drift=tuple(veil.drift(drift) for drift in plan.context.drift),
        unmanaged=tuple(veil.theirs(theirs) for theirs in plan.context.unmanaged),
        duplicates=tuple(veil.duplicate(duplicate) for duplicate in plan.context.duplicates),
        undone=tuple(veil.redo(redo) for redo in plan.context.undone),
        warnings=tuple(veil.text(warning) for warning in plan.context.warnings),
        bad_rows=tuple(veil.text(text) for text in plan.context.bad_rows),
        rowless=tuple(veil.rowless(rowless) for rowless in plan.context.rowless),
    )
    verdict = replace(
        plan.verdict,
        objections=tuple(veil.objection(objection) for objection in plan.verdict.objections),
        waiting=tuple(veil.change(change) for change in plan.verdict.waiting),
        kept=tuple(veil.change(change) for change in plan.verdict.kept),
        decided=tuple(veil.decision(decision) for decision in plan.verdict.decided),
    )
    told = replace(plan, effects=effects, context=context, verdict=verdict)
    told.__dict__["digest"] = plan.digest  # that of what is really done: it is what a person approves
    return told


class _Veil:
    """What is hidden, and how it looks then."""

    def __init__(
        self,
        columns: Hidden,
        changes: tuple[Change, ...] = (),
        drift: tuple[Drift, ...] = (),
        plan: Plan | None = None,
    ) -> None:
        self.columns = columns = columns | _renamed(columns, plan)
        self._spoken = re.compile("|".join(rf"(?<!\w){re.escape(column)}(?!\w)" for column in columns.named))
        everywhere = (*drift, *(plan.context.drift if plan else ()))
        self._names = self._names_of(changes, everywhere, plan) if NAME in columns else {}
        values = {plain(value) for value in self._values(changes, everywhere)}
        self._long = [value for value in values if value is not None and len(value) >= LEAST]
        self._short = {value for value in values if value is not None and len(value) < LEAST}
        # What people added is known by what it holds: without some of it, its part is another.
        self._parts = dict(
            zip(
                (part for change in changes for part in _added(change)),
                (part for change in changes for part in _added(self.change(change))),
                strict=True,
            )
        )

    def change(self, change: Change) -> Change:
        name = self._name(change)
        if isinstance(change, Update):
            moved = self._moved(change)
            return replace(
                change,
                name=name,
                fields=tuple(
                    _hidden(field) if field.name in moved else self._field(field) for field in change.fields
                ),
                context={
                    name: value
                    for name, value in change.context.items()
                    if not self._hides(name) and name not in moved
                },
            )
        if isinstance(change, Delete):
            return replace(change, name=name, raw=self._raw(change.raw))
        return replace(
            change, name=name, properties=self._cells(change.properties), raw=self._raw(change.raw)
        )

    def decision(self, decision: Decision) -> Decision:
        return replace(decision, change=self.change(decision.change))

    def drift(self, drift: Drift) -> Drift:
        named = replace(drift, name=self._name(drift))
        hides = self._hides(drift.field) or self._hides(drift.header)
        return replace(named, base=HIDDEN_MARK, desired=HIDDEN_MARK, live=HIDDEN_MARK) if hides else named

    def redo(self, redo: Redo) -> Redo:
        named = replace(redo, name=self._name(redo))
        hides = self._hides(redo.field) or self._hides(redo.header)
        return replace(named, desired=HIDDEN_MARK, live=HIDDEN_MARK) if hides else named

    def theirs(self, theirs: Unmanaged) -> Unmanaged:
        return replace(theirs, name="") if NAME in self.columns else theirs

    def rowless(self, rowless: Rowless) -> Rowless:
        return replace(rowless, name=rowless.key) if NAME in self.columns else rowless

    def duplicate(self, duplicate: Duplicate) -> Duplicate:
        return (
            replace(duplicate, names=(duplicate.key,) * len(duplicate.names))
            if NAME in self.columns
            else duplicate
        )

    def objection(self, objection: Objection) -> Objection:
        features = tuple(self._names.get(name, name) for name in objection.features)
        details = tuple(map(self.text, objection.details))
        parts = tuple(self._parts.get(part, part) for part in objection.parts)
        text = self.text(objection.text)
        if objection.rule == "column" and any(map(self._hides, objection.features)):
            text = joined((text, _OTHER_NAME))
        return replace(objection, text=text, features=features, details=details, parts=parts)

    def text(self, text: Text) -> Text:
        """Return a text without hidden values; line by line, since each problem of a file is one."""
        parts = text.values.get("parts")
        if "\n" in text and text.template.startswith("{parts:") and isinstance(parts, tuple):
            between = text.template.removeprefix("{parts:").removesuffix("}")
            return joined([self.text(as_text(part)) for part in parts], between)
        spoken = any(self._speaks_of_hidden(place, words) for place, words in quotations(text))
        if spoken and not text.template:  # nobody knows which of its words are values
            return say("(not shown: it concerns a column listed in REPORT_HIDE)")
        return rewritten(text, lambda place, words: self._leaf(place, words, strict=spoken))

    def _speaks_of_hidden(self, place: str, words: str) -> bool:
        if self.columns.named and self._spoken.search(nfc(words)):
            return True
        return place in _COLUMN and self._hides(words)

    def _leaf(self, place: str, words: str, *, strict: bool) -> str:
        """Return words of a text; `strict`: the text is about a hidden column."""
        if words in self._names:
            return self._names[words]
        if place in _SAFE or nfc(words.strip('"')) in self.columns.named:
            return words
        if place == _TITLE and NAME in self.columns:
            return HIDDEN
        if place == _WORDS and any(nfc(words) in value for value in (*self._long, *self._short)):
            return HIDDEN
        return HIDDEN if strict or place == _SAMPLE or self._holds_value(words) else words

    def _holds_value(self, words: str) -> bool:
        whole = nfc(words)
        bare = whole.strip('"')
        if bare in self._short or any(value in whole for value in self._long):
            return True
        return bare.endswith("…") and any(value.startswith(bare[:-1]) for value in self._long)

    def _hides(self, column: str) -> bool:
        return column not in _NO_COLUMNS and nfc(column) in self.columns

    def _name(self, of: Change | Drift | Redo) -> str:
        return of.key if NAME in self.columns else of.name

    def _moved(self, update: Update) -> frozenset[str]:
        """Return the columns that get the value of a hidden one which goes: until somebody says that it is
        another column, it is that one."""
        gone = {
            plain(field.before)
            for field in update.fields
            if field.after is msgspec.UNSET and self._hides(field.name)
        }
        new = {field.name: field.after for field in update.fields if field.before is msgspec.UNSET}
        return frozenset(
            name for name, value in new.items() if plain(value) is not None and plain(value) in gone
        )

    def _field(self, field: Field) -> Field:
        return _hidden(field) if self._hides(field.name) else field

    def _cells(self, properties: dict[str, Value]) -> dict[str, Value]:
        return {
            name: HIDDEN_MARK if self._hides(name) and plain(value) is not None else value
            for name, value in properties.items()
        }

    def _raw(self, raw: str) -> str:
        if not raw:
            return raw
        feature = values_of(raw.encode()).members
        feature["properties"] = self._cells(dict(_raw_cells(raw)))
        return msgspec.json.encode(feature).decode()

    def _values(
        self, changes: tuple[Change, ...], drift: tuple[Drift, ...]
    ) -> Iterator[Value | msgspec.UnsetType]:
        """Return the values that are hidden, so that a text that quotes one is found."""
        for change in changes:
            for name, value in _cells_of(change):
                if self._hides(name):
                    yield value
        for each in drift:
            if self._hides(each.field) or self._hides(each.header):
                yield from (each.base, each.desired, each.live)

    def _names_of(
        self, changes: tuple[Change, ...], drift: tuple[Drift, ...], plan: Plan | None
    ) -> dict[str, str]:
        """Return for each name what stands for it."""
        names = {each.name: each.key for each in (*drift, *changes)}
        if plan:
            theirs = (*(each.name for each in plan.context.unmanaged), *plan.context.orphans)
            names |= {name: HIDDEN for name in theirs if name not in names}
            names |= {
                name: duplicate.key for duplicate in plan.context.duplicates for name in duplicate.names
            }
        return {name: key or HIDDEN for name, key in names.items() if name}


def _renamed(columns: Hidden, plan: Plan | None) -> Hidden:
    """Return the new names of hidden columns that are gone from the file, as far as their values tell."""
    gone = [each for each in (plan.context.gone_columns if plan else ()) if each.name in columns]
    return Hidden.of(name for each in gone for name in (each.likely, each.header) if name)


def _hidden(field: Field) -> Field:
    return Field(field.name, HIDDEN_MARK, HIDDEN_MARK)


def _added(change: Change) -> tuple[Part, ...]:
    """Return the part of what people added, which has no key."""
    return tuple(part for part in parts_of(change) if not part.key)


def _cells_of(change: Change) -> Iterator[tuple[str, Value | msgspec.UnsetType]]:
    if isinstance(change, Update):
        for field in change.fields:
            yield field.name, field.before
            yield field.name, field.after
        yield from change.context.items()
    elif isinstance(change, Create):
        yield from change.properties.items()
        yield from _raw_cells(change.raw)
    else:
        yield from _raw_cells(change.raw)


def _raw_cells(raw: str) -> Iterator[tuple[str, Value]]:
    properties = values_of(raw.encode()).members.get("properties") if raw else None
    yield from (properties if isinstance(properties, dict) else {}).items()
