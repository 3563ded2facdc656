"""REPORT_HIDE, on the command line: it hides a column, or says that there is none."""

from __future__ import annotations

import pytest

from tests.commands.desk import Desk

PHONES = ("04 78 11 22 33", "04 78 44 55 66", "04 72 77 88 99")


def file(column: str = "Téléphone", *, lat: str = "45.7", phones: tuple[str, ...] = PHONES) -> str:
    """Three places, each with its telephone."""
    lines = [f"c{number},Quartier {number},{phone},{lat},4.{number}" for number, phone in enumerate(phones)]
    return "\n".join([f"id,nom,{column},lat,lon", *lines, ""])


def told(desk: Desk, *words: str) -> str:
    said = desk.type(*words)
    return said.out + said.err


@pytest.fixture
def hiding(desk: Desk) -> Desk:
    """A layer that was synced with its telephones hidden."""
    desk.settings(REPORT_HIDE="Téléphone", DATASET_COLUMNS="*")
    desk.commit(file())
    desk.done("sync")
    return desk


def test_a_hidden_column_that_gets_another_name_is_asked_about_and_hidden(hiding: Desk) -> None:
    hiding.commit(file("Tél. du secrétariat"))
    for words in (
        ("plan", "--full"),
        ("plan", "--json"),
        ("plan", "--format", "markdown"),
        ("sync",),
        ("show", "latest"),
    ):
        shown = told(hiding, *words)
        assert not any(phone in shown for phone in PHONES), words
    assert hiding.type("sync").code == 3
    assert "add that name to REPORT_HIDE before you approve" in told(hiding, "plan")
    code = hiding.held("plan")
    assert hiding.type("sync", "--approve", code).code == 0
    # Approved, the old name is nobody's: no run tells anything until the setting is corrected.
    hiding.commit(file("Tél. du secrétariat", phones=PHONES[::-1]))
    said = hiding.type("sync")
    assert (said.code, "there is no column" in said.err) == (11, True)
    for words in (
        ("log",),
        ("show", "latest"),
        ("show", "2", "--json"),
        ("history", "c1"),
        ("report", "--site", "site"),
    ):
        assert not any(phone in told(hiding, *words) for phone in PHONES), words
    pages = [
        page.read_text("utf-8") for page in (hiding.folder / "site").rglob("*.*") if page.suffix != ".png"
    ]
    assert pages
    assert not any(phone in page for phone in PHONES for page in pages)


@pytest.mark.parametrize("name", ["telephone", "Téléphone;nom", "Contact"])
def test_a_name_that_nothing_has_is_an_error(desk: Desk, name: str) -> None:
    desk.settings(REPORT_HIDE=name, DATASET_COLUMNS="*")
    desk.commit(file())
    for words in (("plan",), ("sync",)):
        said = desk.type(*words)
        assert said.code == 11
        assert f'REPORT_HIDE: there is no column "{name}"' in said.err
        assert not any(phone in said.out + said.err for phone in PHONES)
    assert desk.features == []
    checked = desk.type("check")
    assert (checked.code, f'REPORT_HIDE: there is no column "{name}"' in checked.out) == (11, True)


def test_a_column_that_only_the_map_has_may_be_hidden(hiding: Desk) -> None:
    hiding.edit("c1", note="privé")
    hiding.settings(REPORT_HIDE="Téléphone,note")
    assert hiding.type("plan").code == 0


def test_what_is_wrong_in_a_hidden_column_is_told_without_it(hiding: Desk) -> None:
    hiding.settings(REPORT_HIDE="nom,name,Téléphone,lat")
    hiding.commit(file(lat="04 78 11 22 33"))
    for words in (
        ("check",),
        ("check", "--json"),
        ("validate",),
        ("validate", "--full"),
        ("validate", "--json"),
        ("adopt",),
    ):
        assert "04 78" not in told(hiding, *words), words


def test_names_that_are_hidden_are_no_names_to_match_by(desk: Desk) -> None:
    desk.settings(REPORT_HIDE="nom,name", DATASET_COLUMNS="*")
    desk.commit(file())
    for words in (("adopt",), ("adopt", "--json"), ("adopt", "--save", "pairs.csv")):
        assert "Quartier" not in told(desk, *words), words
