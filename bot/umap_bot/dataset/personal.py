"""Columns that look personal: telephone numbers, mail addresses, names of people and the like.

A name decides, where a value may be what the name says; else the values, where a good share of them has a
form that little else has. It is a question to a person, and no more: a town hall's number is public.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

import msgspec

from umap_bot.dataset.findings import excerpt
from umap_bot.dataset.naming import words
from umap_bot.dataset.table import Record, Table
from umap_bot.model.canon import canonical

SHARE: Final = 0.3
"""Of the filled cells of a column, the share from which on values alone make it look personal."""
_SAMPLE: Final = 200
"""Records, evenly spread over the file, whose values are looked at where no name says anything."""
_LONGEST: Final = 200
"""Characters of a cell that are looked at. A longer one is a text for readers."""
_EXAMPLE: Final = 24
"""Characters of a masked value that are shown."""

Test = Callable[[str], bool]
T = TypeVar("T")


class PersonalColumn(msgspec.Struct, frozen=True):
    """A column that looks personal, with the form of one of its values (`masked`)."""

    column: str
    example: str


def personal_columns(table: Table, sample: list[Record] | None = None) -> list[PersonalColumn]:
    """Return the columns of a table that look personal, in its order.

    `sample` are the records whose values are looked at where no name says anything.
    """
    sample = spread(table.records) if sample is None else sample
    found = ((column, _by_name(column, table) or _by_values(column, sample)) for column in table.columns)
    return [PersonalColumn(column, masked(value)) for column, value in found if value]


def masked(value: str) -> str:
    """Return the form of a value: its first character, and dots for all other letters and digits."""
    dots = "".join("•" if char.isalnum() else char for char in value[1:])
    return excerpt(value[:1] + dots, _EXAMPLE)


def _by_name(column: str, table: Table) -> str:
    """Return a value that may be what the column's name says is personal, "" if there is none."""
    fits = _said_by(words(column))
    return next(filter(fits, _texts(column, table.records)), "") if fits else ""


def spread(rows: list[T]) -> list[T]:
    """Return a sample of rows, evenly spread over all."""
    return rows[:: max(1, len(rows) // _SAMPLE)]


def _by_values(column: str, sample: list[Record]) -> str:
    """Return a value of a form that a good share of the column's values has, "" if there is none."""
    values = list(_texts(column, sample))
    for has_form in (_is_mail, _is_phone, _is_iban, _is_social_security):
        found = list(filter(has_form, values))
        if found and len(found) >= SHARE * len(values):
            return found[0]
    return ""


def _texts(column: str, records: Iterable[Record]) -> Iterator[str]:
    for record in records:
        text = canonical(record.cells.get(column))
        if isinstance(text, str) and (text := text.strip()) and len(text) <= _LONGEST:
            yield text


def _said_by(parts: tuple[str, ...]) -> Test | None:
    """Return what tells whether a value may be what a name of these words says; None if it says nothing."""
    spaced = f" {' '.join(parts)} "
    tests = (fits for names, fits in _NAMES if any(f" {name} " in spaced for name in names))
    is_of_person = not _PEOPLE.isdisjoint(parts) and _IMPERSONAL.isdisjoint(parts)
    return next(tests, _is_person_or_way if is_of_person else None)


def _digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text))


def _has_number(text: str) -> bool:
    return len(_digits(text)) >= 6 and not _is_address(text)  # noqa: PLR2004  shorter ones tell nothing


def _has_digit(text: str) -> bool:
    return bool(_digits(text))


def _is_of_words(text: str) -> bool:
    """Tell whether a value may name or describe somebody: it is no answer, no number and no page."""
    letters = sum(map(str.isalpha, text))
    return letters >= 3 and text.casefold() not in _ANSWERS and not _is_address(text)  # noqa: PLR2004


def _is_person_or_way(text: str) -> bool:
    """Tell whether a value may be a person to turn to, or how to reach them."""
    return _is_mail(text) or _has_number(text) or _is_of_words(text)


def _is_address(text: str) -> bool:
    """Tell whether a value is the address of a page."""
    return text.casefold().startswith(("http:", "https:", "www."))


def _is_mail(text: str) -> bool:
    return "@" in text and not _is_address(text) and _MAIL.search(text) is not None


def _is_phone(text: str) -> bool:
    count = len(_digits(text))
    if text.startswith(("+", "00")):
        return 10 <= count <= 15 and _PHONE.fullmatch(text) is not None  # noqa: PLR2004  E.164
    return count == 10 and _PHONE.fullmatch(text) is not None  # noqa: PLR2004  as in France


def _is_iban(text: str) -> bool:
    """Tell whether a value is an IBAN, by its check digits (ISO 13616)."""
    plain = text.replace(" ", "").upper()
    if not _IBAN.fullmatch(plain):
        return False
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1


def _is_social_security(text: str) -> bool:
    """Tell whether a value is a French social security number (NIR), by its check digits."""
    plain = text.replace(" ", "").upper()
    if not _NIR.fullmatch(plain):
        return False
    number = int(plain[:13].replace("2A", "19").replace("2B", "18"))
    return int(plain[13:]) == 97 - number % 97


_MAIL: Final = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[A-Za-z]{2,}")
_PHONE: Final = re.compile(
    r"(?:(?:\+|00)[1-9]\d{0,2}|\(?0[1-9]\)?)(?:[ .\-/\u00a0\u202f]?\(?\d{1,4}\)?){3,6}", re.ASCII
)
_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
_NIR: Final = re.compile(r"[12]\d{4}(?:\d{2}|2[AB])\d{8}", re.ASCII)
_ANSWERS: Final = frozenset(("oui", "non", "yes", "true", "false", "vrai", "faux", "aucun", "aucune", "none"))

_NAMES: Final[tuple[tuple[tuple[str, ...], Test], ...]] = (
    (
        ("tel", "telephone", "telephones", "phone", "mobile", "portable", "gsm", "whatsapp", "fax"),
        _has_number,
    ),
    (("mail", "mails", "email", "emails", "e mail", "e mails", "courriel", "courriels", "mel"), _is_mail),
    (
        ("iban", "rib", "nir", "nss", "ssn", "securite sociale", "numero secu", "social security"),
        _has_number,
    ),
    (("naissance", "birth", "birthday", "birthdate", "dob"), _has_digit),
    (("domicile", "adresse personnelle", "adresse perso", "adresse privee", "home address"), _is_of_words),
    (("prenom", "prenoms", "nom de famille", "first name", "last name", "surname"), _is_of_words),
)
"""Words of a name, as `words` folds them, and what a value must be for the name to mean it."""
_PEOPLE: Final = frozenset(
    (
        *("contact", "contacts", "referent", "referente", "referents", "responsable", "responsables"),
        *("interlocuteur", "interlocutrice", "benevole", "benevoles", "adherent", "adherente"),
    )
)
_IMPERSONAL: Final = frozenset(
    (
        *("url", "uri", "site", "web", "website", "page", "lien", "link", "formulaire", "form"),
        *("nb", "nombre", "count", "type", "mode", "horaire", "horaires", "date", "lieu"),
        *("structure", "organisme", "service", "commune", "collectivite", "association"),
    )
)
"""With one of them, a name that speaks of a contact means a page, a count, a date or a body."""
