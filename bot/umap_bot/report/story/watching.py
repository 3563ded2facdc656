"""What a run tells that only watches: what people made of the map, with no file to compare it with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.report.story.acts import USUAL, Commands
from umap_bot.report.story.counts import counted
from umap_bot.report.story.edits import setting
from umap_bot.report.story.sections import sections
from umap_bot.report.story.story import Line, Section, Story
from umap_bot.report.story.words import features, last_success, took
from umap_bot.text import NOTHING, Text, joined, say, say_n


def watch_story(run: Run, last: datetime | None, commands: Commands = USUAL) -> Story:
    """Tell what people changed on a map that is watched. `last` is when it was looked at before."""
    plan = run.plan
    if plan is None:
        return Story(sentence=say("{what}.", what=summary_of(run)), end=(last_success(last),) if last else ())
    details = commands.about("show", str(run.number))
    told = (each for each in sections(plan.doing(run.applied), None, would=False) if each.kind != "people")
    return Story(
        head=(_layer(plan), *saves(plan)),
        sentence=say("{what} ({run}).", what=summary_of(run), run=joined((_run(run), took(run)), ", ")),
        sections=(*_settings(plan), *told),
        end=(
            say("See it: {address}", address=plan.context.map_url),
            *((say("Details: {command}", command=details),) if run.applied else ()),
        ),
    )


def _run(run: Run) -> Text:
    return say("run {number}", number=run.number)


def _layer(plan: Plan) -> Text:
    context = plan.context
    return say(
        '{map} › layer "{layer}"          {features}',
        map=context.map_name,
        layer=context.layer_name,
        features=features(context.total),
    )


def saves(plan: Plan) -> tuple[Text, ...]:
    """Return when people saved since the last look, as far as uMap's versions tell."""
    times = plan.context.news_of_map.saves
    if not times or plan.context.first:
        return ()
    count = len(times)
    return (say_n("Saved {time}", "{count} saves, the last one {time}", count, time=times[-1]),)


def summary_of(run: Run) -> Text:
    """Return in one sentence what people changed."""
    if run.plan is None:
        return say("Nothing new: the map has not changed")
    plan, news = run.plan, run.plan.context.news_of_map
    if news.gone:
        return say_n(
            "The layer was removed from the map, with its {count} feature",
            "The layer was removed from the map, with its {count} features",
            plan.context.total,
        )
    if plan.context.first:
        return say_n(
            "Watched from now on: {count} feature",
            "Watched from now on: {count} features",
            plan.context.total,
        )
    if news.came:
        return say_n(
            "The layer is new on the map, with {count} feature",
            "The layer is new on the map, with {count} features",
            plan.context.total,
        )
    counts = counted(run.applied, plan.context.total) if run.applied else NOTHING
    return joined((counts, *_beside(plan)), "; ") or say("Saved, but nothing was changed")


def _beside(plan: Plan) -> Iterator[Text]:
    """Return what was changed beside the features' content."""
    news = plan.context.news_of_map
    if news.renumbered:
        yield say_n(
            "uMap gave {count} feature a new id; nothing else of it changed",
            "uMap gave {count} features new ids; nothing else of them changed",
            news.renumbered,
        )
    if news.settings:
        yield say_n(
            "{count} setting of the layer changed",
            "{count} settings of the layer changed",
            len(news.settings),
        )


def _settings(plan: Plan) -> tuple[Section, ...]:
    changed = plan.context.news_of_map.settings
    if not changed:
        return ()
    name = say("The layer's own settings")
    line = Line(mark="!", name=name, said=tuple(map(setting, changed)))
    return (Section("people", say("Settings of the layer"), (line,)),)


def log_line(run: Run, done: Text) -> Text:
    """Return the same in one line of a log, `done` with the names of the features."""
    plan = run.plan
    if plan is None:
        return done or summary_of(run)
    if plan.context.first or plan.context.news_of_map.gone or plan.context.news_of_map.came:
        return summary_of(run)
    return joined((done, *_beside(plan)), "; ") or summary_of(run)
