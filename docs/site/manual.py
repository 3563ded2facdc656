"""The manual page, umap-bot(1), in roff with the macros of man(7)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from docs.site.parser import PROGRAM, Command, Option, all_commands, program
from docs.site.words import WORDS
from umap_bot.cli.main import EXIT_CODES
from umap_bot.report.language import Language

MANIFEST: Final = "umap-bot.toml"


def page(tongue: Language) -> str:
    """Return the manual page in a language."""
    return "\n".join([*_lines(tongue), ""])


def _lines(tongue: Language) -> Iterator[str]:
    words, root = WORDS[tongue.code], program(tongue)
    yield f'.TH UMAP-BOT 1 "" {PROGRAM} {PROGRAM}'
    yield f".SH {words.name.upper()}"
    yield f"{_text(PROGRAM)} \\- {_text(' '.join(root.paragraphs).rstrip('.'))}"
    yield f".SH {words.synopsis.upper()}"
    yield from _usage(root)
    yield f".SH {words.options.upper()}"
    yield from _options(root.options)
    yield f".SH {words.commands.upper()}"
    for command in all_commands(tongue):
        yield f".SS {_text(command.typed)}"
        yield from _command(command)
    yield f".SH {words.exit_codes.upper()}"
    for code, meaning in EXIT_CODES.items():
        yield from _item(str(code), tongue.say(meaning))
    yield f".SH {words.files.upper()}"
    yield from _item(".env", words.env)
    yield from _item(MANIFEST, words.manifest)


def _command(command: Command) -> Iterator[str]:
    yield from _usage(command)
    for paragraph in command.paragraphs:
        yield ".PP"
        yield _text(paragraph)
    yield from _options(command.options)


def _usage(command: Command) -> Iterator[str]:
    yield f".B {_text(command.typed)}"
    yield _text(command.usage)


def _options(options: tuple[Option, ...]) -> Iterator[str]:
    for option in options:
        yield from _item(option.typed, option.help)


def _item(term: str, told: str) -> Iterator[str]:
    yield ".TP"
    yield f".B {_text(term)}"
    yield _text(told)


_SPELLED: Final = str.maketrans(
    {
        "\\": "\\e",
        "-": "\\-",  # else a hyphen, which nobody can copy as an option
        "'": "\\(aq",
        "`": "\\(ga",
        "~": "\\(ti",
        "^": "\\(ha",
        '"': "\\(dq",  # the macros take it for the end of an argument
        "\u00a0": "\\ ",
    }
)


def _text(words: str) -> str:
    """Return words as roff has them: no character of theirs is one of its own, and no line a request."""
    spelled = words.replace("\n", " ").translate(_SPELLED)
    return f"\\&{spelled}" if spelled.startswith(".") else spelled
