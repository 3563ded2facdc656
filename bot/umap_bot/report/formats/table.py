"""The change log as a table for a spreadsheet: a row for each thing that changed, in a run or by a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from umap_bot.model.change import Change, Create, Delete, Move, point_of
from umap_bot.model.drift import Drift
from umap_bot.model.layer import GEOMETRY
from umap_bot.model.run import Run
from umap_bot.redaction import redact_data
from umap_bot.report.formats.record import content_of
from umap_bot.report.language import Language
from umap_bot.report.log import again, summary
from umap_bot.report.story.words import SOMEONE, geometry_of, plain
from umap_bot.text import Text, say, verbatim

HEAD: Final = (
    say("run"),
    say("time"),
    say("layer"),
    say("id"),
    say("name"),
    say("what"),
    say("field"),
    say("before"),
    say("after"),
    say("by"),
    say("reason"),
)
"""What the columns are called."""


class Entry(NamedTuple):
    """One change. Values are as people read them, None where there is none."""

    key: str
    name: str
    what: Text
    field: Text = verbatim("")
    before: str | None = None
    after: str | None = None
    by: Text = verbatim("")
    reason: Text = verbatim("")


def table(runs: Iterable[Run], names: Mapping[str, str], tongue: Language) -> list[list[str]]:
    """Return the rows of cells, the head first, in the order of the runs. `names` are what people call each
    layer. A run that changed nothing has one row, that says why."""
    rows = [[tongue.say(each) for each in HEAD]]
    for run in runs:
        about = [str(run.number), _time(run.started), names.get(run.layer, run.layer)]
        rows += [[*about, *_cells(entry, tongue)] for entry in _entries(run)]
    return rows


def _time(time: datetime) -> str:
    """Return a time that spreadsheets take for one and that sorts, in this machine's time zone."""
    return f"{time.astimezone():%Y-%m-%d %H:%M:%S}"


def _cells(entry: Entry, tongue: Language) -> list[str]:
    return [redact_data(tongue.say(cell or "")) for cell in entry]


def _entries(run: Run) -> Iterator[Entry]:
    headers = run.plan.context.headers if run.plan else {}
    by_people = [_edited(drift) for drift in run.drift if drift.news]
    by_file = [entry for change in run.applied for entry in _changed(change, run, headers)]
    yield from by_people
    yield from by_file
    if not by_people and not by_file:
        yield Entry("", "", summary(run), reason=again(run))


def _edited(drift: Drift) -> Entry:
    what = {
        "overwrite": say("edited on the map, then restored from the file"),
        "keep": say("kept as edited on the map"),
        "hold": say("edited on the map: needs approval"),
    }[drift.outcome]
    if drift.kind == "deleted":
        what = {
            "overwrite": say("removed from the map, then restored from the file"),
            "keep": say("removed from the map, left off it"),
            "hold": say("removed from the map: needs approval"),
        }[drift.outcome]
    if drift.field == GEOMETRY:
        before, after = _place(drift.base), _place(drift.live)
        return Entry(drift.key, drift.name, what, say("position"), before, after, SOMEONE)
    field = verbatim(drift.header or drift.field)
    return Entry(drift.key, drift.name, what, field, plain(drift.base), plain(drift.live), SOMEONE)


def _changed(change: Change, run: Run, headers: Mapping[str, str]) -> Iterator[Entry]:
    by, reason = _author(run), _reason(change, run)
    about = change.key, change.name
    if isinstance(change, (Create, Delete)):
        added = isinstance(change, Create)
        what = say("added") if added else say("removed")
        properties, geometry = (
            (change.properties, change.geometry) if isinstance(change, Create) else content_of(change)
        )
        cells = [(verbatim(headers.get(name, name)), plain(value)) for name, value in properties.items()]
        cells = [*cells, (say("position"), _place(geometry))]
        told: list[tuple[Text, str | None]] = [cell for cell in cells if cell[1] is not None]
        for field, value in told or [(verbatim(""), None)]:
            yield Entry(*about, what, field, None if added else value, value if added else None, by, reason)
        return
    for cell in change.fields:
        field = verbatim(headers.get(cell.name, cell.name))
        yield Entry(*about, say("changed"), field, plain(cell.before), plain(cell.after), by, reason)
    if change.move:
        yield Entry(*about, say("moved"), say("position"), *_places(change.move), by, reason)


def _author(run: Run) -> Text:
    return verbatim(run.approved_by or run.commit.author)


def _reason(change: Change, run: Run) -> Text:
    """Return why: of what the file says the message of its version, else what kind of run it was."""
    if run.kind == "rollback" and run.plan and run.plan.effects.undo:
        return say("undoes run {number}", number=run.plan.effects.undo.run)
    if run.kind == "adopt":
        return say("matched with its row")
    if isinstance(change, Create) and change.recreates:
        return say("someone had removed it from the map")
    return verbatim(run.commit.message)


def _places(move: Move) -> tuple[str | None, str | None]:
    return _place(move.before), _place(move.after)


def _place(value: object) -> str | None:
    """Return latitude and longitude of a geometry's first position; None for none."""
    at = point_of(geometry_of(value)) if isinstance(value, dict) else None
    return f"{at[1]:.6f}, {at[0]:.6f}" if at else None
