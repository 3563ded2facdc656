"""The run: take the layer, see whether there is anything new, and only then go further."""

from __future__ import annotations

from umap_bot.model.run import Run
from umap_bot.ports import Clock, Dataset, Journal, LiveLayer
from umap_bot.run.job import Job
from umap_bot.run.lease import leased


def run_once(job: Job, dataset: Dataset, layer: LiveLayer, journal: Journal, clock: Clock) -> Run:
    """Update the layer to match the file, once.

    Raise LayerBusy if another run has the layer, and any other BotError; the change log then says so, and
    nothing is half done that the next run would not find and settle.
    """
    with leased(job, layer, journal, clock, "sync") as (session, end):
        head, entry = dataset.head(), layer.look()
        if not job.named and session.settled == job.stamp(head, entry):
            return session.idle(head)
        from umap_bot.run.attempt import Attempt  # noqa: PLC0415  all that compares: an idle run needs none

        return Attempt(job, layer, session, clock, end).sync(head, dataset)
