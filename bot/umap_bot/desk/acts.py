"""What people do at the desk: the same as the commands do, in their names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from umap_bot.dataset.findings import FileError
from umap_bot.desk.desk import Desk, Kept
from umap_bot.desk.jobs import Told
from umap_bot.errors import BotError, DatasetError, UsageError
from umap_bot.model.decision import Decision
from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.report.hide import without_columns
from umap_bot.report.story.acts import Act, Answer, answers
from umap_bot.report.story.deciding import decided, who_and_when
from umap_bot.report.story.decisions import Question
from umap_bot.report.story.sentences import plan_story, run_story
from umap_bot.report.story.words import SOMEONE
from umap_bot.run import passes, undoing
from umap_bot.run.approving import approve, approving, refuse_used, take_back
from umap_bot.run.deciding import approve_parts, keep
from umap_bot.text import Text, say
from umap_bot.wiring import Wired, audience, file_of

AFTER_APPROVAL: Final = passes.PATIENCE
"""How long the sync that an approval begins waits for a run that has the layer."""


def offered(desk: Desk, layer: Kept, question: Question) -> tuple[tuple[str, Act], ...]:
    """Return what a person can do about what is asked: each act with the number of its reason."""
    return answers(question.plan, desk.commands(desk.layers())[layer.name])


def plan(desk: Desk, layer: Kept) -> Told:
    """Tell what a sync would do. Raise BotError."""
    wired = desk.wire()[layer.name]
    (found,) = passes.preview_all([wired.work], wired.journal, wired.clock)
    return told(desk, layer, wired, found)


def sync(
    desk: Desk, layer: Kept, by: str, patience: timedelta = passes.NONE, *, whole_file: bool = False
) -> Told:
    """Sync a layer, and let it be heard; with `whole_file` also the other layers that its file feeds.

    `patience` is how long to wait for a run that has one of them. What came of the layer is returned.
    """
    wired = desk.wire()
    first, commands = wired[layer.name], desk.commands(desk.layers())
    hearers = audience([*wired.values()], desk.tongue, commands=commands)
    beside = [each for name, each in wired.items() if name != layer.name and _shares(each, first)]
    works = [each.work for each in (first, *(beside if whole_file else ()))]
    ended = passes.make_pass(works, first.journal, first.clock, hearers, patience)
    for name, end in ended:
        if isinstance(end, Run):
            desk.note(by, say("Started this run"), name, end.number)
    return told(desk, layer, first, [end for name, end in ended if name == layer.name][-1])


def _shares(one: Wired, other: Wired) -> bool:
    """Return whether one file feeds both layers."""
    return file_of(one.settings) == file_of(other.settings)


def approve_now(desk: Desk, layer: Kept, by: str, code: str, answer: Answer) -> None:
    """Let the file win in what is asked, for the next sync. Raise UsageError if it is asked no more."""
    with desk.answering:
        refuse_stale(desk, layer, code, answer)
        clock = desk.wire()[layer.name].clock
        if answer.keys:
            made = approve_parts([layer.name], code, answer.keys, by, desk.journal, clock)
            for each in made:
                desk.note(by, _what(each, layer), layer.name)
            return
        refuse_used(code, [layer.name], desk.journal)
        approve([layer.name], code, desk.journal, clock, layer.settings.policy, by)
        desk.note(by, say("Approved plan {code}", code=code), layer.name)


def keep_now(desk: Desk, layer: Kept, by: str, code: str, answer: Answer) -> Told:
    """Leave the map as it is in what is asked. Raise UsageError if it is asked no more, BotError."""
    wired = desk.wire()[layer.name]
    with desk.answering, told_in_full(layer):
        refuse_stale(desk, layer, code, answer)
        made = keep(wired.work, answer.keys, answer.field, by, wired.journal, wired.clock)
    for each in made:
        desk.note(by, _what(each, layer), layer.name)
    return Told(lines=tuple(_what(each, layer) for each in made))


def _what(decision: Decision, layer: Kept) -> Text:
    """Return what was decided, without who and when."""
    said = without_columns(replace(decision, by="", at=None, number=0), layer.hidden)
    return decided(said, layer.settings.headers)


def take_back_now(desk: Desk, layer: Kept, by: str, word: str) -> None:
    """Take a decision back by its number, or an approval by its code. Raise UsageError if there is none."""
    clock = desk.wire()[layer.name].clock
    with desk.answering:
        if word.isascii() and word.isdigit():
            desk.journal.take_back(layer.name, [int(word[:9])], clock)
            desk.note(by, say("Took decision {number} back", number=int(word[:9])), layer.name)
        else:
            take_back(word, desk.reader.approvals(layer.name, desk.now()), desk.journal)
            desk.note(by, say("Took the approval of plan {code} back", code=word), layer.name)


def look_at_undo(desk: Desk, layer: Kept, number: int) -> Told:
    """Tell what undoing a run would do. Raise BotError."""
    wired = desk.wire()[layer.name]
    refuse_undone(desk, number)
    with told_in_full(layer):
        found = undoing.preview_rollback(number, wired.work, desk.reader, wired.journal, wired.clock)
    shown = told(desk, layer, wired, found)
    if not found.effects.changes and not found.verdict.asks:
        return shown
    return replace(shown, undoing=(number, found.code if found.verdict.asks else ""))


def undo(desk: Desk, layer: Kept, by: str, number: int, code: str) -> Told:
    """Undo a run, and let it be heard. `code` approves what was looked at, "" if nothing asked for it.

    Raise BotError.
    """
    wired = desk.wire()
    first, commands = wired[layer.name], desk.commands(desk.layers())
    hearers = audience([*wired.values()], desk.tongue, commands=commands)
    refuse_undone(desk, number)
    approved = approving([layer.name], code or None, first.journal, first.clock, first.work.job.policy, by)
    with approved, told_in_full(layer):
        run = undoing.rollback(number, first.work, desk.reader, first.journal, first.clock)
    desk.note(by, say("Undid run {number}", number=number), layer.name, run.number)
    hearers.end([(layer.name, run)], run.code)
    return told(desk, layer, first, run)


@contextmanager
def told_in_full(layer: Kept) -> Iterator[None]:
    """Raise what goes wrong within as it may be shown: all problems of a file, no hidden columns."""
    try:
        yield
    except BotError as error:
        raise _in_full(error, layer) from None  # the chain would hold what is hidden


def _in_full(error: BotError, layer: Kept) -> BotError:
    whole = DatasetError(error.in_full) if isinstance(error, FileError) else error
    return without_columns(whole, layer.hidden)


def refuse_undone(desk: Desk, number: int) -> None:
    """Raise UsageError for a run that another one has undone already."""
    run = desk.reader.run(number)
    if run is None or not (undone_by := desk.reader.undone_by(run)):
        return
    who = next((deed.by for deed in desk.journal.deeds.of_run(undone_by)), SOMEONE)
    raise UsageError(
        say(
            "Run {number} has been undone already, by {name} (run {by}).",
            number=number,
            name=who,
            by=undone_by,
        )
    )


def refuse_stale(desk: Desk, layer: Kept, code: str, answer: Answer) -> None:
    """Raise UsageError for an answer to what is asked no more, or what was never offered."""
    question = desk.told_question(layer)
    same = question if question and question.plan.code == code else None
    if same and any(act.answer == answer for _, act in offered(desk, layer, same)):
        return
    said = _who_was_faster(desk, layer, code, answer.keys)
    raise UsageError(said, way_out=say("Nothing was done. The page of the layer shows what is asked now."))


def _who_was_faster(desk: Desk, layer: Kept, code: str, keys: Sequence[str]) -> Text:
    for approval in desk.reader.approvals(layer.name, desk.now()):
        if approval.code == code and approval.given:
            return say(
                "{name} has approved plan {code} already, {time}.",
                name=approval.by or SOMEONE,
                code=code,
                time=approval.given,
            )
    for held in desk.reader.held(code):
        number = desk.reader.carried_out(held) if held.layer == layer.name else None
        run = desk.reader.run(number) if number else None
        if run and run.approved_at:
            return say(
                "{name} has approved plan {code} already, {time}: run {number} carried it out.",
                name=run.approved_by or SOMEONE,
                code=code,
                time=run.approved_at,
                number=run.number,
            )
    for decision in reversed(desk.reader.decisions(layer.name)):
        if not keys or {decision.part.key, decision.change.name} & {*keys}:
            return say("This has been answered already: {who}.", who=who_and_when(decision))
    return say("This is not asked any more: the file, the map or the answer of somebody has changed it.")


def told(desk: Desk, layer: Kept, wired: Wired, found: Plan | Run | BotError) -> Told:
    """Return what came of a layer as it may be shown."""
    commands = desk.commands(desk.layers())[layer.name]
    if isinstance(found, BotError):
        return Told(error=_in_full(found, layer))
    if isinstance(found, Plan):
        shown = without_columns(found, layer.hidden)
        story = plan_story(shown, wired.checked, replace(commands, asked=False))
        return Told(story=story, map_url=found.context.map_url)
    run = without_columns(found, layer.hidden)
    last = desk.reader.success_before(found) if found.number else wired.checked
    map_url = found.plan.context.map_url if found.plan else ""
    return Told(story=run_story(run, last, commands), map_url=map_url, run=found.number or None)
