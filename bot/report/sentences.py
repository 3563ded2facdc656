"""The story of a plan or a run: every sentence, and their order, whatever the format."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from bot.model.change import Change, Create, Delete, Field, Update
from bot.model.layer import GEOMETRY
from bot.model.plan import Objection, Plan
from bot.model.run import Run
from bot.report.edits import people, settings, standing, wars
from bot.report.story import Diff, Line, Section, Spot, Story
from bot.report.words import (
    NAMELESS,
    difference,
    features,
    last_success,
    listed,
    moved,
    plain,
    quoted,
    rows,
    some,
    took,
)
from bot.text import Text, joined, lines_of, say, say_n, verbatim

SYNC: Final = "umap-bot sync"

COLUMNS: Final = 3
"""How many columns of a new feature are shown in its line."""

FILLED: Final = 3
"""From more fields than this that were empty before, a line gives only their names."""


def plan_story(plan: Plan, last: datetime | None, sync: str = SYNC) -> Story:
    """Tell what a sync would do. `last` is when file and map last agreed, `sync` the command that does it."""
    if plan.held:
        return _held_story(plan, last, sync)
    end = joined((say("Nothing was written."), _to_do_it(plan, sync)))
    return Story(
        head=head_of(plan),
        sentence=foreseen(plan),
        counts=_none(plan),
        sections=_sections(plan, last, would=True),
        end=(joined((end, last_success(last)), " · "),),
    )


def _to_do_it(plan: Plan, sync: str) -> Text:
    if not plan.changes:
        return verbatim("")
    return say("To do it: {command}          plan {code}", command=sync, code=plan.code)


def run_story(run: Run, last: datetime | None, sync: str = SYNC) -> Story:
    """Tell what a run did. `last` is when file and map agreed before it, `sync` the command that does it."""
    plan = run.plan
    if run.outcome == "failed":
        return _failed_story(run)
    if plan is None:
        return Story(sentence=agree(run), end=(last_success(last),) if last else ())
    if plan.held:
        return _held_story(plan, last, sync, pushed=run.pushes > 0)
    return _restless_story(plan) if run.outcome == "restless" else _settled_story(run, plan, last)


def _restless_story(plan: Plan) -> Story:
    return Story(
        head=head_of(plan),
        sentence=say(
            "The map kept changing while we pushed: not everything of the file may stand on it yet."
        ),
        end=(say("The next run goes on from what stands now."),),
    )


def _settled_story(run: Run, plan: Plan, last: datetime | None) -> Story:
    """Tell of a run that settled, or broke off."""
    if run.recovered and not run.landed:
        return _recovered_story(run, plan, last)
    if not run.landed:
        told = _sections(plan, last, would=False) if run.outcome == "nothing" else ()
        return Story(head=head_of(plan), sentence=agree(run), sections=told)
    done = msgspec.structs.replace(plan, changes=run.landed, drift=run.drift)
    return Story(
        head=head_of(plan),
        sentence=say(
            "Done: {counts}, read back and verified ({run}).",
            counts=counted(run.landed, plan.total),
            run=joined((say("run {number}", number=run.number), took(run)), ", "),
        ),
        sections=_sections(done, last, would=False),
        end=(
            say("See it: {address}", address=plan.map_url),
            say("Details: {command}", command=f"umap-bot show {run.number}"),
        ),
    )


def _recovered_story(run: Run, plan: Plan, last: datetime | None) -> Story:
    """Tell what an earlier run did of which nobody heard: the answer to its push was lost."""
    stands = msgspec.structs.replace(plan, changes=run.recovered)
    return Story(
        head=head_of(plan),
        sentence=say(
            "Nothing more to do: what an earlier run had sent stands after all: {counts}.",
            counts=counted(run.recovered, plan.total),
        ),
        sections=_sections(stands, last, would=False),
        end=(say("See it: {address}", address=plan.map_url),),
    )


def _failed_story(run: Run) -> Story:
    first, *more = lines_of(run.error)
    problems = Section("problems", say("Problems"), tuple(Line(mark="·", said=(each,)) for each in more))
    return Story(
        sentence=say("Run {number} failed: {error}", number=run.number, error=first),
        sections=(problems,) if more else (),
    )


def agree(run: Run) -> Text:
    if run.outcome == "unfinished":
        return say("Run {number} broke off before it could write anything down.", number=run.number)
    return say("Nothing to do: map and file agree (version {version}).", version=run.commit.short)


def _held_story(plan: Plan, last: datetime | None, sync: str, *, pushed: bool = False) -> Story:
    reasons = tuple(_reason(number, objection) for number, objection in enumerate(plan.objections, 1))
    return Story(
        head=head_of(plan),
        sentence=say(
            "WAITING FOR YOUR OK. Nothing of the file was written; a save of somebody's that an earlier push "
            "had run over was put back."
        )
        if pushed
        else say("WAITING FOR YOUR OK. Nothing was written; the public map is unchanged."),
        sections=(
            Section("why", say("Why"), reasons),
            Section("why", joined((foreseen(plan), _none(plan))), ()),
            *_sections(plan, last, would=True),
        ),
        end=(
            _wrong_file(plan),
            say("It is meant: {command}          (good once)", command=f"{sync} --approve {plan.code}"),
            last_success(last),
        ),
    )


NAMED: Final = frozenset({"deletes", "drift", "deleted", "foreign", "re-keyed"})
"""Rules that say how many features it is about; for these the first are named."""


def _reason(number: int, objection: Objection) -> Line:
    text = objection.text
    if objection.setting:
        text = say("{reason} ({setting})", reason=text, setting=objection.setting)
    names = (some(objection.features),) if objection.rule in NAMED and objection.features else ()
    return Line(mark=f"{number}.", said=(text,), notes=names)


def _wrong_file(plan: Plan) -> Text:
    if not plan.published:
        return say("Wrong file:  put the old one back, there is nothing else to do.")
    return say(
        "Wrong file:  put the old one back (version {version} stands on the map), there is nothing else "
        "to do.",
        version=plan.published[:7],
    )


def head_of(plan: Plan) -> tuple[Text, ...]:
    """Give the lines that say which layer and which version of the file is spoken of."""
    layer = say(
        '{map} › layer "{layer}"          {features}',
        map=plan.map_name,
        layer=plan.layer_name,
        features=features(plan.total),
    )
    return (layer, file_of(plan))


def file_of(plan: Plan) -> Text:
    """Say which version of the file it is, of whom and when."""
    commit = plan.commit
    version = say("File {file}, version {version}", file=plan.file, version=commit.short)
    message = say('"{message}"', message=commit.message) if commit.message else ""
    date = say("{time}", time=commit.date) if commit.date else ""
    details = joined((commit.author, date, message), ", ")
    return say("{version}: {details}", version=version, details=details) if details else version


def foreseen(plan: Plan) -> Text:
    """Say in one sentence what a sync would do."""
    if not plan.changes:
        return say("Nothing to do: map and file agree.")
    counts = plan.counts
    parts = [say("change {features}", features=features(counts.update))] if counts.update else []
    parts += [say("add {count}", count=counts.create)] if counts.create else []
    parts += [say("remove {count}", count=counts.delete)] if counts.delete else []
    return say("A sync would {what}.", what=listed(parts))


def _none(plan: Plan) -> Text:
    """Say what would not happen: a missing word must not hide a deletion."""
    counts = plan.counts
    if not plan.changes:
        return verbatim("")
    none = {
        (False, False, True): say("None changed, none added."),
        (False, True, False): say("None changed, none removed."),
        (True, False, False): say("None added, none removed."),
        (False, True, True): say("None changed."),
        (True, False, True): say("None added."),
        (True, True, False): say("None removed."),
    }
    return none.get((counts.update > 0, counts.create > 0, counts.delete > 0), verbatim(""))


def counted(changes: tuple[Change, ...], total: int) -> Text:
    created = sum(isinstance(change, Create) for change in changes)
    updated = sum(isinstance(change, Update) for change in changes)
    deleted = len(changes) - created - updated
    parts = (
        [
            say_n(
                "{count} of {features} changed",
                "{count} of {features} changed",
                updated,
                features=features(total),
            )
        ]
        if updated
        else []
    )
    parts += [say_n("{count} added", "{count} added", created)] if created else []
    parts += [say_n("{count} removed", "{count} removed", deleted)] if deleted else []
    return listed(parts)


def _sections(plan: Plan, last: datetime | None, *, would: bool) -> tuple[Section, ...]:
    by_file = say("Got the id of their row") if plan.kind == "adopt" else say("Changed in the file")
    put_back = {(drift.key, drift.field) for drift in plan.drift}
    sections = (
        Section("war", say("Put back again and again: the file may be wrong"), wars(plan)),
        Section("people", _by_people(plan, last), (*people(plan, would=would), *settings(plan))),
        Section("file", by_file, tuple(_updated(update, put_back) for update in plan.updates)),
        Section(
            "added",
            say("Would be added") if would else say("Added"),
            tuple(_created(create, plan.key) for create in plan.creates),
        ),
        Section(
            "removed",
            say("Would be removed") if would else say("Removed"),
            tuple(_deleted(delete) for delete in plan.deletes),
        ),
        Section(
            "purpose",
            say("Different on purpose"),
            tuple(standing(drift) for drift in plan.drift if drift.standing),
        ),
        Section("know", say("To know"), _to_know(plan)),
    )
    told = (
        msgspec.structs.replace(section, lines=tuple(line for line in section.lines if line.said))
        for section in sections
    )
    return tuple(section for section in told if section.lines)


def _by_people(plan: Plan, last: datetime | None) -> Text:
    if plan.first:
        return say("On the map, not in the file")
    saves = plan.news_of_map.saves
    details = [say("{time}", time=last)] if last else []
    if len(saves) > 1:
        details.append(say("{count} saves, the last one {time}", count=len(saves), time=saves[-1]))
    if not details:
        return say("Changed on the map by someone")
    if not last:
        return say("Changed on the map by someone ({details})", details=details[-1])
    return say("Changed on the map by someone since the last sync ({details})", details=joined(details, "; "))


def _updated(update: Update, put_back: set[tuple[str, str]]) -> Line:
    """Tell what the file changes; what only puts the file's value back was told as news."""
    said = _fields([field for field in update.fields if (update.key, field.name) not in put_back])
    move = update.move if (update.key, GEOMETRY) not in put_back else None
    if move:
        said.append(moved(move))
    context = tuple(update.context.items()) if said else ()
    spot = Spot(move.before, move.after, update.at) if move else Spot(at=update.at)
    return Line(
        mark="~",
        name=verbatim(update.name),
        said=tuple(said),
        context=context,
        key=update.key,
        spot=spot,
    )


def _fields(changed: list[Field]) -> list[Text | Diff]:
    """Tell each field; but many that were empty before, as after a first sync, only by their names."""
    filled = [field.name for field in changed if plain(field.before) is None]
    if len(filled) <= FILLED:
        return [_field(field) for field in changed]
    told: list[Text | Diff] = [_field(field) for field in changed if field.name not in filled]
    names = say("{count} fields filled in: {names}", count=len(filled), names=some(filled))
    return [*told, names]


def _field(field: Field) -> Diff | Text:
    return difference(verbatim(field.name), plain(field.before), plain(field.after))


def _created(create: Create, key: str) -> Line:
    shown = [(name, value) for name, value in create.properties.items() if name not in {key, "name"}]
    columns = joined(
        (say("{column} {value}", column=name, value=quoted(plain(value))) for name, value in shown[:COLUMNS]),
        ", ",
    )
    text = say("put back: someone removed it from the map") if create.recreates else columns
    spot = Spot(None, create.geometry, create.at)
    name = verbatim(create.name)
    return Line(mark="+", name=name, said=(text or say("added"),), key=create.key, spot=spot)


def _deleted(delete: Delete) -> Line:
    why = {
        "row": say("its row ({key}) is gone from the file", key=delete.key),
        "double": say("a second copy of the same feature, left by uMap's live editing"),
        "foreign": say("added on the map, not in the file"),
    }
    geometry = delete.inverse().geometry if delete.raw else None
    spot = Spot(geometry, None, delete.at)
    name = verbatim(delete.name) if delete.name else NAMELESS
    return Line(mark="-", name=name, said=(why[delete.why],), key=delete.key, spot=spot)


def _to_know(plan: Plan) -> tuple[Line, ...]:
    lines = [*_of_file(plan), *_of_umap(plan), *plan.warnings]
    clones = [
        Line(
            mark="·",
            name=verbatim(clone.names[0]),
            said=(
                say("its id {key} stands {count} times on the map", key=clone.key, count=len(clone.names)),
            ),
            key=clone.key,
        )
        for clone in plan.clones
    ]
    return (*(Line(mark="·", said=(text,)) for text in lines), *clones)


def _of_file(plan: Plan) -> list[Text]:
    told = []
    if plan.same_as and plan.same_as.date:
        told.append(
            say(
                "{file} is identical to its version of {date:day} ({version}). Undoing on purpose? Then all "
                "is well.",
                file=plan.file,
                date=plan.same_as.date,
                version=plan.same_as.short,
            )
        )
    if plan.waiting:
        told.append(
            say_n(
                "{features} stays until the layer to which the file gives it has it: {names}",
                "{features} stay until the layer to which the file gives them has them: {names}",
                len(plan.waiting),
                features=features(len(plan.waiting)),
                names=some(plan.waiting),
            )
        )
    if plan.pending:
        count = len(plan.pending)
        told.append(
            say(
                "{rows} without coordinates, not on the map yet: {names}",
                rows=rows(count),
                names=some(plan.pending),
            )
        )
    return told


CROWDED: Final = 8
"""From how many of uMap's versions stored by us people are told: theirs are then about to go."""


def _of_umap(plan: Plan) -> list[Text]:
    news = plan.news_of_map
    told = []
    if news.release:
        told.append(
            say(
                "uMap was updated: {before} → {release}. The sync goes on; every push is read back.",
                before=news.before,
                release=news.release,
            )
        )
    if plan.changes and news.ours >= CROWDED:
        told.append(
            say(
                "Of the {kept} versions of the layer that uMap keeps, {ours} are the bot's: to go further "
                "back, the log has a copy from before each run.",
                kept=news.kept,
                ours=news.ours,
            )
        )
    if plan.ids and plan.changes:
        told.append(
            say(
                "{features} get an id of uMap's own, so that people can save beside us.",
                features=features(plan.ids),
            )
        )
    return told
