"""`make translations`: what is said in the code goes into each catalogue, and that is compiled.

Translations stay; what is new has none yet. What is no longer said moves to the catalogue of earlier
templates, for the texts that were stored with it. Other versions of a catalogue may be named (after a merge:
those of both sides): what they have and this one lacks is taken from them first.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from umap_bot.report.catalogues.extraction import Message, messages
from umap_bot.report.language import CATALOGUES, CODES, DOMAIN, EARLIER, Code

PROGRAM: Final = Path(__file__).parents[2]


def catalogue_file(code: Code, ending: str = "po", domain: str = DOMAIN) -> Path:
    return CATALOGUES / code / "LC_MESSAGES" / f"{domain}.{ending}"


def read(code: Code, domain: str = DOMAIN) -> Catalog:
    """Return a catalogue; of a language that has none so far, an empty one."""
    file = catalogue_file(code, domain=domain)
    if not file.exists():
        return Catalog(locale=code, project=DOMAIN, fuzzy=False)
    with file.open("rb") as stream:
        return read_po(stream, locale=code)


def learn(catalogue: Catalog, other: Catalog) -> None:
    """Add the translations of another catalogue that this one lacks."""
    for entry in other:
        known = catalogue.get(entry.id, entry.context) if entry.id else entry
        if known is None or not _translated(known):
            _keep(catalogue, entry)


def update(catalogue: Catalog, earlier: Catalog, said: Sequence[Message]) -> None:
    """Bring a catalogue up to what is said. No guesses: what is new has no translation.

    The translations of what is no longer said move to `earlier`; what is said again is taken back from there.
    """
    template = Catalog(creation_date=catalogue.creation_date)
    for message in said:
        template.add(message.id, locations=[(message.file, 0)], context=message.context)
        known = catalogue.get(message.id, message.context)
        before = earlier.get(message.id, message.context)
        if known is None and before is not None:
            _keep(catalogue, before)
        earlier.delete(message.id, message.context)
    catalogue.update(template, no_fuzzy_matching=True)
    for entry in catalogue.obsolete.values():
        if _translated(entry):
            _keep(earlier, entry)
    catalogue.obsolete.clear()


def _translated(entry: Entry) -> bool:
    return all(entry.string or ("",))


def _keep(catalogue: Catalog, entry: Entry) -> None:
    """Put a translation into a catalogue, in the place of another of the same template."""
    catalogue.delete(entry.id, entry.context)  # else Babel would mix the two
    catalogue.add(entry.id, entry.string, flags=entry.flags, context=entry.context)


def _write(catalogue: Catalog, code: Code, domain: str) -> None:
    catalogue_file(code).parent.mkdir(parents=True, exist_ok=True)
    with catalogue_file(code, domain=domain).open("wb") as file:
        write_po(file, catalogue, width=110, sort_output=True, include_lineno=False)
    with catalogue_file(code, "mo", domain).open("wb") as file:
        write_mo(file, catalogue)


def main(others: Sequence[str] = ()) -> None:
    said = messages(PROGRAM)
    for code in CODES:
        if code == "en":
            continue
        catalogue, earlier = read(code), read(code, EARLIER)
        for other in others:
            with Path(other).open("rb") as file:
                learn(catalogue, read_po(file, locale=code))
        update(catalogue, earlier, said)
        _write(catalogue, code, DOMAIN)
        _write(earlier, code, EARLIER)
        missing = sum(not _translated(entry) for entry in catalogue if entry.id)
        print(f"{code}: {len(catalogue)} messages, {missing} without translation")  # noqa: T201  a command


if __name__ == "__main__":
    main(sys.argv[1:])
