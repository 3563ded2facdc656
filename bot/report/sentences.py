"""The story of a plan or a run: every sentence, and their order, whatever the format."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from bot.model.change import Change, Create, Update
from bot.model.plan import Objection, Plan
from bot.model.run import Run
from bot.report.sections import sections
from bot.report.story import Line, Section, Story
from bot.report.words import (
    features,
    last_success,
    listed,
    some,
    took,
)
from bot.text import Text, joined, lines_of, say, say_n, verbatim

SYNC: Final = "umap-bot sync"


def plan_story(plan: Plan, last: datetime | None, sync: str = SYNC) -> Story:
    """Tell what a sync would do. `last` is when file and map last agreed, `sync` the command that does it."""
    if plan.held:
        return _held_story(plan, last, sync)
    end = joined((say("Nothing was written."), _to_do_it(plan, sync)))
    return Story(
        head=head_of(plan),
        sentence=foreseen(plan),
        counts=_none(plan),
        sections=sections(plan, last, would=True),
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
        told = sections(plan, last, would=False) if run.outcome == "nothing" else ()
        return Story(head=head_of(plan), sentence=agree(run), sections=told)
    done = msgspec.structs.replace(plan, changes=run.landed, drift=run.drift)
    return Story(
        head=head_of(plan),
        sentence=say(
            "Done: {counts}, read back and verified ({run}).",
            counts=counted(run.landed, plan.total),
            run=joined((say("run {number}", number=run.number), took(run)), ", "),
        ),
        sections=sections(done, last, would=False),
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
        sections=sections(stands, last, would=False),
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
            *sections(plan, last, would=True),
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
