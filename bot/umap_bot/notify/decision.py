"""Who is told what after a run: pure rules on how the run ended, the time, and what was told before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from umap_bot.errors import BotError, LayerBusy, SessionEnded
from umap_bot.model.canon import digest
from umap_bot.model.plan import Plan
from umap_bot.model.run import EXIT, Run
from umap_bot.notify.memory import Held, Told, Trouble

Kind = Literal["trouble", "held", "recovery", "change", "heartbeat"]
"""What a message tells, the gravest first."""

End: TypeAlias = "Run | BotError"
"""How a layer's run ended."""

SLACK: Final = timedelta(hours=1)
"""A run at seven every morning is not always on the second: a day and a week may be as much shorter."""

DAY: Final = timedelta(days=1) - SLACK
WEEK: Final = timedelta(days=7) - SLACK
MONTH: Final = timedelta(days=30) - SLACK

HEARTBEATS: Final = {"never": None, "weekly": WEEK, "monthly": MONTH}

SESSION: Final = -13
"""What stands for the code of a session that has ended: only people can mend it, and they know."""

REMEMBERED: Final = 20
"""How many held plans are known again; a file that goes back and forth is not told each time."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent, `kinds` in one message, and what is remembered: `told` if it arrived, else `untold`.

    `since` is when the trouble or the waiting began, `lasted` how long a trouble did that is over. `again`:
    people heard of this trouble or plan before. `troubled`: the bot does not do its work.
    """

    kinds: tuple[Kind, ...] = ()
    told: Told
    untold: Told
    since: datetime | None = None
    lasted: timedelta | None = None
    again: bool = False
    troubled: bool = False


def decide(end: End, now: datetime, told: Told | None, heartbeat: timedelta | None = None) -> Verdict:
    """Decide on one layer after its run. `heartbeat`: after how long a silence all is said to be well."""
    told = told or Told(sent=now)
    if isinstance(end, LayerBusy):
        return Verdict(told=told, untold=told)
    if isinstance(end, Run) and end.outcome == "restless":
        verdict = _not_converged(now, told)
    elif code := failure(end):
        known_as = SESSION if isinstance(end, SessionEnded) else code
        verdict = _failing(known_as, now, replace(told, not_converged=None))
    else:
        verdict = _working(end, now, replace(told, not_converged=None), heartbeat)
    return _with_change(verdict, now) if isinstance(end, Run) and _changed(end) else verdict


def _changed(end: Run) -> bool:
    """Tell whether a run changed the map, or saw that people did."""
    return bool(end.applied) or (end.kind == "watch" and end.outcome == "done")


def failure(end: End) -> int:
    """Return the exit code of what failed; 0 for what did not."""
    if isinstance(end, BotError):
        return end.code
    return end.code or EXIT[end.outcome] if end.outcome in {"failed", "unfinished"} else 0


def _not_converged(now: datetime, told: Told) -> Verdict:
    """That the map kept changing happens; twice running it is trouble."""
    if told.not_converged is None:
        told = replace(told, not_converged=now)
        return Verdict(told=told, untold=told)
    return _failing(EXIT["restless"], now, replace(told, trouble=told.trouble or Trouble(told.not_converged)))


def _failing(code: int, now: datetime, told: Told) -> Verdict:
    """Trouble is told once, and weekly while it lasts; another trouble on top of it is told too. That a
    session has ended is told once."""
    trouble = replace(told.trouble, ended=None) if told.trouble else Trouble(now)
    untold = replace(told, trouble=trouble)
    known = code in trouble.codes
    if known and (code == SESSION or not _due(trouble.told, WEEK, now)):
        return Verdict(told=untold, untold=untold, troubled=True)
    codes = trouble.codes if known else (*trouble.codes, code)
    return Verdict(
        kinds=("trouble",),
        told=replace(untold, sent=now, trouble=replace(trouble, codes=codes, told=now)),
        untold=untold,
        since=trouble.since,
        again=known,
        troubled=True,
    )


def _working(end: End, now: datetime, told: Told, heartbeat: timedelta | None) -> Verdict:
    """A run that did its work; perhaps it waits for a person."""
    held = end.plan if isinstance(end, Run) and end.waits else None
    if held is None:
        told = replace(told, settled=now, held=None)
        verdict = Verdict(told=told, untold=told)
    else:
        told = replace(told, settled=now) if isinstance(end, Run) and end.settled else told
        verdict = _waiting(_question(held), now, told)
    verdict = _recovered(verdict, now)
    if verdict.kinds or held or heartbeat is None or not _due(told.sent, heartbeat, now):
        return verdict
    return replace(verdict, kinds=("heartbeat",), told=replace(verdict.told, sent=now))


def _question(plan: Plan) -> str:
    """Return a digest of what a person is asked: about the plan, or about rows that can't be read."""
    if not plan.context.rows_wait:
        return plan.question
    return digest(
        [
            plan.question,
            *map(str, plan.context.bad_rows),
            *(rowless.key for rowless in plan.context.rowless),
        ]
    )


def _waiting(question: str, now: datetime, told: Told) -> Verdict:
    """A plan that waits is told once, again after a day, and then weekly, while it is the same."""
    before = told.held or Held(question, now)
    held = before if before.digest == question else replace(before, digest=question, since=now, times=1)
    untold = replace(told, held=held)
    known = question in held.before
    if known and not _due(held.told, DAY if held.times == 1 else WEEK, now):
        return Verdict(told=untold, untold=untold)
    heard = replace(
        held,
        told=now,
        times=held.times + 1 if known else 1,
        before=held.before if known else (*held.before, question)[-REMEMBERED:],
    )
    return Verdict(
        kinds=("held",),
        told=replace(untold, sent=now, held=heard),
        untold=untold,
        since=held.since,
        again=known,
    )


def _recovered(verdict: Verdict, now: datetime) -> Verdict:
    """A trouble that people heard of ends with one message; another ends silently."""
    trouble, told = verdict.untold.trouble, replace(verdict.told, trouble=None)
    if trouble is None or not trouble.codes:
        return replace(verdict, told=told, untold=replace(verdict.untold, trouble=None))
    ended = trouble.ended or now
    return replace(
        verdict,
        kinds=(*verdict.kinds, "recovery"),
        told=replace(told, sent=now),
        untold=replace(verdict.untold, trouble=replace(trouble, ended=ended)),
        since=verdict.since or trouble.since,
        lasted=ended - trouble.since,
    )


def _with_change(verdict: Verdict, now: datetime) -> Verdict:
    kinds: tuple[Kind, ...] = tuple(kind for kind in verdict.kinds if kind != "heartbeat")
    return replace(verdict, kinds=(*kinds, "change"), told=replace(verdict.told, sent=now))


def _due(last: datetime | None, interval: timedelta, now: datetime) -> bool:
    return last is None or now - last >= interval
