"""kill -9 at any transaction leaves a database that the next run goes on with."""

from __future__ import annotations

import pytest

from tests.journal.made import COMMIT, CREATE, EDIT, LAYER, PUSH, StillClock, base, plan
from tests.journal.test_leases import start
from umap_bot.journal.journal import SqlJournal
from umap_bot.journal.view import View
from umap_bot.model.run import Applied

# The transactions of `killed.py`, in their order, and what is known if one of them never came to its end.
STEPS = ("tables", "lease", "open", "intend", "owe", "applied", "close", "give back")


def known(view: View) -> set[str]:
    return {
        name
        for name, there in {
            "pending": bool(view.pending),
            "last push": view.last_push == PUSH,
            "debt": bool(view.lost_saves),
            "half": view.base == base("half"),
            "whole": view.base == base("whole"),
            "stamp": view.stamp == "stamp",
        }.items()
        if there
    }


EXPECTED = {
    "tables": set(),
    "lease": set(),
    "open": set(),
    "intend": set(),
    "owe": {"pending", "last push"},
    "applied": {"pending", "debt"},
    "close": {"debt", "half"},
    "give back": {"whole", "stamp"},
}


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_run_is_taken_up_by_the_next(
    step: str, url: str, journal: SqlJournal, clock: StillClock
) -> None:
    with start("killed", url, str(STEPS.index(step) + 1)) as killed:
        assert killed.wait(timeout=60) == -9
    assert known(journal.peek(LAYER, clock)) == EXPECTED[step]

    with journal.lease(LAYER, clock) as memory:
        memory.applied(tuple(Applied(each.run, each.plan.changes, None) for each in memory.pending))
        run = memory.open("sync", COMMIT)
        memory.close(run.end(plan()), base("next"), "next", None)

    view = journal.peek(LAYER, clock)
    assert (view.base, view.stamp, view.lost_saves, view.pending) == (base("next"), "next", (), ())
    earlier = [each for each in journal.reader.runs() if each.number < run.number]
    assert all(each.ended for each in earlier)
    applied = [change for each in earlier for change in each.applied]
    drift = [edit for each in earlier for edit in each.drift]
    pushed = step not in STEPS[:4]
    assert (applied, drift) == (([CREATE], [EDIT]) if pushed else ([], []))


def test_the_steps_are_all_there_are(url: str) -> None:
    with start("killed", url, str(len(STEPS) + 1)) as alive:
        assert alive.communicate(timeout=60)[0] == "1\n"
