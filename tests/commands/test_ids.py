"""`umap-bot ids`: a copy of a file with an id in each row."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.desk import Desk, rows, text
from tests.dataset.sheets import workbook

SPREADSHEET = "nom,lat,lon\nBron,45.73,4.91\nLyon 8e,45.75,4.85\n"


def write(content: str, name: str = "carte.csv") -> Path:
    file = Path(name)
    file.write_text(content, "utf-8")
    return file


def test_a_spreadsheet_without_ids_has_a_way_on(desk: Desk) -> None:
    """From the error to a file that is good, by the commands that are told."""
    desk.env.unlink()
    file = write(SPREADSHEET)
    assert desk.type("validate", "carte.csv").err.splitlines()[1].endswith(": umap-bot ids carte.csv")
    said = desk.done("ids", "carte.csv")
    assert said.out == (
        'Wrote 2 ids to carte-ids.csv, column "id": bron, lyon-8e.\ncarte.csv is '
        "unchanged. From now on, keep each id with its row; only new rows get new "
        "ids.\nNext:  umap-bot validate carte-ids.csv\nthen replace carte.csv with it, "
        "commit it, and run:  umap-bot init\n"
    )
    assert said.online == ()
    assert file.read_text("utf-8") == SPREADSHEET
    assert desk.done("validate", "carte-ids.csv").out.startswith("carte-ids.csv is valid: 2 rows")


def test_of_several_sheets_the_one_that_is_meant_is_named(desk: Desk) -> None:
    """None has the column: the first is taken, which nobody chose."""
    desk.env.unlink()
    Path("carte.xlsx").write_bytes(workbook([["Titre", "x"], ["Bron", 1]], Lieux=[["nom", "n"], ["Lyon", 2]]))
    complaint = desk.type("validate", "carte.xlsx").err.splitlines()[0]
    assert complaint.endswith(
        'there is no column "id" (DATASET_KEY) in the sheet "Feuille1" (DATASET_SHEET); columns: Titre, x'
    )
    said = desk.done("ids", "carte.xlsx").out.splitlines()[0]
    assert said == 'Wrote 1 id to carte-ids.xlsx, sheet "Feuille1" (DATASET_SHEET), column "id": bron.'


def test_a_file_in_another_folder_and_a_column_of_another_name(desk: Desk) -> None:
    """The commands that are told can be typed as they are."""
    desk.env.unlink()
    Path("ma liste").mkdir()
    write(SPREADSHEET, "ma liste/carte.csv")
    assert (
        desk.type("validate", "ma liste/carte.csv").err.splitlines()[1].endswith("ids 'ma liste/carte.csv'")
    )
    said = desk.done("ids", "ma liste/carte.csv", "--key", "réf").out
    assert "Set DATASET_KEY='réf' so that umap-bot finds the ids.\n" in said
    assert "umap-bot validate 'ma liste/carte-ids.csv'\n" in said


def test_a_file_is_overwritten_only_by_force(desk: Desk) -> None:
    write(SPREADSHEET)
    other = write("mine", "carte-ids.csv")
    assert desk.type("ids", "carte.csv").code == 64
    assert other.read_text("utf-8") == "mine"
    desk.done("ids", "carte.csv", "--output", "carte.csv", "--force")
    assert Path("carte.csv").read_text("utf-8").startswith("id,nom,lat,lon\nbron,Bron")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["missing.csv"], 11, "missing.csv can't be read"),
        (
            ["carte.csv", "--output", "carte.ods"],
            64,
            "carte.ods does not have the same file extension as carte.csv.",
        ),
        (["carte.docx"], 11, "carte.docx has a format that umap-bot can't read."),
    ],
)
def test_what_can_not_be_done_is_said(desk: Desk, words: list[str], code: int, said: str) -> None:
    write(SPREADSHEET)
    write("x", "carte.docx")
    ended = desk.type("ids", *words)
    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err


def test_an_id_that_was_published_and_is_in_no_row_is_asked_about(desk: Desk) -> None:
    """The row that lost it got another name and place. Numbers go on from what was published, too."""
    table = {str(number): cells for number, cells in enumerate(rows(5).values(), 1)}
    desk.commit(table)
    desk.done("sync")
    new = {"nom": "Tarare", "commune": "Tarare", "lat": "45.9", "lon": "4.43"}
    left = {key: cells for key, cells in table.items() if key != "5"}
    write(text({**left, "": new}))
    asked = '  · the id 5 ("Cité 5") is on the map but no longer in the file. '
    assert desk.done("ids", "carte.csv").out.splitlines()[:5] == [
        'Wrote 1 id to carte-ids.csv, column "id": 6.',
        "  4 rows had an id and keep it",
        "Please check (1):",
        f"{asked}Does it belong to a row that was just given a new id?",
        "carte.csv is unchanged. From now on, keep each id with its row; only new rows get new ids.",
    ]
    write("id,nom\nx,A\n,B\n", "autre.csv")
    assert "Please check" not in desk.done("ids", "autre.csv").out


def test_a_file_that_has_all_its_ids_stays_as_it_is(desk: Desk) -> None:
    write("id,nom\na,Bron\na,Lyon\n")
    assert desk.done("ids", "carte.csv").out == (
        "Every row of carte.csv already has an id, so nothing was written.\nPlease check "
        '(1):\n  · duplicate id "a" (rows 2, 3); give each row its own id\n'
    )
    assert not Path("carte-ids.csv").exists()


def test_what_the_map_shows_keeps_the_id_that_stands_there(desk: Desk) -> None:
    """By name, else by place; never by a guess, and never an id that another row has."""
    desk.done("sync")
    desk.draw("Salle", 4.95, 45.9)
    lines = [
        ",Cité 1,45.001,4.001",  # c1, by its name
        ",Autre nom,45.002,4.002",  # c2, by its place
        ",Cité 3,48.0,4.003",  # the name of c3, 300 km away: nobody can tell
        "c4,Cité 4,45.004,4.004",
        ",Cité 4,46.5,6.5",  # as c4, which is taken
        ",Salle,45.9,4.95",  # drawn by hand: it has no id yet
    ]
    write("id,nom,lat,lon\n" + "\n".join(lines) + "\n")
    desk.settings(UMAP_LAYER=None)
    said = desk.done("ids", "carte.csv", "--map", desk.made.url, "--near", "50")
    written = Path("carte-ids.csv").read_text("utf-8").splitlines()[1:]
    assert [line.partition(",")[0] for line in written] == ["c1", "c2", "cite-3", "c4", "cite-4", "salle"]
    assert "  2 taken from the map\n  1 row had an id and keeps it\n" in said.out
    assert (
        '  · row 4, "Cité 3", got the new id cite-3 but may already be on the map: the name '
        "is the same, but the places are far apart (Cité 3)\n"
    ) in said.out
    assert said.posts == []
