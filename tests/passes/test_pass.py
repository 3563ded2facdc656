"""A pass over several layers: what it asks, whom it stops at, and what it says."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.commands.desk import Said, rows
from tests.passes.fleet import ALL, NORTH, OWN, PARKS, SHARED, SOUTH, Fleet, towns
from umap_bot import progress, wiring
from umap_bot.text import Text

BAD = "id,nom,commune,lat,lon\n,Sans clé,x,45.1,4.1\n"


def asked(said: Said) -> Counter[str]:
    """How often each kind of request was sent: of any map or layer."""
    kinds = {"/anonymous-edit/": "way in", "/geojson/": "page", "/versions/": "versions", "/update/": "push"}
    return Counter(
        next((kind for part, kind in kinds.items() if part in url), "other") for _, url in said.requests
    )


def test_a_first_pass_asks_git_twice_and_takes_each_way_in_once(fleet: Fleet) -> None:
    said = fleet.done("sync")
    assert said.online == ("ls-remote", "fetch")
    assert asked(said)["way in"] == 2
    assert [len(fleet.keys(name)) for name in ALL] == [6, 6, 5]
    assert [line.split(",")[0] for line in _done(said)] == [
        "Done: 6 added",
        "Done: 6 added",
        "Done: 5 added",
    ]


def _done(said: Said) -> list[str]:
    return [line for line in said.out.splitlines() if line.startswith("Done: ")]


def test_an_idle_pass_asks_git_once_and_each_map_once(synced: Fleet) -> None:
    said = synced.done("sync")
    assert said.out == "Nothing to do on 3 layers: Nord, Sud, Parcs.\n"
    assert said.online == ("ls-remote",)
    assert asked(said) == {"page": 2}


def test_a_pass_opens_each_map_and_each_repository_once(
    synced: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: Counter[str] = Counter()
    for name in ("open_map", "Repository"):
        real = getattr(wiring, name)

        def counted(*given: Any, name: str = name, real: Any = real, **more: Any) -> Any:
            opened[name] += 1
            return real(*given, **more)

        monkeypatch.setattr(wiring, name, counted)
    synced.done("sync")
    assert opened == {"open_map": 2, "Repository": 1}


class Noted:
    """Notes the places that are told."""

    def __init__(self) -> None:
        self.places: list[str] = []

    def show(self, place: Text | None, step: Text | None) -> None:
        if place and not step:
            self.places.append(place)


def test_who_watches_is_told_which_layer_it_is(synced: Fleet) -> None:
    for words in (["sync"], ["plan"]):
        noted = Noted()
        with progress.watched_by(noted):
            synced.done(*words)
        assert noted.places == ["Layer 1 of 3", "Layer 2 of 3", "Layer 3 of 3"]
    noted = Noted()
    with progress.watched_by(noted):
        synced.done("sync", "--layer", PARKS)
    assert noted.places == []


def test_the_layers_of_a_map_are_read_off_one_page(synced: Fleet) -> None:
    """A new version of the repository in which no layer changed: all is read, nothing is pushed."""
    synced.any.commit("hello", file="README")
    said = synced.done("sync")
    assert said.online == ("ls-remote", "fetch")
    assert (asked(said)["way in"], asked(said)["page"], asked(said)["versions"]) == (2, 2, 3)
    assert said.posts == []


def test_a_map_that_can_not_be_seen_is_asked_once_and_told_once(synced: Fleet) -> None:
    gone = synced[NORTH].made.url.rpartition("_")[0] + "_99999"
    manifest = synced.folder / "umap-bot.toml"
    manifest.write_text(manifest.read_text("utf-8").replace(synced[NORTH].made.url, gone), "utf-8")
    env = synced.any.env
    env.write_text("".join(x for x in env.read_text("utf-8").splitlines(True) if "LINK_UN" not in x), "utf-8")
    manifest.write_text(manifest.read_text("utf-8").replace('umap_edit_link = "env:LINK_UN"\n', ""), "utf-8")
    said = synced.type("sync")
    assert said.code == 13
    assert said.out.startswith("✗ Nord, Sud: There is no map 99999 on 127.0.0.1")
    assert said.out.count("There is no map") == 1
    assert "Nothing to do on 1 layer: Parcs." in said.out
    assert asked(said)["page"] == 2


@pytest.mark.parametrize("order", [(PARKS, NORTH, SOUTH), ALL])
def test_a_bad_file_stops_its_own_layer_alone(synced: Fleet, order: tuple[str, ...]) -> None:
    synced.manifest(*order)
    synced.any.commit(BAD, file=OWN)
    synced.any.commit({**towns(), "c13": {**towns()["c1"], "nom": "Neuve", "commune": SOUTH}})
    before = synced[PARKS].body
    planned = synced.type("plan")
    assert planned.code == 11
    assert planned.out.count("Parcs: parcs.csv, row 2: id is empty; ") == 1
    said = synced.type("sync")
    assert (said.code, said.last) == (11, "exit code 11: a problem with the file")
    assert "Parcs: parcs.csv, row 2: id is empty; " in said.out
    assert "Done: 1 added, read back and verified" in said.out
    assert "Nothing to do on 1 layer: Nord." in said.out
    assert "c13" in synced.keys(SOUTH)
    assert synced[PARKS].body == before


def test_layer_narrows_and_knows_its_names(synced: Fleet) -> None:
    synced.any.commit({**towns(), "c13": {**towns()["c1"], "nom": "Neuve", "commune": SOUTH}})
    alone = synced.done("sync", "--layer", NORTH)
    assert alone.posts == []
    assert alone.out.startswith('Les cités › layer "Nord"')
    two = synced.done("sync", "--layer", SOUTH, "--layer", PARKS)
    assert "Nothing to do on 1 layer: Parcs." in two.out
    assert len(two.posts) == 1
    full_name = synced.type("log", "--json").runs[0]["layer"]
    assert synced.done("log", "--layer", full_name, "--json").runs[0]["layer"] == full_name
    unknown = synced.type("sync", "--layer", "Nirgends")
    assert unknown.code == 64
    assert unknown.err.startswith(
        'umap-bot: There is no layer "Nirgends" in the settings. Layers in the settings: Nord, Sud, Parcs.'
    )
    assert unknown.requests == ()


def test_one_code_gives_the_ok_to_all_plans_of_a_pass(synced: Fleet) -> None:
    few = {key: cells for key, cells in towns().items() if key in {"c1", "c11"}}
    synced.any.commit(few, "few are left", SHARED)
    synced.any.commit(rows(1), "one is left", OWN)
    held = synced.type("sync")
    assert held.code == 3
    last = held.out.rstrip("\n").splitlines()[-1]
    assert last.startswith("3 plans need your approval. To approve all of them: umap-bot sync --approve ")
    assert "APPROVAL NEEDED (plan " in synced.type("status").out
    said = synced.done("sync", "--approve", last.split()[-1])
    assert [synced.keys(name) for name in ALL] == [["c1"], ["c11"], ["c1"]]
    assert len(_done(said)) == 3
    assert "NEEDED" not in synced.type("status").out


def test_status_log_and_pages_name_each_layer(synced: Fleet) -> None:
    synced.any.commit(BAD, file=OWN)
    synced.type("sync")
    lines = synced.done("status").out.splitlines()
    assert [line.split("  ")[0] for line in lines] == [
        "✗ Les parcs › Parcs",
        "✓ Les cités › Nord",
        "✓ Les cités › Sud",
    ]
    assert "PROBLEM: the last run did not succeed" in lines[0]
    told = json.loads(synced.done("status", "--json").out)["layers"]
    assert [(each["shown"], each["health"]) for each in told] == [
        ("Les cités › Nord", "ok"),
        ("Les cités › Sud", "ok"),
        ("Les parcs › Parcs", "trouble"),
    ]
    log = synced.done("log").out.splitlines()
    assert [line.split(" · ")[2] for line in log] == [PARKS, SOUTH, NORTH, PARKS, SOUTH, NORTH]
    synced.done("report", "--site", "site")
    page = Path("site/index.html").read_text("utf-8")
    assert all(f"{where}" in page for where in ("Les cités › Nord", "Les cités › Sud", "Les parcs › Parcs"))


def test_a_run_of_one_layer_keeps_the_pages_of_all(synced: Fleet) -> None:
    with synced.any.env.open("a", encoding="utf-8") as env:
        env.write("REPORT_SITE_DIR=site\n")
    for name in (PARKS, NORTH):
        synced.done("sync", "--layer", name)
        page = Path("site/index.html").read_text("utf-8")
        assert all(shown in page for shown in ("Les cités › Nord", "Les cités › Sud", "Les parcs › Parcs"))
        assert len(list(Path("site").glob("run-*.html"))) == 3


def test_two_manifests_do_not_share_a_folder_for_pages(synced: Fleet) -> None:
    """The pages of the first stay; the sync of the second does its work, and says why it wrote none."""
    synced.done("report", "--site", "site", "--layer", PARKS)
    before = Path("site/index.html").read_bytes()
    said = synced.type("report", "--site", "site", "--layer", NORTH)
    assert said.code == 10
    assert "site contains the pages of other layers. Choose a separate folder for each site." in said.err
    assert Path("site/index.html").read_bytes() == before


def test_check_looks_at_each_layer(fleet: Fleet) -> None:
    fleet.any.commit(BAD, file=OWN)
    said = fleet.type("check")
    assert said.code == 11
    heads = [line for line in said.out.splitlines() if line.endswith(":")]
    assert heads == ["Nord:", "Sud:", "Parcs:"]
    assert said.out.count("✓ layer") == 3
    assert said.out.count("✗ file") == 1


def test_a_check_says_once_what_is_the_same(fleet: Fleet) -> None:
    said = fleet.done("check").out
    assert said.count(f"repository   {fleet.any.repository}, newest version") == 1
    assert said.count("map          Les cités, uMap") == said.count("map          Les parcs, uMap") == 1
    assert f"✓ as for {NORTH}: settings, repository, file, map, state\n" in said


def test_a_map_whose_layer_has_no_name_in_the_settings_is_called_by_its_title(synced: Fleet) -> None:
    synced[PARKS].made.read(synced[PARKS].layer_id)
    manifest = synced.folder / "umap-bot.toml"
    manifest.write_text(manifest.read_text("utf-8").replace(f'umap_layer = "{PARKS}"\n', ""), "utf-8")
    synced.any.commit(BAD, file=OWN)
    for words in (["plan"], ["log"], ["check"], ["status"]):
        said = synced.type(*words)
        assert f"{synced[PARKS].made.url.split('/')[2]}/map/" not in said.out, said.out
