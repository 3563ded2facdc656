"""The story of a plan or a run: every sentence, and their order, whatever the format."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from umap_bot.model.plan import Objection, Plan
from umap_bot.model.run import Run
from umap_bot.report.story.counts import counted, foreseen, nothing_left, rows_waiting, unaffected
from umap_bot.report.story.sections import sections
from umap_bot.report.story.story import Line, Section, Story
from umap_bot.report.story.words import SOMEONE, features, last_success, problems, some, took
from umap_bot.text import Text, joined, lines_of, say, verbatim

SYNC: Final = "umap-bot sync"


def plan_story(plan: Plan, last: datetime | None, sync: str = SYNC) -> Story:
    """Tell what a sync would do. `last` is when file and map last agreed, `sync` the command that does it."""
    if plan.verdict.held:
        return _held_story(plan, last, sync)
    end = joined((say("Nothing was written."), _to_do_it(plan, sync)))
    return Story(
        head=head_of(plan),
        sentence=foreseen(plan),
        counts=joined((unaffected(plan), rows_waiting(plan))),
        sections=(*_waiting(plan), *sections(plan, last, would=True)),
        end=(*_answers(plan, sync), joined((end, last_success(last)), " · ")),
    )


def _waiting(plan: Plan) -> tuple[Section, ...]:
    """Tell what waits for a person while all the rest goes on."""
    if not plan.verdict.waiting:
        return ()
    return (Section("why", say("Waits for you; all else goes on"), _reasons(plan)),)


def _answers(plan: Plan, sync: str) -> tuple[Text, ...]:
    if not plan.verdict.waiting:
        return ()
    return (say("To do it: {command}          (good once)", command=f"{sync} --approve {plan.code}"),)


def _reasons(plan: Plan) -> tuple[Line, ...]:
    return tuple(_reason(number, objection) for number, objection in enumerate(plan.verdict.objections, 1))


def _to_do_it(plan: Plan, sync: str) -> Text:
    if not plan.effects.changes:
        return verbatim("")
    return say("To do it: {command}          plan {code}", command=sync, code=plan.code)


def run_story(run: Run, last: datetime | None, sync: str = SYNC) -> Story:
    """Tell what a run did. `last` is when file and map agreed before it, `sync` the command that does it."""
    plan = run.plan
    if run.outcome == "failed":
        return _failed_story(run)
    if plan is None:
        return Story(sentence=agree(run), end=(last_success(last),) if last else ())
    if plan.verdict.held:
        return _held_story(plan, last, sync, pushed=run.pushes > 0)
    if run.outcome == "restless":
        return _restless_story(run, plan)
    return _settled_story(run, plan, last, sync)


def _restless_story(run: Run, plan: Plan) -> Story:
    return Story(
        head=(*head_of(plan), *approved(run)),
        sentence=say(
            "The map kept changing while we pushed: not everything of the file may stand on it yet."
        ),
        end=(say("The next run goes on from what stands now."),),
    )


def _settled_story(run: Run, plan: Plan, last: datetime | None, sync: str) -> Story:
    """Tell of a run that settled, or broke off."""
    if run.recovered and not run.applied:
        return _recovered_story(run, plan, last)
    if not run.applied:
        told = sections(plan, last, would=False) if run.outcome == "nothing" else ()
        asked = _waiting(plan)
        return Story(
            head=(*head_of(plan), *approved(run)),
            sentence=agree(run),
            counts=rows_waiting(plan),
            sections=(*asked, *told),
            end=_answers(plan, sync),
        )
    done = plan.doing(run.applied, run.drift)
    return Story(
        head=(*head_of(plan), *approved(run)),
        sentence=_done(run, plan),
        counts=rows_waiting(plan),
        sections=(*_waiting(plan), *sections(done, last, would=False)),
        end=(
            *_answers(plan, sync),
            *((STAYS_UNDONE,) if plan.effects.undo else ()),
            say("See it: {address}", address=plan.context.map_url),
            say(
                "Details: {command} · Undo: {undo}",
                command=f"umap-bot show {run.number}",
                undo=f"umap-bot rollback {run.number}",
            ),
        ),
    )


STAYS_UNDONE: Final = say(
    "Now put the file right. As long as it asks for what was undone, a sync leaves the map as it is there, "
    "and says so."
)


def _done(run: Run, plan: Plan) -> Text:
    counts = counted(run.applied, plan.context.total)
    named = joined((say("run {number}", number=run.number), took(run)), ", ")
    if plan.effects.undo is None:
        return say("Done: {counts}, read back and verified ({run}).", counts=counts, run=named)
    return say(
        "Run {undone} is undone: {counts}, read back and verified ({run}).",
        undone=plan.effects.undo.run,
        counts=counts,
        run=named,
    )


def _recovered_story(run: Run, plan: Plan, last: datetime | None) -> Story:
    """Tell what an earlier run did of which nobody heard: the answer to its push was lost."""
    stands = plan.doing(run.recovered)
    return Story(
        head=head_of(plan),
        sentence=say(
            "Nothing more to do: what an earlier run had sent stands after all: {counts}.",
            counts=counted(run.recovered, plan.context.total),
        ),
        sections=sections(stands, last, would=False),
        end=(say("See it: {address}", address=plan.context.map_url),),
    )


def _failed_story(run: Run) -> Story:
    first, *more = lines_of(run.error)
    return Story(
        sentence=say("Run {number} failed: {error}", number=run.number, error=first),
        sections=problems(more),
    )


def agree(run: Run) -> Text:
    if run.outcome == "unfinished":
        return say("Run {number} broke off before it could write anything down.", number=run.number)
    if run.plan and run.plan.effects.undo:
        return nothing_left(run.plan.effects.undo)
    if run.plan and run.plan.context.rows_wait:
        return say("No feature had to change (version {version}).", version=run.commit.short)
    return say("Nothing to do: map and file agree (version {version}).", version=run.commit.short)


def _held_story(plan: Plan, last: datetime | None, sync: str, *, pushed: bool = False) -> Story:
    return Story(
        head=head_of(plan),
        sentence=say(
            "WAITING FOR YOUR OK. Nothing of the file was written; a save of somebody's that an earlier push "
            "had run over was put back."
        )
        if pushed
        else say("WAITING FOR YOUR OK. Nothing was written; the public map is unchanged."),
        sections=(
            Section("why", say("Why"), _reasons(plan)),
            Section("why", joined((foreseen(plan), unaffected(plan), rows_waiting(plan))), ()),
            *sections(plan, last, would=True),
        ),
        end=(
            *_wrong_file(plan),
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
    return Line(mark=f"{number}.", said=(text,), notes=(*names, *objection.details))


def _wrong_file(plan: Plan) -> tuple[Text, ...]:
    """Say what to do if it is not meant, as far as the file is to blame."""
    if plan.effects.undo:
        return ()
    if not plan.context.published:
        return (say("Wrong file:  put the old one back, there is nothing else to do."),)
    return (
        say(
            "Wrong file:  put the old one back (version {version} stands on the map), there is nothing else "
            "to do.",
            version=plan.context.published[:7],
        ),
    )


def head_of(plan: Plan) -> tuple[Text, ...]:
    """Return the lines that say which layer and which version of the file is spoken of."""
    layer = say(
        '{map} › layer "{layer}"          {features}',
        map=plan.context.map_name,
        layer=plan.context.layer_name,
        features=features(plan.context.total),
    )
    return (layer, file_of(plan))


def approved(run: Run) -> tuple[Text, ...]:
    """Return who approved what the run carried out, and when; nothing if nobody had to."""
    if run.approved_at is None:
        return ()
    return (say("Approved by {name}, {time}", name=run.approved_by or SOMEONE, time=run.approved_at),)


def file_of(plan: Plan) -> Text:
    """Return which version of the file it is, of whom and when."""
    commit = plan.context.commit
    version = say("File {file}, version {version}", file=plan.context.file, version=commit.short)
    message = say('"{message}"', message=commit.message) if commit.message else ""
    date = say("{time}", time=commit.date) if commit.date else ""
    details = joined((commit.author, date, message), ", ")
    return say("{version}: {details}", version=version, details=details) if details else version
