"""A story as Markdown of GitHub and GitLab, for a comment on a pull request or a job's summary.

What comes from a map or a file shows as the text that it is, and calls nobody. A forge looks for @names, #1,
!1 and their like in the finished page, where a backslash is gone; a tag in between is not. Commands it looks
for in the source, at the beginning of a line: there a backslash is enough. The text also copies as what it
is, which one with characters without width would not: people copy values from here into a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from umap_bot.report.formats.terminal import one_line
from umap_bot.report.formats.worddiff import Piece, WordDiff
from umap_bot.report.language import Language
from umap_bot.report.quotations import rewritten
from umap_bot.report.story.story import Diff, Line, Section, Story
from umap_bot.report.story.words import LONG, cut, cut_middle, quoted
from umap_bot.text import Text, as_text, say, say_n

MOST: Final = 60_000
"""Characters; a comment on GitHub takes 65 536."""

WORDS: Final = 1_000
"""Characters of one name, value or message, at most."""

CHANGED: Final = 300
"""Characters that are shown of what went or came within a long text."""

CODE: Final = frozenset({"code", "command", "version"})
"""Places of a text that hold something to be typed or looked up."""

_OPEN, _CLOSE, _LINK = (
    "\ufdd0",
    "\ufdd1",
    "\ufdd2",
)  # Unicode leaves these to programs, to mean what they like
_OURS: Final = re.compile(f"[{_OPEN}{_CLOSE}{_LINK}]")
_MARKED: Final = re.compile(f"{_OPEN}(.*?){_CLOSE}")

_SPECIAL: Final = re.compile(r"[\\`*_\[\]|~]")
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_CALLS: Final = re.compile(
    r"""
      [@#$]                                    # @name, #1, $formula$
    | [!&](?=\d)                               # GitLab: a merge request, an epic
    | [\[{](?=[+-])                            # GitLab: {+what came+}, [-what went-]
    | [%~](?=[\w"])                            # GitLab: a milestone, a label
    | \*(?=iteration:) | \[(?=\w+:)            # GitLab: *iteration:1, [vulnerability:1]
    | :(?=/|[\w+-]+:)                          # https://, :smile:
    | w(?=ww\.)                                # www.example.org
    | (?<=gh)-(?=\d)                           # GH-1
    | (?<![0-9a-z])[0-9a-f]{7,}(?![0-9a-z])    # a commit
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SHORT: Final = 6
"""Letters of a commit's name that GitHub does not take for one."""

_BEGINS: Final = re.compile(r"(\d*)([-+=:/]|(?<=\d)[.)])")
"""What begins a list, a heading, a command of a runner (`::error::`) or of GitLab (`/merge`)."""
_BLANKS: Final = re.compile(r"^\s+|\s+$")
_ADDRESS: Final = re.compile(r"https?://[!-;=?-~]+")
"""Printable ASCII without < and >."""

_NUMBERED: Final = re.compile(r"\d+\.")


def render(story: Story, tongue: Language, *, most: int = MOST, whole: str = "") -> str:
    """Return Markdown of at most `most` characters, without a final line break.

    What is too much is cut between lines, and it is said how many are left and where the whole is (`whole`,
    a command or an address). What to do next is never cut off.
    """
    sentence = f"**{_inline(story.sentence, tongue)}** {_inline(story.counts, tongue)}".rstrip()
    body = [*_apart([*(_inline(line, tongue) for line in story.head), sentence])]
    end: list[str] = []
    diff = WordDiff()
    for section in story.sections:
        (end if section.kind == "acts" else body).extend(_section(section, tongue, diff))
    end += _apart(_inline(line, tongue) for line in story.end)
    text = "\n".join([*body, *end]).rstrip()
    return text if len(text) <= most else "\n".join(_fitted(body, end, tongue, most, whole)).rstrip()


def _apart(lines: Iterable[str]) -> Iterator[str]:
    """Make each line a paragraph of its own."""
    for line in lines:
        if line:
            yield line
            yield ""


def _section(section: Section, tongue: Language, diff: WordDiff) -> Iterator[str]:
    title = _inline(section.title, tongue)
    yield from _apart([f"### {title}" if section.lines else title])
    for line in section.lines:
        yield from _line(line, tongue, diff, box=section.kind == "acts")
    if section.lines:
        yield ""


def _line(line: Line, tongue: Language, diff: WordDiff, *, box: bool = False) -> Iterator[str]:
    """Return a line as an item of a list; with a `box`, people tick off what they did."""
    numbered = _NUMBERED.fullmatch(line.mark)
    sign = line.mark if numbered and not box else "-"
    if box:
        sign = f"- [ ] ({line.mark.rstrip('.')})" if numbered else "- [ ]"
    name = [f"**{_inline(line.name, tongue)}**"] if line.name else []
    said = tongue.listed([_said(each, tongue, diff) for each in line.said], "; ")
    context = " · ".join(f"{_words(column)} {_words(cut(value))}" for column, value in line.context)
    yield " ".join([sign, *name, *([said] if said else []), *([f"({context})"] if context else [])])
    for note in line.notes:
        yield f"{' ' * len(sign)} - {_inline(note, tongue)}"


def _said(said: Text | Diff, tongue: Language, diff: WordDiff) -> str:
    if isinstance(said, Text):
        return _inline(said, tongue)
    label = _inline(said.label, tongue)
    if said.before and said.after and max(len(said.before), len(said.after)) > LONG:
        return f"{label} {''.join(map(_piece, diff.pieces(said.before, said.after)))}"
    return f"{label} {_inline(quoted(said.before), tongue)} → {_inline(quoted(said.after), tongue)}"


def _piece(piece: Piece) -> str:
    if piece.kind == "same":
        return _words(cut_middle(piece.text))
    tag = "del" if piece.kind == "gone" else "ins"
    return f"<{tag}>{_words(cut(piece.text, CHANGED))}</{tag}>"


def _fitted(body: list[str], end: list[str], tongue: Language, most: int, whole: str) -> list[str]:
    """Return as many lines of the body as there is room for, and say how many are left."""
    longest = _cut_note(len(body), tongue, whole)
    room = most - _size([longest, "", *end])
    if room < 0:
        return [longest]
    shown = list(_first(body, room))
    while shown and (not shown[-1] or shown[-1].startswith("### ")):
        shown.pop()
    left = sum(bool(line) for line in body[len(shown) :])
    return [*shown, *([""] if shown else []), _cut_note(left, tongue, whole), "", *end]


def _cut_note(left: int, tongue: Language, whole: str) -> str:
    note = say_n("… and {count} more line.", "… and {count} more lines.", left)
    place = "address" if _ADDRESS.fullmatch(whole) else "command"
    where = (
        say("See everything: {address}", address=whole)
        if place == "address"
        else say("See everything: {command}", command=whole)
    )
    return f"{_inline(note, tongue)} {_inline(where, tongue)}" if whole else _inline(note, tongue)


def _first(lines: list[str], room: int) -> Iterator[str]:
    for line in lines:
        room -= len(line) + 1
        if room < 1:  # for the empty line after them
            return
        yield line


def _size(lines: Iterable[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _inline(text: str, tongue: Language) -> str:
    """Return a text in this language, to stand anywhere in a line."""
    said = tongue.say(rewritten(as_text(text), _mark))
    parts = _MARKED.split(said)
    told = [_code(part) if place % 2 else escaped(part) for place, part in enumerate(parts)]
    return _begun("".join(told))


def _words(words: str) -> str:
    return escaped(one_line(words))


def _mark(place: str, words: str) -> str:
    """Make words harmless, and put marks around what is no prose."""
    plain = _OURS.sub("\N{REPLACEMENT CHARACTER}", one_line(words))
    if place == "address" and _ADDRESS.fullmatch(plain):
        return f"{_OPEN}{_LINK}{plain}{_CLOSE}"
    return f"{_OPEN}{plain}{_CLOSE}" if plain and place in CODE else cut(plain, WORDS)


def _code(words: str) -> str:
    if words.startswith(_LINK):
        return f"<{words.removeprefix(_LINK)}>"
    fence = "`" * (1 + max(map(len, re.findall("`+", words)), default=0))
    blank = " " if words.startswith(("`", " ")) or words.endswith(("`", " ")) else ""
    return f"{fence}{blank}{words}{blank}{fence}"


def escaped(words: str) -> str:
    """Return one line of text as Markdown that shows it, and links nothing."""
    told, end = [], 0
    for call in _CALLS.finditer(words):
        told += [_plain(words[end : call.start()]), _broken(call[0])]
        end = call.end()
    return "".join([*told, _plain(words[end:])])


def _plain(words: str) -> str:
    backslashed = _SPECIAL.sub(r"\\\g<0>", words)
    return "".join(_ENTITIES.get(letter, letter) for letter in backslashed)


def _broken(call: str) -> str:
    """Put every other piece into a tag, so that no text between tags is long enough to be one that calls."""
    if len(call) == 1:
        return f"<span>{_plain(call)}</span>"
    parts = [call[start : start + _SHORT] for start in range(0, len(call), _SHORT)]
    return "".join(f"<span>{part}</span>" if place % 2 else part for place, part in enumerate(parts))


def _begun(text: str) -> str:
    """Keep the beginning of a line from being more than text, and blanks around it from going."""
    begins = _BEGINS.match(text)
    kept = f"{begins[1]}\\{text[len(begins[1]) :]}" if begins else text
    return _BLANKS.sub(lambda blank: "".join(f"&#{ord(letter)};" for letter in blank[0]), kept)
