"""`umap-bot status`: did it run?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import click
import msgspec

from umap_bot.cli import speech
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.cli.options.times import Duration
from umap_bot.fetching import key_of
from umap_bot.journal.reader import Reader
from umap_bot.publishing import layer_states, with_sessions, with_sources
from umap_bot.questions import asked
from umap_bot.report.formats import jsontext
from umap_bot.report.site.site import LayerState
from umap_bot.report.status import health, is_fresh, status_lines
from umap_bot.report.story.session import status_of
from umap_bot.text import say
from umap_bot.wiring import sessions_of

UNHEALTHY = 6


@click.command(name="status")
@layers.logged
@click.option(
    "--max-age",
    type=Duration(),
    metavar="AGE",
    help=say("Exit with code 6 if a layer has not been verified within this time: 2h, 3d."),
)
@flags.as_json
def command(selection: Selection, max_age: timedelta | None, as_json: bool) -> int:
    """Show the state of each layer: last check, last success, what needs your approval, next run.

    Contacts neither the repository nor the map. Exit code: 0 · 6 if a layer has not been verified within
    --max-age.
    """
    wired = layers.seen(selection)
    now = wired[0].clock.now()
    _, states = layer_states(
        wired[0].journal.reader, [(each.work.job.layer, each.settings) for each in wired]
    )
    states = _with_answers(wired[0].journal.reader, states, now)
    states = with_sources(
        states,
        {
            each.work.job.layer: each.journal.source(key_of(each.settings))
            for each in wired
            if each.settings.dataset_url
        },
    )
    login = flags.typed("login", selection.words)
    found = sessions_of(wired).found()
    states = with_sessions(states, {layer: status_of(each, now, login) for layer, each in found.items()})
    if as_json:
        tongue = speech.tongue()
        told = [{"health": health(state, now), **msgspec.structs.asdict(state)} for state in states]
        speech.answer(jsontext.render({"layers": told}, tongue.say))
    else:
        speech.page("\n".join(status_lines(states, now, speech.tongue())))
    old = max_age is not None and not all(is_fresh(state, now, max_age) for state in states)
    return UNHEALTHY if old else 0


def _with_answers(reader: Reader, states: Sequence[LayerState], now: datetime) -> tuple[LayerState, ...]:
    """Return the same, with what somebody answered since the run that asked."""
    found = {each.layer: each for each in reader.layers()} if any(each.code for each in states) else {}
    return tuple(
        msgspec.structs.replace(
            each, answered=bool(each.code) and asked(reader, found[each.name], now) is None
        )
        for each in states
    )
