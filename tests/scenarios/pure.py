"""A scenario on values alone: rounds of plan, guard and apply over a layer that nobody else holds."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tests.scenarios.scenario import Decided, Round, Scenario, Settings, layer_file, read_dataset
from umap_bot.model.base import Base
from umap_bot.model.decision import PLACE, Decision
from umap_bot.model.layer import GEOMETRY, Collection, Commit, Entry, Live
from umap_bot.model.plan import Plan
from umap_bot.model.run import Intent, Run
from umap_bot.reconcile.aims import Sync
from umap_bot.reconcile.apply import apply
from umap_bot.reconcile.decided import decided, named, over
from umap_bot.reconcile.guard.guard import guard, judged
from umap_bot.reconcile.recovery import recover
from umap_bot.umap.layer.body import decode

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


NOTHING = Collection((("type", b'"FeatureCollection"'),), ())


@dataclass(frozen=True)
class World:
    """A layer between two rounds, and what is remembered of it."""

    standing: Collection = NOTHING
    base: Base | None = None
    history: tuple[Run, ...] = ()
    decisions: tuple[Decision, ...] = ()

    def saved(self, file: Path | None) -> World:
        """The same after a person's save."""
        if file is None:
            return self
        return dataclasses.replace(self, standing=decode(layer_file(file, self.id_of)))

    def deciding(self, said: Decided, asked: Plan) -> World:
        """The same after people decided on what a plan asks."""
        whole = asked.doing([*asked.effects.changes, *asked.verdict.waiting])
        kept = [
            part
            for key, fields in said.keep.items()
            for field in fields or [""]
            for part in named(whole, [key], GEOMETRY if field == PLACE else field)
        ]
        approved = [part for key in said.approve for part in named(whole, [key])]
        assert len(kept) >= len(said.keep)
        assert len(approved) >= len(said.approve)
        made = [
            *(Decision(side="map", change=part) for part in kept),
            *(Decision(side="file", change=part) for part in approved),
        ]
        return dataclasses.replace(self, decisions=(*self.decisions, *made))

    def id_of(self, key: str) -> str:
        umap_id = self.base and key in self.base.known and self.base.known[key].umap_id
        assert umap_id, f"no uMap id of {key} is remembered"
        return umap_id

    def live(self, settings: Settings) -> Live:
        return Live(entry(settings), "v1", self.standing, self.standing)


@dataclass(frozen=True)
class Outcome:
    """What a round comes to. `after` is the world that it leaves."""

    plan: Plan
    told: str
    after: World


def entry(settings: Settings) -> Entry:
    """What the page would say of a layer with these settings."""
    remote: dict[str, Any] = settings.settings.get("remoteData", {})
    return Entry(
        map_id="1",
        map_name="Carte",
        map_url="http://127.0.0.1/m",
        layer_id="layer-1",
        name="Cités",
        version="v1",
        release="3.8.1",
        editable=settings.editable,
        remote=remote.get("url"),
        group=bool(settings.settings.get("group")),
        settings=settings.settings,
    )


def last_round(scenario: Scenario, *, skip_unchanged: bool = True) -> Outcome:
    """Play the whole scenario; return its last round. Raise BotError if it is refused."""
    world, *rounds = World(), *scenario.commits()
    for commit, each, file in rounds[:-1]:
        earlier = play(world, commit, each, file, skip_unchanged=skip_unchanged)
        assert not earlier.plan.verdict.held, f"an earlier round is held: {earlier.plan.verdict.objections}"
        world = earlier.after.deciding(each.decided, earlier.plan)
    return play(world, *rounds[-1], skip_unchanged=skip_unchanged)


def play(world: World, commit: Commit, each: Round, file: Path, *, skip_unchanged: bool = True) -> Outcome:
    """Do what a run does, without doing it twice: the laws and the real uMap see to that."""
    world = world.saved(each.saved)
    desired = read_dataset(file, each.settings)
    sync = Sync(commit, desired, each.settings.policy, skip_unchanged)
    live = world.live(each.settings)
    plan = sync.outcome(live, world.base).plan
    answered = decided(plan, world.decisions, "file")
    plan = plan.leaving(decided(plan, world.decisions, "map"))
    plan = guard(plan, live, each.settings.limits, world.history, answered)
    plan = judged(plan, lambda asked: None, answered)
    if plan.verdict.held:
        return Outcome(plan, "held", world)
    wanted = apply(plan, live)
    done = replace(live, standing=wanted, carried=wanted)
    still = "held" if plan.verdict.waiting else "nothing"
    told = still if wanted == world.standing else "done"
    return Outcome(plan, told, _settled(sync, plan, done, world))


def _settled(sync: Sync, plan: Plan, done: Live, world: World) -> World:
    intent = Intent(1, plan, done.standing.digest, world.standing, "v1")
    (applied,) = recover((intent,), world.base, done.standing)
    settled = sync.outcome(done, applied.base)
    ended = over(world.decisions, plan, settled.sides.stands)
    holding = tuple(one for one in world.decisions if one not in ended)
    run = Run(
        number=1, layer="l", kind="sync", commit=sync.commit, started=NOON, applied=plan.effects.changes
    )
    history = (run, *world.history) if plan.effects.changes else world.history
    return World(done.standing, settled.base_after(plan), history, holding)
