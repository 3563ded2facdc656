"""`umap-bot plan` writes nothing: neither on the map nor in the state, whatever there is to do."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from umap_bot.cli.main import run
from umap_bot.sandbox.maps import MadeMap

AUTHOR = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgSign=false")
EMPTY = {"type": "FeatureCollection", "features": []}
STATE = "state.db"


def commit(repository: Path, *names: str) -> None:
    rows = [f"{name.lower()},{name},45.7,4.{number}" for number, name in enumerate(names)]
    (repository / "places.csv").write_text("\n".join(["id,name,lat,lon", *rows, ""]), encoding="utf-8")
    for arguments in (("add", "."), (*AUTHOR, "commit", "--quiet", "-m", "places")):
        subprocess.run(["git", "-C", repository, *arguments], check=True)


def state(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob(f"{STATE}*")}


def test_a_plan_writes_nothing(made_map: MadeMap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first sync, with changes of both sides, and with a plan that waits."""
    layer = made_map.add_layer("Places", EMPTY)
    repository = tmp_path / "data"
    subprocess.run(["git", "init", "--quiet", repository], check=True)
    commit(repository, "Bron", "Lyon", "Oullins")
    (tmp_path / ".env").write_text(
        f"UMAP_MAP_URL={made_map.url}\nUMAP_EDIT_LINK={made_map.edit_link}\nDATASET_REPO={repository}\n"
        f"DATASET_PATH=places.csv\nSTATE_URL=sqlite:///{tmp_path / STATE}\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)

    def plans(code: int) -> None:
        before = made_map.read(layer), made_map.page(), state(tmp_path)
        assert run(["plan"]) == code
        assert (made_map.read(layer), made_map.page(), state(tmp_path)) == before

    plans(2)
    assert state(tmp_path) == {}
    assert run(["sync"]) == 0
    plans(0)
    body, version = made_map.read(layer)
    features = json.loads(body)["features"]
    features[0]["properties"]["name"] = "by hand"
    assert made_map.save(layer, {**EMPTY, "features": features}, version).status_code == 200
    commit(repository, "Bron", "Lyon", "Oullins", "Vienne")
    plans(2)
    commit(repository, "Bron")
    plans(3)
