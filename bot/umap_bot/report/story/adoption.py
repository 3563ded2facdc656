"""What people are told of the matching of features drawn by hand with the rows of the file."""

from __future__ import annotations

from typing import Final

import msgspec

from umap_bot.model.pairing import Doubt, Drawn, How, Match, Pairing, Row
from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.report.story.acts import Commands
from umap_bot.report.story.sentences import head_of, run_story
from umap_bot.report.story.story import Line, Section, Story
from umap_bot.report.story.words import NAMELESS, distance, features, rows
from umap_bot.text import Text, say, verbatim

HOW: Final[dict[How, Text]] = {
    "hand": say("matched by you"),
    "name": say("by name"),
    "place": say("by place"),
}


FEATURE: Final = say("feature")
"""The column of the pairs file that people fill in."""


class Steps(msgspec.Struct, frozen=True):
    """The commands that go on from here, as one would type them.

    `again` finds just this again, `plan` shows what a sync would do. `by_hand` takes the pairs from the file
    that was just written; "" if none was.
    """

    again: str
    plan: str
    by_hand: str = ""


def adoption_story(plan: Plan, pairing: Pairing, steps: Steps) -> Story:
    """Tell what is sure, what is doubtful and why, what is left over on both sides, and what to do next."""
    sections = (
        Section("pairs", say("Certain ({count})", count=len(pairing.sure)), tuple(map(_sure, pairing.sure))),
        Section(
            "doubts",
            say("Doubtful ({count})", count=len(pairing.doubtful)),
            tuple(map(_doubt, pairing.doubtful)),
        ),
        Section(
            "left",
            say("Rows without a feature ({count}): a sync would add them", count=len(pairing.rows)),
            tuple(map(_row, pairing.rows)),
        ),
        Section(
            "left",
            say(
                "Rows without a feature and without coordinates ({count}): a sync does not add them",
                count=len(pairing.unplaced),
            ),
            tuple(map(_row, pairing.unplaced)),
        ),
        Section(
            "left",
            say("Features without a row ({count}): left untouched", count=len(pairing.features)),
            tuple(Line(mark="·", name=_drawn(one), said=(_reference(one),)) for one in pairing.features),
        ),
    )
    told = tuple(section for section in sections if section.lines)
    end = tuple(_end(plan, pairing, steps))
    return Story(head=head_of(plan), sentence=_sentence(plan, pairing), sections=told, end=end)


def adopted_story(run: Run, steps: Steps) -> Story:
    """Tell what was written, and what to do next; or that the code was not that of what is found now."""
    if run.plan is not None and run.plan.verdict.held:
        sentence = say(
            "Nothing was written: this code is for another result. The file, the map or an option has "
            "changed since."
        )
        return Story(
            head=head_of(run.plan),
            sentence=sentence,
            end=(say("To match again: {command}", command=steps.again),),
        )
    story = run_story(run, None, Commands(sync=steps.again))
    if run.outcome not in ("done", "nothing"):
        return story
    return msgspec.structs.replace(story, end=(*story.end, _next(steps)))


def _sentence(plan: Plan, pairing: Pairing) -> Text:
    if plan.effects.changes:
        return say(
            "The id of the matching row would be written to {features}; nothing else would change. Nothing "
            "was written.",
            features=features(len(plan.effects.changes)),
        )
    if pairing.doubtful:
        return say("No match is certain; {rows} doubtful.", rows=rows(len(pairing.doubtful)))
    return say("No matches were found.") if _left_on_both_sides(pairing) else say("Nothing to match.")


def _end(plan: Plan, pairing: Pairing, steps: Steps) -> list[Text]:
    """Return the next steps: what is sure can be applied; what is not, a person can pair."""
    end: list[Text] = []
    if plan.effects.changes:
        command = f"{steps.again} --approve {plan.code}"
        end.append(say("To apply this: {command}          (the code works once)", command=command))
    if steps.by_hand:
        fill_in = say(
            "To match more rows, fill in the column “{column}” of the file, then run: {command}",
            column=FEATURE,
            command=steps.by_hand,
        )
        end.append(fill_in)
    elif pairing.doubtful or _left_on_both_sides(pairing):
        end.append(say("To match a row yourself: {command}", command=f"{steps.again} --pair ID=FEATURE"))
        if "--pairs " not in steps.again:  # else there is such a file already, to be filled in further
            many = f"{steps.again} --save pairs.csv"
            end.append(say("Or several in a spreadsheet: {command}", command=many))
    return end or [_next(steps)]


def _left_on_both_sides(pairing: Pairing) -> bool:
    return bool((pairing.rows or pairing.unplaced) and pairing.features)


def _next(steps: Steps) -> Text:
    return say("Next: {command}   shows what a sync would change", command=steps.plan)


def _sure(found: Match) -> Line:
    how: Text = HOW[found.how]
    if found.feature.metres is not None:
        how = say("{how}, {distance} apart", how=how, distance=distance(found.feature.metres))
    said = say("{row} = {feature}   {how}", row=_known(found), feature=_drawn(found.feature), how=how)
    return Line(mark="=", name=verbatim(found.name), said=(said,), key=found.key)


def _doubt(doubt: Doubt) -> Line:
    notes = tuple(map(_candidate, doubt.candidates))
    return Line(
        mark="?", name=verbatim(doubt.name), said=(_known(doubt), doubt.why), notes=notes, key=doubt.key
    )


def _row(row: Row) -> Line:
    return Line(mark="·", name=verbatim(row.name), said=(_known(row),), key=row.key)


def _known(row: Row) -> Text:
    """Return what people know a row by beside its name: its number, and its id."""
    if not row.line:
        return verbatim(row.key)
    return say("row {row} ({id})", row=row.line, id=row.key)


def _candidate(one: Drawn) -> Text:
    said = say("perhaps {name} {feature}", name=_drawn(one), feature=_reference(one))
    if one.metres is None:
        return said
    return say("{candidate}, {distance} away", candidate=said, distance=distance(one.metres))


def _drawn(one: Drawn) -> Text:
    """Return what people know a feature by: its name, else where it is."""
    if one.name:
        return verbatim(one.name)
    return say("(no name) at {position}", position=one.position) if one.position else NAMELESS


def _reference(one: Drawn) -> Text:
    if one.reference:
        return say("(feature {id})", id=one.reference)
    return say("(feature without a uMap id; to give it one, edit and save it in uMap)")
