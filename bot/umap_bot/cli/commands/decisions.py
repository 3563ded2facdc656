"""`umap-bot decisions`: what waits for a person, and what people decided."""

from __future__ import annotations

import click

from umap_bot.cli import speech
from umap_bot.cli.options import layers
from umap_bot.cli.options.layers import Selection
from umap_bot.report.hide import without_columns
from umap_bot.report.story.deciding import decided
from umap_bot.report.story.sentences import run_story
from umap_bot.report.story.words import in_words
from umap_bot.text import Text, joined, say
from umap_bot.wiring import Wired


@click.command(name="decisions")
@layers.chosen
@click.option(
    "--undo",
    "taken_back",
    multiple=True,
    type=click.IntRange(1),
    metavar="NUMBER",
    help=say("Take this decision back: the next run decides anew. Repeatable."),
)
def command(selection: Selection, taken_back: tuple[int, ...]) -> int:
    """Show what waits for your decision, and what was decided: by whom, when, about what.

    A decision holds until the value that it is about changes, in the file or on the map.
    """
    wired = layers.wired(selection)
    if taken_back:
        one = layers.single(wired)
        one.journal.take_back(one.work.job.layer, taken_back, one.clock)
        speech.tell(say("Taken back. The next run decides anew."))
        return 0
    lines = [line for each in wired for line in _of_layer(each, named=len(wired) > 1)]
    speech.page("\n".join(speech.tongue().say(line) for line in lines))
    return 0


def _of_layer(wired: Wired, *, named: bool) -> list[Text]:
    reader, layer = wired.journal.reader, wired.work.job.layer
    columns = wired.settings.hidden_columns
    heading = [say('Layer "{layer}"', layer=layers.called(wired))] if named else []
    waiting = next((each.waiting for each in reader.layers() if each.layer == layer), None)
    asked = reader.run(waiting.run) if waiting else None
    lines: list[Text] = [*heading]
    if waiting and asked:
        story = run_story(without_columns(asked, columns), None)
        reasons = [line for section in story.sections if section.kind == "why" for line in section.lines]
        lines.append(say("Waits since {time} (run {number}):", time=waiting.since, number=waiting.run))
        lines += [joined(("  ", joined(map(in_words, line.said), "; "))) for line in reasons]
        lines += [joined(("  ", each)) for each in story.end[:1]]
    else:
        lines.append(say("Nothing waits."))
    made = reader.decisions(layer)
    lines.append(say("Decided:") if made else say("Nothing was decided."))
    lines += [joined(("  ", decided(each))) for each in made]
    return lines
