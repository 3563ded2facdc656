"""Each act on a real uMap: by who may, and by who may not; twice, late, and in trouble."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import pytest
import requests

from tests.commands.desk import Desk as Folder
from tests.commands.desk import rows, stands, text, without
from tests.desk.room import OURS, REFRESH, Page, Person, Room

POSTS = (
    "/layers/{layer}/sync",
    "/layers/{layer}/plan",
    "/layers/{layer}/answer",
    "/layers/{layer}/take-back",
    "/runs/1/look",
    "/runs/1/undo",
    "/people",
    "/people/1/end",
)
READERS = {"/layers/{layer}/plan"}


def approvals(room: Room) -> list[str]:
    with closing(sqlite3.connect(room.folder.state)) as state:
        return [name for (name,) in state.execute("SELECT given_by FROM bot_approval")]


def six_gone(room: Room) -> Room:
    """The file lost six rows, and a run has asked."""
    room.folder.commit(rows(4))
    room.folder.held("sync")
    return room


def one_deleted(room: Room) -> Room:
    """Somebody took a point off the map, and a run has asked."""
    room.folder.erase("c3")
    room.folder.waits("sync")
    return room


def test_from_a_wrong_file_to_an_undone_run(synced: Room) -> None:
    anne = synced.person("Anne", "keeper")
    synced.folder.commit(rows(4))
    assert "APPROVAL NEEDED" in anne.press(anne.open(synced.layer), "Sync now").words
    page = anne.open(synced.layer)
    assert "6 of 10 features (60 %) would be removed." in page.words
    page = anne.press(page, "Remove these 6 features")
    assert "Done: 6 removed, read back and verified (run 3" in page.words
    assert "Approved by Anne" in page.words
    assert stands(synced.folder) == rows(4)
    page = anne.press(anne.open("/runs/3"), "Show what undoing would do")
    assert "Undoing run 3 would add 6." in page.words
    assert stands(synced.folder) == rows(4)
    assert "Run 3 is undone: 6 added" in anne.press(page, "Undo this run").words
    assert stands(synced.folder) == rows()
    assert "Undid run 3 · Anne" in anne.open("/runs/4").words
    assert "Undone by run 4." in anne.open("/runs/3").words
    assert "approved by Anne" in synced.folder.done("log").out
    assert "At the desk: Undid run 3 · Anne, " in synced.folder.done("show", "4").out


def test_a_point_that_was_taken_down(synced: Room) -> None:
    anne = synced.person("Anne", "keeper")
    page = anne.open(one_deleted(synced).layer)
    kept = anne.press(page, "Leave it off the map")
    assert "Cité 3 ( c3 ): stays off the map" in kept.words
    assert "decided by Anne" in synced.folder.done("decisions").out
    page = anne.open(synced.layer)
    assert "Nothing waits for your approval." in page.words
    assert "Cité 3 ( c3 ): stays off the map · Anne" in page.words
    page = anne.press(page, "Take back")
    assert "What an approval would do (1)" in page.words
    assert "1 added" in anne.press(page, "Restore it from the file").words
    assert stands(synced.folder) == rows()


def test_a_look_writes_nothing(synced: Room) -> None:
    synced.folder.commit(without(rows(), "c10"))
    rita = synced.person("Rita", "reader")
    page = rita.press(rita.open(synced.layer), "Show what a sync would do")
    assert "A sync would change" in page.words or "would remove 1" in page.words
    assert "Cité 10" in page.words
    assert "Sync now" not in page.forms
    assert stands(synced.folder) == rows()


def test_whoever_may_not_does_nothing(synced: Room) -> None:
    anne, rita = six_gone(synced).person("Anne", "keeper"), synced.person("Rita", "reader")
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}
    tries: tuple[tuple[Person, dict[str, str], int], ...]
    tries = ((synced.stranger(), OURS, 401), (rita, OURS, 403), (anne, elsewhere, 403), (anne, {}, 403))
    action, fields = anne.open(synced.layer).forms["Remove these 6 features"]
    assert action == f"{synced.layer}/answer"
    form = {"code": fields["code"][0], "side": "approve", "word": "1", "name": "Eve", "role": "keeper"}
    synced.folder.requests.clear()
    for person, headers, status in tries:
        for path in POSTS:
            if person is not rita or path not in READERS:
                named = path.format(layer=synced.layer.rpartition("/")[2])
                assert person.send(named, headers, **form).status == status, path
    assert synced.folder.requests == []
    assert approvals(synced) == []
    accesses = synced.desk.journal.accesses.all()
    assert [(each.name, each.ended) for each in accesses] == [("Rita", None), ("Anne", None)]
    assert "Remove these 6 features" not in rita.open(synced.layer).forms
    assert rita.open("/people").status == 403


APPROVE = ("Remove these 6 features", six_gone)
KEEP = ("Leave it off the map", one_deleted)


@pytest.mark.parametrize(("button", "asked"), [APPROVE, KEEP], ids=["approve", "keep"])
def test_an_answer_is_given_once(synced: Room, button: str, asked: Callable[[Room], Room]) -> None:
    """Pressed twice, or by another who still sees the old page: they are told who answered."""
    anne, bob = asked(synced).person("Anne", "keeper"), synced.person("Bob", "keeper")
    page = bob.open(synced.layer)
    anne.press(anne.open(synced.layer), button)
    stood = stands(synced.folder)
    for late in (bob.press(page, button), anne.press(page, button)):
        assert late.status == 409
        assert "Anne" in late.words.partition("Settings")[2]
        assert "already" in late.words
        assert "Nothing was done." in late.words
    assert stands(synced.folder) == stood
    assert len(approvals(synced)) <= 1


def test_two_at_the_same_moment(synced: Room) -> None:
    people = [six_gone(synced).person(name, "keeper") for name in ("Anne", "Bob")]
    pages = [each.open(synced.layer) for each in people]
    start = Barrier(2)

    def press(person: Person, page: Page) -> int:
        start.wait()
        return person.press(page, "Remove these 6 features").status

    with ThreadPoolExecutor(2) as threads:
        ended = [*threads.map(press, people, pages)]
    assert sorted(ended) == [200, 409]
    assert len(approvals(synced)) == 1
    assert stands(synced.folder) == rows(4)


def test_an_old_page_of_another_question(synced: Room) -> None:
    anne = six_gone(synced).person("Anne", "keeper")
    page = anne.open(synced.layer)
    synced.folder.commit(rows(3))
    synced.folder.held("sync")
    late = anne.press(page, "Remove these 6 features")
    assert (late.status, "This is not asked any more" in late.words) == (409, True)
    assert stands(synced.folder) == rows()
    assert approvals(synced) == []


FORGED: tuple[dict[str, str], ...] = (
    {"side": "approve", "key": "c1"},  # nobody asked about it
    {"side": "keep", "key": "c1", "field": ""},
    {"side": "keep"},
    {"side": "approve", "code": "7K2M-9QXT-4HB0-D3WZ"},
)


def test_only_what_is_offered_can_be_answered(synced: Room) -> None:
    anne = one_deleted(synced).person("Anne", "keeper")
    code = anne.open(synced.layer).forms["Restore it from the file"][1]["code"][0]
    for fields in FORGED:
        assert anne.send(f"{synced.layer}/answer", **{"code": code, **fields}).status == 409
    assert anne.send(f"{synced.layer}/answer", code=code, side="both").status == 404
    assert approvals(synced) == []
    assert synced.desk.reader.decisions(synced.desk.layers()[0].name) == ()


def test_undone_once(synced: Room) -> None:
    anne, bob = synced.person("Anne", "keeper"), synced.person("Bob", "keeper")
    page = bob.press(bob.open("/runs/1"), "Show what undoing would do")
    anne.press(anne.press(anne.open("/runs/1"), "Show what undoing would do"), "Undo this run")
    assert stands(synced.folder) == {}
    late = bob.press(page, "Undo this run")
    assert (late.status, "Run 1 has been undone already, by Anne (run 2)." in late.words) == (409, True)


def test_taken_back_once(synced: Room) -> None:
    anne = one_deleted(synced).person("Anne", "keeper")
    anne.press(anne.open(synced.layer), "Leave it off the map")
    page = anne.open(synced.layer)
    assert anne.press(page, "Take back").status == 200
    assert anne.press(page, "Take back").status == 409


def test_while_another_run_has_the_layer(synced: Room) -> None:
    anne = six_gone(synced).person("Anne", "keeper")
    page = anne.open(synced.layer)
    name = synced.desk.layers()[0].name
    with synced.desk.journal.lease(name, synced.desk):
        assert "Another run" in anne.press(page, "Sync now").words
        action, fields = page.forms["Remove these 6 features"]
        waiting = anne.client.post(action, data=fields, headers=OURS)
        assert REFRESH in waiting.text
        assert approvals(synced) == ["Anne"]
    done = Page(200, waiting.url.path, waiting.text)
    while REFRESH in done.text:
        done = anne.open(done.path)
    assert "6 removed" in done.words
    assert stands(synced.folder) == rows(4)


def test_while_umap_is_down(synced: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    anne = one_deleted(synced).person("Anne", "keeper")
    page, run = anne.open(synced.layer), anne.open("/runs/1")

    def down(*_: object, **__: object) -> None:
        raise requests.ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(requests.Session, "request", down)
        for told in (
            anne.press(page, "Sync now"),
            anne.press(page, "Show what a sync would do"),
            anne.press(page, "Leave it off the map"),
            anne.press(run, "Show what undoing would do"),
        ):
            assert "It did not work" in told.words
            assert "Try again later." in told.words
    assert "c3" not in stands(synced.folder)
    assert anne.press(anne.open(synced.layer), "Leave it off the map").status == 200


def test_errors_of_a_file_tell_nothing_that_is_hidden(
    desk: Folder, room_of: Callable[[Folder], Room]
) -> None:
    desk.settings(REPORT_HIDE="lat")
    desk.done("sync")
    desk.erase("c3")
    desk.waits("sync")
    room = room_of(desk)
    anne = room.person("Anne", "keeper")
    page = anne.open(room.layer)
    desk.commit(text(rows()).replace("45.007", "somewhere"))
    for button in ("Leave it off the map", "Sync now", "Show what a sync would do"):
        told = anne.press(page, button)
        assert "It did not work" in told.words
        assert "row 8" in told.words
        assert "somewhere" not in told.text


def test_pages_name_neither_folders_nor_what_is_hidden(
    desk: Folder, room_of: Callable[[Folder], Room]
) -> None:
    desk.settings(REPORT_HIDE="commune")
    desk.done("sync")
    room = room_of(desk)
    anne = room.person("Anne", "keeper")
    desk.repository.rename(desk.folder / "moved")
    told = anne.press(anne.open(room.layer), "Show what a sync would do")
    assert "It did not work" in told.words
    paths = ("/", "/log", "/settings", "/runs/1", room.layer, f"{room.layer}/feature?key=c1", told.path)
    for path in paths:
        page = anne.open(path)
        assert page.status == 200, path
        assert str(desk.folder) not in page.text
        assert "Ville 1" not in page.text
