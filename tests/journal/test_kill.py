"""kill -9 at any transaction leaves a database that the next run goes on with."""

from __future__ import annotations

import pytest

from tests.journal.made import COMMIT, CREATE, EDIT, LAYER, PUSH, StillClock, base, plan
from tests.journal.remembering import leased, stamp_of
from tests.journal.test_leases import start
from umap_bot.journal.journal import SqlJournal
from umap_bot.model.run import Applied

# The transactions of `killed.py`, in their order, and what is known if one of them never came to its end.
STEPS = ("tables", "lease", "open", "intend", "lost", "applied", "close", "give back")


def known(journal: SqlJournal, clock: StillClock) -> set[str]:
    state = journal.load(LAYER, clock)
    return {
        name
        for name, there in {
            "pending": bool(state.pending),
            "last push": state.last_push == PUSH,
            "lost save": bool(state.lost_saves),
            "half": state.base == base("half"),
            "whole": state.base == base("whole"),
            "stamp": stamp_of(journal, LAYER) == "stamp",
        }.items()
        if there
    }


EXPECTED = {
    "tables": set(),
    "lease": set(),
    "open": set(),
    "intend": set(),
    "lost": {"pending", "last push"},
    "applied": {"pending", "lost save"},
    "close": {"lost save", "half"},
    "give back": {"whole", "stamp"},
}


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_run_is_taken_up_by_the_next(
    step: str, url: str, journal: SqlJournal, clock: StillClock
) -> None:
    with start("killed", url, str(STEPS.index(step) + 1)) as killed:
        assert killed.wait(timeout=60) == -9
    assert known(journal, clock) == EXPECTED[step]

    with leased(journal, LAYER, clock) as memory:
        memory.applied(*(Applied(each.run, each.plan.effects.changes, None) for each in memory.state.pending))
        run = memory.open("sync", COMMIT)
        memory.close(run.end(plan()), base("next"), "next", None)

    state = journal.load(LAYER, clock)
    assert (state.base, state.lost_saves, state.pending) == (base("next"), (), ())
    assert stamp_of(journal, LAYER) == "next"
    earlier = [each for each in journal.reader.runs() if each.number < run.number]
    assert all(each.ended for each in earlier)
    applied = [change for each in earlier for change in each.applied]
    drift = [edit for each in earlier for edit in each.drift]
    pushed = step not in STEPS[:4]
    assert (applied, drift) == (([CREATE], [EDIT]) if pushed else ([], []))


def test_the_steps_are_all_there_are(url: str) -> None:
    with start("killed", url, str(len(STEPS) + 1)) as alive:
        assert alive.communicate(timeout=60)[0] == "1\n"
