"""An answer that can't be written: the work is done, the code is the command's own, and one line says it."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.commands.desk import Desk, changed, rows, stands
from tests.programs import on_the_path

CUT = "umap-bot: The output could not be written completely: {}."
REASONS = {"full": "No space left on device", "closed": "Broken pipe"}


@contextmanager
def outlet(how: str) -> Iterator[int]:
    """A file that takes nothing."""
    if how == "full":
        number = os.open("/dev/full", os.O_WRONLY)
    else:
        reading, number = os.pipe()
        os.close(reading)
    yield number
    os.close(number)


@pytest.fixture(scope="module", autouse=True)
def program() -> Path:
    """Made before a desk has a folder of its own for temporary files, which goes with it."""
    return on_the_path() / "umap-bot"


def typed(desk: Desk, *words: str, stdout: int, **environment: str) -> tuple[int, list[str]]:
    """Run a command as a process of its own; return its code and the lines of its stderr."""
    done = subprocess.run(
        [on_the_path() / "umap-bot", *words],
        cwd=desk.folder,
        env={**os.environ, **environment},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    desk.said.append(done.stderr)
    return done.returncode, done.stderr.splitlines()


@pytest.mark.parametrize("how", REASONS)
def test_what_can_not_be_written_is_one_line_on_stderr(
    synced: Desk, how: str, subtests: pytest.Subtests
) -> None:
    for words in (
        *("log", "log --json", "show latest", "show latest --json"),
        *("status --json", "template", "--help"),
    ):
        with subtests.test(words=words):
            with outlet(how) as number:
                code, said = typed(synced, *words.split(), stdout=number)
            assert code == 0
            assert said[-1] == CUT.format(REASONS[how])


@pytest.mark.parametrize("how", REASONS)
def test_a_sync_does_its_work_and_has_its_own_code(desk: Desk, how: str) -> None:
    with outlet(how) as number:
        assert typed(desk, "sync", stdout=number) == (0, [CUT.format(REASONS[how])])
        assert stands(desk) == rows()
        desk.commit(changed(rows(2), "c1", commune="Autre"))
        code, said = typed(desk, "sync", "--json", stdout=number)
    assert (code, said[-1]) == (3, "exit code 3: approval needed")
    assert CUT.format(REASONS[how]) in said


def test_a_file_that_is_cut_is_an_error(synced: Desk) -> None:
    with outlet("full") as number:
        code, said = typed(synced, "export", stdout=number)
    assert code == 64
    assert (
        "umap-bot: The whole file could not be written to stdout. Write it to a file: --output FILE"
    ) in said


def test_a_reader_that_has_read_enough_of_a_file_is_no_error(synced: Desk) -> None:
    with outlet("closed") as number:
        code, _ = typed(synced, "export", stdout=number)
    assert code == 0


def test_a_full_disk_under_stderr_changes_no_code(desk: Desk) -> None:
    desk.commit("id,nom\n")
    with outlet("full") as full:
        done = subprocess.run(
            [on_the_path() / "umap-bot", "sync"], cwd=desk.folder, stdout=full, stderr=full, check=False
        )
    assert done.returncode == 11


def test_a_pager_that_ends_early_is_no_error(synced: Desk, tmp_path: Path) -> None:
    for number in range(30):
        synced.commit(changed(rows(), "c1", commune=f"Ville {number}"))
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\nexec head -n 1 > /dev/null\n", "utf-8")
    pager.chmod(0o755)
    ours, theirs = pty.openpty()
    code, said = typed(synced, "plan", "--full", stdout=theirs, PAGER=str(pager), LINES="2")
    os.close(theirs)
    os.close(ours)
    assert (code, said[-1]) == (2, "exit code 2: changes to apply")
