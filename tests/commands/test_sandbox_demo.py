"""`umap-bot sandbox` and `demo`, as processes: they tell what they do, and leave nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from tests.docs.console import steps, unlike
from tests.docs.examples import LANGUAGES, LOCALES, README, READMES
from tests.programs import ran
from umap_bot.cli.commands import demo
from umap_bot.cli.main import run
from umap_bot.report.language import language
from umap_bot.sandbox.maps import open_map
from umap_bot.sandbox.prepare import Prepared
from umap_bot.sandbox.run_folder import started
from umap_bot.sandbox.server import Sandbox

SIGNALS = {"SIGTERM": signal.SIGTERM, "SIGINT": signal.SIGINT}


@pytest.fixture
def environment(prepared: Prepared, sandbox_cache: Path, tmp_path: Path) -> dict[str, str]:
    """What is prepared on this machine is found though HOME is another."""
    (tmp_path / "temporary").mkdir()
    own = {"PYTHONUTF8": "1", "TMPDIR": str(tmp_path / "temporary")}
    return {**os.environ, "XDG_CACHE_HOME": str(sandbox_cache.parent), **own}


@contextmanager
def running(environment: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "umap_bot", "sandbox"]
    with subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def greeting(process: subprocess.Popen[str]) -> str:
    """All that it says before it waits."""
    assert process.stdout
    lines: list[str] = []
    while not lines or not lines[-1].startswith("Ctrl-C stops it"):
        lines.append(process.stdout.readline())
        assert lines[-1], process.communicate()
    return "".join(lines)


def run_folders(cache: Path, owner: int) -> dict[Path, dict[str, dict[str, str]]]:
    """The folders that a process owns, and the processes that they name."""
    noted = {file.parent: file.read_text("utf-8") for file in (cache / "runs").glob("*/sandbox.json")}
    read = {folder: json.loads(text) for folder, text in noted.items()}
    return {folder: names for folder, names in read.items() if names["owner"]["pid"] == str(owner)}


@pytest.mark.parametrize("name", SIGNALS)
def test_a_sandbox_runs_until_it_is_stopped_and_leaves_nothing(
    environment: dict[str, str], prepared: Prepared, tmp_path: Path, name: str
) -> None:
    with running(environment, tmp_path) as process:
        told = greeting(process)
        site = re.search(r"is running at (http://127\.0\.0\.1:\d+)\n", told)
        link = re.search(r"secret edit link:\s+(http\S+)\n", told)
        assert site
        assert link
        assert requests.get(site[1], timeout=30).status_code == 200
        with open_map(link[1]) as made:
            assert made.page()["editMode"] == "advanced"
        ((folder, named),) = run_folders(prepared.folder.parent, process.pid).items()
        assert set(named) == {"owner", "web", "postgres"}
        process.send_signal(SIGNALS[name])
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "", "")
    assert not folder.exists()
    assert [each for each in named.values() if started(int(each["pid"])) == each["started"]] == []
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_sandbox_whose_umap_is_killed_ends_by_itself(
    environment: dict[str, str], prepared: Prepared, tmp_path: Path
) -> None:
    with running(environment, tmp_path) as process:
        greeting(process)
        ((folder, named),) = run_folders(prepared.folder.parent, process.pid).items()
        os.kill(int(named["web"]["pid"]), signal.SIGKILL)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (70, "")
    assert "uMap ended unexpectedly. Start the sandbox again." in err
    assert not folder.exists()
    assert [each for each in named.values() if started(int(each["pid"])) == each["started"]] == []


def test_what_a_sandbox_can_not_be_made_of_is_said_before_anything_is_prepared(
    environment: dict[str, str], tmp_path: Path
) -> None:
    for option, value in (("--umap", "0.1"), ("--database", "postgresql://anna:s3cret@host")):
        command = [sys.executable, "-m", "umap_bot", "sandbox", option, value]
        environment["XDG_CACHE_HOME"] = str(tmp_path / "nothing")
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout) == (70, "")
        assert "s3cret" not in done.stderr
        assert not (tmp_path / "nothing").exists()


PROMISES = (
    "each point has its id, all else as drawn",
    "18 points are 18 points still, none is there twice",
    "their save was taken by uMap",
    "nothing was changed on the map",
    "19 features stand on the map: the file's 18, and theirs",
    "none stands there twice",
    "Bron is still red",
    "their note on it is still there",
    "their own point is still there",
    "what the file changed in Bron stands",
    "the name that the file owns was put back, and the log has theirs",
)


def test_the_demo_tells_the_whole_story_and_the_page_shows_what_it_says(
    environment: dict[str, str], tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "umap_bot", "demo"],
        cwd=tmp_path,
        env={**environment, "LC_ALL": LOCALES["en"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert_whole(README, done.stdout)
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize("page", [page for page in READMES if page != README], ids=lambda page: page.name)
def test_the_demo_tells_it_in_each_language(
    page: Path, umap: Sandbox, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """On the uMap that is there already, with commands that start at once."""

    def quick(words: list[str], **more: Any) -> subprocess.CompletedProcess[str]:
        if words[:3] == [sys.executable, "-m", "umap_bot"]:
            given = {"cwd": more["cwd"], "environment": more["env"]}
            return ran("umap_bot", *words[3:], **given, stderr_to_stdout=True)
        return subprocess.run(words, check=bool(more.pop("check", False)), **more)

    monkeypatch.setenv("LC_ALL", LOCALES[LANGUAGES[page]])
    monkeypatch.setattr(demo, "prepare", lambda *_: None)
    monkeypatch.setattr(demo, "Sandbox", lambda _: nullcontext(umap))
    names = {"run": quick, "PIPE": subprocess.PIPE, "STDOUT": subprocess.STDOUT}
    monkeypatch.setattr("umap_bot.demo.subprocess", SimpleNamespace(**names))
    code = run(["demo"])
    said, err = capfd.readouterr()
    assert (code, err) == (0, "")
    assert_whole(page, said)


def assert_whole(page: Path, told: str) -> None:
    """In the page's language. It tells the same command more than once: the page shows one of these."""
    tongue = language(LANGUAGES[page])
    kept = [line[4:] for line in told.splitlines() if line.startswith("  ✓ ")]
    assert kept == [tongue.words(promise) for promise in PROMISES]
    assert "✗" not in told
    typed = [part.partition("\n") for part in told.split("\n$ umap-bot ")[1:]]
    assert {command for command, _, _ in typed} >= {"check", "adopt", "plan", "sync", "log", "show 3"}
    (step,) = steps(page, "demo")
    wrong = [unlike(step.shown, said) for command, _, said in typed if command == " ".join(step.words)]
    assert None in wrong, f"{page.name}, line {step.line}\n{wrong[-1:]}"
    assert "anonymous-edit" not in told
