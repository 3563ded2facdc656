"""A new version of the file, uploaded at the desk: tried, shown, and published in a person's name."""

from __future__ import annotations

from tests.commands.desk import changed, rows, stands, text, without
from tests.desk.room import Room

PUBLISH = "Publish this file, and sync"


def newer() -> bytes:
    return text(changed(without(rows(), "c10"), "c1", nom="Cité Une")).encode()


def test_a_file_goes_from_a_browser_to_the_map(synced: Room) -> None:
    anne = synced.person("Anne", "keeper")
    before = synced.folder.git("rev-parse", "HEAD")
    tried = anne.upload(f"{synced.layer}/file", "C:\\carte\\..\\neu.CSV", newer(), message="Une de moins")
    assert "Cité Une" in tried.words
    assert "Cité 10" in tried.words
    assert synced.folder.git("rev-parse", "HEAD") == before
    assert stands(synced.folder) == rows()
    done = anne.press(tried, PUBLISH)
    assert "read back and verified (run 2" in done.words
    assert stands(synced.folder) == changed(without(rows(), "c10"), "c1", nom="Cité Une")
    told = synced.folder.git("log", "-1", "--format=%an %s %P")
    assert told == f"Anne Une de moins {before}"
    assert synced.folder.git("status", "--porcelain") == ""
    assert (synced.folder.repository / "cites.csv").read_bytes() == newer()
    assert "Published version" in anne.open(synced.layer).words
    late = anne.press(tried, PUBLISH)  # pressed twice, on an old page
    assert "This version of the file has been published already." in late.words


def test_what_is_wrong_with_a_file_is_told_row_by_row(synced: Room) -> None:
    anne = synced.person("Anne", "keeper")
    twice = text(rows()).replace("c3,", "c2,").replace("4.007", "somewhere")
    page = anne.upload(f"{synced.layer}/file", "cites.csv", twice.encode())
    assert "It did not work" in page.words
    assert 'duplicate id " c2 "' in page.words
    assert "row 8" in page.words
    assert PUBLISH not in page.forms
    assert stands(synced.folder) == rows()


def test_a_file_that_is_not_taken(synced: Room) -> None:
    anne, rita = synced.person("Anne", "keeper"), synced.person("Rita", "reader")
    path = f"{synced.layer}/file"
    kind = anne.upload(path, "cites.xlsx", newer())
    assert (kind.status, "Save it as .csv , and upload it again." in kind.words) == (409, True)
    same = anne.upload(path, "cites.csv", text(rows()).encode())
    assert "nothing has changed in it" in same.words
    assert anne.send(path).status == 409
    assert rita.upload(path, "cites.csv", newer()).status == 403
    assert synced.stranger().upload(path, "cites.csv", newer()).status == 401
    assert anne.send(f"{synced.layer}/publish", job="x").status == 409


def test_somebody_was_faster(synced: Room) -> None:
    anne = synced.person("Anne", "keeper")
    tried = anne.upload(f"{synced.layer}/file", "cites.csv", newer())
    commit = synced.folder.commit(rows(9))
    page = anne.press(tried, PUBLISH)
    assert "The repository has changed since you uploaded the file." in page.words
    assert synced.folder.git("rev-parse", "HEAD") == commit
    assert stands(synced.folder) == rows()


def test_a_wrong_file_waits_after_it_was_published(synced: Room) -> None:
    anne = synced.person("Anne", "keeper")
    tried = anne.upload(f"{synced.layer}/file", "cites.csv", text(rows(3)).encode())
    assert "APPROVAL NEEDED" in tried.words
    assert "APPROVAL NEEDED" in anne.press(tried, PUBLISH).words
    assert stands(synced.folder) == rows()
    assert "7 removed" in anne.press(anne.open(synced.layer), "Remove these 7 features").words
