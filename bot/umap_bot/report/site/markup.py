"""Texts as HTML. What a map or a file holds shows as the text that it is, and reads in its own direction."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

from markupsafe import Markup, escape

from umap_bot.redaction import redact_data
from umap_bot.report.formats.terminal import clean, one_line
from umap_bot.report.formats.worddiff import Piece, WordDiff
from umap_bot.report.language import Language
from umap_bot.report.quotations import rewritten
from umap_bot.report.site.captions import CAPTIONS
from umap_bot.report.story.story import Diff
from umap_bot.report.story.words import EMPTY, HIDDEN, LONG, cut, cut_middle
from umap_bot.text import Text, as_text

FOLDED: Final = 300
"""Characters from which a name or a value is folded, and opens when it is asked for."""

MOST: Final = 1_000
"""Characters of somebody's words within a sentence, which has no room to fold them."""

_OPEN, _CLOSE, _LINK, _MOMENT = "\ufdd0", "\ufdd1", "\ufdd2", "\ufdd3"
"""Unicode leaves these to programs, to mean what they like."""
_OURS: Final = re.compile(f"[{_OPEN}{_CLOSE}{_LINK}{_MOMENT}]")
_MARKED: Final = re.compile(f"{_OPEN}([{_LINK}{_MOMENT}]?)(.*?){_CLOSE}")
_ADDRESS: Final = re.compile(r"https?://[!#-&(-;=?-~]+")
"""Printable ASCII without quotes, < and >."""


def address(url: str) -> str:
    """Return an address that a page may link, or ""."""
    return url if _ADDRESS.fullmatch(url) else ""


class HtmlWriter:
    """Writes texts of one page as HTML in one language."""

    def __init__(self, tongue: Language) -> None:
        self._tongue = tongue
        self._marking = tongue.marking(_moment)
        self._diff = WordDiff()
        self._empty = Markup("<i>{}</i>").format(tongue.say(EMPTY))
        self._more = escape(tongue.say(CAPTIONS["long"]))

    def text(self, text: str) -> Markup:
        """Return a sentence. Each value in it stands apart, so that none can turn the words around it; a
        moment names itself, so that scripts can tell it in the reader's own time."""
        said = redact_data(self._marking.say(rewritten(as_text(text), _mark)))
        parts = _MARKED.split(said)  # words, "" or the sign of what follows, somebody's words, words, …
        told = [escape(one_line(parts[0]))]
        for sign, value, after in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
            told += [_MADE[sign](value), escape(one_line(after))]
        return Markup("").join(told)

    def plain(self, text: str) -> str:
        """Return a sentence for where no element can stand: an attribute, a title, a script's words."""
        return one_line(redact_data(self._tongue.say(text)))

    def name(self, text: str) -> Markup:
        """Return a name of its own place in the page."""
        if isinstance(text, Text) and text.template:
            return self.text(text)
        return self._words(one_line(redact_data(text)))

    def diff(self, diff: Diff) -> Markup:
        """Return a value before and after; of two long ones, what went and what came within them."""
        label = self.name(diff.label)
        if diff.before and diff.after and self._is_one_text(diff.before, diff.after):
            return Markup("<b>{}</b> {}").format(label, self._compared(diff.before, diff.after))
        before, after = (self._value(value) for value in (diff.before, diff.after))
        return Markup("<b>{}</b> <del>{}</del> → <ins>{}</ins>").format(label, before, after)

    def context(self, columns: Iterable[tuple[str, str]]) -> Markup:
        cells = ((cut(redact_data(column)), cut(redact_data(value))) for column, value in columns)
        told = (Markup("{} {}").format(_apart(column), _apart(value)) for column, value in cells)
        return Markup(" · ").join(told)

    def _value(self, value: str | None) -> Markup:
        if value is None:
            return self._empty
        if value is HIDDEN:
            return self.text(HIDDEN)
        return self._words(clean(redact_data(value)))

    def _words(self, words: str) -> Markup:
        if len(words) <= FOLDED:
            return _apart(words)
        return self._folded(_apart(cut(words, FOLDED)), _apart(words))

    def _compared(self, before: str, after: str) -> Markup:
        found = self._diff.pieces(before, after)
        whole = Markup("").join(_piece(piece, short=False) for piece in found)
        if max(len(before), len(after)) <= FOLDED:
            return Markup("<bdi>{}</bdi>").format(whole)
        short = Markup("").join(_piece(piece, short=True) for piece in found)
        return self._folded(Markup("<bdi>{}</bdi>").format(short), Markup("<bdi>{}</bdi>").format(whole))

    def _is_one_text(self, before: str, after: str) -> bool:
        """Return whether two texts are better read as one with marks: if long, or if one only grew or
        shrank."""
        if max(len(before), len(after)) > LONG:
            return True
        found = self._diff.pieces(before, after)
        return {piece.kind for piece in found} in ({"same", "new"}, {"same", "gone"})

    def _folded(self, short: Markup, whole: Markup) -> Markup:
        return Markup(
            '<details class="long"><summary><span>{}</span> <u>{}</u></summary><div>{}</div></details>'
        ).format(short, self._more, whole)


def _mark(place: str, words: str) -> str:
    plain = _OURS.sub("\N{REPLACEMENT CHARACTER}", one_line(words))
    link = _LINK if place == "address" and len(plain) <= MOST and address(plain) else ""
    return f"{_OPEN}{link}{cut(plain, MOST)}{_CLOSE}" if plain else ""


def _apart(words: str) -> Markup:
    return Markup("<bdi>{}</bdi>").format(clean(words))


def _link(url: str) -> Markup:
    return Markup('<a href="{}" rel="noreferrer">{}</a>').format(url, url)


def _moment(time: datetime, words: str) -> str:
    return f"{_OPEN}{_MOMENT}{time.isoformat()} {words}{_CLOSE}"


def _time(marked: str) -> Markup:
    moment, _, words = marked.partition(" ")
    return Markup('<time datetime="{}">{}</time>').format(moment, words)


_MADE: Final[Mapping[str, Callable[[str], Markup]]] = {"": _apart, _LINK: _link, _MOMENT: _time}
"""What is made of marked words, by their sign."""


def _piece(piece: Piece, *, short: bool) -> Markup:
    text = clean(piece.text)
    if piece.kind == "same":
        return escape(cut_middle(text) if short else text)
    marked = Markup("<del>{}</del>") if piece.kind == "gone" else Markup("<ins>{}</ins>")
    return marked.format(cut(text, FOLDED) if short else text)
