"""`umap-bot check`: one line for each thing, and for what fails the way to mend it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands.desk import FILE, LAYER, Desk, Said, rows
from tests.notify.receivers import web
from umap_bot.sandbox.maps import MadeMap

NOBODYS = "http://127.0.0.1:9/en/map/x_1"


def lines(said: Said) -> dict[str, str]:
    """Each thing that was looked at, with all that was said of it."""
    found: dict[str, str] = {}
    what = ""
    for line in said.out.splitlines():
        if line[0] in "✓✗":
            what = line[2:14].strip()
            found[what] = line[0] + line[14:]
        else:
            found[what] += "\n" + line.strip()
    return found


def test_all_is_well(desk: Desk) -> None:
    commit = desk.git("rev-parse", "--short=7", "HEAD")
    said = desk.done("check")
    told = lines(said)
    assert list(told) == ["settings", "repository", "file", "map", "layer", "state"]
    assert all(line.startswith("✓") for line in told.values())
    assert f"newest version {commit}" in told["repository"]
    assert "cites.csv, Ada" in told["file"]
    assert "10 rows, with coordinates, columns id, name, commune" in told["file"]
    assert "sign-in method: the secret edit link" in told["map"]
    assert '"Cités", 0 features; can be edited' in told["layer"]
    assert "this layer has not been synced yet" in told["state"]


def test_it_writes_nothing(desk: Desk) -> None:
    before = desk.body, desk.versions
    said = desk.done("check")
    assert said.posts == []
    assert (desk.body, desk.versions) == before
    assert not desk.state.exists()


def test_the_last_change_is_told(synced: Desk) -> None:
    assert "; last change " in lines(synced.done("check"))["state"]


def gone(desk: Desk) -> None:
    desk.settings(DATASET_REPO=str(desk.folder / "elsewhere"))


def plain_folder(desk: Desk) -> None:
    (desk.folder / "plain").mkdir()
    desk.settings(DATASET_REPO=str(desk.folder / "plain"))


def no_file(desk: Desk) -> None:
    desk.settings(DATASET_PATH="donnees/autre.csv")


def no_branch(desk: Desk) -> None:
    desk.settings(DATASET_REF="mian")


def bad_file(desk: Desk) -> None:
    desk.commit("id,nom,lat,lon\n1,Lyon,45.7,4.8\n,Bron,45.7,4.9\n1,Vienne,45.5,4.9\n")


def wrong_link(desk: Desk) -> None:
    link = desk.made.edit_link
    desk.settings(UMAP_EDIT_LINK=link[:-3] + ("abc" if link[-3:] != "abc" else "abd"))


def dead_map(desk: Desk) -> None:
    desk.made.delete()


def no_map(desk: Desk) -> None:
    site = desk.made.url.partition("/en/")[0]
    desk.settings(UMAP_MAP_URL=f"{site}/en/map/x_999999", UMAP_EDIT_LINK=None)


def no_layer(desk: Desk) -> None:
    desk.settings(UMAP_LAYER="Citées")


def no_way_in(desk: Desk) -> None:
    desk.settings(UMAP_EDIT_LINK=None)


def remote(desk: Desk) -> None:
    source = {"url": "https://example.org/data.geojson?key=geheim", "format": "geojson"}
    desk.made.save(
        desk.layer_id, desk.body, desk.made.read(desk.layer_id)[1], {"name": LAYER, "remoteData": source}
    )


def down(desk: Desk) -> None:
    desk.settings(UMAP_MAP_URL=NOBODYS, UMAP_EDIT_LINK=None)


def no_database(desk: Desk) -> None:
    desk.state.write_bytes(b"no database" * 999)


FAILURES: dict[str, tuple[Callable[[Desk], None], str, int, str, str]] = {
    "repository gone": (gone, "repository", 12, "does not exist or ", "Check DATASET_REPO"),
    "a plain folder": (
        plain_folder,
        "repository",
        12,
        "is not a git repository",
        "To turn it into one: git -C ",
    ),
    "no such branch": (no_branch, "repository", 12, "mian", "main"),
    "no such file": (no_file, "file", 12, "donnees/autre.csv", "cites.csv"),
    "bad file": (bad_file, "file", 11, "cites.csv, row 3: ", "cites.csv, row 4: "),
    "wrong edit link": (wrong_link, "map", 13, "The secret edit link is wrong", "Copy the whole link"),
    "dead map": (dead_map, "map", 13, "it was deleted or made private", "ask the site's administrators"),
    "no such map": (no_map, "map", 13, "There is no map 999999", "Check UMAP_MAP_URL"),
    "does not have this layer": (no_layer, "layer", 13, "The map has no layer “Citées”", "Layers: “Cités” ("),
    "no way in": (no_way_in, "layer", 13, "can be read but not edited", "Set UMAP_EDIT_LINK"),
    "remote data": (remote, "layer", 13, "shows remote data (https://example.org/data.geojson?…)", ""),
    "uMap down": (down, "map", 14, "127.0.0.1:9 can't be reached", "Check the address"),
    "state is none": (no_database, "state", 15, "is not a database", "Move the file away"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_fails_is_named_with_the_way_to_mend_it(desk: Desk, name: str) -> None:
    spoil, what, code, told, way_out = FAILURES[name]
    spoil(desk)
    said = desk.type("check")
    assert said.code == code
    line = lines(said)[what]
    assert line.startswith("✗")
    assert told in line
    assert way_out in line
    assert said.last.startswith(f"exit code {code}: ")


def test_what_fails_stops_nothing(desk: Desk) -> None:
    gone(desk)
    told = lines(desk.type("check"))
    assert [what for what, line in told.items() if line.startswith("✗")] == ["repository"]
    assert list(told) == ["settings", "repository", "map", "layer", "state"]


def test_of_several_failures_the_code_is_the_highest(desk: Desk) -> None:
    gone(desk)
    no_database(desk)
    assert desk.type("check").code == 15


def test_without_the_right_to_edit_a_sync_says_so(synced: Desk) -> None:
    no_way_in(synced)
    synced.commit(rows(11))
    said = synced.type("sync")
    assert said.code == 13
    assert "can be read but not edited" in said.err


def test_a_layer_that_everyone_may_edit_needs_no_secret(desk: Desk) -> None:
    desk.made.set_layer_permissions(desk.layer_id, 1)
    no_way_in(desk)
    told = lines(desk.done("check"))
    assert "way in" not in told["map"]
    assert "anyone can edit it, so no secret is needed" in told["layer"]
    desk.done("sync")
    assert len(desk.features) == 10


def test_settings_that_others_can_read_are_told(desk: Desk) -> None:
    desk.env.chmod(0o644)
    assert "Other users of this machine can read .env" in lines(desk.done("check"))["settings"]
    desk.env.chmod(0o600)
    assert lines(desk.done("check"))["settings"] == "✓ .env"


def test_another_file_of_settings_is_named(desk: Desk) -> None:
    other = desk.folder / "autre.env"
    desk.env.rename(other)
    assert lines(desk.done("check", "--env-file", str(other)))["settings"] == f"✓ {other}"
    other.rename(desk.env)


def test_json_has_the_same_findings(desk: Desk) -> None:
    no_layer(desk)
    said = desk.type("check", "--json")
    found = json.loads(said.out)["check"]
    assert [each["what"] for each in found] == [
        "settings", "repository", "file", "map", "layer", "state"
    ]  # fmt: skip
    assert {each["what"]: each["code"] for each in found if each["code"]} == {"layer": 13}
    assert said.code == 13


def test_an_edit_link_of_another_map_is_told_before_anything_is_asked(desk: Desk, made_map: MadeMap) -> None:
    other = made_map.edit_link.replace(f"/{made_map.id}:", f"/{made_map.id + 1}:")
    desk.settings(UMAP_EDIT_LINK=other)
    said = desk.type("check")
    assert (said.code, said.requests) == (10, ())
    assert f"UMAP_EDIT_LINK is for map {made_map.id + 1}" in said.err


def test_the_file_in_a_folder_of_the_repository(desk: Desk) -> None:
    (desk.repository / "données").mkdir()
    desk.commit(rows(3), file="données/cités.csv")
    desk.settings(DATASET_PATH="données/cités.csv")
    assert "données/cités.csv, Ada" in lines(desk.done("check"))["file"]
    assert Path(desk.repository / FILE).exists()


def test_a_trial_message_and_a_ping_and_what_came_back(desk: Desk) -> None:
    with web() as hook, web() as watcher:
        desk.settings(
            NOTIFY_URLS=f"json://{hook.place}/s3cr3t/ json://127.0.0.1:9/s3cr3t/",
            NOTIFY_PING_URL=f"http://{watcher.place}/s3cr3t",
        )
        said = desk.type("check", "--message")
        assert said.code == 14
        ((subject, body),) = hook.messages
        assert subject == f"[Map {desk.made.id}] Trial message"
        assert "Nothing has happened" in body
        assert watcher.paths == ["/s3cr3t"]
        assert "✓ message      NOTIFY_URLS, address 1 (json://): accepted" in said.out
        assert "✗ message      NOTIFY_URLS, address 2 (json://): refused, or not reachable" in said.out
        assert "✓ ping         NOTIFY_PING_URL: the answer is HTTP 200" in said.out
        hook.status = watcher.status = 403
        desk.settings(NOTIFY_URLS=f"json://{hook.place}/s3cr3t/")
        said = desk.type("check", "--message", "--json")
        assert [each["text"].partition(": ")[2] for each in json.loads(said.out)["messages"]] == [
            "refused: HTTP 403", "the answer is HTTP 403"
        ]  # fmt: skip
        assert not any("s3cr3t" in words for words in desk.said)


def test_without_an_address_no_message_can_be_tried(desk: Desk) -> None:
    said = desk.type("check", "--message")
    assert said.code == 10
    assert "nobody is told: no setting names an address" in said.out


def test_without_the_option_nobody_gets_a_message(desk: Desk) -> None:
    with web() as hook:
        desk.settings(NOTIFY_URLS=f"json://{hook.place}/", NOTIFY_PING_URL=f"http://{hook.place}/")
        desk.done("check")
        assert hook.requests == []
