"""The package used from Python: what docs/python.md shows, and that six names are all that there is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import umap_bot
from tests.commands.desk import Desk, changed, rows, without

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def carried_out(desk: Desk) -> list[str]:
    """Return the lines that the page's example prints on this desk."""
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", example], cwd=desk.folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    desk.said += [done.stdout, done.stderr]
    return done.stdout.splitlines()


def test_the_example_of_the_page_syncs_waits_and_tells(synced: Desk) -> None:
    synced.commit(changed(rows(), "c1", nom="Cité une"))
    assert carried_out(synced) == ["Update c1 Cité une", "done 1 changes"]
    assert carried_out(synced) == ["nothing 0 changes"]
    synced.commit(without(rows(), "c1", "c2", "c3"))
    *deletes, why = carried_out(synced)
    assert deletes == ["Delete c1 Cité une", "Delete c2 Cité 2", "Delete c3 Cité 3"]
    assert why.startswith("Approval needed: 3 of 10 features")
    synced.settings(DATASET_PATH="nowhere.csv")
    (error,) = carried_out(synced)
    assert error.startswith("code 12 ")
    synced.settings(DATASET_PATH=None)
    (error,) = carried_out(synced)
    assert error.startswith("code 10 DATASET_PATH is missing")


def test_what_waits_is_carried_out_with_its_code(synced: Desk) -> None:
    synced.commit(without(rows(), "c1", "c2", "c3"))
    settings = umap_bot.Settings.read()
    assert umap_bot.sync(settings).outcome == "held"
    run = umap_bot.sync(settings, approve=umap_bot.plan(settings).code, by="Anne")
    assert run.approved_by == "Anne"
    assert (run.outcome, len(run.applied)) == ("done", 3)
    assert umap_bot.sync(settings).outcome == "nothing"


def test_settings_of_values_look_at_nothing_else(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (line.partition("=") for line in synced.env.read_text("utf-8").splitlines())
    values = {name.lower(): value for name, _, value in lines}
    synced.env.unlink()
    monkeypatch.setenv("DATASET_PATH", "elsewhere.csv")
    assert umap_bot.plan(umap_bot.Settings.of(**values)).effects.changes == ()
    with pytest.raises(umap_bot.BotError, match="DATASET_REPO is missing"):
        umap_bot.Settings.of(umap_map_url=values["umap_map_url"])
    assert "edit_link" not in repr(umap_bot.Settings.of(**values)).replace("umap_edit_link=SecretStr", "")


def test_six_names_are_public_and_each_says_what_it_is() -> None:
    assert set(umap_bot.__all__) == {"BotError", "Plan", "Run", "Settings", "plan", "sync"}
    for name in umap_bot.__all__:
        assert getattr(umap_bot, name).__doc__, name
    with pytest.raises(AttributeError):
        umap_bot.wire  # noqa: B018


def test_the_package_alone_imports_nothing_slow() -> None:
    code = "import sys, umap_bot; print(sorted(name for name in sys.modules if name.startswith('umap_bot')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['umap_bot']"
