"""Columns that look personal, by their names and by their values; what is no alarm; and how it is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from umap_bot.dataset.personal import masked, personal_columns
from umap_bot.dataset.table import Record, Table
from umap_bot.model.canon import Value
from umap_bot.model.layer import Layer

Csv = Callable[..., Layer]


def looks_personal(column: str, *values: Value) -> bool:
    records = [Record(number, {column: value}) for number, value in enumerate(values, 2)]
    return bool(personal_columns(Table((column,), records)))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("Téléphone", "04 78 12 34 56"),
        ("tel_mobile", 478123456),
        ("Phone number", "+44 20 7946 0958"),
        ("E-mail", "jean.dupont@example.org"),
        ("Courriel du référent", "jean.dupont@example.org"),
        ("Contact", "Jean Dupont"),
        ("contact", "mairie de Bron"),
        ("Responsable", "J. Dupont"),
        ("Prénom", "Jean"),
        ("Nom de famille", "Dupont"),
        ("Last name", "Dupont"),
        ("IBAN", "FR14 2004 1010 0505 0001 3M02 606"),
        ("N° sécurité sociale", "2 55 08 14 168 025 38"),
        ("Date de naissance", "12/03/1980"),
        ("birthDate", "1980-03-12"),
        ("Adresse personnelle", "3 rue des Lilas, Bron"),
        ("Domicile", "Bron"),
    ],
)
def test_a_name_tells_it(column: str, value: Value) -> None:
    assert looks_personal(column, None, value)


@pytest.mark.parametrize(
    "value",
    [
        "jean.dupont@example.org",
        "Accueil : accueil@example.org",
        "04 78 12 34 56",
        "0478123456",
        "04.78.12.34.56",
        "+33 (0)4 78 12 34 56",
        "0033478123456",
        "FR1420041010050500013M02606",
        "2 55 08 14 168 025 38",
        "255082A168025 97",
    ],
)
def test_values_tell_it_whatever_the_name_is(value: str) -> None:
    assert looks_personal("x", value)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("url", "https://example.org/contact"),
        ("site", "www.example.org"),
        ("Contact", "https://example.org/contact"),
        ("Contact", "oui"),
        ("contact_url", "Formulaire en ligne"),
        ("Service responsable", "Voirie"),
        ("nb_contacts", 27),
        ("Date de contact", "2026-01-01"),
        ("Mobile", "oui"),
        ("Téléphone", "non"),
        ("Email", "non"),
        ("Adresse", "3 rue des Lilas"),
        ("Commune", "Lyon 8e"),
        ("mobilier", "banc 123456"),
        ("SIRET", "12345678901234"),
        ("SIREN", "123456789"),
        ("code_insee", "69029"),
        ("FINESS", "690000001"),
        ("ouverture", "01/02/2024"),
        ("ouverture", "2024-01-02 10:30"),
        ("horaires", "08:00-12:00"),
        ("capacité", "0000000000000"),
        ("iris", "690290101"),
        ("IBAN", ""),
        ("x", "FR1420041010050500013M02607"),
        ("x", "2 55 08 14 168 025 39"),
        ("x", "@umap"),
        ("Téléphone", None),
    ],
)
def test_what_is_no_alarm(column: str, value: Value) -> None:
    assert not looks_personal(column, value)


def test_values_tell_it_from_a_share_of_the_filled_cells_on() -> None:
    mails = [f"a{number}@example.org" for number in range(3)]
    assert looks_personal("notes", *mails, *["libre"] * 7, *[None] * 90)
    assert not looks_personal("notes", *mails, *["libre"] * 8)


def test_a_long_file_is_looked_at_here_and_there() -> None:
    assert looks_personal("notes", *["04 78 12 34 56"] * 5000)


def test_a_value_shows_its_form_and_nothing_of_it() -> None:
    assert masked("Jean Dupont") == "J••• ••••••"
    assert masked("04 78 12 34 56") == "0• •• •• •• ••"
    assert masked("j.d@example.org") == "j.•@•••••••.•••"
    assert masked("a\n" + "b" * 50) == "a\\n" + "•" * 21 + "…"


CONTACTS = (
    "id,name,Contact,Téléphone,Site\n"
    "bron,Bron,Jean Dupont,04 78 12 34 56,https://example.org\n"
    "lyon,Lyon,Ada Byron,04 78 65 43 21,https://example.com\n"
)
ASKED = (
    'cites.csv: the columns "Contact" (J••• ••••••), "Téléphone" (0• •• •• •• ••) look personal, and anyone '
    "can read a public map. To keep them off the map: DATASET_LEAVE_OUT=Contact,Téléphone; to publish them: "
    "DATASET_COLUMNS=*"
)


def test_personal_columns_are_one_warning_with_both_answers(csv: Csv) -> None:
    assert csv(CONTACTS).warnings == (ASKED,)


@pytest.mark.parametrize(
    "answer",
    [
        {"columns": ("*",)},
        {"columns": ("name", "Contact", "Téléphone")},
        {"columns": ("name", "Site")},
        {"leave_out": ("Contact", "Téléphone")},
        {"columns": ("*",), "leave_out": ("Téléphone",)},
    ],
)
def test_a_setting_that_says_yes_or_no_ends_it(csv: Csv, answer: dict[str, tuple[str, ...]]) -> None:
    assert csv(CONTACTS, **answer).warnings == ()


def test_what_was_not_answered_yet_is_asked_with_what_was(csv: Csv) -> None:
    (warning,) = csv(CONTACTS, leave_out=("Contact",)).warnings
    assert 'the column "Téléphone" (0• •• •• •• ••) looks personal' in warning
    assert "DATASET_LEAVE_OUT=Contact,Téléphone;" in warning


def test_every_column_said_publishes_all_but_what_is_left_out(csv: Csv) -> None:
    assert csv(CONTACTS, columns=("*",)).columns == ("id", "name", "Contact", "Téléphone", "Site")
    assert csv(CONTACTS, columns=("*",), leave_out=("Contact",)).columns == (
        "id",
        "name",
        "Téléphone",
        "Site",
    )
