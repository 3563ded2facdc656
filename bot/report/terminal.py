"""A story for the terminal. What comes from a map or a file can't steer the terminal."""

from __future__ import annotations

import unicodedata
from typing import Final

from bot.report.story import Line, Section, Story

WIDEST: Final = 40
"""The most columns that a name takes before what is said of it; a longer one pushes that aside."""

MOST: Final = 20
"""How many lines of a section are shown if nobody asked for all."""


def render(story: Story, *, full: bool = False) -> str:
    """Give the lines, without a final line break. A cut is said aloud."""
    blocks = ["\n".join(map(one_line, story.head))] if story.head else []
    blocks.append(one_line(story.sentence))
    blocks += [_section(section, full=full) for section in story.sections]
    blocks += ["\n".join(map(one_line, story.end))] if story.end else []
    return "\n\n".join(blocks)


def _section(section: Section, *, full: bool) -> str:
    shown = section.lines if full or len(section.lines) <= MOST + 1 else section.lines[:MOST]
    width = min(WIDEST, max((len(one_line(line.name)) for line in shown), default=0))
    lines = [one_line(section.title), *(_line(line, width) for line in shown)]
    left = len(section.lines) - len(shown)
    return "\n".join([*lines, f"  … and {left} more: add --full to see all"] if left else lines)


def _line(line: Line, width: int) -> str:
    name = f"{one_line(line.name):<{width}}  " if line.name else ""
    notes = [f"      {one_line(note)}" for note in line.notes]
    return "\n".join([f"  {line.mark} {name}{one_line(line.text)}", *notes])


def one_line(text: str) -> str:
    """Make line breaks visible too: a name with one in it could else write lines of its own."""
    return clean(text.replace("\n", "⏎"))


def clean(text: str) -> str:
    """Make control and format characters (escape sequences, bidi overrides) visible, but for line breaks."""
    return "".join(letter if _harmless(letter) else f"\\u{ord(letter):04x}" for letter in text)


def _harmless(letter: str) -> bool:
    return letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
