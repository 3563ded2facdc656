"""Secrets taken out of texts: of the words of servers, of errors and logs, and of what reports show.

What people wrote into a file or a map is told apart: there only a secret that nobody could guess is replaced.
Else whoever may write into a public file could try passwords in it: the stars would tell which one is right.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from html import escape
from threading import Lock
from typing import Final
from urllib.parse import quote, quote_plus, unquote

STARS: Final = "********"
SHORTEST: Final = 4
"""A shorter secret is not replaced: it would star out half of every text."""
_READ: Final = 10_000
"""Characters of a server's words that are looked at: of a megabyte the end is nobody's."""
LONGEST: Final = 300
"""Characters of a server's words that are repeated."""
PASSING: Final = 64
"""Cookies that are remembered for the texts of the whole process: a service gets new ones at each pass."""

ORDINARY: Final = 16
"""What a machine made has at least so many characters; a shorter one may be any word."""

_UNBROKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,}", re.ASCII)
_PIECE: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_PIECES: Final = 10
_IN_BASE64: Final = 6
_PERCENT: Final = re.compile("%[0-9A-F]{2}")


def is_random(secret: str) -> bool:
    """Tell whether nobody could guess a secret: at least 20 characters without a break, of at least 10 words
    and numbers. A token of a machine has more, a password that a person thought of has fewer."""
    return any(len(_PIECE.findall(part)) >= _PIECES for part in _UNBROKEN.findall(secret))


class Secrets:
    """Secrets, each in all the forms that it is written in. Lanes of a pass may use them at the same time."""

    def __init__(self) -> None:
        self._forms: dict[str, frozenset[str]] = {}
        self._random: set[str] = set()
        self._passing: list[str] = []
        self._lock = Lock()
        self._all: tuple[str, ...] = ()
        self._unguessed: tuple[str, ...] = ()

    def add(self, secret: str, *, random: bool = False, passing: bool = False) -> None:
        """Know a secret from now on. `random`: a machine made it, whatever it looks like; `passing`: forget
        it when enough newer ones have come. The key in an address is a secret by itself."""
        for part in _UNBROKEN.findall(secret):
            if part != secret and is_random(part):
                self.add(part, passing=passing)
        if secret in self._forms and (passing or secret not in self._passing):
            return
        with self._lock:
            self._forms[secret] = frozenset(form for form in _forms(secret) if len(form) >= SHORTEST)
            if is_random(secret) or (random and len(secret) >= ORDINARY):
                self._random.add(secret)
            self._passing = [each for each in self._passing if each != secret] + ([secret] if passing else [])
            for gone in self._passing[:-PASSING]:
                del self._forms[gone]
                self._random.discard(gone)
            self._passing = self._passing[-PASSING:]
            self._all = _longest_first(self._forms.values())
            self._unguessed = _longest_first(self._forms[each] for each in self._random)

    def out_of(self, text: str) -> str:
        """Return the text with stars in place of every secret."""
        return _starred(text, self._all)

    def out_of_data(self, text: str) -> str:
        """Return the text with stars in place of the secrets that nobody could guess."""
        return _starred(text, self._unguessed)

    def out_of_bytes(self, data: bytes) -> bytes:
        """Return bytes without the secrets that nobody could guess; the same object if none is in them."""
        for form in map(str.encode, self._unguessed):
            if form in data:
                data = data.replace(form, STARS.encode())
        return data


# Of the whole process: whoever prints must not have to be handed the secrets first.
_secrets: Final = Secrets()


def add_secret(secret: str, *, random: bool = False) -> None:
    """Take a secret out of every text from now on. `random`: a machine made it, whatever it looks like."""
    _secrets.add(secret, random=random)


def add_cookie(value: str, *, random: bool) -> None:
    """Take the value of a cookie out of every text, until enough newer ones have come."""
    _secrets.add(value, random=random, passing=True)


def redact(text: str) -> str:
    """Return the text with stars in place of every secret: for errors, logs, and the words of servers."""
    return _secrets.out_of(text)


def redact_data(text: str) -> str:
    """Return the text without the secrets that nobody could guess: where values of file and map stand."""
    return _secrets.out_of_data(text)


def words_of_server(said: str) -> str:
    """Return what a server said, for a line of ours: without secrets, in one line, not too long."""
    line = " ".join("".join(char if char.isprintable() else " " for char in redact(said[:_READ])).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _starred(text: str, forms: Iterable[str]) -> str:
    for form in forms:
        if form in text:
            text = text.replace(form, STARS)
    return text


def _longest_first(found: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(sorted({form for forms in found for form in forms}, key=len, reverse=True))


def _forms(secret: str) -> Iterator[str]:
    """Return a secret as it is, and as it is written in addresses, JSON, HTML, Python, and base64."""
    for plain in {secret, unquote(secret)}:
        data = plain.encode("utf-8", "surrogatepass")
        yield plain.encode("utf-8", "replace").decode()
        for quoted in (quote(data, safe=""), quote(data), quote_plus(data), quote(quote(data, safe=""))):
            yield quoted
            yield _PERCENT.sub(lambda found: found[0].lower(), quoted)
        yield from (json.dumps(plain)[1:-1], json.dumps(plain, ensure_ascii=False)[1:-1], repr(plain)[1:-1])
        for html in (escape(plain), escape(plain, quote=False)):
            yield from (html, html.replace("&#x27;", "&#39;"), html.replace("&quot;", "&#34;"))
        yield data.hex()
        yield from _in_base64(data)


def _in_base64(secret: bytes) -> Iterator[str]:
    """Return what base64 makes of a secret wherever it begins in what is encoded, without the characters that
    its neighbours have a part in."""
    for before, shared in enumerate((0, 2, 3)):
        encoded = b64encode(bytes(before) + secret).decode()
        own = encoded[shared : (before + len(secret)) * 8 // 6]
        if len(own) >= _IN_BASE64:
            yield from (own, own.replace("+", "-").replace("/", "_"))
