"""How it stands with each layer, in one line each: the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from umap_bot.report.formats.terminal import WIDEST, one_line
from umap_bot.report.language import Language
from umap_bot.report.site.site import LayerState
from umap_bot.text import Text, joined, say, say_n

Health = Literal["silent", "trouble", "waiting", "never", "ok"]

WORST_FIRST: Final[tuple[Health, ...]] = ("silent", "trouble", "waiting", "never", "ok")
MARKS: Final[dict[Health, str]] = {"silent": "✗", "trouble": "✗", "waiting": "!", "never": "·", "ok": "✓"}

GRACE: Final = timedelta(minutes=10)
"""How late a run may be before it is missed: as long as a run that was killed keeps its layer."""

PAUSE: Final = timedelta(hours=1)
"""How long the service may leave a layer alone after trouble: it is trouble, and no silence."""


AHEAD: Final = timedelta(minutes=1)
"""By which the clocks of two machines may differ."""


def health(state: LayerState, now: datetime) -> Health:
    """Tell how it stands with a layer. That a due run did not come is the worst, for it hides the rest; so
    does a time in the future, after which nothing is due for long."""
    late = late_after(state)
    if _is_ahead(state, now) or (late is not None and now > late):
        return "silent"
    return "trouble" if state.failing and state.status == "ok" else state.status


def late_after(state: LayerState) -> datetime | None:
    """Return until when a run that is due may still come; None if none is due."""
    grace = GRACE + PAUSE if state.status == "trouble" else GRACE
    return state.due + grace if state.due else None


def is_fresh(state: LayerState, now: datetime, most: timedelta) -> bool:
    """Return whether file and map were seen to agree within this time."""
    return state.success is not None and -AHEAD <= now - state.success <= most


def _is_ahead(state: LayerState, now: datetime) -> bool:
    """Return whether a layer was checked at a time that is still to come: some clock is, or was, wrong."""
    return state.checked is not None and state.checked > now + AHEAD


def status_lines(states: Sequence[LayerState], now: datetime, tongue: Language) -> list[str]:
    """Return a line a layer, the worst first, and what waits by its age."""
    told = ((health(state, now), state) for state in states)
    found = sorted(told, key=lambda each: (WORST_FIRST.index(each[0]), each[1].asked or now))
    width = min(WIDEST, max(len(one_line(tongue.say(state.shown))) for state in states))
    names = [f"{MARKS[how]} {one_line(tongue.say(state.shown)):<{width}}" for how, state in found]
    said = [one_line(tongue.say(_said(how, state, now))) for how, state in found]
    return [f"{name}  {words}" for name, words in zip(names, said, strict=True)]


def _said(how: Health, state: LayerState, now: datetime) -> Text:
    parts = [_how(how, state, now), *_waits(state)]
    if state.checked:
        parts.append(say("checked {time}", time=state.checked))
    if state.success and state.success != state.checked:
        parts.append(say("last success {time}", time=state.success))
    if state.due and how != "silent":
        parts.append(say("next {time}", time=state.due))
    if state.session:
        parts.append(state.session)
    parts += _data(state)
    if state.last:
        parts.append(say("last run {number}", number=state.last))
    return joined(parts, " · ")


def _data(state: LayerState) -> tuple[Text, ...]:
    """Return how old the data is that was fetched, and why there is no newer one."""
    parts = (
        say("data fetched {time}", time=state.fetched) if state.fetched else None,
        say("data changed {time}", time=state.changed) if state.changed else None,
        say("no new data since {time}: {error}", time=state.failing, error=state.failure)
        if state.failing
        else None,
    )
    return tuple(part for part in parts if part is not None)


def _waits(state: LayerState) -> tuple[Text, ...]:
    """Return how many features wait, and since when."""
    if state.asked is None or state.answered:
        return ()
    if not state.waiting:
        return (say("approval needed since {time}", time=state.asked),)
    return (
        say_n(
            "{count} feature waiting since {time}",
            "{count} features waiting since {time}",
            state.waiting,
            time=state.asked,
        ),
    )


def _how(how: Health, state: LayerState, now: datetime) -> Text:
    if _is_ahead(state, now):
        return say("SILENT: its last check is in the future; was the clock set back?")
    if how == "silent" and state.due:
        return say("SILENT: a run has been overdue since {time}", time=state.due)
    if how == "waiting" and state.answered:
        return say("decided: the next sync applies it")
    if how == "waiting" and state.code:
        return say("APPROVAL NEEDED (plan {code})", code=state.code)
    if how == "waiting":
        return say("ACTION NEEDED: rows in the file must be corrected")
    said = {
        "trouble": say("PROBLEM: new data can't be used")
        if state.status == "ok"
        else say("PROBLEM: the last run did not succeed"),
        "never": say("not checked yet"),
    }
    return said.get(how, say("removed from the map") if state.gone else say("up to date"))
