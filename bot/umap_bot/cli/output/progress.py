"""What takes long, on a line of the terminal that goes away again."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from threading import RLock, Timer
from typing import Any, Final, TextIO, cast

from umap_bot import progress
from umap_bot.cli import speech
from umap_bot.report.language import Language
from umap_bot.text import Text, joined

AFTER: Final = 2.0
"""Seconds that a command may take before it says anything."""

_CLEAR: Final = "\r\x1b[K"


@contextmanager
def shown(*, quiet: bool = False) -> Iterator[None]:
    """Show on a terminal what takes long within. `quiet`: show nothing, as where stderr is no terminal."""
    stream = sys.stderr
    if quiet or stream is None or not stream.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    line = Line(stream, speech.tongue())
    timer = Timer(AFTER, line.begin)  # a step that only waits, for git or for uMap, can't look at the time
    timer.daemon = True
    with ExitStack() as stack:
        stack.callback(line.end)
        stack.callback(timer.join)
        stack.callback(timer.cancel)
        if sys.stdout is not None:
            stack.enter_context(redirect_stdout(_beside(sys.stdout, line)))
        stack.enter_context(redirect_stderr(_beside(stream, line)))
        stack.enter_context(progress.watched_by(line))
        timer.start()
        yield


class Line:
    """One line: where we are and what is done. Nothing is drawn before `begin`, from whatever thread."""

    def __init__(self, stream: TextIO, tongue: Language) -> None:
        self._stream = stream
        self._tongue = tongue
        self._lock = RLock()  # what is collected as garbage while we write may have something to say
        self._begun = False
        self._drawn = False
        self._is_free = True
        self._place: Text | None = None
        self._step: Text | None = None

    def show(self, place: Text | None, step: Text | None) -> None:
        with self._lock:
            self._place, self._step = place, step
            self._draw()

    def begin(self) -> None:
        """From now on, draw."""
        with self._lock:
            self._begun = True
            self._draw()

    def end(self) -> None:
        """Take the line away, for good: a second Ctrl-C leaves lanes behind that end their runs."""
        with self._lock:
            self._clear()
            self._begun = False

    def give_way(self, stream: TextIO, text: str) -> int:
        """Write what others have to say in place of the line. It comes back when they have ended theirs."""
        with self._lock:
            self._clear()
            self._is_free = text.endswith("\n") if text else self._is_free
            return stream.write(text)

    def _clear(self) -> None:
        if self._drawn:
            self._write(_CLEAR)
            self._drawn = False

    def _draw(self) -> None:
        said = joined([part for part in (self._place, self._step) if part], " · ")
        if self._begun and self._is_free and said:
            self._write(f"{_CLEAR}{self._tongue.say(said)[: self._width()]}")
            self._drawn = True

    def _width(self) -> int:
        """Return how much fits without a second line, which could not be taken away."""
        try:
            return max(os.get_terminal_size(self._stream.fileno()).columns - 1, 0)  # 0 columns: nobody knows
        except OSError:
            return 0

    def _write(self, text: str) -> None:
        with suppress(OSError):  # the terminal was closed: the run goes on
            self._stream.write(text)
            self._stream.flush()


class _Beside:
    """A stream. What is written to it by others finds no line of ours in its way."""

    def __init__(self, stream: TextIO, line: Line) -> None:
        self._stream = stream
        self._line = line

    def write(self, text: str) -> int:
        return self._line.give_way(self._stream, text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _beside(stream: TextIO, line: Line) -> TextIO:
    return cast("TextIO", _Beside(stream, line))  # it has all that the stream has
