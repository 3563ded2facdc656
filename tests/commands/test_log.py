"""`umap-bot log` and `show`: what was done, one line a run, and field by field."""

from __future__ import annotations

import csv

import openpyxl

from tests.commands.desk import LAYER, Desk, changed, rows, without


def test_nothing_was_done_so_far(desk: Desk) -> None:
    said = desk.done("log")
    assert said.out == "No runs yet.\n"
    assert said.requests == ()
    assert not desk.state.exists()


def test_one_line_a_run_newest_first(synced: Desk) -> None:
    commit = synced.commit(changed(without(rows(11), "c9"), "c1", nom="Neuve"))
    synced.edit("c2", name="Autre")
    synced.done("sync")
    synced.commit(rows(4))
    code = synced.held("sync")
    synced.done("sync", "--approve", code)
    lines = synced.done("log").out.splitlines()
    assert [line[:7] for line in lines] == ["   4 · ", "   3 · ", "   2 · ", "   1 · "]
    assert "approval was needed: 6 of 10 features (60 %) would be removed." in lines[1]
    assert lines[1].endswith(" · settled by run 4")
    assert (
        f" · file {commit[:7]} · 2 changed (Cité 2, Neuve), 1 added (Cité 11), 1 removed (Cité 9), "
        in lines[2]
    )
    assert lines[2].endswith("1 of them restored from the file after an edit on the map")
    assert "10 added (Cité 1, Cité 2, Cité 3 and 7 more)" in lines[3]


def test_idle_runs_are_no_lines(synced: Desk) -> None:
    for _ in range(3):
        synced.done("sync")
    assert len(synced.done("log").out.splitlines()) == 1


def test_as_many_as_asked_for(synced: Desk) -> None:
    for number in range(3):
        synced.commit(changed(rows(), "c1", nom=f"Neuve {number}"))
        synced.done("sync")
    assert [line[:4] for line in synced.done("log", "-n", "2").out.splitlines()] == ["   4", "   3"]
    assert synced.type("log", "-n", "0").code == 64
    assert synced.done("log", "-n", str(10**24)).out == synced.done("log").out


def test_several_problems_of_a_file_are_one_line_and_show_has_all(synced: Desk) -> None:
    synced.commit("id,nom,lat,lon\n1,A,45,4\n1,B,45,5\n,C,45,6\n")
    assert synced.type("sync").code == 11
    lines = synced.done("log").out.splitlines()
    assert lines[0].endswith("FAILED: cites.csv has 2 problems: … (umap-bot show 2)")
    assert len(lines) == 2
    shown = synced.done("show", "2").out
    assert "cites.csv, row 3: " in shown
    assert "cites.csv, row 4: " in shown


def test_show_latest_is_the_last_run_in_the_log(synced: Desk) -> None:
    synced.commit(rows(4))
    assert synced.type("sync").code == 3
    assert synced.done("show", "latest").out == synced.done("show", "2").out
    assert synced.done("show", "latest", "--layer", LAYER, "--json").runs[0]["run"] == 2
    for words, told in (
        (
            ("show", "last"),
            '"last" is not a run: use the number of a run, or latest. To list the runs: umap-bot log',
        ),
        (("show", "latest", "--layer", "Autre"), 'There is no layer "Autre" in the settings.'),
        (("show", "0"), '"0" is not a run: use the number of a run, or latest.'),
    ):
        said = synced.type(*words)
        assert (said.code, said.out) == (64, "")
        assert told in said.err


def test_without_a_run_there_is_no_latest(desk: Desk) -> None:
    said = desk.type("show", "latest")
    assert said.code == 64
    assert "The log has no runs yet. To make the first one: umap-bot sync" in said.err
    assert not desk.state.exists()


def test_show_tells_before_and_after(synced: Desk) -> None:
    synced.commit(changed(rows(), "c1", nom="Neuve", lat="45.101"))
    synced.edit("c2", name="Autre")
    told = synced.done("sync").out
    shown = synced.done("show", "2").out
    assert 'nom  "Cité 1" → "Neuve"; moved ' in shown
    assert 'nom  "Cité 2" → "Autre"' in shown
    assert shown == f"{told}To export the layer as it was before this run: umap-bot export --backup 2\n"


def test_a_held_run_tells_of_the_last_success_before_it(synced: Desk) -> None:
    synced.commit(rows(4))
    held = synced.type("sync").out
    assert "last success " in held
    assert synced.done("show", "2").out == held


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_a_table_has_a_row_for_each_change(synced: Desk) -> None:
    synced.commit(changed(without(rows(), "c9"), "c1", nom="=1+1", lat="45.101"), "moved")
    synced.edit("c2", name="Autre")
    synced.done("sync")
    synced.commit(rows(2))
    synced.held("sync")
    found = table(synced.done("log", "--format", "csv").out)
    assert [*found[0]] == [
        "run", "time", "layer", "id", "name", "what", "field", "before", "after", "by", "reason"
    ]  # fmt: skip
    (asked,) = [row for row in found if row["run"] == "3"]
    assert asked["what"].startswith("APPROVAL NEEDED: ")
    told = {(row["id"], row["what"], row["field"]): row for row in found if row["run"] == "2"}
    name = told["c1", "changed", "nom"]
    assert (name["before"], name["after"], name["by"], name["reason"]) == ("Cité 1", "'=1+1", "Ada", "moved")
    place = told["c1", "moved", "position"]
    assert (place["before"], place["after"]) == ("45.001000, 4.001000", "45.101000, 4.001000")
    theirs = told["c2", "edited on the map, then restored from the file", "nom"]
    assert (theirs["before"], theirs["after"], theirs["by"]) == ("Cité 2", "Autre", "someone")
    assert (told["c9", "removed", "commune"]["before"], theirs["layer"]) == ("Ville 9", LAYER)


def test_a_table_as_a_workbook_without_hidden_columns(synced: Desk) -> None:
    synced.commit(changed(rows(), "c1", nom="=1+1", commune="Secret"))
    synced.done("sync")
    synced.settings(REPORT_HIDE="commune")
    file = synced.folder / "log.xlsx"
    assert synced.done("log", "--output", str(file)).out == ""
    cells = [cell for row in openpyxl.load_workbook(file)["log"].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert "=1+1" in {cell.value for cell in cells}
    assert not any("Secret" in str(cell.value) or "Ville" in str(cell.value) for cell in cells)
    for words, told in (
        (["--output", str(file)], "already exists"),
        (["--format", "xlsx"], "A workbook can't be printed to the terminal"),
        (["--format", "csv", "--json"], "exclude each other"),
    ):
        said = synced.type("log", *words)
        assert (said.code, told in said.err) == (64, True), said
