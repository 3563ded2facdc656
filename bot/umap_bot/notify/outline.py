"""Sections of a story as lines of a message, in short."""

from __future__ import annotations

from typing import Final

from umap_bot.report.story.story import Diff, Kind, Line, Section, Story
from umap_bot.report.story.words import quoted
from umap_bot.text import Text, joined, say, say_n

MOST: Final = 10
"""Lines of one section that a message holds."""


def outline(story: Story, *kinds: Kind) -> list[Text]:
    """Return the lines of these kinds of sections, in the story's order. A cut is said aloud."""
    return [line for section in story.sections if section.kind in kinds for line in _section(section)]


def _section(section: Section) -> list[Text]:
    left = len(section.lines) - MOST
    shown = section.lines[:MOST] if left > 1 else section.lines
    lines = [section.title, *(text for line in shown for text in _line(line))]
    return [*lines, say_n("  … and {count} more", "  … and {count} more", left)] if left > 1 else lines


def _line(line: Line) -> list[Text]:
    name = joined(("", line.mark, line.name))
    said = joined([_said(each) for each in line.said], "; ")
    first = joined((name, said), ": " if line.name else " ")
    return [say("  {line}", line=first), *(say("    {line}", line=note) for note in line.notes)]


def _said(said: Text | Diff) -> Text:
    if isinstance(said, Text):
        return said
    before, after = quoted(said.before), quoted(said.after)
    return say("{label} {before} → {after}", label=said.label, before=before, after=after)
