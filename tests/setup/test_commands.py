"""`umap-bot init`, `template` and `check` as they are typed."""

from __future__ import annotations

import os
import pty
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.accounts import log_in, new_user
from tests.setup.conftest import EMPTY, FILE, LAYER, Commit, signature
from umap_bot.cli.main import run
from umap_bot.sandbox.maps import MadeMap, new_map
from umap_bot.sandbox.server import Sandbox
from umap_bot.settings import Settings, load

Captured = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("layer_id")


@pytest.fixture
def words(made_map: MadeMap, commit: Commit, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A command that answers everything."""
    commit()
    monkeypatch.setenv("MY_LINK", made_map.edit_link)
    given = {
        "--map-url": made_map.url,
        "--layer": LAYER,
        "--edit-link-env": "MY_LINK",
        "--repo": "data",
        "--ref": "main",
        "--path": FILE,
        "--key": "id",
        "--rename": "nom=name",
        "--drift": "keep",
        "--deleted": "recreate",
    }
    return ["init", *(word for pair in given.items() for word in pair)]


def test_init_asks_nothing_in_french_either(
    words: list[str], made_map: MadeMap, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert run(words) == 0
    told = capsys.readouterr()
    assert "✓ Le lien d'édition fonctionne." in told.err.splitlines()
    assert told.out.splitlines()[0].startswith(".env est écrit. Vous seul pouvez le lire.")
    written = Path(".env").read_text(encoding="utf-8")
    assert "# L'adresse de la carte, telle que les visiteurs la voient.\nUMAP_MAP_URL=" in written
    assert load(Settings, Path(".env"), {}).sync_drift == "keep"
    assert run([*words, "--drift", "maybe"]) == 64
    assert "Valeur incorrecte pour '--drift'" in capsys.readouterr().err


def test_an_empty_address_is_told_as_that(capsys: Captured) -> None:
    """Not as a server that can't be reached."""
    assert run(["init", "--map-url", ""]) == 10
    assert "The map's address is empty. Open the map in a browser" in capsys.readouterr().err


def test_by_options_alone(words: list[str], made_map: MadeMap, capsys: Captured) -> None:
    assert run(words) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[1:] == [
        "Next:  umap-bot check",
        "then:  umap-bot plan",
        "If the layer already has some of the points, run first:  umap-bot adopt",
    ]
    assert stat.S_IMODE(Path(".env").stat().st_mode) == 0o600
    found = load(Settings, Path(".env"), {})
    assert found.umap_edit_link is not None
    assert found.umap_edit_link.get_secret_value() == made_map.edit_link
    assert (found.sync_drift, found.sync_deleted, found.dataset_ref) == ("keep", "recreate", "main")
    assert run(["check"]) == 0
    checked = capsys.readouterr()
    assert "1 column is not shown anywhere on the map. To print a popup template" in checked.out
    assert run(["plan"]) == 2
    assert run(["sync"]) == 0
    rest = capsys.readouterr()
    for text in (told.out, told.err, checked.out, checked.err, rest.out, rest.err):
        assert signature(made_map.edit_link) not in text


def test_the_link_from_a_file(words: list[str], made_map: MadeMap, tmp_path: Path) -> None:
    (tmp_path / "link").write_text(made_map.edit_link + "\n", encoding="utf-8")
    words[words.index("--edit-link-env") : words.index("--repo")] = ["--edit-link-file", "link"]
    assert run([*words, "--output", "my env"]) == 0
    assert run(["check", "--env-file", "my env"]) == 0


def test_a_file_in_a_work_tree_is_kept_out_of_git(
    words: list[str], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("data")
    words[words.index("data")] = "."
    assert run(words) == 0
    told = capsys.readouterr().out.splitlines()[0]
    assert told.endswith("never commit it. Git ignores it: it was added to .git/info/exclude.")
    status = subprocess.run(["git", "status", "--porcelain"], check=True, capture_output=True, text=True)
    assert status.stdout == ""
    shutil.rmtree(".git/info")
    Path(".git/info").touch()
    assert run([*words, "--force"]) == 0
    assert "info: File exists): add it to .gitignore.\n" in capsys.readouterr().out


def test_the_link_itself_is_no_option(words: list[str], made_map: MadeMap, capsys: Captured) -> None:
    """Who puts it there is told so, without its being repeated."""
    words[words.index("MY_LINK")] = made_map.edit_link
    assert run(words) == 64
    told = capsys.readouterr()
    assert "the name of a variable, not the secret itself" in told.err
    assert signature(made_map.edit_link) not in told.out + told.err


def test_a_file_that_is_there_is_not_replaced(words: list[str], capsys: Captured) -> None:
    Path(".env").write_text("mine", encoding="utf-8")
    assert run(words) == 64
    assert "--force" in capsys.readouterr().err
    assert Path(".env").read_text(encoding="utf-8") == "mine"
    assert run([*words, "--force"]) == 0
    assert run(["check"]) == 0


@pytest.mark.parametrize("option", ["--map-url", "--edit-link-env", "--repo", "--path", "--rename"])
def test_what_is_missing_without_a_terminal_is_named(words: list[str], option: str, capsys: Captured) -> None:
    at = words.index(option)
    assert run(words[:at] + words[at + 2 :]) == 64
    assert f"{option} " in capsys.readouterr().err
    assert not Path(".env").exists()


def test_a_plain_folder_is_told_how_to_become_a_repository(
    words: list[str], tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "plain").mkdir()
    words[words.index("data")] = "plain"
    assert run(words) == 12
    told = capsys.readouterr().err
    assert f"The folder {tmp_path}/plain is not a git repository. To turn it into one: git -C " in told


def test_at_a_terminal(made_map: MadeMap, commit: Commit) -> None:
    """A process of its own on a pseudo-terminal: what is typed for the link is not shown."""
    commit()
    typed = [made_map.url, "no link", made_map.edit_link, "data", "", FILE, "", "", "", "2"]
    terminal, theirs = pty.openpty()
    init = subprocess.Popen(
        [sys.executable, "-m", "umap_bot", "init"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    for line in typed:
        shown += _until_asked(terminal)
        os.write(terminal, line.encode() + b"\n")
    shown += _rest(terminal)
    assert init.wait() == 0, shown.decode()
    os.close(terminal)
    assert signature(made_map.edit_link) not in shown.decode()
    assert "1  Restore the file's value, and tell me (default)" in shown.decode()
    assert load(Settings, Path(".env"), {}).sync_deleted == "recreate"
    assert run(["check"]) == 0


def _until_asked(terminal: int) -> bytes:
    shown = b""
    while not shown.endswith(b": "):
        shown += os.read(terminal, 4096)
    return shown


def _rest(terminal: int) -> bytes:
    shown = b""
    try:
        while read := os.read(terminal, 4096):
            shown += read
    except OSError:  # so Linux says that the other end is closed
        pass
    return shown


def test_template(words: list[str], capsys: Captured) -> None:
    run(words)
    capsys.readouterr()
    assert run(["template"]) == 0
    told = capsys.readouterr()
    assert told.out == "# {name}\n{description}\n* **commune**: {commune}\n"
    assert "Interaction options" in told.err


def test_check_is_silent_when_all_is_shown(
    words: list[str], made_map: MadeMap, layer_id: str, capsys: Captured
) -> None:
    run(words)
    body, version = made_map.read(layer_id)
    made_map.save(layer_id, body, version, {"name": LAYER, "popupContentTemplate": "{commune}"})
    capsys.readouterr()
    assert run(["check"]) == 0
    assert "not shown anywhere" not in capsys.readouterr().out


def test_a_column_that_the_map_s_own_settings_use_is_shown_and_told_when_it_goes(
    words: list[str], made_map: MadeMap, commit: Commit, capsys: Captured
) -> None:
    run(words)
    made_map.set_up(filters=[{"fieldKey": "commune", "widget": "checkbox"}], labelKey="{commune}")
    capsys.readouterr()
    assert run(["check"]) == 0
    assert "not shown anywhere" not in capsys.readouterr().out
    assert run(["sync"]) == 0
    commit("id,nom,lat,lon\nbron,Bron,45.7,4.9\nlyon,Lyon 8e,45.7,4.8\n")
    capsys.readouterr()
    assert run(["plan"]) == 3
    told = capsys.readouterr().out
    assert "The map's settings use it: " in told
    assert "labelKey" in told
    assert "filters" in told


def test_check_of_two_maps_and_of_an_owned_one(
    umap: Sandbox, words: list[str], made_map: MadeMap, layer_id: str, capsys: Captured
) -> None:
    run(words)
    text = Path(".env").read_text(encoding="utf-8").replace("UMAP_EDIT_LINK", "# ")
    new_user(umap, f"cy{made_map.id}", "secret-of-cy")
    with new_map(umap.url, "Owned", session=log_in(umap.url, f"cy{made_map.id}", "secret-of-cy")) as owned:
        shown = owned.add_layer(LAYER, EMPTY)
        owned.set_permissions(share_status=1, edit_status=3)
        Path(".env").write_text(text.replace(made_map.url, owned.url), encoding="utf-8")
        capsys.readouterr()
        assert run(["check"]) == 13
        told = capsys.readouterr().out
        assert "can be read but not edited" in told
        assert f"→ The map belongs to cy{made_map.id}, so it has no secret edit link" in told
        url = f"{umap.url.rstrip('/')}/datalayer/{made_map.id}/{layer_id}/"
        body, version = owned.read(shown)
        owned.save(shown, body, version, {"name": LAYER, "remoteData": {"url": url, "format": "geojson"}})
        assert run(["check"]) == 13
        told = capsys.readouterr().out
        assert f"This layer shows layer “{LAYER}” of map {made_map.id}." in told
        assert f"→ Set UMAP_MAP_URL to that map: {umap.url.rstrip('/')}/en/map/map_{made_map.id}" in told
