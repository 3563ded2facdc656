"""Layers of different sites side by side: one at a time per site and per dataset repository."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import Event
from typing import Final, TypeAlias, TypeVar

from umap_bot.run.job import Work

MOST: Final = 4
"""Lanes at the same time: what they wait for is the network, and what they compute shares one interpreter."""

Lane: TypeAlias = Mapping[int, Work]
"""Works that go one after the other, by their place in the pass."""

Stopped: TypeAlias = Callable[[], bool]
"""Tells whether no run is to begin any more."""

T = TypeVar("T")


def lanes_of(works: Sequence[Work]) -> list[Lane]:
    """Part the works so that whatever shares a site or a repository is in one lane, in its order."""
    above: dict[tuple[str, str], tuple[str, str]] = {}

    def root(name: tuple[str, str]) -> tuple[str, str]:
        while (parent := above.setdefault(name, name)) != name:
            above[name] = name = above[parent]  # half the way for whoever comes next
        return name

    for work in works:
        above[root(("site", work.site))] = root(("repository", work.repository))
    lanes: dict[tuple[str, str], dict[int, Work]] = {}
    for place, work in enumerate(works):
        lanes.setdefault(root(("site", work.site)), {})[place] = work
    return list(lanes.values())


def side_by_side(
    lanes: Sequence[Lane], run: Callable[[Lane, Stopped], dict[int, T]], stopped: Stopped
) -> dict[int, T]:
    """Return what `run` gives for all lanes, by the works' places. One lane alone runs in this thread.

    What ends this thread (Ctrl-C), and what one lane raises, lets no other run begin; it is raised again when
    those under way have ended: a thread can't be broken off, and each has a layer to give back.
    """
    if not lanes[1:]:  # in a context of its own too: which layer it is about ends with the lane
        return {place: end for lane in lanes for place, end in copy_context().run(run, lane, stopped).items()}
    broken, all_there = Event(), Event()

    def halted() -> bool:
        return broken.is_set() or stopped()

    def follow(lane: Lane) -> dict[int, T]:
        all_there.wait()  # a thread that Ctrl-C hits as it is begun is not waited for: it must do nothing
        try:
            return run(lane, halted)
        except BaseException:
            broken.set()
            raise

    with ThreadPoolExecutor(min(len(lanes), MOST)) as threads:
        try:
            found = [threads.submit(copy_context().run, follow, lane) for lane in lanes]
            all_there.set()
            return {place: end for each in found for place, end in each.result().items()}
        except BaseException:
            broken.set()
            all_there.set()
            raise
