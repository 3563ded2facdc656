"""kill -9 at each call of a port, on the real uMap: the next run puts it right, and the log names each."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.faults.conftest import Scene
from tests.faults.faults import run_over
from tests.faults.proxy import LOCK
from tests.faults.scene import NAME
from tests.programs import ran
from umap_bot.model.run import Run

ROOT = Path(__file__).parents[2]
CALLS = 14
"""Calls of ports in a sync with one push: head, look, read, applied, the file's read (somebody has saved: is
the state an old copy?), its read for the plan, open, intend, push, read, overwritten, owe, landed, close.
`test_a_sync_has_as_many_calls` counts them."""
PUSH = 9

CHANGES = [("create", "900"), ("delete", "5"), ("update", "1")]


def lived(scene: Scene, at: int) -> subprocess.CompletedProcess[str]:
    bot = scene.bot
    states = json.dumps(bot.table.states)
    return ran("tests.faults.killed", bot.url, bot.edit_link, str(bot.state), states, str(at), cwd=ROOT)


def log(scene: Scene) -> dict[int, Run]:
    """Return the runs since the layer was in step, by number."""
    journal = scene.bot.journal
    runs = {run.number: run for run in journal.reader.runs(layer=NAME) if run.number > 1}
    journal.close()
    return runs


def changes(run: Run) -> list[tuple[str, str]]:
    return sorted((type(change).__name__.lower(), change.key) for change in run.applied)


def test_a_sync_has_as_many_calls(scene: Scene) -> None:
    ended = lived(scene, 1000)
    assert (ended.stdout, ended.stderr) == (f"{CALLS}\n", "")


@pytest.mark.parametrize("at", range(1, CALLS + 1))
def test_killed_at_a_call(scene: Scene, at: int) -> None:
    ended = lived(scene, at)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    pushed = bool(scene.proxy.pushes)
    assert scene.stands == (scene.after if pushed else scene.before)
    opened = log(scene)
    assert scene.bot.code() == 0
    assert scene.stands == scene.after
    runs = log(scene)
    who = next(iter(opened)) if pushed else max(runs)
    assert {number: changes(run) for number, run in runs.items() if run.applied} == {who: CHANGES}
    assert all(run.ended for run in runs.values())
    assert [run.drift for run in runs.values() if run.drift] == []
    assert all(run.outcome == "unfinished" for run in opened.values())
    assert scene.bot.run().outcome == "nothing"
    assert scene.bot.requests == 1
    assert all(push.headers[LOCK] for push in scene.proxy.every_push)


@pytest.mark.parametrize("at", range(PUSH + 1, CALLS + 1))
def test_killed_after_a_push_that_ran_over_a_save(scene: Scene, at: int) -> None:
    """Nobody has looked at what it ran over, or nobody has put it back: the next run does."""
    scene.proxy.fail("push", run_over(lambda: scene.save(key="3", note="by hand", state="closed")))
    assert lived(scene, at).returncode == -signal.SIGKILL
    assert scene.bot.code() == 0
    (theirs,) = [each["properties"] for each in scene.features if each["properties"].get("id") == "3"]
    assert (theirs["note"], theirs["state"]) == ("by hand", "planned")
    seen = [(drift.key, drift.field, drift.live) for run in log(scene).values() for drift in run.drift]
    assert seen == [("3", "state", "closed")]
    assert scene.bot.run().outcome == "nothing"
