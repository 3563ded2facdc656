"""A story for the terminal. What comes from a map or a file can't steer the terminal."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Sequence
from typing import Final

from umap_bot.report.formats.jsontext import UNSEEN
from umap_bot.report.formats.worddiff import Piece, WordDiff
from umap_bot.report.language import Language, language
from umap_bot.report.story.several import LayerStory, at_once, nothing_to_do
from umap_bot.report.story.story import Diff, Line, Section, Story
from umap_bot.report.story.words import LONG, cut, cut_middle, quoted
from umap_bot.text import Text, say

WIDEST: Final = 40
"""The most columns that a name takes before what is said of it; a longer one pushes that aside."""

MOST: Final = 20
"""How many lines of a section are shown if nobody asked for all."""

FEW: Final = 5
"""The same, of a layer among several that needs nobody."""

NOTES: Final = 10
"""How many notes of a line are shown if nobody asked for all."""

RULE: Final = f"\n\n{'─' * 40}\n"
"""What stands between the stories of several layers."""

_COMMAND: Final = re.compile(r"^([^\S\n]*):(?=:)|#(?=#\w*\[)", re.MULTILINE)
"""What a CI runner takes for a command of ours: `::error::x` at the beginning of a line, `##[error]` anywhere
in it (GitHub, and with a word before the bracket Azure and TeamCity)."""


def render(story: Story, tongue: Language | None = None, *, full: bool = False, most: int = MOST) -> str:
    """Return the lines, without a final line break. A cut, of sections of more than `most` lines, is said
    aloud."""
    tongue = tongue or language("en")
    blocks = ["\n".join(_plain(line, tongue) for line in story.head)] if story.head else []
    diff = WordDiff()
    blocks.append(" ".join(_plain(part, tongue) for part in (story.sentence, story.counts) if part))
    shown = sys.maxsize if full else most
    blocks += [_section(section, tongue, diff, full=full, most=shown) for section in story.sections]
    blocks += ["\n".join(_plain(line, tongue) for line in story.end)] if story.end else []
    return "\n\n".join(blocks)


def together(
    told: Sequence[LayerStory], tongue: Language, *, end: Text | None = None, full: bool = False
) -> str:
    """Return the stories for the terminal: of several layers a line each, then what needs somebody, then the
    others in short. A single one stands for itself."""
    if len(told) == 1:
        return render(told[0].story, tongue, full=full)
    loud = at_once([each for each in told if not each.quiet])
    quiet = [each.name for each in told if each.quiet]
    overview = _overview(loud, tongue)
    overview += [_plain(nothing_to_do(quiet, full=full), tongue)] if quiet else []
    stories = [each for each in loud if each.story.sections or each.story.end]
    needy = [each for each in stories if each.needs_somebody]
    others = [each for each in stories if not each.needs_somebody]
    blocks = ["\n".join(overview)]
    blocks += [render(each.story, tongue, full=full) for each in needy]
    blocks += [render(each.story, tongue, full=full, most=FEW) for each in others]
    last = way_on(told, tongue, end=end) if end or (needy and others) else ""
    return RULE.join([*blocks, last] if last else blocks)


def way_on(told: Sequence[LayerStory], tongue: Language, *, end: Text | None = None) -> str:
    """Return what a person can do next: about all layers (`end`), or about the one that asks; else ""."""
    if end:
        return _plain(end, tongue)
    asking = [each.story for each in told if any(section.kind == "acts" for section in each.story.sections)]
    stories = asking or [each.story for each in told if not each.quiet]
    if len(stories) != 1:
        return ""
    acts = [section for section in stories[0].sections if section.kind == "acts"]
    blocks = [_section(section, tongue, WordDiff(), full=False, most=MOST) for section in acts]
    blocks = blocks or ["\n".join(_plain(line, tongue) for line in stories[0].end)]
    named = [_plain(line, tongue) for line in stories[0].head[:1]] if len(told) > 1 else []
    return "\n\n".join([*named, *blocks])


def _overview(told: Sequence[LayerStory], tongue: Language) -> list[str]:
    """Return a line for each story: the layer, and what became of it. An error names its layers itself."""
    names = ["" if each.error else one_line(each.name) for each in told]
    width = min(WIDEST, max(map(len, names), default=0))
    return [
        f"{each.mark} {f'{name:<{width}}  ' if name else ''}{_plain(each.story.sentence, tongue)}"
        for each, name in zip(told, names, strict=True)
    ]


def _plain(text: str, tongue: Language) -> str:
    return one_line(tongue.say(text))


def _section(section: Section, tongue: Language, diff: WordDiff, *, full: bool, most: int) -> str:
    whole = section.kind == "acts" or len(section.lines) <= most + 1
    shown = section.lines if whole else section.lines[:most]
    width = min(WIDEST, max((len(_plain(line.name, tongue)) for line in shown), default=0))
    lines = [_plain(section.title, tongue), *(_line(line, width, tongue, diff, full=full) for line in shown)]
    left = len(section.lines) - len(shown)
    return "\n".join([*lines, f"  {_plain(_more(left), tongue)}"] if left else lines)


def _more(left: int) -> Text:
    return say("… and {count} more: add --full to see all", count=left)


def _line(line: Line, width: int, tongue: Language, diff: WordDiff, *, full: bool) -> str:
    name = f"{_plain(line.name, tongue):<{width}}  " if line.name else ""
    said = tongue.listed([_said(each, tongue, diff, full=full) for each in line.said], "; ")
    context = " · ".join(f"{column} {cut(value)}" for column, value in line.context)
    notes = [f"({one_line(context)})"] if context else []
    shown = line.notes if full or len(line.notes) <= NOTES + 1 else line.notes[:NOTES]
    notes += [_plain(note, tongue) for note in shown]
    if left := len(line.notes) - len(shown):
        notes.append(_plain(_more(left), tongue))
    return "\n".join([f"  {line.mark} {name}{said}".rstrip(), *(f"      {note}" for note in notes)])


def _said(said: Text | Diff, tongue: Language, diff: WordDiff, *, full: bool) -> str:
    if isinstance(said, Text):
        return _plain(said, tongue)
    label = _plain(said.label, tongue)
    if said.before and said.after and max(len(said.before), len(said.after)) > LONG:
        told = [_piece(piece, full=full) for piece in diff.pieces(said.before, said.after)]
        return one_line(f"{label}  {''.join(told)}")
    return f"{label}  {_plain(quoted(said.before), tongue)} → {_plain(quoted(said.after), tongue)}"


def _piece(piece: Piece, *, full: bool) -> str:
    if piece.kind == "same":
        return piece.text if full else cut_middle(piece.text)
    text = piece.text if full else cut(piece.text)
    return f"[-{text}-]" if piece.kind == "gone" else f"[+{text}+]"


def one_line(text: str) -> str:
    """Make line breaks visible too: a name with one in it could else write lines of its own."""
    return clean(text.replace("\n", "⏎"))


def clean(text: str) -> str:
    """Make control and format characters (escape sequences, bidi overrides) visible, but for line breaks."""
    return "".join(letter if _harmless(letter) else f"\\u{ord(letter):04x}" for letter in text)


def inert(lines: str) -> str:
    """Make visible, in lines that are to be printed, what a CI runner would take for a command.

    Always, and not only where a runner is seen: what is kept in a file may be shown by a runner later.
    """
    return _COMMAND.sub(lambda found: f"{found[1] or ''}\\u{ord(found[0][-1]):04x}", lines)


def _harmless(letter: str) -> bool:
    return letter == "\n" or unicodedata.category(letter) not in UNSEEN
