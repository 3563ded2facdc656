"""Secrets taken out of texts: the last net under errors and traces."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, quote_plus, unquote

STARS: Final = "********"
SHORTEST: Final = 4
"""A shorter secret is not replaced: it would star out half of every text."""

# Of the whole process: whoever prints must not have to be handed the secrets first.
_secrets: set[str] = set()


def add_secret(secret: str) -> None:
    """Take a secret out of every text from now on, in its URL-encoded forms too."""
    forms = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), unquote(secret)}
    _secrets.update(form for form in forms if len(form) >= SHORTEST)


def redact(text: str) -> str:
    """Return the text with stars in place of every secret."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, STARS)
    return text
