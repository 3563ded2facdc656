"""A story for the terminal. What comes from a map or a file can't steer the terminal."""

from __future__ import annotations

import unicodedata
from typing import Final

from bot.report.sentences import Line, Section, Story

NAME_WIDTH: Final = 30


def render(story: Story) -> str:
    """Give the lines, without a final line break."""
    blocks = ["\n".join(story.head)] if story.head else []
    blocks.append(story.sentence)
    blocks += [_section(section) for section in story.sections]
    blocks += ["\n".join(story.end)] if story.end else []
    return "\n\n".join(clean(block) for block in blocks)


def _section(section: Section) -> str:
    return "\n".join([section.title, *(_line(line) for line in section.lines)])


def _line(line: Line) -> str:
    name = f"{line.name:<{NAME_WIDTH}} " if line.name else ""
    notes = [f"      {note}" for note in line.notes]
    return "\n".join([f"  {line.mark} {name}{line.text}", *notes])


def clean(text: str) -> str:
    """Make control and format characters (escape sequences, bidi overrides) visible, but for line breaks."""
    return "".join(letter if _harmless(letter) else f"\\u{ord(letter):04x}" for letter in text)


def _harmless(letter: str) -> bool:
    return letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
