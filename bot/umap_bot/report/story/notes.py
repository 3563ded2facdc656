"""What else is to know of a plan or a run: of the file, of uMap, of ids that stand twice."""

from __future__ import annotations

from typing import Final

from umap_bot.model.plan import Plan
from umap_bot.report.story.story import Line
from umap_bot.report.story.words import features, rows, some
from umap_bot.text import Text, say, say_n, verbatim

CROWDED: Final = 8
"""From how many of uMap's versions stored by us people are told: theirs are then about to go."""


def to_know(plan: Plan) -> tuple[Line, ...]:
    """Return a line for each."""
    lines = [*_of_file(plan), *_of_umap(plan), *plan.context.warnings]
    duplicates = [
        Line(
            mark="·",
            name=verbatim(duplicate.names[0]),
            said=(
                say(
                    "its id {key} is on the map {count} times",
                    key=duplicate.key,
                    count=len(duplicate.names),
                ),
            ),
            key=duplicate.key,
        )
        for duplicate in plan.context.duplicates
    ]
    return (*(Line(mark="·", said=(text,)) for text in lines), *duplicates)


def bad_rows(plan: Plan) -> tuple[Line, ...]:
    """Return a line for each problem of the rows that wait, and one for the features that stay with them."""
    lines = [*plan.context.bad_rows]
    if plan.context.rowless:
        count = len(plan.context.rowless)
        lines.append(
            say_n(
                "{features} has no row in the file and is left untouched: its row may be one that can't be "
                "read. {names}",
                "{features} have no row in the file and are left untouched: their rows may be among those "
                "that can't be read. {names}",
                count,
                features=features(count),
                names=some([rowless.name or rowless.key for rowless in plan.context.rowless]),
            )
        )
    return tuple(Line(mark="!", said=(text,)) for text in lines)


def newer(release: str, tried: str) -> Text:
    """Return that a uMap is newer than any that this program was tried on."""
    return say(
        "uMap {release} has not been tested with this version of umap-bot (newest tested: {tried}). "
        "The sync continues; everything that is written is read back and verified.",
        release=release,
        tried=tried,
    )


def remade(layer: str) -> Text:
    """Say that what stands under a layer's name is another layer than before."""
    return say(
        "The layer “{layer}” has a different id than last time: it was deleted and created again. This is "
        "treated as its first sync.",
        layer=layer,
    )


def _of_file(plan: Plan) -> list[Text]:
    told = []
    if plan.context.same_as and plan.context.same_as.date:
        told.append(
            say(
                "{file} is identical to its version of {date:day} ({version}). If you restored it on "
                "purpose, nothing else is needed.",
                file=plan.context.file,
                date=plan.context.same_as.date,
                version=plan.context.same_as.short,
            )
        )
    if plan.context.awaited:
        told.append(
            say_n(
                "{features} stays here until it is on the layer that the file assigns it to: {names}",
                "{features} stay here until they are on the layer that the file assigns them to: {names}",
                len(plan.context.awaited),
                features=features(len(plan.context.awaited)),
                names=some(plan.context.awaited),
            )
        )
    if plan.context.unplaced:
        count = len(plan.context.unplaced)
        told.append(
            say(
                "{rows} without coordinates, not on the map yet: {names}",
                rows=rows(count),
                names=some(plan.context.unplaced),
            )
        )
    return told


def _of_umap(plan: Plan) -> list[Text]:
    news = plan.context.news_of_map
    told: list[Text] = []
    if news.new and plan.effects.changes:
        told.append(
            say("The map had no layer “{layer}”. The sync creates it.", layer=plan.context.layer_name)
        )
    if news.remade:
        told.append(remade(plan.context.layer_name))
    if news.before:
        told.append(say("uMap was updated: {before} → {release}.", before=news.before, release=news.release))
    if news.tried:
        told.append(newer(news.release, news.tried))
    if plan.effects.changes and news.ours >= CROWDED:
        told.append(
            say(
                "Of the {kept} versions of the layer that uMap keeps, {ours} are from the bot. To go "
                "further back, use the log: it has a backup from before each run.",
                kept=news.kept,
                ours=news.ours,
            )
        )
    if plan.effects.ids and plan.effects.changes:
        told.append(
            say(
                "{features} get an id of uMap's own, so that people can edit the map at the same time.",
                features=features(plan.effects.ids),
            )
        )
    return told
