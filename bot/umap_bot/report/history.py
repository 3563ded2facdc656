"""The life of one feature, in order: what the file did to it, what people did, with every value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from umap_bot.model.canon import Value
from umap_bot.model.change import Change, Create, Delete, Move, Update, point_of
from umap_bot.model.drift import Drift
from umap_bot.model.run import Run
from umap_bot.report.log import again
from umap_bot.report.settling import settled, settlers
from umap_bot.report.story.edits import edit_of, saved
from umap_bot.report.story.story import Diff, Line, Section, Spot, Story
from umap_bot.report.story.words import difference, line_about, moved, plain
from umap_bot.text import Text, joined, say, say_n, verbatim


def history_story(key: str, runs: Iterable[Run], later: Iterable[Run] = ()) -> Story:
    """Tell what the log has of a feature. `runs` hold only what was of it, the newest first; `later` are
    whole runs that may have settled what these asked."""
    found = tuple(runs)
    done = settlers({run.number: run for run in (*found, *later)}.values())
    told = tuple(_section(run, done.get(run.number)) for run in reversed(found))
    names = [line.name for section in told for line in section.lines if line.name]
    sentence = say_n(
        "{name} ({key}): {count} run.",
        "{name} ({key}): {count} runs, oldest first.",
        len(told),
        name=names[-1] if names else verbatim(key),
        key=key,
    )
    return Story(sentence=sentence, sections=told)


def _section(run: Run, settler: Run | None) -> Section:
    parts = (
        say("run {number}", number=run.number),
        say("{time}", time=run.started),
        say("file {version}", version=run.commit.short) if run.commit.sha else "",
        run.commit.author,
        say('"{message}"', message=run.commit.message) if run.commit.message else "",
        again(run),
    )
    by_people = (_edited(drift, run, settler) for drift in run.drift)
    headers = run.plan.context.headers if run.plan else {}
    by_file = (_changed(change, headers) for change in run.applied)
    return Section("history", joined(parts, " · "), (*by_people, *by_file))


def _edited(drift: Drift, run: Run, settler: Run | None) -> Line:
    told = (
        edit_of(drift) if drift.by else map(_by_someone, edit_of(drift))
    )  # a later run's doing is told as its own
    said = (*told, *saved(drift), _end(drift, run, settler))
    return Line(mark="!", name=verbatim(drift.name), said=said, key=drift.key)


def _by_someone(done: Text | Diff) -> Text | Diff:
    if isinstance(done, Diff):
        return replace(done, label=say("on the map: {what}", what=done.label))
    return say("on the map: {what}", what=done)


def _end(drift: Drift, run: Run, settler: Run | None) -> Text:
    """Say what came of it."""
    if drift.outcome == "keep":
        return say("kept as edited on the map")
    if drift.outcome == "hold" or run.outcome not in {"done", "restless", "unfinished"}:
        if settler:
            return joined((say("approval was needed"), settled(settler)), "; ")
        return say("needs approval")
    return say("the feature was removed") if drift.kind == "edited" else say("restored from the file")


def _changed(change: Change, headers: Mapping[str, str]) -> Line:
    if isinstance(change, Create):
        said: tuple[Text | Diff, ...] = (
            say("added, with {values}", values=_values(change.properties, headers)),
        )
        return line_about("+", change, said, spot=Spot(None, change.geometry, change.at))
    if isinstance(change, Delete):
        said = (say("removed; it had {values}", values=_values(change.inverse().properties, headers)),)
        return line_about("-", change, said)
    return line_about("~", change, _fields(change, headers))


def _fields(update: Update, headers: Mapping[str, str]) -> Iterator[Text | Diff]:
    for field in update.fields:
        yield difference(headers.get(field.name, field.name), field.before, field.after)
    if update.move:
        yield joined((moved(update.move), _from(update.move)), ", ")


def _from(move: Move) -> Text:
    """Return the place that a feature was moved away from, as maps write it: latitude first."""
    at = point_of(move.before)
    if at is None:
        return verbatim("")
    longitude, latitude = (f"{degrees:.10g}" for degrees in at)  # to be copied: no decimal commas
    return say("from latitude {latitude}, longitude {longitude}", latitude=latitude, longitude=longitude)


def _values(properties: dict[str, Value], headers: Mapping[str, str]) -> Text:
    filled = ((headers.get(name, name), plain(value)) for name, value in properties.items())
    told = (say('{column} "{value}"', column=name, value=text) for name, text in filled if text is not None)
    return joined(told, ", ")
