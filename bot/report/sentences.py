"""What people are told, in words and in one order, whatever the format: the story of a plan or a run.

The order: one sentence; what people changed on the map since the last run, for it is news; what the file
changes, adds and removes; what is left alone; reasons to wait; what to do next.
"""

from __future__ import annotations

from typing import Final

import msgspec

from bot.model.change import Change, Create, Delete, Field, Update
from bot.model.layer import GEOMETRY
from bot.model.plan import Plan
from bot.model.run import Run
from bot.report.edits import people, standing
from bot.report.story import Line, Section, Story
from bot.report.words import (
    EMPTY,
    cut,
    features,
    last_success,
    listed,
    moment,
    moved_text,
    rows,
    some,
    took,
    value_text,
)

SYNC: Final = "umap-bot sync"

COLUMNS: Final = 3
"""How many columns of a new feature are shown in its line."""


FILLED: Final = 3
"""From more fields than this that were empty before, a line gives only their names."""


def plan_story(plan: Plan, last: Run | None, sync: str = SYNC) -> Story:
    """Tell what a sync would do. `last` is the last settled run, `sync` the command that does it."""
    if plan.held:
        return _held_story(plan, last, sync)
    end = "Nothing was written."
    if plan.changes:
        end += f" To do it: {sync}          plan {plan.code}"
    return Story(
        head_of(plan), _would(plan), _sections(plan, last, would=True), (f"{end} · {last_success(last)}",)
    )


def run_story(run: Run, last: Run | None, sync: str = SYNC) -> Story:
    """Tell what a run did. `last` is the settled run before it, `sync` the command that can do it again."""
    plan = run.plan
    if run.outcome == "failed":
        first, *more = run.error.split("\n")
        problems = Section("Problems", tuple(Line("·", "", problem) for problem in more))
        return Story((), f"Run {run.number} failed: {first}", (problems,) if more else (), ())
    if plan is None:
        return Story((), _agree(run), (), (last_success(last),) if last else ())
    if plan.held:
        return _held_story(plan, last, sync)
    if run.outcome == "restless":
        sentence = "The map kept changing while we pushed: not everything of the file may stand on it yet."
        return Story(head_of(plan), sentence, (), ("The next run goes on from what stands now.",))
    if not run.landed:
        return Story((), _agree(run), _sections(plan, last, would=False), ())
    done = msgspec.structs.replace(plan, changes=run.landed, drift=run.drift)
    sentence = (
        f"Done: {_counted(run.landed, plan.total)}, read back and verified (run {run.number}{took(run)})."
    )
    end = (f"See it: {plan.map_url}", f"Details: umap-bot show {run.number}")
    return Story(head_of(plan), sentence, _sections(done, last, would=False), end)


def _agree(run: Run) -> str:
    if run.outcome == "unfinished":
        return f"Run {run.number} broke off before it could write anything down."
    return f"Nothing to do: map and file agree (version {run.commit.short})."


def _held_story(plan: Plan, last: Run | None, sync: str) -> Story:
    reasons = tuple(
        Line(f"{number}.", "", objection.text + (f" ({objection.setting})" if objection.setting else ""))
        for number, objection in enumerate(plan.objections, 1)
    )
    end = (
        f"Wrong file:  put the old one back{_published(plan)}, there is nothing else to do.",
        f"It is meant: {sync} --approve {plan.code}          (good once)",
        last_success(last),
    )
    sentence = "WAITING FOR YOUR OK. Nothing was written; the public map is unchanged."
    sections = (Section("Why", reasons), Section(_would(plan), ()), *_sections(plan, last, would=True))
    return Story(head_of(plan), sentence, sections, end)


def _published(plan: Plan) -> str:
    return f" (version {plan.published[:7]} stands on the map)" if plan.published else ""


def head_of(plan: Plan) -> tuple[str, ...]:
    """Give the lines that say which layer and which version of the file is spoken of."""
    commit = plan.commit
    told = [commit.author, moment(commit.date), f'"{commit.message}"' if commit.message else ""]
    details = ", ".join(part for part in told if part)
    return (
        f'{plan.map_name} › layer "{plan.layer_name}"          {features(plan.total)}',
        f"File {plan.file}, version {commit.short}" + (f": {details}" if details else ""),
    )


def _would(plan: Plan) -> str:
    if not plan.changes:
        return "Nothing to do: map and file agree."
    counts = plan.counts
    parts = [f"change {features(counts.update)}"] if counts.update else []
    parts += [f"add {counts.create}"] if counts.create else []
    parts += [f"remove {counts.delete}"] if counts.delete else []
    return f"A sync would {listed(parts)}.{_none(plan)}"


def _none(plan: Plan) -> str:
    """Say what would not happen: a missing word must not hide a deletion."""
    counts = plan.counts
    missing = [
        word
        for count, word in ((counts.update, "changed"), (counts.create, "added"), (counts.delete, "removed"))
        if not count
    ]
    return f" None {', none '.join(missing)}." if missing else ""


def _counted(changes: tuple[Change, ...], total: int) -> str:
    created = sum(isinstance(change, Create) for change in changes)
    updated = sum(isinstance(change, Update) for change in changes)
    deleted = len(changes) - created - updated
    parts = [f"{updated} of {features(total)} changed"] if updated else []
    parts += [f"{created} added"] if created else []
    parts += [f"{deleted} removed"] if deleted else []
    return listed(parts)


def _sections(plan: Plan, last: Run | None, *, would: bool) -> tuple[Section, ...]:
    since = f" since the last sync ({moment(last.ended)})" if last else ""
    by_people = "On the map, not in the file" if plan.first else f"Changed on the map by someone{since}"
    by_file = "Got the id of their row" if plan.kind == "adopt" else "Changed in the file"
    put_back = {(drift.key, drift.field) for drift in plan.drift}
    sections = [
        Section(by_people, people(plan, would=would)),
        Section(by_file, tuple(_updated(update, put_back) for update in plan.updates)),
        Section("Added", tuple(_created(create, plan.key) for create in plan.creates)),
        Section("Removed", tuple(_deleted(delete) for delete in plan.deletes)),
        Section("Different on purpose", tuple(standing(drift) for drift in plan.drift if drift.standing)),
        Section("To know", _to_know(plan)),
    ]
    return tuple(
        msgspec.structs.replace(section, lines=lines)
        for section in sections
        if (lines := tuple(line for line in section.lines if line.text))
    )


def _updated(update: Update, put_back: set[tuple[str, str]]) -> Line:
    """Tell what the file changes; what only puts the file's value back was told as news."""
    fields = _fields([field for field in update.fields if (update.key, field.name) not in put_back])
    if update.move and (update.key, GEOMETRY) not in put_back:
        fields.append(moved_text(update.move))
    context = " · ".join(f"{name} {cut(text)}" for name, text in update.context.items())
    return Line("~", update.name, "; ".join(fields), (f"({context})",) if context and fields else ())


def _fields(changed: list[Field]) -> list[str]:
    """Tell each field; but many that were empty before, as after a first sync, only by their names."""
    filled = [field.name for field in changed if value_text(field.before) == EMPTY]
    if len(filled) <= FILLED:
        return [_field(field) for field in changed]
    told = [_field(field) for field in changed if field.name not in filled]
    return [*told, f"{len(filled)} fields filled in: {some(tuple(filled))}"]


def _field(field: Field) -> str:
    return f"{field.name}  {value_text(field.before)} → {value_text(field.after)}"


def _created(create: Create, key: str) -> Line:
    shown = [(name, value) for name, value in create.properties.items() if name not in {key, "name"}]
    columns = [f"{name} {value_text(value)}" for name, value in shown[:COLUMNS]]
    text = "put back: someone removed it from the map" if create.recreates else ", ".join(columns)
    return Line("+", create.name, text or "added")


def _deleted(delete: Delete) -> Line:
    why = {
        "row": f"its row ({delete.key}) is gone from the file",
        "double": "a second copy of the same feature, left by uMap's live editing",
        "foreign": "added on the map, not in the file",
    }
    return Line("-", delete.name or "(no name)", why[delete.why])


def _to_know(plan: Plan) -> tuple[Line, ...]:
    lines = [Line("·", "", warning) for warning in plan.warnings]
    if plan.pending:
        count = len(plan.pending)
        lines.append(
            Line("·", "", f"{rows(count)} without coordinates, not on the map yet: {some(plan.pending)}")
        )
    if plan.ids and plan.changes:
        lines.append(
            Line("·", "", f"{features(plan.ids)} get an id of uMap's own, so that people can save beside us.")
        )
    lines += [
        Line("·", clone.names[0], f"its id {clone.key} stands {len(clone.names)} times on the map")
        for clone in plan.clones
    ]
    return tuple(lines)
