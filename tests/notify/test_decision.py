"""Who is told what: as a table, and as laws over all the ways that runs may follow each other."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.notify.made import (
    BRON,
    DAY,
    HOUR,
    NOON,
    WEEK,
    added,
    busy,
    changed,
    held,
    refused,
    rows_wait,
    run,
    unreachable,
    unreadable,
)
from umap_bot.notify.decision import HEARTBEATS, MONTH, SLACK, End, Verdict, decide, failure
from umap_bot.notify.memory import Told

Step = tuple[End, timedelta]
CASES: dict[str, list[tuple[End, timedelta, tuple[str, ...]]]] = {
    "nothing for nothing": [(run(), HOUR, ()), (run(), WEEK, ()), (run("done"), HOUR, ())],
    "a change is told each time": [(changed(), HOUR, ("change",)), (added("Lyon"), HOUR, ("change",))],
    "a plan that waits: at once, after a day, then weekly": [
        (held(), HOUR, ("held",)),
        (held(), 22 * HOUR, ()),
        (held(), HOUR, ("held",)),
        (held(), 6 * DAY, ()),
        (held(), DAY, ("held",)),
        (held(), 6 * DAY, ()),
        (held(), DAY, ("held",)),
    ],
    "another plan is told at once, and the first one is not forgotten": [
        (held("17"), HOUR, ("held",)),
        (held("18"), HOUR, ("held",)),
        (held("17"), HOUR, ()),
        (held("18"), HOUR, ()),
        (held("18"), DAY, ("held",)),
    ],
    "an answered plan is no recovery": [(held(), HOUR, ("held",)), (changed(), HOUR, ("change",))],
    "a plan whose file was put back ends silently": [
        (held(), HOUR, ("held",)),
        (run(), HOUR, ()),
        (held(), HOUR, ("held",)),
    ],
    "rows that can't be read: at once, after a day, then weekly": [
        (rows_wait("4", BRON), HOUR, ("held", "change")),
        (rows_wait(), HOUR, ()),
        (rows_wait("5"), HOUR, ("held",)),
        (rows_wait("5"), DAY, ("held",)),
        (rows_wait("5"), 6 * DAY, ()),
        (run(), HOUR, ()),
        (rows_wait("5"), HOUR, ("held",)),
    ],
    "trouble once, then weekly": [
        (refused(), HOUR, ("trouble",)),
        (refused(), HOUR, ()),
        (refused(), 6 * DAY, ()),
        (refused(), DAY, ("trouble",)),
        (refused(), HOUR, ()),
        (run(), HOUR, ("recovery",)),
        (run(), HOUR, ()),
    ],
    "another trouble is told, the first one again is not": [
        (refused(), HOUR, ("trouble",)),
        (unreachable(), HOUR, ("trouble",)),
        (refused(), HOUR, ()),
        (unreadable(), HOUR, ("trouble",)),
        (run(), HOUR, ("recovery",)),
        (refused(), HOUR, ("trouble",)),
    ],
    "recovery and change are one message": [
        (refused(), HOUR, ("trouble",)),
        (changed(), HOUR, ("recovery", "change")),
    ],
    "a plan that waits ends a trouble too": [
        (refused(), HOUR, ("trouble",)),
        (held(), HOUR, ("held", "recovery")),
        (run(), HOUR, ()),
    ],
    "a plan that people know of still waits after a trouble": [
        (held(), HOUR, ("held",)),
        (refused(), HOUR, ("trouble",)),
        (held(), HOUR, ("recovery",)),
        (held(), DAY, ("held",)),
    ],
    "a busy layer is nothing": [
        (busy(), HOUR, ()),
        (refused(), HOUR, ("trouble",)),
        (busy(), WEEK, ()),
        (run(), HOUR, ("recovery",)),
    ],
    "a restless map is trouble the second time running": [
        (run("restless"), HOUR, ()),
        (run(), HOUR, ()),
        (run("restless"), HOUR, ()),
        (busy(), HOUR, ()),
        (run("restless", BRON), HOUR, ("trouble", "change")),
        (run("restless"), HOUR, ()),
        (run("restless", BRON), HOUR, ("change",)),
        (run(), HOUR, ("recovery",)),
    ],
    "a failure between two restless runs breaks the row": [
        (run("restless"), HOUR, ()),
        (refused(), HOUR, ("trouble",)),
        (run("restless"), HOUR, ()),
        (run(), HOUR, ("recovery",)),
    ],
    "a part that landed before a plan had to wait": [(held("17", BRON), HOUR, ("held", "change"))],
}


def follow(steps: list[Step], heartbeat: timedelta | None = None) -> list[Verdict]:
    """Decide on runs that follow each other, all messages arriving, the memory stored in between."""
    told, now, verdicts = None, NOON, []
    for end, after in steps:
        now += after
        verdicts.append(decide(end, now, told, heartbeat))
        told = Told.from_json(verdicts[-1].told.to_json())
        assert told == verdicts[-1].told
    return verdicts


@pytest.mark.parametrize("name", CASES)
def test_what_is_told(name: str) -> None:
    steps = CASES[name]
    verdicts = follow([(end, after) for end, after, _ in steps])
    assert [verdict.kinds for verdict in verdicts] == [kinds for *_, kinds in steps]


def test_a_recovery_says_how_long_it_lasted() -> None:
    verdicts = follow([(refused(), HOUR), (unreachable(), HOUR), (run("restless"), HOUR), (run(), 2 * DAY)])
    assert verdicts[-1].lasted == 2 * DAY + 2 * HOUR


def test_what_was_said_again_is_marked_so() -> None:
    verdicts = follow([(held(), HOUR), (held(), DAY), (refused(), HOUR), (refused(), WEEK)])
    assert [verdict.again for verdict in verdicts] == [False, True, False, True]


@pytest.mark.parametrize(("every", "days"), [("weekly", 7), ("monthly", 30)])
def test_all_is_well_is_said_after_a_silence(every: str, days: int) -> None:
    steps: list[Step] = [(changed(), HOUR), *[(run(), DAY)] * days, (run(), HOUR)]
    kinds = [verdict.kinds for verdict in follow(steps, HEARTBEATS[every])]
    assert kinds == [("change",), *[()] * (days - 1), ("heartbeat",), ()]


def test_all_is_not_well_while_a_plan_waits_or_a_run_fails() -> None:
    steps: list[Step] = [(held(), HOUR), (held(), DAY), (held(), 6 * DAY), (refused(), HOUR)]
    assert [verdict.kinds for verdict in follow([*steps, (refused(), 6 * DAY)], timedelta(days=5))] == [
        ("held",), ("held",), (), ("trouble",), (),
    ]  # fmt: skip


def test_without_a_heartbeat_silence_lasts() -> None:
    assert follow([(run(), HOUR), (run(), 10 * MONTH)])[-1].kinds == ()


ENDS = st.sampled_from(
    [
        *(run(), changed(), run("restless"), refused(), unreachable(), busy()),
        *(held("17"), held("18"), rows_wait("4"), rows_wait("5")),
    ]
)
GAPS = st.sampled_from([HOUR, DAY, 3 * DAY, WEEK])


class People:
    """What people believe, by the messages that arrived: written without a look at the rules."""

    def __init__(self) -> None:
        self.broken = False
        self.heard: dict[int, datetime] = {}
        self.plans: dict[str, list[datetime]] = {}

    def before(self, end: End, verdict: Verdict, now: datetime) -> None:
        """Check what is about to be sent."""
        works = not failure(end) and end.code in {0, 3}
        assert ("recovery" in verdict.kinds) == (works and self.broken)
        if "trouble" in verdict.kinds:
            code = failure(end) or 4
            assert code not in self.heard or now - max(self.heard.values()) >= WEEK - SLACK
        if failure(end) and end.code not in {5, *self.heard}:
            assert "trouble" in verdict.kinds, "and nobody would know"
        if "held" in verdict.kinds:
            times = self.plans.get(_digest(end), [])
            assert not times or now - times[-1] >= DAY - SLACK
        elif end.code == 3:
            assert _digest(end) in self.plans, "and nobody would know"
        assert ("change" in verdict.kinds) == bool(getattr(end, "applied", ()))

    def hear(self, end: End, verdict: Verdict, now: datetime) -> None:
        if "trouble" in verdict.kinds:
            self.broken = True
            self.heard[failure(end) or 4] = now
        if "recovery" in verdict.kinds:
            self.broken, self.heard = False, {}
        if "held" in verdict.kinds:
            self.plans.setdefault(_digest(end), []).append(now)
        if end.code == 0:
            self.plans = {}


def _digest(end: End) -> str:
    plan = getattr(end, "plan", None)
    return f"{plan.digest} {plan.context.bad_rows}" if plan else ""


@given(st.lists(st.tuples(ENDS, GAPS, st.booleans()), max_size=30))
def test_people_are_never_told_twice_nor_left_in_a_false_belief(
    steps: list[tuple[End, timedelta, bool]],
) -> None:
    people, told, now = People(), None, NOON
    for end, after, arrives in [*steps, (run(), HOUR, True)]:
        now += after
        verdict = decide(end, now, told)
        people.before(end, verdict, now)
        if arrives:
            people.hear(end, verdict, now)
        elif end.code == 0:
            people.plans = {}
        told = Told.from_json((verdict.told if arrives else verdict.untold).to_json())
    assert not people.broken, "a trouble that was told, and whose end was not"
    assert told is not None
    assert told.trouble is None
