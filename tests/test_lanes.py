"""Lanes: what shares a site or a repository goes one after the other, the rest side by side."""

from __future__ import annotations

import signal
from itertools import product
from threading import Barrier, Event, Lock, current_thread, main_thread
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.machine.memory_umap import MemoryLayer, MemoryUmap
from tests.machine.test_machine import WIDE, MemoryDataset
from tests.test_progress import Noted
from umap_bot import progress
from umap_bot.model.policy import Policy
from umap_bot.run.job import Job, Work
from umap_bot.run.lanes import MOST, Lane, Stopped, lanes_of, side_by_side
from umap_bot.run.passes import never
from umap_bot.text import say

LONG = 30
"""Seconds after which what should have happened has failed to."""


def work(site: str = "", repository: str = "") -> Work:
    job = Job(layer=f"{site} {repository}", policy=Policy(), limits=WIDE)
    return Work(job, MemoryDataset(), MemoryLayer(MemoryUmap()), site, repository)


def places(*works: Work) -> list[list[int]]:
    return [list(lane) for lane in lanes_of(works)]


def test_a_lane_is_what_a_site_or_a_repository_holds_together() -> None:
    assert places() == []
    assert places(work(), work()) == [[0, 1]]
    assert places(work("a", "x"), work("b", "y"), work("a", "z")) == [[0, 2], [1]]
    assert places(work("a", "x"), work("b", "y"), work("b", "x")) == [[0, 1, 2]]
    assert places(work("a", "b"), work("b", "a")) == [[0], [1]], "a site is no repository"


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("uvwxyz")), max_size=12))
def test_no_two_lanes_share_anything_and_each_keeps_its_order(named: list[tuple[str, str]]) -> None:
    found = places(*(work(*names) for names in named))
    assert sorted(place for lane in found for place in lane) == list(range(len(named)))
    assert [lane[0] for lane in found] == sorted(lane[0] for lane in found)
    for one, other in product(found, found):
        assert one is other or not _names(named, one) & _names(named, other)
    for lane in found:
        assert lane == sorted(lane)
        assert _is_one(named, lane)


def _names(named: list[tuple[str, str]], lane: list[int]) -> set[str]:
    return {name for place in lane for name in named[place]}


def _is_one(named: list[tuple[str, str]], lane: list[int]) -> bool:
    """Tell whether a lane can't be parted."""
    reached, left = set(named[lane[0]]), set(lane)
    while more := {place for place in left if reached & set(named[place])}:
        reached |= _names(named, [*more])
        left -= more
    return not left


def test_one_lane_runs_in_the_thread_of_the_pass() -> None:
    def run(lane: Lane, _: Stopped) -> dict[int, bool]:
        return dict.fromkeys(lane, current_thread() is main_thread())

    assert side_by_side(lanes_of([work(), work()]), run, never) == {0: True, 1: True}
    assert side_by_side([], run, never) == {}


@pytest.mark.parametrize("count", [1, 2])
def test_which_layer_it_is_about_ends_with_the_lanes(count: int) -> None:
    def run(lane: Lane, _: Stopped) -> dict[int, None]:
        progress.layer(2, 2)
        return {}

    noted = Noted()
    with progress.watched_by(noted):
        side_by_side(lanes_of([work(f"{site}", f"{site}") for site in range(count)]), run, never)
        progress.step(say("Sending messages"))
    assert noted.told[-1] == "Sending messages"


def test_lanes_are_under_way_at_once_but_no_more_than_a_few() -> None:
    met, lock, most, now = Barrier(MOST), Lock(), 0, 0

    def run(lane: Lane, _: Stopped) -> dict[int, int]:
        nonlocal most, now
        with lock:
            now += 1
            most = max(most, now)
        met.wait(LONG)
        with lock:
            now -= 1
        return {place: place for place in lane}

    works = [work(str(number), str(number)) for number in range(2 * MOST)]
    assert side_by_side(lanes_of(works), run, never) == {place: place for place in range(2 * MOST)}
    assert most == MOST


def wait_for(stopped: Stopped) -> bool:
    end = monotonic() + LONG
    while not stopped() and monotonic() < end:
        pass
    return stopped()


def test_ctrl_c_lets_no_run_begin_and_waits_for_those_under_way() -> None:
    began, ended = Barrier(2), list[str]()

    def run(lane: Lane, stopped: Stopped) -> dict[int, None]:
        for work in lane.values():
            if not stopped():
                began.wait(LONG)
                if work.site == "a":
                    signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)
                assert wait_for(stopped)
                ended.append(work.site)
        return {}

    works = [work("a", "x"), work("b", "y"), work("a", "x"), work("b", "y")]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
    try:
        with pytest.raises(KeyboardInterrupt):
            side_by_side(lanes_of(works), run, never)
    finally:
        signal.signal(signal.SIGINT, before)
    assert sorted(ended) == ["a", "b"]


def test_what_one_lane_raises_ends_the_pass_when_the_others_have_ended() -> None:
    ended = Event()

    def run(lane: Lane, stopped: Stopped) -> dict[int, None]:
        if 1 in lane:
            raise MemoryError
        assert wait_for(stopped)
        ended.set()
        return {}

    with pytest.raises(MemoryError):
        side_by_side(lanes_of([work("a", "x"), work("b", "y")]), run, never)
    assert ended.is_set()


def test_a_pass_that_is_stopped_begins_no_run() -> None:
    begun: list[int] = []

    def run(lane: Lane, stopped: Stopped) -> dict[int, None]:
        begun.extend(place for place in lane if not stopped())
        return {}

    assert side_by_side(lanes_of([work("a", "x"), work("b", "y")]), run, lambda: True) == {}
    assert begun == []
