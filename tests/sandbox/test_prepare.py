"""Preparing, once for a machine: who waits for whom, what is left, what is said when it fails."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from subprocess import DEVNULL, PIPE

import pip
import pytest

from tests.sandbox.life import PATIENCE, ROOT, assert_gone, children, wait_for
from umap_bot.errors import SandboxError
from umap_bot.sandbox import spec
from umap_bot.sandbox.cache import forget_unused, locked, try_lock
from umap_bot.sandbox.prepare import Prepared, prepare
from umap_bot.sandbox.spec import RELEASES, Spec

PREPARES = """
import sys
from pathlib import Path
from umap_bot.sandbox.prepare import prepare
from umap_bot.sandbox.spec import Spec
prepare(Spec(umap=sys.argv[2]), lambda line: print(line, flush=True), cache=Path(sys.argv[1]))
"""

# The building alone is replaced: it says so, waits for a line, and makes what a whole one is known by.
BUILDS_WHEN_TOLD = """
import sys
from pathlib import Path
from umap_bot.sandbox import prepare
from umap_bot.sandbox.spec import Spec

def build(spec, building, log, tell):
    print("builds", flush=True)
    sys.stdin.readline()
    (building.venv / "bin").mkdir(parents=True)
    (building.venv / "bin" / "python").touch()

prepare._install, prepare._collect, prepare._make_database = build, lambda *_: None, lambda *_: None
ready = prepare.prepare(
    Spec(umap=sys.argv[2]), lambda line: print(line, flush=True), cache=Path(sys.argv[1])
)
print(ready.folder.name, flush=True)
"""


def preparing(code: str, cache: Path, umap: str) -> subprocess.Popen[str]:
    """A process that prepares a release, and tells what it does line by line."""
    command = [sys.executable, "-c", code, str(cache), umap]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)


def folders(cache: Path) -> list[str]:
    """What was made in a cache."""
    return [path.name for path in (cache / "sandbox").iterdir() if path.is_dir()]


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().rstrip()


def test_second_preparation_does_nothing(prepared: Prepared, sandbox_spec: Spec, sandbox_cache: Path) -> None:
    said: list[str] = []
    assert prepare(sandbox_spec, said.append, cache=sandbox_cache) == prepared
    assert said == []


def test_interrupted_preparation_leaves_nothing(empty_cache: Path) -> None:
    with preparing(PREPARES, empty_cache, "") as process:
        assert line_of(process).startswith("Creating an environment")
        process.terminate()
        process.wait(PATIENCE)
    assert folders(empty_cache) == []


@pytest.mark.parametrize("next_one", ["3.7.3", "3.4.2"], ids=["same", "another"])
def test_killed_preparation_is_cleared_by_the_next(empty_cache: Path, next_one: str) -> None:
    with preparing(BUILDS_WHEN_TOLD, empty_cache, "3.7.3") as killed:
        assert line_of(killed) == "builds"
        killed.kill()
        killed.wait(PATIENCE)
    (left,) = folders(empty_cache)
    assert ".part-" in left
    with preparing(BUILDS_WHEN_TOLD, empty_cache, next_one) as process:
        assert line_of(process) == "builds"
        assert left not in folders(empty_cache)
        process.communicate("\n", PATIENCE)
    assert folders(empty_cache) == [Spec(umap=next_one).key]


def test_killed_preparation_leaves_no_process(empty_cache: Path) -> None:
    with preparing(PREPARES, empty_cache, "") as killed:
        assert line_of(killed).startswith("Creating an environment")
        at_work = wait_for(lambda: children(killed.pid))
        killed.kill()
        killed.wait(PATIENCE)
    assert_gone(at_work)


def test_one_process_prepares_the_others_wait_and_another_recipe_does_not(empty_cache: Path) -> None:
    with (
        preparing(BUILDS_WHEN_TOLD, empty_cache, "3.7.3") as first,
        preparing(BUILDS_WHEN_TOLD, empty_cache, "3.4.2") as other,
    ):
        assert (line_of(first), line_of(other)) == ("builds", "builds")
        with (
            preparing(BUILDS_WHEN_TOLD, empty_cache, "3.7.3") as second,
            preparing(BUILDS_WHEN_TOLD, empty_cache, "3.7.3") as third,
        ):
            for waiting in (second, third):
                assert line_of(waiting) == "Another process is preparing it; waiting."
            key, other_key = Spec(umap="3.7.3").key, Spec(umap="3.4.2").key
            assert first.communicate("\n", PATIENCE)[0].split()[-1] == key
            assert second.communicate(timeout=PATIENCE)[0] == f"{key}\n"
            assert third.communicate(timeout=PATIENCE)[0] == f"{key}\n"
        assert other.communicate("\n", PATIENCE)[0].split()[-1] == other_key
    assert sorted(folders(empty_cache)) == sorted([key, other_key])


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """This Python, but what it makes environments of does not unpack pip: they find the one that is here."""
    script, packages = tmp_path / "quick-python", Path(pip.__file__).parents[1]
    script.write_text(
        f"""#!/bin/sh
[ "$2" = venv ] || exec "{sys.executable}" "$@"
"{sys.executable}" -m venv --without-pip "$3" || exit
echo "{packages}" > "$(echo "$3"/lib/python*/site-packages)/pip.pth"
""",
        "utf-8",
    )
    script.chmod(0o755)
    return script


def test_index_out_of_reach_is_named(
    empty_cache: Path, python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
        prepare(Spec(python), said.append, cache=empty_cache)
    assert caught.value.message.startswith("Installing uMap failed: ")
    assert "package index can be reached" in caught.value.way_out
    assert [line.split()[0] for line in said] == ["Creating", "Downloading"]
    assert folders(empty_cache) == []


def test_version_that_does_not_exist_is_named(
    empty_cache: Path, python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Spec().release
    (tmp_path / f"umap-{release}.txt").write_text(f"umap-project==0.0.99 --hash=sha256:{'0' * 64}\n", "utf-8")
    monkeypatch.setattr(spec, "LOCKS", tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(SandboxError, match=r"^Installing uMap failed: .*No matching distribution.*0\.0\.99"):
        prepare(Spec(python), cache=empty_cache)


def test_python_without_venv_is_named(empty_cache: Path, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(
        '#!/bin/sh\n[ "$2" = -c ] && echo 3 12 || { echo "No module named ensurepip"; exit 1; }\n'
    )
    python.chmod(0o755)
    with pytest.raises(
        SandboxError, match="Creating a virtual environment failed: No module named ensurepip"
    ) as caught:
        prepare(Spec(python), cache=empty_cache)
    assert "apt install python3-venv" in caught.value.way_out


def python_that_says(folder: Path, minor: int) -> Path:
    python = folder / f"python3.{minor}"
    python.write_text(f"#!/bin/sh\necho 3 {minor}\n")
    python.chmod(0o755)
    return python


def test_release_is_chosen_by_python(tmp_path: Path) -> None:
    pythons = {minor: python_that_says(tmp_path, minor) for minor in range(10, 15)}
    for minor, release in ((11, "3.7.3"), (12, "3.8.1"), (13, "3.8.1"), (14, "3.8.1")):
        assert Spec(pythons[minor]).release == release
    assert len({Spec(pythons[13], umap=release).key for release in RELEASES}) == len(RELEASES)
    with pytest.raises(
        SandboxError, match=r"uMap 3\.8\.1 needs Python 3\.12 or newer, but .* is 3\.11"
    ) as old:
        Spec(pythons[11], umap="3.8.1")
    assert old.value.way_out == "Choose one of 3.7.3, 3.4.2, 2.9.3."
    with pytest.raises(SandboxError, match=r"uMap 2\.9\.3 needs Python 3\.11 to 3\.13, but .* is 3\.14"):
        Spec(pythons[14], umap="2.9.3")
    with pytest.raises(
        SandboxError, match=r"uMap 3\.7\.3 needs Python 3\.11 or newer, but .* is 3\.10"
    ) as older:
        Spec(pythons[10])
    assert older.value.way_out == "Run it with Python 3.11 or newer."
    with pytest.raises(SandboxError, match="umap-bot does not know the uMap release"):
        Spec(umap="0.1")
    with pytest.raises(SandboxError, match="can't be run"):
        Spec(tmp_path / "nothing")
    assert all((spec.LOCKS / f"umap-{release}.txt").exists() for release in RELEASES)


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
