"""Secrets are found however they are written; in what people wrote, only those that nobody could guess."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from html import escape
from random import Random
from string import ascii_letters, digits
from urllib.parse import quote, quote_plus

import pytest

from umap_bot import redaction
from umap_bot.redaction import LONGEST, PASSING, STARS, Secrets, add_secret, is_random, words_of_server

SECRET = 'p@ß "wörd"/<1:2>\\&\'x'
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in an address": lambda text: quote(text, safe=""),
    "in a path": quote,
    "in a form": quote_plus,
    "in small letters": lambda text: re.sub("%..", lambda found: found[0].lower(), quote(text, safe="")),
    "twice in an address": lambda text: quote(quote(text, safe=""), safe=""),
    "in JSON": lambda text: json.dumps(text)[1:-1],
    "in JSON, as UTF-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "in HTML": escape,
    "in HTML, by Django": lambda text: escape(text).replace("&#x27;", "&#39;"),
    "in an element": lambda text: escape(text, quote=False),
    "in Python": lambda text: repr(text)[1:-1],
    "in hexadecimal": lambda text: text.encode().hex(),
}
TOKENS = (
    "9f8k2l0zq1x7c5v3b6n4m8a2s1d0f7g6",  # a session's, as Django makes them
    "glpat-x3Kd9_Qm2vT7bR1nZ8pW",
    "0f8d3c6a9b1e4f7a2d5c8b0e3f6a9d1c4b7e0f3a",
    "https://umap.example/fr/map/anonymous-edit/12:mE3k9Zq2X7v1T5b8R0nW4pL6sK",
)
THOUGHT_OF = (
    "geheim",
    "Bron2022",
    "correct horse battery staple",
    "correct-horse-battery-staple-2024",
    "Liberte-Egalite-Fraternite-2024!",
    "motdepassedelacarte",
    "postgresql://bot:geheim2024@db1.example.org:5432/umap2",
    "0123456789012345678901234567890123456789",
)


@pytest.fixture(autouse=True)
def none_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_secrets", Secrets())


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_secret_is_found_however_it_is_written(spelling: str) -> None:
    add_secret(SECRET)
    assert redaction.redact(f"<{SPELLINGS[spelling](SECRET)}>") == f"<{STARS}>"


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
@pytest.mark.parametrize("before", ["", "a", "ab", "sessionid="])
def test_a_secret_is_found_in_base64_wherever_it_begins(
    encode: Callable[[bytes], bytes], before: str
) -> None:
    secret = "x~?>>~~?ÿÿ-secret"
    add_secret(secret)
    whole = encode(f"{before}{secret}; path".encode()).decode()
    assert STARS in redaction.redact(whole)
    assert encode(secret.encode()).decode()[4:-4] not in redaction.redact(whole)


@pytest.mark.parametrize("secret", TOKENS)
def test_a_token_is_replaced_everywhere(secret: str) -> None:
    add_secret(secret)
    assert redaction.redact_data(f"Bron {secret}") == f"Bron {STARS}"


@pytest.mark.parametrize("secret", THOUGHT_OF)
def test_what_a_person_could_guess_stays_in_values_and_goes_from_errors(secret: str) -> None:
    """Stars would tell whoever wrote the guess into a public file that it is right."""
    add_secret(secret)
    assert redaction.redact_data(f"Bron {secret}") == f"Bron {secret}"
    assert redaction.redact(f"Bron {secret}") == f"Bron {STARS}"


@pytest.mark.parametrize(("alphabet", "length"), [(digits + "abcdef", 40), (ascii_letters + digits, 40)])
def test_nearly_every_token_of_a_machine_is_known_for_one(alphabet: str, length: int) -> None:
    draw = Random(1)  # noqa: S311
    tokens = ["".join(draw.choices(alphabet, k=length)) for _ in range(1000)]
    assert sum(map(is_random, tokens)) > 990


def test_the_key_in_an_address_is_a_secret_by_itself() -> None:
    add_secret("json://hook.example/9f8K2l0Zq1x7C5v3B6n4M8a2S1?to=Bron")
    assert (
        redaction.redact_data("hook.example 9f8K2l0Zq1x7C5v3B6n4M8a2S1 Bron") == f"hook.example {STARS} Bron"
    )


def test_what_umap_made_is_a_token_whatever_it_looks_like() -> None:
    add_secret("abcdefghijklmnopqrst", random=True)
    add_secret("Bron", random=True)  # a setting with a word in it: it would be taken out of the map's words
    assert redaction.redact_data("Bron abcdefghijklmnopqrst") == f"Bron {STARS}"


def test_a_service_does_not_collect_cookies_for_ever() -> None:
    known = Secrets()
    known.add("the password")
    for number in range(2 * PASSING):
        known.add(f"cookie-{number:05}", passing=True)
    assert known.out_of("the password cookie-00000 cookie-00127") == f"{STARS} cookie-00000 {STARS}"


def test_a_setting_is_remembered_though_it_came_as_a_cookie_first() -> None:
    known = Secrets()
    known.add("session-1", passing=True)
    known.add("session-1")
    for number in range(2 * PASSING):
        known.add(f"cookie-{number:05}", passing=True)
    assert known.out_of("session-1") == STARS


def test_the_words_of_a_server_are_one_line_of_some_length_without_secrets() -> None:
    add_secret("geheim")
    said = words_of_server(f"\x1b[31mNo\r\n::error::\tfor {'x' * (LONGEST - 22)} geheim {'y' * 5000}")
    assert said.startswith("[31mNo ::error:: for xxx")
    assert len(said) <= LONGEST
    assert "gehe" not in said
    assert said.endswith("…")
