"""What people decided about parts of plans, and what waits for them, as the journal keeps it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.journal.made import (
    COMMIT,
    CREATE,
    DELETE,
    LAYER,
    UPDATE,
    StillClock,
    base,
    collection,
    live,
    plan,
)
from tests.journal.remembering import leased, stamp_of
from tests.journal.test_retention import fails
from umap_bot.errors import UsageError
from umap_bot.journal.journal import SqlJournal
from umap_bot.model.change import Change, Delete, Field, Update
from umap_bot.model.decision import Decision, Side
from umap_bot.model.part import Part, parts_of
from umap_bot.model.plan import Plan
from umap_bot.model.run import Applied, Approval, Run
from umap_bot.model.state import LayerState

ONE = Update(key="1", name="Les Minguettes", fields=(Field("name", "Minguettes", "Les Minguettes"),))
OTHER = Update(key="1", name="Les Minguettes", fields=(Field("name", "Minguettes", "Autre"),))
DRAWN = [
    Delete(key="", name="", raw=f'{{"properties":{{"note":"{number}"}}}}', why="foreign") for number in (1, 2)
]


def word(change: Change, side: Side = "map", by: str = "Ana") -> Decision:
    return Decision(side=side, change=change, by=by)


def waiting(*changes: Change, does: tuple[Change, ...] = ()) -> Plan:
    """A plan of which some parts wait."""
    whole = plan(*(*changes, *does))
    return whole.asking(frozenset(part for change in changes for part in parts_of(change)))


WAITS = waiting(CREATE)


class Layer:
    """A layer whose file and map come to the same plan, run after run."""

    def __init__(self, journal: SqlJournal, clock: StillClock) -> None:
        self.journal = journal
        self.clock = clock

    def run(self, made: Plan = WAITS, *, pushes: bool = False) -> Run:
        with leased(self.journal, LAYER, self.clock.after(minutes=5)) as memory:
            run = memory.open("sync", COMMIT)
            if pushes:
                run = memory.intend(run, made, live(), collection("c"))
                memory.applied(Applied(run.number, made.effects.changes, None))
            return memory.close(run.end(made), base("1"), "a stamp", None)

    def idle(self) -> Run:
        with self.journal.lease(LAYER, self.clock.after(minutes=5)) as session:
            return session.idle(COMMIT)

    @property
    def waiting(self) -> tuple[int, int] | None:
        """The run that asked, and of how many features."""
        (status,) = self.journal.reader.layers()
        return (status.waiting.run, status.waiting.features) if status.waiting else None


@pytest.fixture
def layer(journal: SqlJournal, clock: StillClock) -> Layer:
    return Layer(journal, clock)


# Decisions


def decided(state: LayerState, side: Side) -> set[Part]:
    return {decision.part for decision in state.decisions if decision.side == side}


def test_a_decision_is_kept_with_who_when_and_the_values(journal: SqlJournal, clock: StillClock) -> None:
    made = journal.decide(LAYER, [word(ONE), word(CREATE, "file", "")], clock)
    assert made == (
        replace(word(ONE), at=clock.now(), number=1),
        replace(word(CREATE, "file", ""), at=clock.now(), number=2),
    )
    state = journal.load(LAYER, clock)
    assert state.decisions == made == journal.reader.decisions(LAYER)
    assert decided(state, "map") == set(parts_of(ONE))
    assert decided(state, "file") == set(parts_of(CREATE))
    assert journal.load("another", clock).decisions == ()


def test_another_word_on_the_same_cell_takes_its_place(journal: SqlJournal, clock: StillClock) -> None:
    journal.decide(LAYER, [word(ONE), word(DELETE)], clock)
    journal.decide("another", [word(ONE)], clock)
    (said,) = journal.decide(LAYER, [word(OTHER, "file")], clock)
    assert [each.number for each in journal.reader.decisions(LAYER)] == [2, said.number]
    assert len(journal.reader.decisions("another")) == 1


def test_the_last_word_of_one_breath_counts(journal: SqlJournal, clock: StillClock) -> None:
    made = journal.decide(LAYER, [word(ONE), word(DELETE), word(ONE, "file")], clock)
    assert [(each.side, each.part.key) for each in made] == [("file", "1"), ("map", "2")]


def test_of_features_without_an_id_each_has_a_decision(journal: SqlJournal, clock: StillClock) -> None:
    journal.decide(LAYER, [word(DRAWN[0])], clock)
    journal.decide(LAYER, [word(DRAWN[1])], clock)
    journal.decide(LAYER, [word(DRAWN[0])], clock)
    assert decided(journal.load(LAYER, clock), "map") == {part for each in DRAWN for part in parts_of(each)}
    assert len(journal.reader.decisions(LAYER)) == 2


def test_a_decision_that_was_taken_back_holds_no_more(journal: SqlJournal, clock: StillClock) -> None:
    one, two = journal.decide(LAYER, [word(ONE), word(DELETE)], clock)
    journal.take_back(LAYER, [one.number], clock)
    assert journal.load(LAYER, clock).decisions == (two,)


@pytest.mark.parametrize("number", [1, 3, 99, 2**31 - 1])
def test_what_is_no_decision_of_the_layer_can_not_be_taken_back(
    journal: SqlJournal, clock: StillClock, number: int
) -> None:
    one, two = journal.decide(LAYER, [word(ONE), word(DELETE)], clock)
    journal.decide("another", [word(ONE)], clock)
    journal.take_back(LAYER, [one.number], clock)
    with pytest.raises(UsageError, match=f"no decision {number} in force"):
        journal.take_back(LAYER, [two.number, number], clock)
    assert journal.reader.decisions(LAYER) == (two,), "all or none"
    assert len(journal.reader.decisions("another")) == 1


def test_a_run_decides_and_forgets(journal: SqlJournal, clock: StillClock) -> None:
    with journal.lease(LAYER, clock) as session:
        state = session.decide(session.load(), [word(ONE), word(DELETE)])
        assert state == session.load()
        one, two = state.decisions
        assert session.forget(state, [one]) == session.load()
    assert journal.reader.decisions(LAYER) == (two,)


@pytest.mark.parametrize(
    "text",
    ["a\x00b", "é\u2028", "x" * 100_000, "'; DROP TABLE bot_decision; --", "%", "", " "],
    ids=["NUL", "separator", "100 kB", "SQL", "pattern", "empty", "space"],
)
def test_any_text_is_a_key_a_cell_a_value_and_a_name(
    journal: SqlJournal, clock: StillClock, text: str
) -> None:
    hostile = Update(key=text, name=text, fields=(Field(text, text, "2"),))
    journal.decide(LAYER, [word(ONE), word(hostile)], clock)
    (_, found) = journal.reader.decisions(LAYER)
    assert found.change == hostile
    (again,) = journal.decide(LAYER, [word(hostile, "file")], clock)
    assert [each.number for each in journal.reader.decisions(LAYER)] == [1, again.number]
    journal.take_back(LAYER, [again.number], clock)
    assert [each.number for each in journal.reader.decisions(LAYER)] == [1]


def test_a_name_that_is_no_text_is_written_as_far_as_it_is(journal: SqlJournal, clock: StillClock) -> None:
    """As a terminal hands on bytes that are no UTF-8."""
    (made,) = journal.decide(LAYER, [word(ONE, by="Ana\udcff\x00")], clock)
    assert journal.reader.decisions(LAYER) == (made,)
    assert made.by == "Ana?\ufffd"


def test_very_many_decisions_end_at_once(journal: SqlJournal, clock: StillClock) -> None:
    """As an option for one run makes them: more than a statement may have parameters."""
    (made,) = journal.decide(LAYER, [word(ONE)], clock)
    with journal.lease(LAYER, clock) as session:
        many = [replace(made, number=number) for number in range(70_000)]
        assert session.forget(session.load(), many).decisions == ()
    assert journal.reader.decisions(LAYER) == ()


# What waits


def test_what_waits_is_kept_with_the_run_that_asked_first(layer: Layer) -> None:
    first = layer.run()
    assert (first.outcome, first.code, layer.waiting) == ("held", 3, (first.number, 1))
    second = layer.run(waiting(CREATE, does=(UPDATE,)), pushes=True)
    assert (second.outcome, second.code) == ("done", 3)
    (status,) = layer.journal.reader.layers()
    assert status.waiting is not None
    assert (status.waiting.run, status.waiting.since) == (first.number, first.ended)


def test_another_question_is_asked_by_another_run(layer: Layer) -> None:
    layer.run()
    second = layer.run(waiting(CREATE, DELETE))
    assert layer.waiting == (second.number, 2)
    layer.run(plan(), pushes=False)
    assert layer.waiting is None


def test_a_run_that_waits_in_part_leaves_base_and_stamp(layer: Layer) -> None:
    layer.run()
    assert layer.journal.load(LAYER, layer.clock).base == base("1")
    assert stamp_of(layer.journal, LAYER) == "a stamp"


def test_an_idle_run_says_again_what_waits_and_writes_no_run(layer: Layer) -> None:
    asked = layer.run(waiting(CREATE, does=(UPDATE,)), pushes=True)
    for _ in range(3):
        again = layer.idle()
        assert (again.number, again.outcome, again.code) == (0, "held", 3)
        assert again.plan == asked.plan
    assert layer.journal.reader.numbers() == (asked.number,)
    layer.run(plan())
    assert (layer.idle().outcome, layer.idle().code, layer.idle().plan) == ("nothing", 0, None)


@pytest.mark.parametrize("pushes", [False, True])
def test_the_same_question_is_one_run_of_the_log(layer: Layer, *, pushes: bool) -> None:
    first = layer.run(waiting(CREATE, does=(UPDATE,) if pushes else ()), pushes=pushes)
    again = [layer.run() for _ in range(3)][-1]
    assert (again.number, again.outcome, again.applied) == (first.number, "held", ())
    (logged,) = layer.journal.reader.runs()
    assert (logged.outcome, logged.repeats, logged.again) == (first.outcome, 3, layer.clock.now())
    assert layer.waiting == (first.number, 1)
    assert layer.idle().plan == first.plan


def test_the_run_that_asked_what_waits_stays_in_the_log(
    reopened: Callable[..., SqlJournal], clock: StillClock
) -> None:
    layer = Layer(reopened(keep=1), clock)
    asked = layer.run()
    for number in range(12):
        layer.run(waiting(CREATE, does=(replace(UPDATE, name=str(number)),)), pushes=True)
    fails(layer.journal, clock, 2)
    assert layer.waiting == (asked.number, 1)
    assert layer.idle().plan == asked.plan
    layer.run(plan())
    layer.run(plan(UPDATE), pushes=True)
    assert asked.number not in layer.journal.reader.numbers(), "it is answered"


def test_who_waits_is_found_by_code(layer: Layer) -> None:
    asked = layer.run(waiting(CREATE, does=(UPDATE,)), pushes=True)
    assert asked.plan is not None
    assert layer.journal.find_held(asked.plan.code) == (asked,)
    assert layer.journal.waiting([LAYER]) == (asked,)


# A person's word lets the next run look


@pytest.mark.parametrize("kind", ["decide", "approve", "take back"])
@pytest.mark.parametrize("late", [False, True])
def test_a_word_said_while_a_run_goes_on_makes_the_next_a_whole_one(
    journal: SqlJournal, clock: StillClock, kind: str, *, late: bool
) -> None:
    (made,) = journal.decide(LAYER, [word(DELETE)], clock)
    clock.after(minutes=5)

    def say() -> None:
        if kind == "decide":
            journal.decide(LAYER, [word(ONE)], clock)
        elif kind == "approve":
            journal.approve(LAYER, Approval("7K2M-9QXT-4HB0-D3WZ"), clock)
        else:
            journal.take_back(LAYER, [made.number], clock)

    with journal.lease(LAYER, clock) as session:
        run = session.open("sync", COMMIT)
        clock.after(seconds=1)
        if not late:
            say()
        session.close(run.end(WAITS), base("1"), "a stamp", None)
    if late:
        say()
    assert stamp_of(journal, LAYER) is None


def test_a_word_of_before_is_no_reason_to_look_again(layer: Layer) -> None:
    layer.journal.decide(LAYER, [word(ONE)], layer.clock)
    layer.run()
    assert stamp_of(layer.journal, LAYER) == "a stamp"


def test_decisions_move_with_the_state(
    journal: SqlJournal, clock: StillClock, layer: Layer, tmp_path: Path
) -> None:
    asked = layer.run()
    made = journal.decide(LAYER, [word(ONE), word(DRAWN[0], "file")], clock)
    file = tmp_path / "kept.db"
    journal.back_up(file)
    moved = SqlJournal(f"sqlite:///{tmp_path / 'other.db'}")
    moved.restore(file, clock, force=False)
    assert moved.reader.decisions(LAYER) == made
    with moved.lease(LAYER, clock) as session:
        assert session.idle(COMMIT).plan == asked.plan
    (later,) = moved.decide(LAYER, [word(DELETE)], clock)
    assert later.number == 3, "numbers go on"
    moved.close()
