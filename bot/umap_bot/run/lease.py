"""A layer while a run has it: taken, given back, and how the run failed written down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from umap_bot.errors import BotError, StateError
from umap_bot.model.plan import Kind
from umap_bot.ports import Clock, Journal, LiveLayer, Session
from umap_bot.run.job import DEADLINE, Job


@contextmanager
def leased(
    job: Job, layer: LiveLayer, journal: Journal, clock: Clock, kind: Kind
) -> Iterator[tuple[Session, datetime]]:
    """Take the layer, until when it may be tried, and write down how the attempt failed, if it does."""
    with journal.lease(job.layer, clock) as session:
        end = clock.now() + DEADLINE
        try:
            with layer.until(end):
                yield session, end
        except StateError:
            raise  # there is no log to write it to
        except BotError as error:
            with suppress(StateError):  # what ended the run is what matters
                session.fail(kind, error.text, error.code)
            raise
        except Exception as error:
            bug = journal.unforeseen(error)
            with suppress(StateError):
                session.fail(kind, bug.text, bug.code)
            raise bug from error
