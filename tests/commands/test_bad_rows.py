"""DATASET_BAD_ROWS=wait on the real uMap: bad rows wait, and all else is published."""

from __future__ import annotations

import pytest

from tests.commands.desk import Desk, changed, rows, stands, text, without

BAD = 'cites.csv, row 4: lat "45,7N" is not a number; write decimal degrees such as 45.73472'


@pytest.fixture
def synced(desk: Desk) -> Desk:
    """Ten features published, and rows may wait."""
    desk.settings(DATASET_BAD_ROWS="wait")
    desk.done("sync")
    return desk


def bad() -> str:
    """The file with a wrong latitude in row 4 (c3), and another name for c1."""
    return text(changed(changed(rows(), "c1", nom="Ailleurs"), "c3", lat="45,7N", nom="Perdue"))


def test_as_ever_the_whole_file_is_refused(desk: Desk) -> None:
    desk.done("sync")
    before = desk.body
    desk.commit(bad())
    said = desk.type("sync")
    assert said.code == 11
    assert BAD in said.err
    assert desk.body == before


def test_the_row_waits_and_all_else_is_published(synced: Desk) -> None:
    synced.edit("c3", name="Edited")
    third = synced.feature("c3")
    synced.commit(bad())
    plan = synced.type("plan")
    assert plan.code == 3
    assert (
        "A sync would change 1 feature. None added, none removed. 1 row in the file must be corrected."
        in plan.out
    )
    said = synced.type("sync")
    assert said.code == 3
    assert "1 row in the file must be corrected." in said.out
    assert f"Rows in the file that can't be read; their features are left untouched\n  ! {BAD}\n" in said.out
    assert synced.feature("c1")["properties"]["name"] == "Ailleurs"
    assert synced.feature("c3") == third


def test_each_run_says_so_and_the_log_has_one_entry(synced: Desk) -> None:
    synced.commit(bad())
    synced.type("sync")
    for _ in range(3):
        said = synced.type("sync")
        assert (said.code, said.posts) == (3, [])
        assert "No feature had to change" in said.out
        assert f"  ! {BAD}\n" in said.out
    log = synced.done("log").out
    assert log.count("1 row in the file must be corrected") == 1
    assert "(and 3 more times" in log
    assert "ACTION NEEDED: rows in the file must be corrected" in synced.type("status").out


def test_a_corrected_row_is_published_and_nothing_waits_any_more(synced: Desk) -> None:
    synced.commit(bad())
    synced.type("sync")
    synced.edit("c3", name="Edited")
    wanted = changed(changed(rows(), "c1", nom="Ailleurs"), "c3", nom="Trouvée")
    synced.commit(wanted)
    said = synced.done("sync")
    assert "Edited" in said.out  # told now, as a person's edit that the file overwrites
    assert stands(synced) == wanted
    assert synced.done("sync").out.startswith("Nothing to do")
    assert "up to date" in synced.type("status").out


def test_while_an_id_is_not_known_nothing_is_removed(synced: Desk) -> None:
    """c4's row lost its id: its feature must not go, nor any other, and the next run says so too."""
    lines = text(without(rows(), "c9")).replace("\nc4,", "\n,")
    synced.commit(lines)
    said = synced.type("sync")
    assert said.code == 3
    assert "row 5: id is empty; it was c4: write it back" in said.out
    assert (
        "2 features have no row in the file and are left untouched: their rows may be among those that "
        "can't be read. "
        "Cité 4, Cité 9" in said.out
    )
    assert len(synced.features) == 10
    synced.commit(without(rows(), "c9"))
    assert "Cité 9" in synced.done("sync").out
    assert stands(synced) == without(rows(), "c9")


def test_of_an_id_that_stands_twice_every_row_waits(synced: Desk) -> None:
    table = text(changed(rows(), "c1", nom="Ailleurs")).replace("\nc5,", "\nc4,")
    synced.commit(table)
    assert synced.type("sync").code == 11  # two of ten are too many
    more = rows(40)
    synced.commit(more)
    synced.done("sync", "--approve", synced.held("sync"))  # 30 more beside 10
    synced.commit(text(changed(more, "c1", nom="Ailleurs")).replace("\nc5,", "\nc4,"))
    said = synced.type("sync")
    assert said.code == 3
    assert 'row 6: duplicate id "c4" (also in row 5); change one of them' in said.out
    assert (synced.feature("c4")["properties"]["name"], len(synced.features)) == ("Cité 4", 40)
    assert synced.feature("c1")["properties"]["name"] == "Ailleurs"


def test_more_than_a_twentieth_is_refused(synced: Desk) -> None:
    before = synced.body
    synced.commit(bad().replace("45.005", "here"))
    said = synced.type("sync")
    assert said.code == 11
    assert "5 % of the rows" in said.err
    assert synced.body == before


def test_validate_and_check_name_them_all(synced: Desk) -> None:
    synced.commit(bad())
    said = synced.type("validate")
    assert said.code == 11
    assert BAD in said.err
    assert BAD in synced.done("check").out


def test_every_form_tells_of_them(synced: Desk) -> None:
    synced.commit(text(without(rows(), "c9")).replace("\nc4,", "\n,"))
    (record,) = synced.type("plan", "--json").runs
    assert [text.partition(":")[0] for text in record["bad_rows"]] == ["cites.csv, row 5"]
    assert record["rowless"] == [{"key": "c4", "name": "Cité 4"}, {"key": "c9", "name": "Cité 9"}]
    assert "id is empty; it was c4" in synced.type("plan", "--format", "markdown").out
    assert synced.type("sync").code == 3
    synced.done("report", "--site", "site")
    index, page = (
        (synced.folder / "site" / name).read_text("utf-8") for name in ("index.html", "run-2.html")
    )
    assert "ACTION NEEDED" in index
    assert "<bdi>id</bdi> is empty; it was <bdi>c4</bdi>" in page
    assert "<bdi>Cité 4</bdi>, <bdi>Cité 9</bdi>" in page
    synced.settings(REPORT_HIDE="nom,name")
    said = synced.type("plan").out
    assert "c4, c9" in said
    assert "Cité" not in said.partition("Rows in the file")[2]


def test_what_waits_for_an_approval_is_told_with_it(synced: Desk) -> None:
    """And once approved, the rows wait on."""
    table = without(rows(), "c7", "c8", "c9")
    synced.commit(text(changed(table, "c3", lat="45,7N")))
    code = synced.held("sync")
    said = synced.type("sync")
    assert "would be removed" in said.out
    assert BAD in said.out
    said = synced.type("sync", "--approve", code)
    assert said.code == 3
    assert "1 row in the file must be corrected." in said.out
    assert len(synced.features) == 7
