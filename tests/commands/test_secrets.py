"""The secret edit link stands in the settings, and nowhere else. Every desk looks for it at its end."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.commands.conftest import secrets_in
from tests.commands.desk import Desk, changed, files, rows, signature, spellings

EVERYTHING = (
    ("check",),
    ("check", "--json"),
    ("plan", "--full"),
    ("plan", "--json"),
    ("sync",),
    ("sync", "--json"),
    ("approve", "0123-4567-89AB-CDEF"),
    ("validate",),
    ("log",),
    ("log", "--json"),
    ("show", "1"),
    ("show", "1", "--json"),
    ("show", "99"),
    ("sync", "--approve", "x"),
    ("foo",),
)


def type_all(desk: Desk, commands: Iterable[tuple[str, ...]]) -> None:
    for words in commands:
        desk.type(*words)


def test_every_command_in_success_and_when_held(desk: Desk) -> None:
    type_all(desk, EVERYTHING)
    desk.commit(rows(4))
    type_all(desk, EVERYTHING)


def test_every_command_in_trouble(desk: Desk) -> None:
    asking = (("check",), ("plan",), ("sync", "--json"), ("validate",))
    desk.commit("<html>")
    type_all(desk, asking)
    link = desk.made.edit_link
    desk.settings(UMAP_EDIT_LINK=link.replace(signature(link), signature(link)[::-1]))
    type_all(desk, asking)
    desk.settings(UMAP_EDIT_LINK=link, UMAP_LAYER="Autre")
    type_all(desk, asking)
    desk.made.delete()
    type_all(desk, EVERYTHING)


def test_the_search_finds_what_is_there(desk: Desk) -> None:
    """Else the tests above would prove nothing."""
    secret = signature(desk.made.edit_link)
    for spelling in spellings(secret):
        assert secrets_in(desk, f"… {spelling} …")
    for place in ("state.db", "temporary/trace.txt", "xdg_cache_home/umap-bot/git/x"):
        file = desk.folder / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"\x00" + secret.encode())
        assert secrets_in(desk, "") == [str(file)]
        file.unlink()
    assert secrets_in(desk, "") == []


def test_what_is_kept_is_for_its_owner_alone(synced: Desk) -> None:
    assert synced.state.stat().st_mode & 0o077 == 0
    synced.settings(STATE_URL=None)
    synced.done("sync")
    (state,) = (file for file in files(synced.folder) if file.parent.name == "umap-bot")
    assert state.stat().st_mode & 0o077 == 0
    assert Path(state.parent).stat().st_mode & 0o077 == 0


def test_a_guess_in_the_file_is_not_told_from_a_right_one(synced: Desk) -> None:
    """Whoever may write into a public file could try passwords in it, if stars told which one is right."""
    right, wrong, token = "geheim-2022", "geheim-2023", "glpat-x3Kd9_Qm2vT7bR1nZ8pW"
    synced.settings(DATASET_TOKEN=right, NOTIFY_PING_URL=f"http://127.0.0.1:9/{token}")
    table = changed(changed(rows(), "c1", commune=right), "c2", commune=wrong)
    synced.commit(changed(table, "c3", commune=token))
    for words in (
        ("plan",),
        ("plan", "--json"),
        ("plan", "--format", "markdown"),
        ("sync",),
        ("show", "latest"),
    ):
        said = synced.type(*words).out
        assert (right in said, wrong in said, token in said) == (True, True, False), words
    synced.done("report", "--site", "site")
    page = "".join(file.read_text("utf-8") for file in (synced.folder / "site").glob("*.html"))
    assert (right in page, wrong in page, token in page) == (True, True, False)
    synced.commit(changed(rows(), "c1", lat=right))
    assert right in synced.type("plan").err  # a bad file's error quotes its cells
