"""What people are told of the matching of features drawn by hand with the rows of the file."""

from __future__ import annotations

from typing import Final

from umap_bot.model.pairing import Candidate, Doubt, How, Match, Pairing
from umap_bot.model.plan import Plan
from umap_bot.report.story.sentences import head_of
from umap_bot.report.story.story import Line, Section, Story
from umap_bot.report.story.words import NAMELESS, distance, features, rows
from umap_bot.text import Text, say, verbatim

HOW: Final[dict[How, Text]] = {
    "hand": say("settled by hand"),
    "name": say("by name"),
    "place": say("by place"),
}


def adoption_story(plan: Plan, pairing: Pairing, again: str) -> Story:
    """Tell what is sure, what is doubtful and why, and what is left over on both sides.

    `again` is the command that makes just this plan again.
    """
    sections = (
        Section("pairs", say("Sure ({count})", count=len(pairing.sure)), tuple(map(_sure, pairing.sure))),
        Section(
            "doubts",
            say("Doubtful ({count})", count=len(pairing.doubtful)),
            tuple(map(_doubt, pairing.doubtful)),
        ),
        Section(
            "left",
            say("Rows without a feature ({count}): a sync would add them", count=len(pairing.rows)),
            tuple(Line(mark="·", name=verbatim(key), key=key) for key in pairing.rows),
        ),
        Section(
            "left",
            say("Features without a row ({count}): they are left alone", count=len(pairing.features)),
            tuple(Line(mark="·", name=_name(one.name), said=(_id(one),)) for one in pairing.features),
        ),
    )
    told = tuple(section for section in sections if section.lines)
    end = _end(plan, pairing, again)
    return Story(head=head_of(plan), sentence=_sentence(plan, pairing), sections=told, end=end)


def _sentence(plan: Plan, pairing: Pairing) -> Text:
    if plan.effects.changes:
        return say(
            "{features} would get the id of a row; nothing else would change. Nothing was written.",
            features=features(len(plan.effects.changes)),
        )
    waiting = len(pairing.doubtful)
    return (
        say("No pair is sure; {rows} doubtful.", rows=rows(waiting)) if waiting else say("Nothing to match.")
    )


def _end(plan: Plan, pairing: Pairing, again: str) -> tuple[Text, ...]:
    approve = f"{again} --approve {plan.code}"
    go_on = (say("To write these ids: {command}", command=approve),) if plan.effects.changes else ()
    settle = [say("To settle a doubtful one: {command}", command=f"{again} --pair ID=FEATURE")]
    if "--pairs " not in again:  # else there is such a file already, to be filled in further
        settle.append(
            say(
                "Many, in a spreadsheet:   {command} --save pairs.csv; fill in the column feature; "
                "--pairs pairs.csv",
                command=again,
            )
        )
    return go_on + (tuple(settle) if pairing.doubtful else ())


def _sure(found: Match) -> Line:
    how: Text = HOW[found.how]
    if found.metres is not None:
        how = say("{how}, {distance} apart", how=how, distance=distance(found.metres))
    said = say("{feature}   {how}", feature=_name(found.feature), how=how)
    return Line(mark="=", name=verbatim(found.name), said=(said,), key=found.key)


def _doubt(doubt: Doubt) -> Line:
    notes = tuple(map(_candidate, doubt.candidates))
    name = verbatim(f"{doubt.name} ({doubt.key})")
    return Line(mark="?", name=name, said=(doubt.why,), notes=notes, key=doubt.key)


def _candidate(one: Candidate) -> Text:
    said = say("perhaps {name} {feature}", name=_name(one.name), feature=_id(one))
    if one.metres is None:
        return said
    return say("{candidate}, {distance} away", candidate=said, distance=distance(one.metres))


def _name(name: str) -> Text:
    return verbatim(name) if name else NAMELESS


def _id(one: Candidate) -> Text:
    if one.umap_id:
        return say("(feature {id})", id=one.umap_id)
    return say("(feature without a uMap id)")
