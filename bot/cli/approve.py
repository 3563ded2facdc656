"""`umap-bot approve`: a person's word for a plan that waits."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli import options, speech
from bot.rounds import approve
from bot.text import say
from bot.wiring import wire


@click.command(name="approve")
@click.argument("code")
@options.env_file
@options.once
def command(
    code: str, env_file: Path | None, drift: str | None, deleted: str | None, foreign: str | None
) -> int:
    """Give your OK to the plan with this CODE (12 characters or more). Good once, for 7 days.

    The next sync carries out just that plan, from the version of the file that it was made of. A plan that
    was only looked at with an option such as --drift keep wants the same option here.
    """
    settings = speech.settings(env_file)
    wired = wire(settings, options.this_once(settings.policy, drift, deleted, foreign))
    job = wired.work.job
    commits = approve([job.layer], code, wired.journal, wired.clock, job.policy)
    version = say(" (file version {version})", version=commits[0].short) if commits else ""
    speech.tell(
        say(
            "Noted: the next sync carries out plan {code}{version}, if it is still the same.",
            code=code,
            version=version,
        )
    )
    return 0
