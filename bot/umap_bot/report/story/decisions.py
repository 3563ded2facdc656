"""What waits for a person on one layer, and what people decided there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from umap_bot.model.decision import Decision
from umap_bot.model.part import split
from umap_bot.model.plan import Plan
from umap_bot.model.run import Approval
from umap_bot.report.story.acts import USUAL, Commands
from umap_bot.report.story.deciding import decided
from umap_bot.report.story.sections import asked_for
from umap_bot.report.story.sentences import what_to_do, why
from umap_bot.report.story.story import Line, Section, Story
from umap_bot.report.story.words import SOMEONE
from umap_bot.text import Text, joined, say


class Question(msgspec.Struct, frozen=True):
    """What a run asked: its number, when it asked it first, and its plan."""

    run: int
    since: datetime
    plan: Plan


def decisions_story(
    layer: str,
    asked: Question | None,
    made: Sequence[Decision],
    approved: Sequence[Approval] = (),
    commands: Commands = USUAL,
    *,
    headers: Mapping[str, str],
) -> Story:
    """Tell what waits, with what to do about it, and what was decided: by whom, when, about what.

    `layer` is what people call the layer, "" if there is but one. `approved` are approvals of plans that the
    next run can use. `headers` are the columns' names in the file.
    """
    sections = (*why(asked.plan), *asked_for(asked.plan), *what_to_do(asked.plan, commands)) if asked else ()
    own = [each for each in made if each.side in ("file", "map")]
    told = (*map(_approval, approved), *(decided(each, headers) for each in own))
    lines = tuple(Line(mark="=", said=(each,)) for each in told)
    proposed = tuple(Line(mark="=", said=(decided(each, headers),)) for each in made if each not in own)
    taken_back = [each.code for each in approved[:1]] + ["NUMBER"] * bool(own)
    undo = tuple(
        say("To undo this: {command}", command=commands.about("decisions", options=["--undo", what]))
        for what in taken_back
    )
    return Story(
        head=(say('Layer "{layer}"', layer=layer),) if layer else (),
        sentence=_sentence(asked),
        sections=(
            *sections,
            *((Section("purpose", say("Decided"), lines),) if lines else ()),
            *((Section("purpose", say("Proposed for the file"), proposed),) if proposed else ()),
        ),
        end=undo,
    )


def _sentence(asked: Question | None) -> Text:
    if asked is None:
        return say("Nothing needs your approval.")
    return say("Approval needed since {time} (run {number}).", time=asked.since, number=asked.run)


def _approval(approval: Approval) -> Text:
    """Return which plan was approved, of which version of the file, by whom and when."""
    what = (
        say("plan {code}, file version {version}", code=approval.code, version=approval.commit.short)
        if approval.commit
        else say("plan {code}", code=approval.code)
    )
    if approval.given is None:
        return what
    who = say("approved by {name}, {time}", name=approval.by or SOMEONE, time=approval.given)
    return joined((say("{plan}: the next sync applies it", plan=what), who), " · ")


def still_asked(asked: Question, made: Sequence[Decision], approved: Sequence[Approval]) -> Question | None:
    """Return what of a question nobody has answered since; None if nothing is left of it."""
    if any(approval.is_of(asked.plan) for approval in approved):
        return None
    plan, parts = asked.plan, {each.part for each in made}
    left = tuple(
        each for each in plan.verdict.objections if not each.parts or not parts.issuperset(each.parts)
    )
    waiting, _ = split(plan.verdict.waiting, parts)
    verdict = replace(plan.verdict, objections=left, waiting=waiting)
    return replace(asked, plan=replace(plan, verdict=verdict)) if left else None
