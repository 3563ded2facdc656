"""The change log as one line a run."""

from __future__ import annotations

from collections.abc import Iterable

from bot.model.change import Create, Update
from bot.model.run import Run
from bot.report.words import moment

NAMES = 3
"""How many features a line names."""


def log_lines(runs: Iterable[Run]) -> list[str]:
    """Give the lines, in the order of the runs."""
    return [_line(run) for run in runs] or ["Nothing was done so far."]


def _line(run: Run) -> str:
    version = f" · file {run.commit.short}" if run.commit.sha else ""
    return f"{run.number:>4} · {moment(run.started)}{version} · {_said(run)}"


def _said(run: Run) -> str:
    if run.outcome == "failed":
        first, *more = run.error.split("\n")
        return f"FAILED: {first}" + (f" … (umap-bot show {run.number})" if more else "")
    if run.outcome == "held" and run.plan:
        reasons = "; ".join(objection.text for objection in run.plan.objections)
        return f"WAITING FOR YOUR OK: {reasons} (plan {run.plan.code})"
    if run.outcome == "unfinished":
        return f"broke off; {_changes(run) or 'nothing of it stands on the map'}"
    said = _changes(run) or "nothing to do"
    return said if run.outcome != "restless" else f"the map kept changing; {said}"


def _changes(run: Run) -> str:
    created = [change.name for change in run.landed if isinstance(change, Create)]
    updated = [change.name for change in run.landed if isinstance(change, Update)]
    deleted = [change.name for change in run.landed if not isinstance(change, (Create, Update))]
    changed = "matched with their rows" if run.kind == "adopt" else "changed"
    told = [
        f"{len(names)} {word} ({_named(names)})"
        for names, word in ((updated, changed), (created, "added"), (deleted, "removed"))
        if names
    ]
    put_back = {drift.key for drift in run.drift if drift.outcome == "overwrite"}
    if put_back and updated:
        told.append(f"{len(put_back)} of them put back after someone changed the map")
    return ", ".join(told)


def _named(names: list[str]) -> str:
    return ", ".join(names[:NAMES]) + (f" and {len(names) - NAMES} more" if len(names) > NAMES else "")
