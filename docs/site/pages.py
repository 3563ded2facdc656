"""The generated pages of the site, in Markdown: errors, commands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from string import Formatter
from typing import Final

from docs.site.errors import APPROVAL, Error, all_errors
from docs.site.parser import Command, Option, all_commands, program
from docs.site.sayings import Saying
from docs.site.words import WORDS
from umap_bot.cli.main import EXIT_CODES
from umap_bot.report.language import Code, Language, language

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>{}|~#$&])")


GENERATED: Final[dict[Code, tuple[str, ...]]] = {
    "en": ("errors", "commands"),
    "fr": ("errors", "commands"),
}


def generated(code: Code) -> dict[str, str]:
    """Return name → Markdown of each generated page in a language."""
    tongue = language(code)
    made = {"errors": _errors, "commands": _commands}
    return {name: "\n".join([*made[name](tongue), ""]) for name in GENERATED[code]}


def _errors(tongue: Language) -> Iterator[str]:
    words, found = WORDS[tongue.code], all_errors()
    yield f"# {words.errors}\n\n{words.errors_lead}"
    for code, meaning in EXIT_CODES.items():
        of_code = [error for error in found if error.code == code]
        if not of_code:
            continue
        yield f"\n(code-{code})=\n## {code} · {_escaped(tongue.say(meaning))}"
        if code == APPROVAL:
            yield f"\n{words.approval_lead}"
        yield from _told(tongue, (error for error in of_code if not error.of_file))
        if of_file := [error for error in of_code if error.of_file]:
            yield f"\n### {words.file_problems}\n\n{words.files_lead}"
            yield from _told(tongue, of_file)


def _told(tongue: Language, errors: Iterable[Error]) -> Iterator[str]:
    """Return messages, each once and with all its ways out; in the order of the alphabet, to be found."""
    ways_out: dict[str, dict[str, None]] = {}
    for error in errors:
        for message in error.messages:
            known = ways_out.setdefault(spoken(message, tongue), {})
            known.update(dict.fromkeys(spoken(way_out, tongue) for way_out in error.ways_out))
    for said in sorted(ways_out, key=str.casefold):
        yield f"\n- **{said}**" if ways_out[said] else f"\n- {said}"
        yield from (f"  - {way_out}" for way_out in ways_out[said])


def spoken(saying: Saying, tongue: Language) -> str:
    """Return templates in a language, with … for what fills their places."""
    said = " ".join(tongue.words(one, several) for one, several in saying)
    parts = (literal + ("…" if name is not None else "") for literal, name, *_ in Formatter().parse(said))
    return _escaped(re.sub("…+", "…", re.sub(r"[ \n]+", " ", "".join(parts))))


def _commands(tongue: Language) -> Iterator[str]:
    words = WORDS[tongue.code]
    yield f"# {words.commands}\n\n{words.commands_lead}"
    for command in (program(tongue), *all_commands(tongue)):
        yield from _command(command)
    yield f"\n## {words.exit_codes}\n"
    yield from (f"- `{code}`: {_escaped(tongue.say(meaning))}" for code, meaning in EXIT_CODES.items())


def _command(command: Command) -> Iterator[str]:
    depth = "###" if command.typed.count(" ") > 1 else "##"
    yield f"\n{depth} {command.typed}\n\n```text\n{command.typed} {command.usage}\n```"
    yield from (f"\n{_escaped(paragraph)}" for paragraph in command.paragraphs)
    yield from _options(command.options)


def _options(options: Iterable[Option]) -> Iterator[str]:
    yield ""
    yield from (f"- `{option.typed}`: {_escaped(option.help)}" for option in options)


def _escaped(text: str) -> str:
    """Return text as Markdown that shows it as it is, on one line."""
    return _SPECIAL.sub(r"\\\1", text)
