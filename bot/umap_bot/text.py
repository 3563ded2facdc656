"""Sentences that can be said in more than one language: an English text that knows what it was made of.

`say` makes one of a template and values. As a `str` it is English and finished, so that whoever just prints
it needs to know nothing; `umap_bot.report.language` says it again in another language. It is stored with its
template and values, so that a log can be read in another language than it was written in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from string import Formatter
from typing import Any, Final, TypeAlias

import msgspec

Part: TypeAlias = "str | int | float | datetime | Text | Sequence[str]"
"""What a template has places for. A `str` is somebody's words and stays as it is, a `Text` is translated; a
`datetime` is aware. Places may say how: `{at:day}`, `{metres:.1f}`, `{names:and}`, `{names:; }` (what stands
between), `{features:count}` (of a text with a number, the number alone)."""


class Text(str):
    """An English sentence, with what it was made of.

    `template` is "" for somebody's own words, which are the same in every language. `plural` is "" if there
    is no such form; else `number` says which of the two is right.
    """

    __slots__ = ("number", "plural", "template", "values")

    template: str
    plural: str
    number: int
    values: Mapping[str, Part]

    def __new__(
        cls,
        said: str,
        template: str = "",
        plural: str = "",
        number: int = 0,
        values: Mapping[str, Part] | None = None,
    ) -> Text:
        text = super().__new__(cls, said)
        text.template, text.plural, text.number, text.values = template, plural, number, values or {}
        return text


class English(Formatter):
    """Fills the places of a template. Other languages differ in `number`, `time` and `listed`.

    A template may come out of a file: one with other places than `say` knows raises ValueError.
    """

    def parse(self, format_string: Any) -> Iterator[Any]:
        for words, name, form, conversion in super().parse(format_string):
            if name is not None and (conversion or not name.isidentifier() or "{" in str(form)):
                raise ValueError(f"no place: {name}")
            yield words, name, form, conversion

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, datetime):
            return self.time(value, format_spec)
        if isinstance(value, float) and _DECIMALS.fullmatch(format_spec):
            return self.number(format(value, format_spec))
        if isinstance(value, Text) and format_spec == COUNT:
            return str(value.number)
        if isinstance(value, (str, int)) and not format_spec:
            return self.said(value)
        if isinstance(value, (tuple, list)) and len(format_spec) <= _BETWEEN:
            return self.listed([self.said(each) for each in value], format_spec)
        raise ValueError(f"no form of a {type(value).__name__}: {format_spec}")

    def said(self, value: str | int) -> str:
        """Return a text in this language; here, as it is."""
        return str(value)

    def number(self, text: str) -> str:
        return text

    def time(self, time: datetime, form: str) -> str:
        """Return a time in this machine's time zone, as `DAY` or `MOMENT` say."""
        local = time.astimezone()
        return f"{local:%-d %b %Y}" if form == DAY else f"{local:%-d %b %Y %H:%M}"

    def listed(self, parts: Sequence[str], between: str) -> str:
        """Return parts one after the other. `and` as what stands between means: as one lists things."""
        if between != "and":
            return (between or ", ").join(parts)
        return f"{', '.join(parts[:-1])} {self.last} {parts[-1]}" if len(parts) > 1 else "".join(parts)

    last = "and"


DAY: Final = "day"
COUNT: Final = "count"
_DECIMALS: Final = re.compile(r"(\.\d{1,2})?[fg]?", re.ASCII)
_BETWEEN: Final = 10
"""Characters that may stand between the parts of a list."""
ENGLISH: Final = English()


def say(template: str, /, **values: Part) -> Text:
    """Return a sentence of a template and its values: say("{file} has no rows.", file=name).

    `template` is written out where it is said: the catalogues of other languages are made by looking for it.
    """
    return Text(ENGLISH.vformat(template, (), values), template, values=values)


def say_n(singular: str, plural: str, count: int, /, **values: Part) -> Text:
    """Return the right one of two sentences for a number of things, which both may show as {count}."""
    values = {"count": count, **values}
    template = singular if count == 1 else plural
    return Text(ENGLISH.vformat(template, (), values), singular, plural, count, values)


def verbatim(words: str) -> Text:
    """Return somebody's own words, the same in every language."""
    return Text(words)


NOTHING: Final = verbatim("")


def joined(parts: Iterable[str], between: str = " ") -> Text:
    """Return texts one after the other, with the same between them in every language."""
    values: dict[str, Part] = {"parts": tuple(part for part in parts if part)}
    template = "{parts:" + between + "}"  # no catalogue has it, so it is filled as it is
    return Text(ENGLISH.vformat(template, (), values), template, values=values)


def lines_of(text: Text) -> tuple[Text, ...]:
    """Return the lines of a text that was joined of them. A line break in a value makes no line."""
    if text.template or "\n" not in text:
        return _lines(text)
    return tuple(verbatim(line) for line in text.split("\n"))


def _lines(text: Text) -> tuple[Text, ...]:
    parts = text.values.get("parts")
    if not isinstance(parts, tuple) or not parts:
        return (text,)
    if text.template == "{parts:\n}":
        return tuple(line for part in parts for line in _lines(as_text(part)))
    first = _lines(as_text(parts[0]))  # a message of several lines, and its way out
    if len(first) == 1:
        return (text,)
    between = text.template.removeprefix("{parts:").removesuffix("}")
    return (*first[:-1], joined((first[-1], *parts[1:]), between))


def as_text(words: str) -> Text:
    return words if isinstance(words, Text) else verbatim(words)


def enc_hook(value: object) -> object:
    """Let msgspec encode a Text."""
    if not isinstance(value, Text):
        raise NotImplementedError(type(value).__name__)
    return store(value)


def dec_hook(kind: type, value: Any) -> Any:
    """Let msgspec decode a Text. Raise msgspec.ValidationError if it is none."""
    if kind is not Text:
        raise NotImplementedError(kind.__name__)
    return restore(value)


def store(text: Text) -> object:
    """Return a text as JSON has it: a string for somebody's own words, else an object."""
    if not text.template or not text:
        return str(text)
    values = {name: _put(part) for name, part in text.values.items()}
    stored: dict[str, object] = {"t": text.template, "v": values}
    return stored | ({"p": text.plural, "n": text.number} if text.plural else {})


def restore(stored: Any, depth: int = 0) -> Text:
    """Return the text back. Raise msgspec.ValidationError if it is none.

    None is what could grow without bounds in any language: `depth` counts the texts that this one is in.
    """
    if isinstance(stored, str):
        return verbatim(stored)
    try:
        values = {name: _get(part, depth + 1) for name, part in stored["v"].items()}
        if "p" not in stored:
            return _bounded(stored["t"], values)
        number = int(stored["n"])
        for template in (stored["t"], stored["p"]):  # which of the two is said differs between languages
            _bounded(template, {"count": number, **values})
        return say_n(stored["t"], stored["p"], number, **values)
    except (TypeError, KeyError, ValueError, AttributeError, OverflowError) as error:
        raise msgspec.ValidationError("no text") from error


_PLACES: Final = 20
_DEPTH: Final = 40
_LONGEST: Final = 2**20


def _bounded(template: str, values: Mapping[str, Part]) -> Text:
    """Say a template. Raise ValueError if it says nothing (how often can't be seen), or far too much."""
    if template.count("{") > _PLACES:
        raise ValueError("too many places")
    text = say(template, **values)
    if not 0 < len(text) <= _LONGEST:
        raise ValueError("too short, or too long")
    return text


def _put(part: Part) -> object:
    if isinstance(part, Text):
        return store(part)
    if isinstance(part, datetime):
        return {"at": part.isoformat()}
    return part if isinstance(part, (str, int, float)) else [_put(each) for each in part]


def _get(stored: Any, depth: int) -> Any:
    if depth > _DEPTH:
        raise ValueError("too deep")
    if isinstance(stored, dict):
        return datetime.fromisoformat(stored["at"]) if "at" in stored else restore(stored, depth)
    return tuple(_get(each, depth + 1) for each in stored) if isinstance(stored, list) else stored
