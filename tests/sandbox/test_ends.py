"""However a sandbox ends, nothing of it is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sandbox.life import (
    PATIENCE,
    ROOT,
    alive,
    assert_gone,
    children,
    pieces,
    running,
    shared_memory,
    still_there,
)
from umap_bot.errors import SandboxError
from umap_bot.sandbox.prepare import Prepared
from umap_bot.sandbox.run_folder import RunFolder, started
from umap_bot.sandbox.server import Sandbox
from umap_bot.sandbox.spec import Spec

A_WORKER_DIES = """
import json, os, signal
from pathlib import Path
import pytest
from umap_bot.sandbox.prepare import prepare
from umap_bot.sandbox.spec import Spec
from umap_bot.sandbox.server import Sandbox

HERE = Path(__file__).parent

@pytest.fixture(scope="session")
def sandbox():
    python, umap, cache = json.loads((HERE / "given").read_text())
    with Sandbox(prepare(Spec(Path(python), umap), cache=Path(cache))) as sandbox:
        yield sandbox

def test_that_kills_its_worker(sandbox):
    (HERE / "folder").write_text(str(sandbox.folder))
    (HERE / "noted").write_text((sandbox.folder / "sandbox.json").read_text())
    os.kill(os.getpid(), signal.SIGKILL)

def test_in_the_worker_that_takes_its_place(sandbox):
    assert not Path((HERE / "folder").read_text()).exists()
"""


def test_stop_leaves_nothing(prepared: Prepared) -> None:
    with Sandbox(prepared) as sandbox:
        folder, noted = sandbox.folder, alive(sandbox.folder)
        assert sorted(still_there(noted)) == ["owner", "postgres", "web"]
        assert sandbox.url.startswith("http://127.0.0.1:")
    assert still_there(noted) == ["owner"]
    assert not folder.exists()
    assert sandbox.url == ""
    sandbox.stop()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_stopped_by_a_signal_it_leaves_nothing(
    number: signal.Signals, prepared: Prepared, sandbox_spec: Spec, sandbox_cache: Path
) -> None:
    with running(sandbox_spec, sandbox_cache) as (process, folder):
        noted = alive(folder)
        process.send_signal(number)
        process.wait(PATIENCE)
    assert_gone(noted)
    assert not folder.exists()


def test_killed_it_leaves_no_process_and_the_next_start_clears_its_folder(
    prepared: Prepared, sandbox_spec: Spec, sandbox_cache: Path
) -> None:
    with running(sandbox_spec, sandbox_cache) as (process, folder):
        noted = alive(folder)
        process.kill()
        process.wait(PATIENCE)
    assert_gone(noted)
    with Sandbox(prepared):
        assert not folder.exists()


def test_killed_test_worker_leaves_nothing_to_the_next(
    prepared: Prepared, sandbox_spec: Spec, sandbox_cache: Path, tmp_path: Path
) -> None:
    given = [str(sandbox_spec.python), sandbox_spec.umap, str(sandbox_cache)]
    (tmp_path / "given").write_text(json.dumps(given), "utf-8")
    (tmp_path / "test_worker.py").write_text(A_WORKER_DIES, "utf-8")
    options = ["-n", "1", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, tmp_path / "test_worker.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 failed, 1 passed" in done.stdout, done.stdout
    assert_gone(json.loads((tmp_path / "noted").read_text("utf-8")))


@pytest.mark.parametrize(("name", "program"), [("web", "uMap"), ("postgres", "PostgreSQL")])
def test_killed_part_is_told_and_the_rest_ends(prepared: Prepared, name: str, program: str) -> None:
    with Sandbox(prepared) as sandbox:
        folder, noted = sandbox.folder, alive(sandbox.folder)
        below = children(int(noted["postgres"]["pid"]))
        assert below
        memory = shared_memory(folder)
        assert memory in pieces()
        sandbox.check()
        os.kill(int(noted[name]["pid"]), signal.SIGKILL)
        assert_gone({name: noted[name]})
        with pytest.raises(SandboxError, match=f"^{program} ended unexpectedly"):
            sandbox.check()
    assert_gone(below)
    assert memory not in pieces()
    assert still_there(noted) == ["owner"]
    assert not folder.exists()


def test_sandbox_of_which_all_was_killed_leaves_nothing_to_the_next(
    prepared: Prepared, sandbox_spec: Spec, sandbox_cache: Path
) -> None:
    """As when a machine is short of memory, or a container is shut."""
    with running(sandbox_spec, sandbox_cache) as (process, folder):
        noted, memory = alive(folder), shared_memory(folder)
        everyone = {**noted, **children(int(noted["postgres"]["pid"]))}
        for name in ("postgres", "web", "owner"):
            os.kill(int(noted[name]["pid"]), signal.SIGKILL)
        process.wait(PATIENCE)
    assert_gone(everyone)
    RunFolder.make(prepared.folder.parent).remove()
    assert not folder.exists()
    assert memory not in pieces()


def test_processes_that_a_dead_owner_left_are_ended(empty_cache: Path) -> None:
    """As on a system whose kernel does not end them with their parent."""
    with subprocess.Popen(["sleep", "600"]) as left, subprocess.Popen(["sleep", "600"]) as other:
        dead = empty_cache / "runs" / "run-dead"
        dead.mkdir(parents=True)
        noted = {
            "web": {"pid": str(left.pid), "started": started(left.pid)},
            "postgres": {"pid": str(other.pid), "started": "its number was given away"},
        }
        (dead / "sandbox.json").write_text(json.dumps(noted), "utf-8")
        folder = RunFolder.make(empty_cache)
        assert left.wait(PATIENCE) == -signal.SIGTERM
        assert other.poll() is None
        other.kill()
    assert [path.name for path in (empty_cache / "runs").iterdir()] == [folder.path.name]
    folder.remove()


def test_fork_does_not_end_the_sandbox_of_its_parent(umap: Sandbox) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "getpid", lambda: 0)
        umap.stop()
    assert umap.folder.exists()
