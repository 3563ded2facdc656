"""The story of a plan or a run: every sentence, and their order, whatever the format."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec.structs import replace

from umap_bot.model.natural import natural
from umap_bot.model.plan import Objection, Plan
from umap_bot.model.run import Run
from umap_bot.report.settling import settled
from umap_bot.report.story.acts import USUAL, Commands, answers
from umap_bot.report.story.counts import (
    counted,
    foreseen,
    nothing_left,
    rows_waiting,
    unaffected,
    up_to_date,
    waited,
    waiting,
)
from umap_bot.report.story.sections import asked_for, sections
from umap_bot.report.story.story import Line, Section, Story
from umap_bot.report.story.watching import watch_story
from umap_bot.report.story.words import SOMEONE, features, last_success, problems, some, took
from umap_bot.text import Text, joined, lines_of, say, say_n, verbatim

SYNC: Final = "umap-bot sync"


def plan_story(plan: Plan, last: datetime | None, commands: Commands = USUAL) -> Story:
    """Tell what a sync would do. `last` is when file and map last agreed, `commands` what people type."""
    if plan.verdict.held:
        return _held_story(plan, last, commands)
    end = joined((say("Nothing was written."), _to_do_it(plan, commands)))
    return Story(
        head=head_of(plan),
        sentence=_with_waiting(foreseen(plan), plan),
        counts=joined((unaffected(plan), rows_waiting(plan))),
        sections=(*why(plan), *sections(plan, last, would=True), *what_to_do(plan, commands)),
        end=(joined((end, last_success(last)), " · "),),
    )


def _with_waiting(sentence: Text, plan: Plan, settler: Run | None = None) -> Text:
    """Add how much waits for a person, or did until a later run settled it, if something does."""
    return joined((sentence, waited(plan) if settler else waiting(plan)))


def why(plan: Plan) -> tuple[Section, ...]:
    """Tell why a person is asked."""
    if not plan.verdict.asks:
        return ()
    title = say("Why") if plan.verdict.held else say("Needs your approval; everything else continues")
    return (Section("why", title, _reasons(plan)),)


def what_to_do(plan: Plan, commands: Commands) -> tuple[Section, ...]:
    """Tell what a person can do about what waits."""
    if not plan.verdict.asks:
        return ()
    told = answers(plan, commands)
    lines = tuple(Line(mark=f"{number}." if number else "→", said=(act.told,)) for number, act in told)
    return (Section("acts", say("What you can do"), lines),)


def _reasons(plan: Plan) -> tuple[Line, ...]:
    return tuple(_reason(number, objection) for number, objection in enumerate(plan.verdict.objections, 1))


def _to_do_it(plan: Plan, commands: Commands) -> Text:
    if not plan.effects.changes:
        return verbatim("")
    if plan.verdict.waiting:
        return say("To apply the rest: {command}", command=commands.sync)
    return say("To apply this: {command}          plan {code}", command=commands.sync, code=plan.code)


def run_story(
    run: Run, last: datetime | None, commands: Commands = USUAL, settler: Run | None = None
) -> Story:
    """Tell what a run did. `last` is when file and map agreed before it, `commands` what people type, and
    `settler` the later run after which nobody is asked any more what this one asked."""
    plan = run.plan
    if run.outcome == "failed":
        return _failed_story(run)
    if run.kind == "watch":
        return watch_story(run, last, commands)
    if plan is None:
        return Story(sentence=agree(run), end=(last_success(last),) if last else ())
    if plan.verdict.held:
        story = _held_story(plan, last, commands, pushed=run.pushes > 0)
        return _answered(story, settler, say("Approval was needed, and nothing was changed on the map."))
    if run.outcome == "restless":
        return _restless_story(run, plan)
    return _answered(_settled_story(run, plan, last, commands, settler), settler)


def _answered(story: Story, settler: Run | None, asked: Text | None = None) -> Story:
    """Return the story of a run whose question is no more: there is nothing left to do about it."""
    if settler is None:
        return story
    how = say("({how}: {command})", how=settled(settler), command=f"umap-bot show {settler.number}")
    told = (section for section in story.sections if section.lines and section.kind != "acts")
    return replace(
        story,
        sentence=joined((asked or story.sentence, how)),
        sections=tuple(_past(section, held=asked is not None) for section in told),
    )


PAST: Final = {
    "why": say("Why approval was needed"),
    "added": say("Would have been added"),
    "removed": say("Would have been removed"),
}
"""What sections of a question that is no more are called, by their kind."""


def _past(section: Section, *, held: bool) -> Section:
    """Return a section as it reads when its question is no more. `held`: nothing of it was done."""
    past = PAST.get(section.kind) if held or section.kind == "why" else None
    return replace(section, title=past) if past else section


def _restless_story(run: Run, plan: Plan) -> Story:
    return Story(
        head=(*head_of(plan), *approved(run)),
        sentence=say(
            "The map kept changing during the sync: some changes from the file may not be applied yet."
        ),
        end=(say("The next run continues from there."),),
    )


def _settled_story(
    run: Run, plan: Plan, last: datetime | None, commands: Commands, settler: Run | None
) -> Story:
    """Tell of a run that settled, or broke off."""
    if run.recovered and not run.applied:
        return _recovered_story(run, plan, last, commands, settler)
    if not run.applied:
        # An idle run looked at nothing: it has the plan of the run that asked. None is idle while rows wait.
        looked = run.number or plan.context.rows_wait
        told = sections(plan, last, would=False) if looked else asked_for(plan)
        return Story(
            head=(*head_of(plan), *approved(run)),
            sentence=_only_waits(run, plan, settler) if plan.verdict.waiting else agree(run),
            counts=rows_waiting(plan),
            sections=(*why(plan), *told, *what_to_do(plan, commands)),
        )
    done = plan.doing(run.applied, run.drift)
    return Story(
        head=(*head_of(plan), *approved(run)),
        sentence=_with_waiting(_done(run, plan), plan, settler),
        counts=rows_waiting(plan),
        sections=(*why(plan), *sections(done, last, would=False), *what_to_do(plan, commands)),
        end=(
            *((STAYS_UNDONE,) if plan.effects.undo else ()),
            say("See the map: {address}", address=plan.context.map_url),
            say(
                "Details: {command} · Undo: {undo}",
                command=f"umap-bot show {run.number}",
                undo=f"umap-bot rollback {run.number}",
            ),
        ),
    )


def _only_waits(run: Run, plan: Plan, settler: Run | None) -> Text:
    """Say that nothing else was to do, and since when the question stands."""
    if run.waiting is None or settler:
        return _with_waiting(say("Nothing was changed."), plan, settler)
    return say_n(
        "Nothing new. {count} change still needs your approval, since {time} (run {number}).",
        "Nothing new. {count} changes still need your approval, since {time} (run {number}).",
        len(plan.verdict.waiting),
        time=run.waiting.since,
        number=run.waiting.run,
    )


STAYS_UNDONE: Final = say(
    "Now correct the file. Until you do, each sync leaves what was undone as it is on the map, and reports "
    "it."
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


def _recovered_story(
    run: Run, plan: Plan, last: datetime | None, commands: Commands, settler: Run | None
) -> Story:
    """Tell what an earlier run did of which nobody heard: the answer to its push was lost."""
    stands = plan.doing(run.recovered)
    sentence = say(
        "Nothing more to do: what an earlier run had sent did reach the map: {counts}.",
        counts=counted(run.recovered, plan.context.total),
    )
    return Story(
        head=head_of(plan),
        sentence=_with_waiting(sentence, plan, settler),
        sections=(*why(plan), *sections(stands, last, would=False), *what_to_do(plan, commands)),
        end=(say("See the map: {address}", address=plan.context.map_url),),
    )


def _failed_story(run: Run) -> Story:
    first, *more = lines_of(run.error)
    return Story(
        sentence=say("Run {number} failed: {error}", number=run.number, error=first),
        sections=problems(more),
    )


def agree(run: Run) -> Text:
    if run.outcome == "unfinished":
        return say("Run {number} was interrupted before it could record anything.", number=run.number)
    if run.plan and run.plan.effects.undo:
        return nothing_left(run.plan.effects.undo)
    if run.plan and run.plan.context.rows_wait:
        return say("No feature had to change (version {version}).", version=run.commit.short)
    how = up_to_date(run.plan) if run.plan else say("neither the file nor the map has changed")
    return say("Nothing to do: {how} (version {version}).", how=how, version=run.commit.short)


def _held_story(plan: Plan, last: datetime | None, commands: Commands, *, pushed: bool = False) -> Story:
    return Story(
        head=head_of(plan),
        sentence=say(
            "APPROVAL NEEDED. Nothing from the file was applied. An edit that an earlier run had "
            "overwritten was restored."
        )
        if pushed
        else say("APPROVAL NEEDED. Nothing was changed on the map."),
        sections=(
            *why(plan),
            Section("why", joined((foreseen(plan), unaffected(plan), rows_waiting(plan))), ()),
            *sections(plan, last, would=True),
            *what_to_do(plan, commands),
        ),
        end=(last_success(last),),
    )


NAMED: Final = frozenset(
    {"deletes", "drift", "deleted", "foreign", "re-keyed", "look-alike", "orphaned", "redo"}
)
"""Rules that say how many features it is about; for these the first are named."""


def _reason(number: int, objection: Objection) -> Line:
    text = objection.text
    if objection.setting:
        text = say("{reason} ({setting})", reason=text, setting=objection.setting)
    names = (
        (some(sorted(objection.features, key=natural)),)
        if objection.rule in NAMED and objection.features
        else ()
    )
    return Line(mark=f"{number}.", said=(text,), notes=(*names, *objection.details))


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
