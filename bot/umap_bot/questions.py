"""What is asked of a person about a layer, as the state has it now."""

from __future__ import annotations

from datetime import datetime

from umap_bot.journal.reader import LayerStatus, Reader
from umap_bot.report.story.decisions import Question, still_asked


def asked(reader: Reader, status: LayerStatus, now: datetime) -> Question | None:
    """Return what nobody has answered since a run asked it; None if nothing waits for an answer."""
    question = _question(reader, status)
    if question is None:
        return None
    return still_asked(question, reader.decisions(status.layer), reader.approvals(status.layer, now))


def _question(reader: Reader, status: LayerStatus) -> Question | None:
    """Return what waits: parts of plans since a settled run, or the whole plan of the last one."""
    if status.waiting:
        run = reader.run(status.waiting.run)
        return Question(status.waiting.run, status.waiting.since, run.plan) if run and run.plan else None
    last = status.last
    return (
        Question(last.number, last.started, last.plan)
        if last and last.plan and last.plan.verdict.asks
        else None
    )
