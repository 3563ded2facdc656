"""What takes its time, begun at the desk and followed on a page."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from secrets import token_urlsafe
from threading import Event, Lock
from typing import Final, Literal

import msgspec

from umap_bot import progress
from umap_bot.errors import BotError
from umap_bot.report.story.story import Story
from umap_bot.text import Text

WORKERS: Final = 4
MOMENT: Final = 1.0
"""Seconds that the page of a job waits for its end."""

KEPT: Final = 200
"""Of jobs that have ended, so many can still be looked at: the log has what they did."""

Kind = Literal["plan", "sync", "keep", "look", "undo", "file", "publish"]


class Published(msgspec.Struct, frozen=True):
    """A version of the file that was tried: the branch, its newest commit by then, and the new one."""

    branch: str
    before: str
    sha: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a job: a story, or lines that say what was done, or why it failed.

    `run` is the run that was made, `undoing` the one that would be undone, with the code that approves it,
    and `publishing` a version of the file that could be published.
    """

    story: Story | None = None
    map_url: str = ""
    lines: tuple[Text, ...] = ()
    error: BotError | None = None
    run: int | None = None
    undoing: tuple[int, str] | None = None
    publishing: Published | None = None


class Job:
    """One of them. `layer` is the layer's id at the desk, `by` who began it; `told` is None while it runs."""

    def __init__(self, kind: Kind, layer: str, by: str, began: datetime) -> None:
        self.id: Final = token_urlsafe(12)
        self.kind: Final = kind
        self.layer: Final = layer
        self.by: Final = by
        self.began: Final = began
        self.step: Text | None = None
        self.told: Told | None = None
        self._ended = Event()

    def end(self, told: Told) -> None:
        self.told = told
        self._ended.set()

    def wait(self) -> Told | None:
        """Return what came of it, if it ends within a moment: most do, and no page has to renew itself."""
        self._ended.wait(MOMENT)
        return self.told

    def show(self, place: Text | None, step: Text | None) -> None:  # noqa: ARG002  one layer: no place
        self.step = step or self.step


class Jobs:
    """Those that run, and the newest that have ended.

    `unforeseen` keeps the trace of an error that nobody foresaw, and returns what can be told of it.
    """

    def __init__(self, now: Callable[[], datetime], unforeseen: Callable[[Exception], BotError]) -> None:
        self._now = now
        self._unforeseen = unforeseen
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="desk")
        self._lock = Lock()
        self._jobs: dict[str, Job] = {}
        self._running: dict[Hashable, Job] = {}

    def begin(self, kind: Kind, layer: str, by: str, work: Callable[[], Told], about: Hashable = "") -> Job:
        """Begin a job; one that does the same and is still under way is returned instead."""
        name = (kind, layer, about)
        with self._lock:
            if name in self._running:
                return self._running[name]
            job = Job(kind, layer, by, self._now())
            self._running[name] = self._jobs[job.id] = job
            while len(self._jobs) > KEPT + len(self._running):
                oldest = next(each for each in self._jobs.values() if each.told is not None)
                del self._jobs[oldest.id]
        done = self._threads.submit(self._run, job, work)
        done.add_done_callback(lambda _: self._ended(name))
        return job

    def get(self, id_: str) -> Job | None:
        return self._jobs.get(id_)

    def stop(self) -> None:
        """Wait for those under way; others begin no more."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _run(self, job: Job, work: Callable[[], Told]) -> None:
        with progress.watched_by(job):
            try:
                told = work()
            except BotError as error:
                told = Told(error=error)
            except Exception as error:  # noqa: BLE001  a bug ends this job: it is kept, told and coded
                told = Told(error=self._unforeseen(error))
        job.end(told)

    def _ended(self, name: Hashable) -> None:
        with self._lock:
            del self._running[name]
