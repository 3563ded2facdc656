"""The public Python API: one layer's settings, its plan, its sync. The package gives these names."""

from __future__ import annotations

import logging
from pathlib import Path

from umap_bot import settings as reading
from umap_bot.errors import BotError
from umap_bot.model.plan import Plan
from umap_bot.model.run import Run
from umap_bot.report.language import language
from umap_bot.run.approving import approving
from umap_bot.run.passes import make_pass, preview_all, sources_ended
from umap_bot.text import say, verbatim
from umap_bot.wiring import audience, wire

__all__ = ["BotError", "Plan", "Run", "Settings", "plan", "sync"]


_log = logging.getLogger(__name__)


class Settings(reading.Settings):
    """The settings of one layer, as `config.example.env` explains them, with their names in lower case.

    Make them by `read` or `of`, which check them; they are read only. A secret prints as stars.
    """

    @classmethod
    def read(cls, env_file: str | Path | None = None) -> Settings:
        """Return the settings of a file (default: `.env` here, if there is one) and of the environment.

        The environment comes first. Raise BotError (code 10) for a file that isn't there, an unknown name, a
        wrong or missing value.
        """
        return reading.load(cls, Path(env_file) if env_file else None)

    @classmethod
    def of(cls, **values: str) -> Settings:
        """Return the settings of these values: `Settings.of(dataset_key="id", …)`.

        Each is written as in a `.env`; an empty one is none. Neither a file nor the environment is looked at.
        Raise BotError (code 10).
        """
        named = {name.upper(): str(value) for name, value in values.items() if value != ""}
        reading.refuse_unknown(named, verbatim("Settings.of"))
        reading.hide_secrets(named)
        return reading.validated(cls, named, say("They are the values that were given."))


def plan(settings: Settings) -> Plan:
    """Return what a sync would do now. Nothing is written: neither on the map nor in the change log.

    `effects.changes` are the changes (creates, updates, deletes, each with its key and name; places are
    GeoJSON, WGS 84, degrees), `verdict.objections` the reasons for which it would wait for approval, `code`
    what approves it, `context` what else was found. Raise BotError; its `code` is the exit code that the
    command would have.
    """
    wired = wire(settings)
    (found,) = preview_all([wired.work], wired.journal, wired.clock)
    if isinstance(found, BotError):
        raise found
    return found


def sync(settings: Settings, *, approve: str = "", by: str = "") -> Run:
    """Update the layer to match the file, read it back, log it; messages and pages go out as the settings
    say.

    `approve` is the code of a plan that is carried out although it would wait, `by` who approves it (default:
    the forge's user in CI, else the system's). The run's `outcome` is "done", "nothing" (it was up to date),
    "held" (its `plan` waits for approval; nothing was changed) or "restless" (the map kept changing);
    `applied` are the changes that stand on the map through it, times are aware, UTC. Raise BotError; the
    change log then has it too. That new data could not be fetched (DATASET_URL) is logged as a warning: the
    run used what was fetched before.
    """
    wired = wire(settings, commits=True)
    hearers = audience([wired], language(settings.report_language or "en"))
    named, policy = [wired.work.job.layer], wired.work.job.policy
    who = reading.approver(by) if approve else ""
    with approving(named, approve or None, wired.journal, wired.clock, policy, who):
        ((_, end),) = make_pass([wired.work], wired.journal, wired.clock, hearers)
    for name, trouble in sources_ended([wired.work]):
        if isinstance(trouble, BotError):
            _log.warning("%s: %s", name, trouble)
    if isinstance(end, BotError):
        raise end
    return end
