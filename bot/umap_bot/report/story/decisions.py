"""What waits for a person on one layer, and what people decided there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from umap_bot.model.decision import Decision
from umap_bot.model.plan import Plan
from umap_bot.report.story.acts import USUAL, Commands
from umap_bot.report.story.deciding import decided
from umap_bot.report.story.sentences import what_to_do, why
from umap_bot.report.story.story import Line, Section, Story
from umap_bot.text import Text, say


class Question(msgspec.Struct, frozen=True):
    """What a run asked: its number, when it asked it first, and its plan."""

    run: int
    since: datetime
    plan: Plan


def decisions_story(
    layer: str, asked: Question | None, made: Sequence[Decision], commands: Commands = USUAL
) -> Story:
    """Tell what waits, with what to do about it, and what was decided: by whom, when, about what.

    `layer` is what people call the layer, "" if there is but one.
    """
    sections = (*why(asked.plan), *what_to_do(asked.plan, commands)) if asked else ()
    lines = tuple(Line(mark="=", said=(decided(each),)) for each in made)
    undo = say(
        "To take a decision back: {command}",
        command=commands.about("decisions", options=["--undo", "NUMBER"]),
    )
    return Story(
        head=(say('Layer "{layer}"', layer=layer),) if layer else (),
        sentence=_sentence(asked),
        sections=(*sections, *((Section("purpose", say("Decided"), lines),) if lines else ())),
        end=(undo,) if lines else (),
    )


def _sentence(asked: Question | None) -> Text:
    if asked is None:
        return say("Nothing waits for your approval.")
    return say("Approval needed since {time} (run {number}).", time=asked.since, number=asked.run)


def still_asked(asked: Question, made: Sequence[Decision]) -> Question | None:
    """Return what of a question nobody has decided since; None if nothing is left of it."""
    plan, parts = asked.plan, {each.part for each in made}
    left = tuple(
        each for each in plan.verdict.objections if not each.parts or not parts.issuperset(each.parts)
    )
    return (
        replace(asked, plan=replace(plan, verdict=replace(plan.verdict, objections=left))) if left else None
    )
