"""The languages that people are spoken to in, and the way from a text to its words in one of them.

A language is a catalogue in `catalogues/`, made with `make translations`, and Babel's way to write dates and
numbers (Unicode CLDR). English is what the program itself is written in, and needs neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from datetime import datetime
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeAlias, get_args

from umap_bot.text import DAY, English, Text

Code = Literal["en", "fr"]
CODES: Final[tuple[Code, ...]] = get_args(Code)

CATALOGUES: Final = Path(__file__).parent / "catalogues"
DOMAIN: Final = "umap-bot"
"""gettext finds a catalogue by its folder, the language, and this name."""
EARLIER: Final = "earlier"
"""The catalogue of templates that are no longer said: the log still has texts that were stored with them."""


SEVERAL: Final = 2


Mark: TypeAlias = Callable[[datetime, str], str]
"""(a moment, its words) → words that tell which moment it is."""


class Language(English):
    """English; the other languages are made from it."""

    code: Code = "en"

    def __init__(self) -> None:
        self._mark: Mark | None = None

    def marking(self, mark: Mark) -> Self:
        """Return this language as it is, but for moments: their words are those that `mark` returns."""
        marked = copy(self)
        marked._mark = mark
        return marked

    def format_field(self, value: Any, format_spec: str) -> str:
        said = super().format_field(value, format_spec)
        if self._mark is None or not isinstance(value, datetime) or format_spec == DAY:
            return said
        return self._mark(value, said)

    def said(self, value: str | int) -> str:
        return super().said(value) if self._mark is None else self._filled(value)

    def _filled(self, value: str | int) -> str:
        """Return a text with its places filled anew."""
        if not isinstance(value, Text) or not value.template:
            return str(value)
        return self.vformat(self._template(value), (), value.values)

    def _template(self, text: Text) -> str:
        return text.plural if text.plural and text.number != 1 else text.template

    def say(self, text: str) -> str:
        """Return a text in this language. Somebody's own words come back as they are."""
        return self.said(text)

    def words(self, english: str, plural: str = "") -> str:
        """Return words as they are, with the places that they may have. `plural`: as they are of several."""
        return plural or english


class Translated(Language):
    """A language with a catalogue. What that lacks is said in English."""

    def __init__(self, code: Code) -> None:
        super().__init__()
        self.code = code
        self._catalogue = _catalogue(code, DOMAIN)
        self._catalogue.add_fallback(_catalogue(code, EARLIER))
        self.last = self._catalogue.pgettext("at the end of a list", "and")
        self._between = {
            "; ": self._catalogue.pgettext("between the parts of a list", "; "),
            ": ": self._catalogue.pgettext("between the parts of a list", ": "),
        }

    def said(self, value: str | int) -> str:
        return self._filled(value)

    def words(self, english: str, plural: str = "") -> str:
        if plural:
            return self._catalogue.ngettext(english, plural, SEVERAL)
        return self._catalogue.gettext(english) if english else ""

    def number(self, text: str) -> str:
        from babel.numbers import get_decimal_symbol  # noqa: PLC0415  slow, and not needed for English

        return text.replace(".", get_decimal_symbol(self.code))

    def time(self, time: datetime, form: str) -> str:
        from babel.dates import format_date, format_time  # noqa: PLC0415  the same

        local = time.astimezone()
        day = format_date(local, "medium", locale=self.code)
        return day if form == DAY else f"{day} {format_time(local, 'HH:mm', locale=self.code)}"

    def listed(self, parts: Sequence[str], between: str) -> str:
        return super().listed(parts, self._between.get(between, between))

    def _template(self, text: Text) -> str:
        if text.plural:
            return self._catalogue.ngettext(text.template, text.plural, text.number)
        return self._catalogue.gettext(text.template)


def _catalogue(code: Code, domain: str) -> GNUTranslations:
    with (CATALOGUES / code / "LC_MESSAGES" / f"{domain}.mo").open("rb") as file:
        return GNUTranslations(file)


@cache
def language(code: Code) -> Language:
    return Language() if code == "en" else Translated(code)


def code_of(environ: Mapping[str, str]) -> Code:
    """Return the language that this user reads: REPORT_LANGUAGE, else the locale's, as gettext finds it."""
    names = ("REPORT_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    named = next((environ[name] for name in names if environ.get(name)), "")
    return next((code for code in CODES if named.lower().startswith(code)), "en")
