"""`umap-bot export` on a real uMap."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from umap_bot import redaction
from umap_bot.cli.main import run
from umap_bot.sandbox.maps import MadeMap
from umap_bot.wiring import WallClock

HAND_MADE = Path(__file__).parents[2] / "fixtures" / "cites-educatives" / "hand-made.geojson"
LAYER = "Cités éducatives"
Said = tuple[int, str, str]
Typed = Callable[..., Said]


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Typed:
    """Type a command in an empty folder: no settings but what a test writes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(redaction, "_secrets", redaction.Secrets())
    monkeypatch.setattr(WallClock, "pause", lambda *_: None)

    def type_(*words: str) -> Said:
        code = run(words)
        return code, *capfd.readouterr()

    return type_


@pytest.fixture
def cites(made_map: MadeMap) -> MadeMap:
    """A public map with the layer that was made by hand."""
    made_map.add_layer(LAYER, HAND_MADE.read_bytes(), {"color": "DarkBlue"})
    return made_map


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_map_that_one_may_only_read_becomes_a_file(cites: MadeMap, typed: Typed) -> None:
    code, out, err = typed("export", cites.url)
    rows = table(out)
    assert code == 0
    assert len(rows) == 18
    assert {"venissieux-saint-fons", "lyon-8eme", "saint-etienne-montreynaud"} <= {row["id"] for row in rows}
    assert list(rows[0]) == ["id", "name", "description", "lat", "lon"]
    assert f"Wrote 18 features from “{LAYER}”" in err
    assert "18 generated from the name or place (annemasse, bonneville, bron…)" in err
    assert "styles of 5 features; the layer's settings (color)" in err


def test_the_next_step_is_told(cites: MadeMap, typed: Typed, tmp_path: Path) -> None:
    code, out, err = typed("export", cites.url, "--layer", LAYER, "--output", "cites.csv")
    assert (code, out) == (0, "")
    assert err.splitlines()[-1] == (
        "Next: commit the file, set DATASET_PATH=cites.csv, then run umap-bot adopt, which "
        "adds the ids to the map, and umap-bot plan"
    )
    assert len(table((tmp_path / "cites.csv").read_text("utf-8"))) == 18


def test_a_file_is_overwritten_only_by_force(cites: MadeMap, typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "cites.geojson"
    file.write_text("mine")
    code, _, err = typed("export", cites.url, "--output", file.name)
    assert (code, file.read_text()) == (64, "mine")
    assert "cites.geojson already exists. Choose another name, or add --force to overwrite it." in err
    assert typed("export", cites.url, "--output", file.name, "--force")[0] == 0
    assert len(json.loads(file.read_bytes())["features"]) == 18


@pytest.mark.parametrize("file", ["cites.csv", "cites.geojson"])
def test_once_adopted_the_file_has_nothing_to_change(
    cites: MadeMap, typed: Typed, tmp_path: Path, file: str
) -> None:
    repository = tmp_path / "data"
    repository.mkdir()
    assert typed("export", cites.url, "--output", str(repository / file))[0] == 0
    _commit(repository)
    _env(tmp_path, cites, DATASET_REPO=str(repository), DATASET_PATH=file)
    _, out, err = typed("adopt")
    assert typed("adopt", "--approve", out.partition("--approve ")[2].split()[0])[0] == 0, err
    code, out, _ = typed("plan", "--json")
    (plan,) = json.loads(out)["runs"]
    assert (code, plan["changes"]) == (0, [])
    before = (repository / file).read_bytes()
    assert typed("export", "--output", str(repository / file), "--force")[0] == 0
    assert (repository / file).read_bytes() == before


def test_a_draft_needs_its_edit_link(cites: MadeMap, typed: Typed, tmp_path: Path) -> None:
    cites.set_permissions(share_status=0)
    code, out, err = typed("export", cites.url)
    assert (code, out) == (13, "")
    assert "deleted or made private" in err
    _env(tmp_path, cites)
    code, out, err = typed("export")
    assert (code, len(table(out))) == (0, 18)
    assert cites.edit_link not in out + err


def test_the_settings_of_another_map_are_not_used(cites: MadeMap, typed: Typed, tmp_path: Path) -> None:
    _env(tmp_path, cites, UMAP_MAP_URL=cites.url.rpartition("_")[0] + "_1", UMAP_LAYER="Another")
    code, out, err = typed("export", cites.url)
    assert (code, len(table(out))) == (0, 18), err


def test_an_edit_link_in_place_of_the_address_is_not_repeated(cites: MadeMap, typed: Typed) -> None:
    code, out, err = typed("export", cites.edit_link)
    assert (code, out) == (10, "")
    assert cites.edit_link.rpartition(":")[2] not in err


@pytest.mark.parametrize("form", ["csv", "geojson", "xlsx"])
def test_an_empty_layer(made_map: MadeMap, typed: Typed, form: str) -> None:
    made_map.add_layer("Vide", {"type": "FeatureCollection", "features": []})
    code, _, err = typed("export", made_map.url, "--output", f"vide.{form}")
    assert (code, "Wrote 0 features from “Vide”" in err) == (0, True)


def test_lines_and_polygons(made_map: MadeMap, typed: Typed) -> None:
    ring = [[4.0, 45.0], [5.0, 45.0], [5.0, 46.0], [4.0, 45.0]]
    made_map.add_layer(
        "Formes",
        _collection(
            _feature("LineString", ring[:2], name="Rue"),
            _feature("Polygon", [ring]),
            _feature("Point", [4.5, 45.5], name="Rue"),
        ),
    )
    code, out, _ = typed("export", made_map.url)
    assert code == 0
    found = {row["id"]: json.loads(row["geometry"])["type"] for row in table(out)}
    assert found == {"feature-n45-0000-e4-0000": "Polygon", "rue": "Point", "rue-2": "LineString"}


def test_a_layer_of_remote_data_is_refused(made_map: MadeMap, typed: Typed) -> None:
    remote = {"remoteData": {"url": "https://example.org/x.csv", "format": "csv"}}
    made_map.add_layer("Ailleurs", _collection(), remote)
    code, _, err = typed("export", made_map.url)
    assert code == 13
    assert "shows remote data (https://example.org/x.csv)" in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--format", "xlsx"], "Write it to a file: --output layer.xlsx"),
        (["--format", "csv", "--output", "a.geojson"], "Use --output a.csv"),
        (["--output", "a.txt"], "Use --output a.csv"),
        (["--excel", "--format", "geojson"], "--excel only works with CSV"),
        (["--output", "nowhere/a.csv"], "nowhere/a.csv can't be written"),
    ],
)
def test_wrong_use(cites: MadeMap, typed: Typed, words: list[str], told: str) -> None:
    code, _, err = typed("export", cites.url, *words)
    assert (code, told in err) == (64, True), err


def test_without_a_map_it_says_what_is_missing(typed: Typed) -> None:
    code, _, err = typed("export")
    assert (code, "UMAP_MAP_URL is missing" in err) == (10, True)


def test_a_name_cannot_steer_the_terminal(made_map: MadeMap, typed: Typed) -> None:
    made_map.add_layer(
        "Un\x1b[31m", _collection(_feature("Point", [4, 45], **{"a\x1b[0m.b": 1, "id": "\x1b["}))
    )
    _, _, err = typed("export", made_map.url, "--format", "geojson")
    assert "\x1b" not in err


def _env(folder: Path, made: MadeMap, **given: str) -> None:
    settings = {
        "UMAP_MAP_URL": made.url,
        "UMAP_EDIT_LINK": made.edit_link,
        "STATE_URL": f"sqlite:///{folder / 'state.db'}",
        **given,
    }
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()), "utf-8")


def _commit(folder: Path) -> None:
    author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgSign=false"]
    steps = (["init", "--quiet", "-b", "main"], ["add", "--all"], ["commit", "--quiet", "-m", "export"])
    for words in steps:
        subprocess.run(["git", *author, "-C", folder, *words], check=True)


def _feature(kind: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}
