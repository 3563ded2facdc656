"""A layer that is only watched: what people made of it since the last look, written into the log."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec.structs import replace

from umap_bot import progress
from umap_bot.model.canon import digest
from umap_bot.model.drift import MapNews
from umap_bot.model.layer import Commit, Entry, Live
from umap_bot.model.plan import Context, Effects, Plan
from umap_bot.model.policy import Policy
from umap_bot.model.run import Applied, Run
from umap_bot.model.seen import Seen
from umap_bot.model.state import LayerState
from umap_bot.ports import Clock, Journal, LiveLayer, Session
from umap_bot.reconcile.news import seen_after, told
from umap_bot.reconcile.watched import Comparison, compare, emptied, styles_of
from umap_bot.run.job import Job, Watch
from umap_bot.run.lease import leased
from umap_bot.text import say

NO_FILE: Final = Commit(sha="")


def watch_once(job: Job, watch: Watch, layer: LiveLayer, journal: Journal, clock: Clock) -> Run:
    """Compare the layer with what was last seen of it, and write down what differs.

    Raise LayerBusy if another run has the layer, and any other BotError; the change log then says so, and the
    next look starts from the same version.
    """
    with leased(job, layer, journal, clock, "watch") as (session, _):
        if not watch.on_map:
            return _gone(watch, session)
        entry = layer.look()
        if entry.version and session.settled == _stamp(entry):
            return session.idle(NO_FILE, "watch")
        live = layer.read()
        progress.step(say("Comparing with the version seen last"))
        return _seen(watch, live, session)


def _stamp(entry: Entry) -> str:
    """Return the digest of all that the map's page says of a layer."""
    return digest(
        [
            entry.version,
            entry.release,
            entry.name,
            msgspec.json.encode(entry.settings, order="sorted").decode(),
        ]
    )


def _seen(watch: Watch, live: Live, session: Session) -> Run:
    state = session.load(changes=False)
    compared = compare(state.base, live.standing.features, live.entry.layer_id)
    came = state.seen is None or state.seen.gone
    first = came and watch.first
    if first:
        compared = replace(compared, changes=())
    plan = told(_plan(live.entry, compared, len(live.standing.features), first=first), live, state)
    news = replace(plan.context.news_of_map, came=came and not first, renumbered=compared.renumbered)
    return _closed(watch, plan.with_news(news), compared, live, state, session)


def _gone(watch: Watch, session: Session) -> Run:
    state = session.load(changes=False)
    if state.seen and state.seen.gone:
        return session.idle(NO_FILE, "watch")
    compared = emptied(state.base, watch.layer_id)
    entry = Entry(
        map_id="",
        map_name=watch.map_name,
        map_url=watch.map_url,
        layer_id=watch.layer_id,
        name=state.seen.name if state.seen else watch.layer_id,
        version="",
        release="",
        editable=False,
    )
    plan = _plan(entry, compared, len(compared.changes), first=False).with_news(MapNews(gone=True))
    return _closed(watch, plan, compared, None, state, session)


def _closed(
    watch: Watch, plan: Plan, compared: Comparison, live: Live | None, state: LayerState, session: Session
) -> Run:
    progress.step(say("Writing the log"))
    run = session.open("watch", NO_FILE)
    bare = plan.doing(())  # the changes stand in the log by themselves, and a list of runs reads plans
    run = replace(run, plan=bare, outcome="done" if is_news(plan) else "nothing")
    if watch.keep:
        watch.keep(replace(run, applied=compared.changes), live, compared.seen)
    state = session.applied(state, (Applied(run.number, compared.changes, compared.seen),))
    if live is not None:
        session.witness(run, bare, live)
    stamp = _stamp(live.entry) if live else None
    seen = seen_after(live, state.seen, pushed=False) if live else _last(state, plan)
    return session.close(run, compared.seen, stamp, seen)


def _last(state: LayerState, plan: Plan) -> Seen:
    """Return what was seen last of a layer that is gone."""
    before = state.seen or Seen(name=plan.context.layer_name, release="", layer_id=plan.effects.layer_id)
    return replace(before, gone=True)


def is_news(plan: Plan) -> bool:
    """Tell whether people changed anything that there is to tell."""
    news = plan.context.news_of_map
    return bool(plan.effects.changes or news.settings or news.came or news.gone or news.renumbered)


def _plan(entry: Entry, compared: Comparison, total: int, *, first: bool) -> Plan:
    return Plan(
        effects=Effects(kind="watch", layer_id=entry.layer_id, policy=Policy(), changes=compared.changes),
        context=Context(
            layer_name=entry.name,
            map_name=entry.map_name,
            map_url=entry.map_url,
            version=entry.version,
            commit=NO_FILE,
            file="",
            key="",
            first=first,
            total=total,
            headers=styles_of(compared.changes),
        ),
    )
