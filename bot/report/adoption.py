"""What people are told of the matching of features drawn by hand with the rows of the file."""

from __future__ import annotations

from bot.model.pairing import Candidate, Doubt, Match, Pairing
from bot.model.plan import Plan
from bot.report.sentences import head_of
from bot.report.story import Line, Section, Story
from bot.report.words import distance_text, features, rows

HOW = {"hand": "settled by hand", "name": "by name", "place": "by place"}


def adoption_story(plan: Plan, pairing: Pairing, again: str) -> Story:
    """Tell what is sure, what is doubtful and why, and what is left over on both sides.

    `again` is the command that makes just this plan again.
    """
    sections = (
        Section(f"Sure ({len(pairing.sure)})", tuple(_sure(found) for found in pairing.sure)),
        Section(f"Doubtful ({len(pairing.doubtful)})", tuple(_doubt(doubt) for doubt in pairing.doubtful)),
        Section(
            f"Rows without a feature ({len(pairing.rows)}): a sync would add them",
            tuple(Line("·", key, "") for key in pairing.rows),
        ),
        Section(
            f"Features without a row ({len(pairing.features)}): they are left alone",
            tuple(Line("·", one.name or "(no name)", _id(one)) for one in pairing.features),
        ),
    )
    told = tuple(section for section in sections if section.lines)
    return Story(head_of(plan), _sentence(plan, pairing), told, _end(plan, pairing, again))


def _sentence(plan: Plan, pairing: Pairing) -> str:
    if not plan.changes:
        waiting = len(pairing.doubtful)
        return f"No pair is sure; {rows(waiting)} doubtful." if waiting else "Nothing to match."
    count = features(len(plan.changes))
    return f"{count} would get the id of a row; nothing else would change. Nothing was written."


def _end(plan: Plan, pairing: Pairing, again: str) -> tuple[str, ...]:
    go_on = (f"It is right: {again} --approve {plan.code}          (good once)",) if plan.changes else ()
    settle = [f"To settle a doubtful one: {again} --pair ID=FEATURE"]
    if "--pairs " not in again:  # else there is such a file already, to be filled in further
        sheet = f"{again} --save pairs.csv; fill in the column feature; --pairs pairs.csv"
        settle.append(f"Many, in a spreadsheet:   {sheet}")
    return go_on + (tuple(settle) if pairing.doubtful else ())


def _sure(found: Match) -> Line:
    apart = f", {distance_text(found.metres)} apart" if found.metres is not None else ""
    return Line("=", found.name, f"{found.feature or '(no name)'}   {HOW[found.how]}{apart}")


def _doubt(doubt: Doubt) -> Line:
    notes = tuple(_candidate(one) for one in doubt.candidates)
    return Line("?", f"{doubt.name} ({doubt.key})", doubt.why, notes)


def _candidate(one: Candidate) -> str:
    apart = f", {distance_text(one.metres)} away" if one.metres is not None else ""
    return f"perhaps {one.name or '(no name)'} {_id(one)}{apart}"


def _id(one: Candidate) -> str:
    return f"(feature {one.umap_id})" if one.umap_id else "(feature without a uMap id)"
