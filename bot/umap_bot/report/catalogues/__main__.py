"""`make translations`: what is said in the code goes into each catalogue, and that is compiled.

Translations stay; what is new has none yet; what is no longer said goes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from umap_bot.report.catalogues.extraction import Message, messages
from umap_bot.report.language import CATALOGUES, CODES, DOMAIN, Code

PROGRAM: Final = Path(__file__).parents[2]


def catalogue_file(code: Code, ending: str = "po") -> Path:
    return CATALOGUES / code / "LC_MESSAGES" / f"{DOMAIN}.{ending}"


def read(code: Code) -> Catalog:
    """Return a catalogue; of a language that has none so far, an empty one."""
    if not catalogue_file(code).exists():
        return Catalog(locale=code, project=DOMAIN, fuzzy=False)
    with catalogue_file(code).open("rb") as file:
        return read_po(file, locale=code)


def update(catalogue: Catalog, said: list[Message]) -> None:
    """Bring a catalogue up to what is said. No guesses: what is new has no translation."""
    template = Catalog(creation_date=catalogue.creation_date)
    for message in said:
        template.add(message.id, locations=[(message.file, 0)], context=message.context)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()


def main() -> None:
    said = messages(PROGRAM)
    for code in CODES:
        if code == "en":
            continue
        catalogue = read(code)
        update(catalogue, said)
        catalogue_file(code).parent.mkdir(parents=True, exist_ok=True)
        with catalogue_file(code).open("wb") as file:
            write_po(file, catalogue, width=110, sort_output=True, include_lineno=False)
        with catalogue_file(code, "mo").open("wb") as file:
            write_mo(file, catalogue)
        missing = sum(not message.string or not all(message.string) for message in catalogue if message.id)
        print(f"{code}: {len(catalogue)} messages, {missing} without translation")  # noqa: T201  a command


if __name__ == "__main__":
    main()
