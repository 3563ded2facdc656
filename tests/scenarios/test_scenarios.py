"""Every scenario folder three ways: on values, on values with everything decoded, on the real uMap."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Final

import pytest

from tests.scenarios.pure import World, last_round, play
from tests.scenarios.real import Stage, assert_same_layer, carried_out
from tests.scenarios.scenario import Decided, Scenario, all_scenarios, read_dataset
from tests.scenarios.wording import lines
from umap_bot.errors import BotError
from umap_bot.journal.journal import SqlJournal
from umap_bot.model.change import Change
from umap_bot.model.part import Part, parts_of
from umap_bot.model.plan import Plan
from umap_bot.reconcile.sides import look
from umap_bot.sandbox.maps import MadeMap

SCENARIOS = all_scenarios()
FILES = {"why.md", "policy.toml", "decisions.toml", "plan.txt", "before.json", "live.json"} | {
    f"{name}.{ending}" for name in ("before", "base", "desired") for ending in ("csv", "geojson")
}


def of(scenarios: list[Scenario]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("scenario", scenarios, ids=lambda scenario: scenario.name)


def waiting_in(scenario: Scenario) -> int:
    return sum(line.startswith("waits: ") for line in scenario.expected)


each = of(SCENARIOS)
ALL: Final = "LAW_EXAMPLES" in os.environ
"""Decided each way are folders that are there for it; with `make test-laws` all in which something waits."""
waiting = of(
    [one for one in SCENARIOS if waiting_in(one) and (ALL or one.name.startswith(("waiting/", "decided/")))]
)
two_waiting = of([one for one in SCENARIOS if waiting_in(one) > 1])


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlJournal]:
    """One state for all scenarios, each a layer of its own in it."""
    journal = SqlJournal(f"sqlite:///{tmp_path_factory.mktemp('state') / 'state.db'}")
    yield journal
    journal.close()


def played(scenario: Scenario, *, skip_unchanged: bool) -> tuple[Plan | None, list[str]]:
    """Return the plan of the last round, and what plan.txt should say."""
    try:
        outcome = last_round(scenario, skip_unchanged=skip_unchanged)
    except BotError as error:
        return None, [f"refusal {error.code}"]
    return outcome.plan, [*lines(outcome.plan), outcome.told]


@each
def test_on_values(scenario: Scenario) -> None:
    assert played(scenario, skip_unchanged=True)[1] == scenario.expected


@each
def test_without_the_sieve(scenario: Scenario) -> None:
    """Byte for byte the same plan."""
    assert played(scenario, skip_unchanged=False) == played(scenario, skip_unchanged=True)


@each
def test_on_the_real_umap(scenario: Scenario, made_map: MadeMap, journal: SqlJournal) -> None:
    stage = Stage(scenario, made_map, journal)
    before = stage.body()
    if scenario.expected[-1].startswith("refusal"):
        assert_refused(stage, scenario.expected)
        assert stage.body() == before
        return
    plan, run = stage.preview(), stage.run()
    assert [*lines(plan), run.outcome] == scenario.expected
    whole = plan.doing([*plan.effects.changes, *plan.verdict.waiting])
    if run.outcome == "held":
        assert stage.body() == before
    if run.outcome == "held" or plan.verdict.waiting:
        assert_asks_once(stage)
        stage.approve(plan)
        run = stage.run()
        assert run.approved == plan.fingerprint
    assert run.outcome == ("done" if whole.effects.changes else "nothing")
    if not plan.verdict.waiting:
        assert run.applied == whole.effects.changes
    if whole.effects.changes:
        assert_same_layer(stage.body(), carried_out(whole, before))
    else:
        assert stage.body() == before
    assert_settled(stage)


@waiting
def test_left_as_it_is(scenario: Scenario, made_map: MadeMap, journal: SqlJournal) -> None:
    """What waits, and is then kept, stays as it is on the map; all else goes on."""
    stage = Stage(scenario, made_map, journal)
    before, plan = stage.body(), stage.preview()
    stage.run()
    stage.decide(Decided(keep={key: [] for key in keys_asked(plan)}), plan)
    run = stage.run()
    assert (run.outcome, run.code) == ("nothing", 3 if plan.context.rows_wait else 0)
    assert run.plan
    left = parts_in((*plan.verdict.waiting, *plan.verdict.kept))
    assert parts_in(run.plan.verdict.kept) == left
    assert_same_layer(stage.body(), carried_out(plan, before))
    assert_settled(stage)
    assert parts_in(decision.change for decision in stage.decisions) == left


@waiting
def test_approved_feature_by_feature(scenario: Scenario, made_map: MadeMap, journal: SqlJournal) -> None:
    """The first alone, while the others go on waiting; then these."""
    stage = Stage(scenario, made_map, journal)
    before, plan = stage.body(), stage.preview()
    stage.run()
    for key in keys_asked(plan):
        stage.decide(Decided(approve=(key,)), plan)
    run = stage.run()
    assert (run.outcome, run.code) == ("done", 3 if plan.context.rows_wait else 0)
    whole = plan.doing([*plan.effects.changes, *plan.verdict.waiting])
    assert_same_layer(stage.body(), carried_out(whole, before))
    assert_settled(stage)
    assert parts_in(one.change for one in stage.decisions) == parts_in(plan.verdict.kept)


@two_waiting
def test_one_kept_and_the_others_approved(scenario: Scenario, made_map: MadeMap, journal: SqlJournal) -> None:
    stage = Stage(scenario, made_map, journal)
    before, plan = stage.body(), stage.preview()
    stage.run()
    first, *others = keys_asked(plan)
    stage.decide(Decided(keep={first: []}), plan)
    rest = stage.run()
    assert rest.code == 3
    assert rest.plan
    stage.decide(Decided(approve=tuple(others)), rest.plan)
    run = stage.run()
    assert (run.outcome, run.code) == ("done", 0)
    changes = [*plan.effects.changes, *(one for one in plan.verdict.waiting if one.key != first)]
    assert_same_layer(stage.body(), carried_out(plan.doing(changes), before))
    assert_settled(stage)


def keys_asked(plan: Plan) -> tuple[str, ...]:
    return tuple(dict.fromkeys(change.key for change in plan.verdict.waiting))


def parts_in(changes: Iterable[Change]) -> set[Part]:
    return {part for change in changes for part in parts_of(change)}


def assert_asks_once(stage: Stage) -> None:
    """What waits is told again, and nothing is done, or logged, a second time."""
    before, runs = stage.body(), len(stage.journal.reader.numbers())
    run = stage.run()
    assert (run.outcome, run.code, run.pushes) == ("held", 3, 0)
    assert (stage.body(), len(stage.journal.reader.numbers())) == (before, runs)


def assert_refused(stage: Stage, expected: list[str]) -> None:
    for act in (stage.preview, stage.run):
        with pytest.raises(BotError) as caught:
            act()
        assert [f"refusal {caught.value.code}"] == expected


def assert_settled(stage: Stage) -> None:
    """A second look finds nothing to do, nothing to ask, no news; a second run sends nothing."""
    after = stage.body()
    again = stage.preview()
    assert (again.effects.changes, again.verdict.objections, again.context.news) == ((), (), ())
    assert [theirs.name for theirs in again.context.unmanaged if not theirs.standing] == []
    run = stage.run()
    assert (run.outcome, run.pushes) == ("nothing", 0)
    assert stage.body() == after


@each
def test_the_folder_can_be_read(scenario: Scenario) -> None:
    assert {path.name for path in scenario.folder.iterdir()} <= FILES
    assert len(scenario.why.splitlines()) == 1
    assert scenario.why.endswith(".")
    assert scenario.expected
    assert scenario.last.file or scenario.earlier, "a file must say something"


def test_there_are_enough_of_them() -> None:
    assert len(SCENARIOS) >= 40


def test_the_sieve_is_at_work() -> None:
    """Or `test_without_the_sieve` would prove little: here 17 of 18 features need no look."""
    (scenario,) = (one for one in SCENARIOS if one.name == "too-much/1-of-18-rows-gone")
    (commit, first, file), (_, last, desired) = scenario.commits()
    world = play(World(), commit, first, file).after
    sides = look(
        world.live(last.settings), world.base, read_dataset(desired, last.settings), skip_unchanged=True
    )
    assert len(sides.unchanged.aside) == 17
