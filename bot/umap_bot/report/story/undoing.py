"""What is told of a rollback: what it undid, what stays since, and what a sync then leaves as it is."""

from __future__ import annotations

from umap_bot.model.drift import Drift
from umap_bot.model.layer import GEOMETRY
from umap_bot.model.plan import Plan
from umap_bot.model.undo import Redo, Undo
from umap_bot.report.story.story import Diff, Line, Section
from umap_bot.report.story.words import cell_of, difference, line_about, moved_between, quoted_value, row_of
from umap_bot.text import Text, say


def stays(plan: Plan, undo: Undo) -> Section:
    """Tell what stays as it is, since it was changed after the run that is undone."""
    title = say("Changed since run {number}: left untouched", number=undo.run)
    return Section("people", title, tuple(_stay(drift, undo.run) for drift in plan.context.drift))


def undone(plan: Plan) -> Section:
    """Tell what a rollback undid and the file still asks for, with the way to settle it."""
    title = say("Undone, but still in the file: left untouched on the map")
    kept = {(each.part.key, each.part.cell) for each in plan.verdict.decided}
    asked = [redo for redo in plan.context.undone if (redo.key, redo.field) not in kept]
    return Section("undone", title, tuple(_redo(redo, plan.context.file) for redo in asked))


def _stay(drift: Drift, run: int) -> Line:
    by = say("by run {number}", number=drift.by) if drift.by else say("by someone")
    return line_about("!", drift, (*_what(drift, run), by))


def _what(drift: Drift, run: int) -> tuple[Text | Diff, ...]:
    if drift.kind == "deleted":
        return (say("removed from the map since"),)
    if drift.kind == "again":
        return (say("back on the map since, but different"),)
    if drift.field == GEOMETRY:
        return (say("position  {what}", what=moved_between(drift.base, drift.live)),)
    change = difference(drift.header or drift.field, drift.base, drift.live)
    if drift.kind == "edited":
        return (change, say("so the feature that run {number} added stays", number=run))
    return (change, say("before run {number}: {value}", number=run, value=quoted_value(drift.desired)))


def _redo(redo: Redo, file: str) -> Line:
    return line_about("=", redo, _asked(redo), notes=(_how_to_settle(redo, file),))


def _asked(redo: Redo) -> tuple[Text | Diff, ...]:
    runs = say("run {by} undid run {run}", by=redo.by, run=redo.run)
    if redo.field == GEOMETRY:
        place = moved_between(redo.live, redo.desired)
        return (say("position: in the file, {what}", what=place), runs)
    if redo.field:
        says = say("the file says {value}", value=quoted_value(redo.desired))
        return (
            say(
                "{column}: {value} on the map",
                column=redo.header or redo.field,
                value=quoted_value(redo.live),
            ),
            says,
            runs,
        )
    if redo.desired:
        return (say("its row is in the file, but it is not on the map"), runs)
    return (say("its row is no longer in the file, but it is on the map"), runs)


def _how_to_settle(redo: Redo, file: str) -> Text:
    if redo.field:
        return say("To resolve this: enter the right value in {where}.", where=cell_of(file, redo))
    if redo.desired:
        return say("To resolve this: correct or delete {row}.", row=row_of(file, redo.line))
    return say('To resolve this: restore the row with the id "{key}" in {file}.', key=redo.key, file=file)
