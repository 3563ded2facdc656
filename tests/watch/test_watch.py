"""`umap-bot watch` on the real uMap: what people do to a map is what the log says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.commands.test_records import VALIDATOR
from tests.watch.conftest import Watcher, collection, point
from umap_bot.cli.commands.serve import Passes
from umap_bot.manifest import load_watched
from umap_bot.model.run import Run
from umap_bot.report.language import language
from umap_bot.wiring import watched_place

A, B = point("aaaaa", "Ancy", (4.0, 45.0)), point("bbbbb", "Bron", (4.9, 45.7), note="old")
C = point("ccccc", "Craponne", (4.7, 45.7))
MOVED = point("aaaaa", "Ancy", (4.01, 45.0), _umap_options={"color": "Red"})


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_the_log_is_the_account_of_what_people_did(watcher: Watcher) -> None:
    cites = watcher.made.add_layer("Cités", collection(A, B))
    assert "Watched from now on: 2 features" in watcher.watch()

    assert watcher.watch() == "Nothing new: the map has not changed.\n"
    assert len(watcher.requests) == 1

    watcher.save(cites, MOVED, C, color="Blue", name="Villes")
    told = watcher.watch()
    assert "1 of 2 features changed, 1 added and 1 removed; 2 settings of the layer changed" in told
    assert 'Ancy  style: color  (empty) → "Red"; moved 786 m to the east' in told
    assert 'layer name  "Cités" → "Villes"; colour  (empty) → "Blue"' in told
    assert "Saved " in told

    more = watcher.made.add_layer("Deux", collection(A))
    assert "The layer is new on the map, with 1 feature" in watcher.watch()
    watcher.made.delete_layer(more)
    assert "The layer was removed from the map, with its 1 feature" in watcher.watch()
    assert watcher.watch() == "Nothing new: the map has not changed.\n"

    renumbered = ({**MOVED, "id": "ddddd"}, {**C, "id": "eeeee"})
    watcher.save(cites, *renumbered, color="Blue", name="Villes")
    assert "uMap gave 2 features new ids; nothing else of them changed" in watcher.watch()

    runs = watcher.runs()
    assert VALIDATOR.is_valid({"runs": runs})
    assert [(run["name"], run["kind"], run["outcome"], len(run["changes"])) for run in runs] == [
        ("Cités", "watch", "nothing", 0),
        ("Villes", "watch", "done", 3),
        ("Deux", "watch", "done", 1),
        ("Deux", "watch", "done", 1),
        ("Villes", "watch", "done", 0),
    ]
    assert {change["why"] for run in runs for change in run["changes"] if change["change"] == "delete"} == {
        "map"
    }
    assert [run["map"]["renumbered"] for run in runs] == [0, 0, 0, 0, 2]

    asked = ("--map", watcher.made.url)
    assert "moved 786 m to the east" in watcher.type("show", "2", *asked)
    assert 'removed; it had name "Bron", note "old"' in watcher.type("history", "Bron", *asked)
    status = watcher.type("status", *asked)
    assert "✓ Villes  up to date" in status
    assert "✓ Deux    removed from the map" in status
    assert "pages to pages" in watcher.type("report", "--site", "pages", *asked)
    assert "uMap gave 2 features new ids" in Path("pages/index.html").read_text("utf-8")
    kept = json.loads(watcher.type("export", "--backup", "1", "--format", "geojson"))
    assert [each["id"] for each in kept["features"]] == ["aaaaa", "bbbbb"]


def test_each_version_is_a_commit(watcher: Watcher, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "versions.git"
    monkeypatch.setenv("WATCH_REPO", str(folder))
    cites = watcher.made.add_layer("Cités", collection(A, B))
    watcher.watch()
    watcher.save(cites, B, A)  # another order, and nothing else
    watcher.watch()
    watcher.save(cites, B, MOVED)
    watcher.watch()
    watcher.save(cites, B, MOVED, name="Villes")
    watcher.watch()

    log = git(folder, "log", "--reverse", "--format=%s")
    assert log.splitlines() == [
        "Cités: Watched from now on: 2 features",
        "Cités: 1 changed (Ancy)",
        "Villes: 1 setting of the layer changed",
    ]
    changed = git(folder, "diff", "--numstat", "HEAD~2", "HEAD~1")
    assert changed.split("\t")[:2] == ["1", "1"]
    (name,) = git(folder, "ls-tree", "-r", "--name-only", "HEAD").splitlines()
    assert name == f"map-{watcher.made.id}/Villes-{cites[:8]}.geojson"
    kept = json.loads(git(folder, "show", f"HEAD:{name}"))
    assert kept["features"] == [{**each, "id": each["id"]} for each in (MOVED, B)]
    assert kept["_umap_options"]["name"] == "Villes"


def test_what_can_not_be_committed_is_seen_again(
    watcher: Watcher, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a-file").write_text("")
    monkeypatch.setenv("WATCH_REPO", str(tmp_path / "a-file"))
    watcher.made.add_layer("Cités", collection(A))
    watcher.type("watch", watcher.made.url, code=12)

    monkeypatch.setenv("WATCH_REPO", str(tmp_path / "versions.git"))
    assert "Watched from now on: 1 feature" in watcher.watch()


def test_maps_of_the_manifest_are_watched_beside_layers_that_are_kept(
    watcher: Watcher, tmp_path: Path
) -> None:
    watcher.made.add_layer("Cités", collection(A))
    (tmp_path / "umap-bot.toml").write_text(f'[[watch]]\numap_map_url = "{watcher.made.url}"\n')

    assert "Watched from now on: 1 feature" in watcher.type("watch")
    assert "Cités" in watcher.type("log") + watcher.type("status")
    watcher.type("sync", code=10)
    watcher.type("serve", code=10)  # no schedule


def test_a_service_serves_a_watched_map_as_one(watcher: Watcher, tmp_path: Path) -> None:
    cites = watcher.made.add_layer("Cités", collection(A))
    watcher.made.add_layer("Parcs", collection(B))
    manifest = tmp_path / "umap-bot.toml"
    manifest.write_text(f'report_site_dir = "pages"\n[[watch]]\numap_map_url = "{watcher.made.url}"\n')
    watched = load_watched()
    passes = Passes((), language("en"), watched)
    (place,) = map(watched_place, watched)

    ((name, first),) = passes([place], lambda: False)
    watcher.save(cites, MOVED)
    ((_, second),) = passes([place], lambda: False)

    assert (name, first.code) == (place, 0)
    assert isinstance(second, Run)
    assert [change.name for change in second.applied] == ["Ancy"]
    assert "Ancy" in (tmp_path / "pages" / f"run-{second.number}.html").read_text("utf-8")


def test_a_private_map_is_watched_by_its_edit_link(watcher: Watcher, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher.made.add_layer("Cités", collection(A))
    watcher.made.set_permissions(share_status=0)
    watcher.type("watch", watcher.made.url, code=13)

    monkeypatch.setenv("UMAP_MAP_URL", watcher.made.url)
    monkeypatch.setenv("UMAP_EDIT_LINK", watcher.made.edit_link)
    assert "Watched from now on: 1 feature" in watcher.type("watch")


def test_a_map_without_layers(watcher: Watcher) -> None:
    assert watcher.watch() == "The map has no layers yet.\n"
    watcher.type("log", "--map", watcher.made.url, code=64)


def test_no_sign_in_goes_to_another_map(watcher: Watcher, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher.made.add_layer("Cités", collection(A))
    monkeypatch.setenv("UMAP_MAP_URL", "https://umap.example.org/fr/map/one_1")
    monkeypatch.setenv("UMAP_USERNAME", "ada")
    monkeypatch.setenv("UMAP_PASSWORD", "a password of ours")

    assert "Watched from now on" in watcher.watch()
    assert {method for method, _ in watcher.requests} == {"GET"}


def test_settings_of_a_map_alone_are_enough(watcher: Watcher, tmp_path: Path) -> None:
    watcher.type("log", code=10)  # nothing is here: init is offered
    watcher.made.add_layer("Cités", collection(A))
    (tmp_path / ".env").write_text(f"UMAP_MAP_URL={watcher.made.url}\n")
    (tmp_path / ".env").chmod(0o600)
    watcher.type("status", code=64)  # not watched yet
    watcher.type("watch")

    assert "Watched from now on: 1 feature" in watcher.type("log")
    assert "Cités" in watcher.type("status")
