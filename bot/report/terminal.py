"""A story for the terminal. What comes from a map or a file can't steer the terminal."""

from __future__ import annotations

import unicodedata
from typing import Final

from bot.report.sentences import Line, Section, Story

WIDEST: Final = 40
"""The most columns that a name takes before what is said of it; a longer one pushes that aside."""

MOST: Final = 20
"""How many lines of a section are shown if nobody asked for all."""


def render(story: Story, *, full: bool = False) -> str:
    """Give the lines, without a final line break. A cut is said aloud."""
    blocks = ["\n".join(story.head)] if story.head else []
    blocks.append(story.sentence)
    blocks += [_section(section, full=full) for section in story.sections]
    blocks += ["\n".join(story.end)] if story.end else []
    return "\n\n".join(clean(block) for block in blocks)


def _section(section: Section, *, full: bool) -> str:
    shown = section.lines if full or len(section.lines) <= MOST + 1 else section.lines[:MOST]
    width = min(WIDEST, max((len(line.name) for line in shown), default=0))
    lines = [section.title, *(_line(line, width) for line in shown)]
    left = len(section.lines) - len(shown)
    return "\n".join([*lines, f"  … and {left} more: add --full to see all"] if left else lines)


def _line(line: Line, width: int) -> str:
    name = f"{line.name:<{width}}  " if line.name else ""
    notes = [f"      {note}" for note in line.notes]
    return "\n".join([f"  {line.mark} {name}{line.text}", *notes])


def clean(text: str) -> str:
    """Make control and format characters (escape sequences, bidi overrides) visible, but for line breaks."""
    return "".join(letter if _harmless(letter) else f"\\u{ord(letter):04x}" for letter in text)


def _harmless(letter: str) -> bool:
    return letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
