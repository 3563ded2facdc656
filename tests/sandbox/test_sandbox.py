"""The sandbox itself: it starts, it leaves nothing behind, and says what failed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import DEVNULL, PIPE

import pytest

from bot.errors import SandboxError
from bot.sandbox import postgres, processes, recipe, web
from bot.sandbox.cache import cache_folder, forget_unused, locked, try_lock
from bot.sandbox.maps import new_map
from bot.sandbox.prepare import Prepared, prepare
from bot.sandbox.recipe import RELEASES, Recipe
from bot.sandbox.run_folder import RunFolder, started
from bot.sandbox.server import Sandbox

ROOT = Path(__file__).parents[2]
PATIENCE = 20.0
RUNS_UNTIL_IT_IS_STOPPED = """
import signal, sys, threading
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored, if we were started in the background
from bot.sandbox.prepare import prepare
from bot.sandbox.recipe import Recipe
from bot.sandbox.server import Sandbox
with Sandbox(prepare(Recipe(), cache=Path(sys.argv[1]))) as sandbox:
    print(sandbox.folder, flush=True)
    threading.Event().wait()
"""


@pytest.fixture
def empty_cache() -> Iterator[Path]:
    """Not below pytest's own folder: as root, PostgreSQL runs as nobody, who can't walk there."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def alive(folder: Path) -> dict[str, dict[str, str]]:
    """The processes that the sandbox in FOLDER has written down."""
    noted: dict[str, dict[str, str]] = json.loads((folder / "sandbox.json").read_text("utf-8"))
    assert set(noted) == {"owner", "postgres", "web"}
    return noted


@contextlib.contextmanager
def running(cache: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A program that holds a sandbox until it is stopped, and the sandbox's folder."""
    command = [sys.executable, "-c", RUNS_UNTIL_IT_IS_STOPPED, str(cache)]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=PIPE, stderr=DEVNULL) as process:
        assert process.stdout is not None
        try:
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def still_there(noted: dict[str, dict[str, str]]) -> list[str]:
    return [name for name, process in noted.items() if started(int(process["pid"])) == process["started"]]


def assert_gone(noted: dict[str, dict[str, str]]) -> None:
    deadline = time.monotonic() + PATIENCE
    while still_there(noted) and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    assert still_there(noted) == []


def test_second_preparation_does_nothing(prepared: Prepared, sandbox_cache: Path) -> None:
    said: list[str] = []
    assert prepare(Recipe(), said.append, cache=sandbox_cache) == prepared
    assert said == []


def test_stop_leaves_nothing(prepared: Prepared) -> None:
    with Sandbox(prepared) as sandbox:
        folder, noted = sandbox.folder, alive(sandbox.folder)
        assert sorted(still_there(noted)) == ["owner", "postgres", "web"]
        assert sandbox.url.startswith("http://127.0.0.1:")
    assert still_there(noted) == ["owner"]
    assert not folder.exists()
    assert sandbox.url == ""
    sandbox.stop()


def test_two_sandboxes_side_by_side(umap: Sandbox, prepared: Prepared) -> None:
    """And the first maps of one may be made at the same time: uMap stumbles over that if left to itself."""
    with Sandbox(prepared) as other, ThreadPoolExecutor(4) as pool:
        for made in pool.map(lambda name: new_map(other.url, name), "ABCD"):
            made.close()
        assert other.url != umap.url
        assert other.folder != umap.folder
    assert umap.folder.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_stopped_by_a_signal_it_leaves_nothing(
    number: signal.Signals, prepared: Prepared, sandbox_cache: Path
) -> None:
    with running(sandbox_cache) as (process, folder):
        noted = alive(folder)
        process.send_signal(number)
        process.wait(PATIENCE)
    assert_gone(noted)
    assert not folder.exists()


def test_killed_it_leaves_no_process_and_the_next_start_clears_its_folder(
    prepared: Prepared, sandbox_cache: Path
) -> None:
    with running(sandbox_cache) as (process, folder):
        noted = alive(folder)
        process.kill()
        process.wait(PATIENCE)
    assert_gone(noted)
    with Sandbox(prepared):
        assert not folder.exists()


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


def test_interrupted_preparation_leaves_nothing(empty_cache: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from bot.sandbox.prepare import prepare; "
        "from bot.sandbox.recipe import Recipe; "
        "prepare(Recipe(), lambda line: print(line, flush=True), cache=Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, str(empty_cache)]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=PIPE, stderr=DEVNULL) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Making an environment")
        process.terminate()
        process.wait(PATIENCE)
    assert not [path for path in (empty_cache / "sandbox").iterdir() if path.is_dir()]


def test_sandbox_that_does_not_come_up_leaves_nothing(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "THREADS", "none")
    runs = prepared.folder.parent / "runs"
    before = set(runs.iterdir())
    with pytest.raises(SandboxError, match=r"^Starting uMap failed.*Read .*web\.log"):
        Sandbox(prepared).start()
    assert set(runs.iterdir()) <= before


def test_port_taken_by_another_program_is_left_to_it(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = postgres.free_port
    with web.listening() as taken:
        ports = iter([taken.getsockname()[1], free()])
        monkeypatch.setattr(postgres, "free_port", lambda: next(ports))
        with Sandbox(prepared) as sandbox:
            assert sandbox.url
    assert next(ports, None) is None


def test_index_out_of_reach_is_named(empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "INDEX_URL": "http://127.0.0.1:9/",
        "RETRIES": "0",
        "CONFIG_FILE": os.devnull,
    }.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    said: list[str] = []
    with pytest.raises(SandboxError) as caught:
        prepare(Recipe(), said.append, cache=empty_cache)
    assert caught.value.message.startswith("Installing uMap failed: ")
    assert "package index can be reached" in caught.value.way_out
    assert [line.split()[0] for line in said] == ["Making", "Downloading"]
    assert not [path for path in (empty_cache / "sandbox").iterdir() if path.is_dir()]


def test_version_that_does_not_exist_is_named(
    empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Recipe().release
    (tmp_path / f"umap-{release}.txt").write_text(f"umap-project==0.0.99 --hash=sha256:{'0' * 64}\n", "utf-8")
    monkeypatch.setattr(recipe, "LOCKS", tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(SandboxError, match=r"^Installing uMap failed: .*No matching distribution.*0\.0\.99"):
        prepare(Recipe(), cache=empty_cache)


def test_python_without_venv_is_named(empty_cache: Path, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(
        '#!/bin/sh\n[ "$2" = -c ] && echo 3 12 || { echo "No module named ensurepip"; exit 1; }\n'
    )
    python.chmod(0o755)
    with pytest.raises(
        SandboxError, match="Making a virtual environment failed: No module named ensurepip"
    ) as caught:
        prepare(Recipe(python), cache=empty_cache)
    assert "apt install python3-venv" in caught.value.way_out


def test_release_is_chosen_by_python(tmp_path: Path) -> None:
    for minor, release in ((11, "3.7.3"), (12, "3.8.1"), (14, "3.8.1")):
        python = tmp_path / f"python3.{minor}"
        python.write_text(f"#!/bin/sh\necho 3 {minor}\n")
        python.chmod(0o755)
        assert Recipe(python).release == release
        assert Recipe(python, umap="3.7.3").key != Recipe(python).key or release == "3.7.3"
    with pytest.raises(SandboxError, match=r"uMap 3\.8\.1 needs Python 3\.12 or newer"):
        Recipe(tmp_path / "python3.11", umap="3.8.1")
    with pytest.raises(SandboxError, match="is not among the releases"):
        Recipe(umap="0.1")
    with pytest.raises(SandboxError, match="can't be run"):
        Recipe(tmp_path / "nothing")
    assert all((recipe.LOCKS / f"umap-{release}.txt").exists() for release in RELEASES)


def test_missing_postgresql_is_named(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="No PostgreSQL was found") as caught:
        postgres.programs(tmp_path, tmp_path)
    assert "Install PostgreSQL" in caught.value.way_out


def test_cache_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SandboxError, match="No folder for the sandbox can be made"):
        cache_folder(tmp_path / "file")


@pytest.mark.parametrize("home", ["", None], ids=["empty", "missing"])
def test_home_is_not_needed(home: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name)
        if home is not None:
            monkeypatch.setenv(name, home)
    assert cache_folder().is_absolute()


def test_one_prepares_and_the_others_wait(tmp_path: Path) -> None:
    lock, waiting, entered = tmp_path / "lock", threading.Event(), threading.Event()

    def second() -> None:
        with locked(lock, waiting.set):
            entered.set()

    thread = threading.Thread(target=second)
    with locked(lock):
        thread.start()
        assert waiting.wait(PATIENCE)
        assert try_lock(lock) is None
        assert not entered.is_set()
    thread.join(PATIENCE)
    assert entered.is_set()


def test_what_nobody_asks_for_any_more_is_forgotten(tmp_path: Path) -> None:
    for name, days in (("3.7.3-old", 15), ("3.7.3-held", 15), ("3.7.3-new", 13)):
        (tmp_path / name).mkdir()
        (tmp_path / f"{name}.lock").touch()
        os.utime(tmp_path / f"{name}.lock", (time.time() - days * 86400,) * 2)
    with locked(tmp_path / "3.7.3-held.lock"):
        forget_unused(tmp_path, 14)
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} == {"3.7.3-held", "3.7.3-new"}


def test_children_see_nothing_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UMAP_PASSWORD", "DATASET_TOKEN", "PIP_USER", "PYTHONPATH", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.setenv(name, "ours")
    for name in ("https_proxy", "PIP_INDEX_URL", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE"):
        monkeypatch.setenv(name, "theirs")
    assert "ours" not in processes.pip_environment().values()
    assert list(processes.pip_environment().values()).count("theirs") == 5
    assert set(processes.plain_environment()) == {"PATH", "LC_ALL", "TZ"}
