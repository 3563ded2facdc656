"""Columns that are kept off the map: what was published goes once somebody has looked, and is not told."""

from __future__ import annotations

import pytest

from tests.commands.desk import Desk

TABLE = "id,nom,Contact,Téléphone,lat,lon\n" + "".join(
    f"c{number},Cité {number},Ada Byron,04 78 00 00 {number:02},45.{number:03},4.{number:03}\n"
    for number in range(1, 11)
)
PERSONAL = 'the columns "Contact" (A•• •••••), "Téléphone" (0• •• •• •• ••) look personal'


@pytest.fixture
def desk_with_contacts(desk: Desk) -> Desk:
    desk.commit(TABLE)
    return desk


def test_personal_columns_are_asked_about_until_a_setting_answers(desk_with_contacts: Desk) -> None:
    desk = desk_with_contacts
    for words in (("validate",), ("check",), ("plan",)):
        said = desk.type(*words).out
        assert said.count(PERSONAL) == 1, words
        assert ("04 78" in said) == (words == ("plan",)), words  # which shows what would be added
    for answer in ({"DATASET_COLUMNS": "*"}, {"DATASET_LEAVE_OUT": "Contact,Téléphone"}):
        desk.settings(**{"DATASET_COLUMNS": None, "DATASET_LEAVE_OUT": None, **answer})
        assert "look personal" not in desk.done("validate").out + desk.done("check").out


@pytest.mark.parametrize(
    "setting", [{"DATASET_LEAVE_OUT": "Téléphone"}, {"DATASET_COLUMNS": "nom,Contact"}], ids=["one", "other"]
)
def test_a_published_column_that_is_left_out_goes_after_approval(
    desk_with_contacts: Desk, setting: dict[str, str]
) -> None:
    desk = desk_with_contacts
    desk.done("sync")
    before = desk.body
    desk.settings(**setting)
    said = desk.type("sync")
    assert (said.code, desk.body) == (3, before)
    assert (
        'The column "Téléphone" is no longer published and would be removed from 10 features.'
    ) in said.out
    desk.done("sync", "--approve", desk.held("sync"))
    assert [sorted(each["properties"]) for each in desk.features] == [["Contact", "id", "name"]] * 10
    assert desk.type("plan").code == 0


def test_a_column_that_stands_on_the_map_all_the_same_is_told_by_check(desk_with_contacts: Desk) -> None:
    """Perhaps the list was once imported in uMap itself: such a value is nobody's to remove but people's."""
    desk = desk_with_contacts
    desk.settings(DATASET_LEAVE_OUT="Contact,Téléphone")
    desk.done("sync")
    assert "although DATASET_COLUMNS" not in desk.done("check").out
    desk.edit("c1", Téléphone="04 78 00 00 01")
    said = desk.done("check").out
    assert (
        "although DATASET_COLUMNS or DATASET_LEAVE_OUT excludes them: Téléphone (1 feature). A sync" in said
    )
    assert "04 78" not in said


def test_a_name_that_no_column_has_is_told_with_the_nearest(desk_with_contacts: Desk) -> None:
    """Also by commands that hide the values of the columns that are left out."""
    desk = desk_with_contacts
    desk.settings(DATASET_LEAVE_OUT="Telephone")
    for words in (("validate",), ("check",), ("plan",), ("sync",)):
        said = desk.type(*words)
        assert said.code == 11
        assert (
            'cites.csv: DATASET_LEAVE_OUT: there is no column "Telephone"; did you mean '
            '"Téléphone"? Columns: id, nom, Contact, Téléphone, lat, lon'
        ) in said.out + said.err


def test_what_is_not_answered_yet_is_told_beside_what_is_hidden(desk_with_contacts: Desk) -> None:
    desk = desk_with_contacts
    desk.settings(DATASET_LEAVE_OUT="Contact")
    assert 'the column "Téléphone" (0• •• •• •• ••) looks personal' in desk.type("plan").out
    assert "DATASET_LEAVE_OUT=Contact,Téléphone;" in desk.type("plan").out


def test_values_of_a_column_that_is_left_out_are_told_nowhere(desk_with_contacts: Desk) -> None:
    desk = desk_with_contacts
    desk.done("sync")
    desk.settings(DATASET_LEAVE_OUT="Téléphone")
    code = desk.held("sync")
    for words in (
        ("plan", "--full"),
        ("sync", "--approve", code),
        ("show", "2", "--json"),
        ("history", "c1"),
    ):
        assert "04 78" not in desk.type(*words).out, words


def test_a_guessed_encoding_is_asked_about_with_words_of_what_is_published(desk: Desk) -> None:
    desk.commit(TABLE.replace("Ada", "Zoë").encode("cp1252"))
    for columns in (
        {"DATASET_LEAVE_OUT": "Contact,Téléphone"},
        {"DATASET_LEAVE_OUT": None, "DATASET_COLUMNS": "nom"},
        {"DATASET_COLUMNS": "*", "REPORT_HIDE": "Contact,Téléphone"},
    ):
        desk.settings(**columns)
        said = desk.type("plan").out
        assert "Are these words correct: Cité?" in " ".join(said.split()), columns
        assert "Zoë" not in said


def test_values_of_a_column_that_is_not_listed_are_told_nowhere(desk_with_contacts: Desk) -> None:
    """As of one that is left out: also in runs that published them."""
    desk = desk_with_contacts
    desk.done("sync")
    desk.settings(DATASET_COLUMNS="nom")
    code = desk.held("sync")
    for words in (("plan", "--full"), ("sync", "--approve", code), ("show", "1"), ("show", "2", "--json")):
        said = desk.type(*words).out
        assert "04 78" not in said, words
        assert "Cité 1" in said, words
