"""What takes long is told on a line of the terminal: after two seconds, and gone when it is done."""

from __future__ import annotations

import io
import json
import logging
import os
import pty
import re
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from contextvars import copy_context
from typing import Any

import pytest

from tests.commands.desk import Desk, Said, changed, rows, stands
from umap_bot.cli.commands.serve import Passes
from umap_bot.cli.options import layers
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.output import progress
from umap_bot.dataset.git.repository import Repository
from umap_bot.dataset.source import GitDataset
from umap_bot.errors import GitError
from umap_bot.progress import step
from umap_bot.report.language import language
from umap_bot.text import say
from umap_bot.umap.layer.layer import UmapLayer

CLEAR = "\r\x1b[K"
LONG = 30
"""Seconds after which what should have happened has failed to."""


class Time:
    """Stands for the timers of a command; two seconds are over when a test says so."""

    def __init__(self) -> None:
        self.waiting: dict[object, tuple[float, Callable[[], None]]] = {}
        self.started = 0

    def timer(self, seconds: float, call: Callable[[], None]) -> Any:
        time = self

        class Timer:
            daemon = False

            def start(self) -> None:
                time.started += 1
                time.waiting[self] = (seconds, call)

            def cancel(self) -> None:
                time.waiting.pop(self, None)

            def join(self) -> None:
                assert self not in time.waiting, "it would wait until the time is over"

        return Timer()

    def passes(self, seconds: float) -> None:
        for timer, (after, call) in [*self.waiting.items()]:
            if after <= seconds:
                del self.waiting[timer]
                call()


class Terminal:
    """A real pseudo-terminal that is stderr, of 80 columns if nobody says otherwise."""

    def __init__(self) -> None:
        self._master, slave = pty.openpty()
        self.stream = io.TextIOWrapper(io.FileIO(slave, "w"), "utf-8", line_buffering=True)
        self.columns = 80

    @property
    def columns(self) -> int:
        return termios.tcgetwinsize(self._master)[1]

    @columns.setter
    def columns(self, count: int) -> None:
        termios.tcsetwinsize(self._master, (24, count))

    def type(self, desk: Desk, *words: str) -> Said:
        with redirect_stderr(self.stream):
            return desk.type(*words)

    def hang_up(self) -> None:
        os.close(self._master)

    def told(self) -> str:
        """Return all that was written to it, and end it."""
        self.stream.close()
        parts: list[bytes] = []
        try:
            while part := os.read(self._master, 65536):
                parts.append(part)
        except OSError:  # so Linux says that there is no more
            pass
        os.close(self._master)
        return b"".join(parts).decode().replace("\r\n", "\n")


def frames(told: str) -> list[str]:
    """Return each line that was drawn in the place of the one before."""
    return [frame for frame in told.split(CLEAR) if frame]


def screen(told: str) -> str:
    """Return what a person sees at the end."""
    return "\n".join(line.rpartition(CLEAR)[2] for line in told.split("\n"))


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(progress, "Timer", time.timer)
    return time


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    terminal = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    yield terminal
    terminal.stream.close()


def during(monkeypatch: pytest.MonkeyPatch, owner: type, name: str, do: Callable[[], object]) -> None:
    """Let something happen while a step goes on: after it was told, before it is done."""
    real = getattr(owner, name)

    def long(*given: Any, **more: Any) -> Any:
        do()
        return real(*given, **more)

    monkeypatch.setattr(owner, name, long)


def long_git(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """Let something happen while git is asked."""
    during(monkeypatch, Repository, "head", do)


def test_after_two_seconds_it_says_what_it_does_and_how_much_and_then_it_is_gone(
    desk: Desk, terminal: Terminal, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_git(monkeypatch, lambda: time.passes(2))
    out = terminal.type(desk, "sync").out
    told = terminal.told()
    shown = [*dict.fromkeys(frames(told))]
    assert shown == [
        "Looking for the newest version in git",
        "Reading the map",
        "Reading the layer from uMap",
        "Fetching the file from git",
        "Reading the file: 0 rows",
        "Comparing the file and the map",
        "Saving 10 features to uMap",
        "Writing the log",
        "Sending messages and writing pages",
    ]
    assert screen(told) == ""
    assert "Done: 10 added" in out
    assert CLEAR not in out


def test_before_two_seconds_are_over_nothing_is_said(
    desk: Desk, terminal: Terminal, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_git(monkeypatch, lambda: time.passes(1.9))
    terminal.type(desk, "sync")
    assert time.started == 1
    time.passes(100)
    assert terminal.told() == ""


def test_a_step_that_began_earlier_is_told_when_two_seconds_are_over(
    synced: Desk, terminal: Terminal, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced.commit(changed(rows(), "c1", nom="Neuve"))
    during(monkeypatch, UmapLayer, "push", lambda: time.passes(2))
    terminal.type(synced, "sync")
    assert frames(terminal.told())[:2] == ["Comparing the file and the map", "Saving 10 features to uMap"]


@pytest.mark.parametrize(
    "words", [["plan"], ["adopt"], ["validate"], ["rollback", "latest", "--plan"]], ids=" ".join
)
def test_other_commands_that_may_take_long(
    synced: Desk, terminal: Terminal, time: Time, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    for owner, name in ((GitDataset, "read"), (UmapLayer, "read")):
        during(monkeypatch, owner, name, lambda: time.passes(2))
    terminal.type(synced, *words)
    told = terminal.told()
    assert frames(told)
    assert "Reading" in told or "Getting" in told
    assert CLEAR not in screen(told)


def test_an_error_stands_where_the_line_was(
    synced: Desk, terminal: Terminal, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        time.passes(2)
        raise GitError(say("The server is away."))

    long_git(monkeypatch, fail)
    assert terminal.type(synced, "sync").code == 12
    told = terminal.told()
    assert frames(told)[0] == "Looking for the newest version in git"
    assert screen(told) == "umap-bot: The server is away.\nexit code 12: a problem with the git repository\n"


def test_ctrl_c_takes_it_away(
    synced: Desk, terminal: Terminal, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop() -> None:
        time.passes(2)
        raise KeyboardInterrupt

    long_git(monkeypatch, stop)
    assert terminal.type(synced, "sync").code == 130
    told = terminal.told()
    assert frames(told)[0] == "Looking for the newest version in git"
    assert screen(told).strip() == "exit code 130: stopped"


def test_what_is_logged_meanwhile_has_a_line_of_its_own(
    synced: Desk, terminal: Terminal, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    def warn() -> None:
        time.passes(2)
        print("first", file=sys.stderr)  # noqa: T201
        logging.lastResort.emit(logging.makeLogRecord({"msg": "second"}))  # type: ignore[union-attr]

    long_git(monkeypatch, warn)
    terminal.type(synced, "sync")
    told = terminal.told()
    assert "Reading the map" in told
    assert screen(told) == "first\nsecond\n"


def test_a_line_of_others_that_has_not_ended_is_not_wiped_away(
    synced: Desk, terminal: Terminal, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask() -> None:
        time.passes(2)
        sys.stderr.write("half a ")
        sys.stderr.write("")
        step(say("Meanwhile, in another lane"))
        sys.stderr.write("line\n")

    long_git(monkeypatch, ask)
    terminal.type(synced, "sync")
    said = terminal.told()
    assert "half a line\n" in said
    assert screen(said) == "half a line\n"
    assert "Reading the map" in said, "then the line comes back"


class Stream(io.StringIO):
    """A terminal that does something while this is written to it."""

    def __init__(self, text: str, do: Callable[[], object]) -> None:
        super().__init__()
        self._text, self._do = text, do

    def write(self, text: str) -> int:
        if text == self._text:
            self._do()
        return super().write(text)


def test_nobody_draws_between_a_line_that_is_taken_away_and_what_comes_in_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two lanes: one warns, the other one has a step to show."""
    lock = threading.RLock()
    monkeypatch.setattr(progress, "RLock", lambda: lock)

    def draw_from_another_lane() -> None:
        lane = threading.Thread(target=lambda: free.append(lock.acquire(blocking=False)))
        lane.start()
        lane.join()

    free = list[bool]()
    stream = Stream("a warning\n", draw_from_another_lane)
    progress._beside(stream, progress.Line(stream, language("en"))).write("a warning\n")
    assert free == [False]


def test_what_is_said_while_the_line_is_drawn_stops_nothing() -> None:
    """As Python does of an object that goes wrong when it is collected as garbage."""

    stream = Stream(CLEAR, lambda: beside.write("unraisable\n"))  # of no width: the line is empty
    line = progress.Line(stream, language("en"))
    beside = progress._beside(stream, line)
    line.begin()
    lane = threading.Thread(target=line.show, args=[None, say("Comparing")], daemon=True)
    lane.start()
    lane.join(LONG)
    assert not lane.is_alive()
    assert "unraisable\n" in stream.getvalue()


def test_a_lane_that_a_second_ctrl_c_left_behind_draws_nothing(terminal: Terminal, time: Time) -> None:
    with redirect_stderr(terminal.stream), progress.shown():
        time.passes(2)
        step(say("Saving to uMap"))
        lane = copy_context()
    lane.run(step, say("Writing the log"))
    assert frames(terminal.told()) == ["Saving to uMap"]


def test_a_terminal_of_unknown_width_is_shown_no_line(
    synced: Desk, terminal: Terminal, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.columns = 0
    long_git(monkeypatch, lambda: time.passes(2))
    terminal.type(synced, "sync")
    assert frames(terminal.told()) == []


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_run_whose_streams_are_closed_does_its_work(synced: Desk, closed: str) -> None:
    synced.commit(changed(rows(), "c1", nom="Neuve"))
    command = f'exec "$0" -m umap_bot sync {closed}'
    ended = subprocess.run(["sh", "-c", command, sys.executable], cwd=synced.folder, check=False)
    assert (ended.returncode, stands(synced)["c1"]["nom"]) == (0, "Neuve")


def test_without_stdout_what_is_printed_is_lost_and_no_more(
    terminal: Terminal, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with redirect_stderr(terminal.stream), progress.shown():
        print("nobody reads it")  # noqa: T201
    assert terminal.told() == ""


def test_a_line_is_never_longer_than_the_terminal_is_wide(
    synced: Desk, terminal: Terminal, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.columns = 12
    long_git(monkeypatch, lambda: time.passes(2))
    terminal.type(synced, "sync")
    assert frames(terminal.told())[0] == "Looking for"


def test_a_terminal_that_goes_away_ends_no_run(
    synced: Desk, terminal: Terminal, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced.commit(changed(rows(), "c1", nom="Neuve"))

    def hang_up() -> None:
        terminal.hang_up()
        time.passes(2)

    long_git(monkeypatch, hang_up)
    said = terminal.type(synced, "sync")
    assert (said.code, "umap-bot show 2" in said.out) == (0, True)


def test_in_french(synced: Desk, terminal: Terminal, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    synced.settings(REPORT_LANGUAGE="fr")
    long_git(monkeypatch, lambda: time.passes(2))
    terminal.type(synced, "sync")
    assert frames(terminal.told())[0] == "Demande de la dernière version à git"


@pytest.mark.parametrize(
    "words",
    [["sync", "--json"], ["plan", "--format", "markdown"], ["validate", "--json"], ["adopt", "--json"]],
    ids=" ".join,
)
def test_an_answer_for_a_program_comes_with_nothing_else(
    synced: Desk, terminal: Terminal, time: Time, words: list[str]
) -> None:
    said = terminal.type(synced, *words)
    assert (time.started, terminal.told()) == (0, "")
    if "--json" in words:
        json.loads(said.out)


def test_without_a_terminal_nothing_is_even_begun(synced: Desk, time: Time) -> None:
    said = synced.done("sync")
    assert (time.started, said.err) == (0, "")


def test_a_terminal_that_can_not_take_a_line_away_is_shown_none(
    synced: Desk, terminal: Terminal, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    terminal.type(synced, "sync")
    assert (time.started, terminal.told()) == (0, "")


def test_the_service_shows_none(
    synced: Desk, terminal: Terminal, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(synced.folder)
    settings = layers.settings(Selection())
    name = layers.wired(Selection())[0].work.job.layer
    long_git(monkeypatch, lambda: time.passes(2))
    with redirect_stderr(terminal.stream):
        ((_, end),) = Passes(settings, language("en"))([name], lambda: False)
    assert end.code == 0
    assert (time.started, terminal.told()) == (0, "")


def test_no_thread_is_left(synced: Desk, terminal: Terminal) -> None:
    before = threading.active_count()
    terminal.type(synced, "sync")
    assert threading.active_count() == before
    assert re.sub(r"\s", "", screen(terminal.told())) == ""
