"""`umap-bot login`: a new session for the bot."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Final

import click

from umap_bot.cli import speech
from umap_bot.cli.options import layers
from umap_bot.cli.options.layers import Selection
from umap_bot.errors import RefusedError, UsageError
from umap_bot.model.session import Session
from umap_bot.report.story.session import until
from umap_bot.setup.session import SETTING, CookieTarget, LoginCheck, day_of, keep, login_checks, value_of
from umap_bot.text import joined, say
from umap_bot.wiring import sessions_of, wire_all

LONGEST: Final = 65536
"""Characters of a line that may hold a cookie."""


@click.command(name="login")
@layers.chosen
@click.option(
    "--until", "end", metavar="DATE", help=say("The date when the session expires, as the browser shows it.")
)
def command(selection: Selection, end: str | None) -> int:
    """Renew the browser session that the bot uses. The new cookie is tested at once and saved in .env.

    1. In a private window, log in to uMap with the bot's account.

    2. Open the developer tools (F12), then Storage or Application, then Cookies. Copy the value and the
    expiry date of sessionid.

    3. Paste them here. Then close the window without logging out: logging out ends the session.

    The cookie is read from a hidden prompt, or from standard input: pass show umap | umap-bot login

    Exit code: 0 done · 13 uMap does not accept the cookie, and nothing is written.
    """
    places = CookieTarget(selection.env_file, selection.manifest)
    speech.choose(places.settings[0].report_language)
    wired = layers.narrowed(wire_all(places.settings), selection.layer)
    variable, now = places.variable(wired), wired[0].clock.now()
    day = day_of(end, now) if end is not None else None
    value = value_of(_cookie())
    for each in login_checks(places.with_cookie(wired, value)):
        _tell(each)
    if end is None and sys.stdin.isatty():
        day = _asked_day(now)
    sessions = sessions_of(places.with_cookie(wired, value, day))
    sessions.note(None if variable == SETTING else day)  # else it stands in the file
    keep(places.file, variable, value, day)
    _tell_end(places.file, next(iter(sessions.found().values())))
    return 0


def _cookie() -> str:
    """Return what was pasted, or the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline(LONGEST)
    asked = speech.spoken(say("Value of the “sessionid” cookie (input is hidden)"))
    pasted: str = click.prompt(asked, hide_input=True, err=True)
    return pasted


def _asked_day(now: datetime) -> date | None:
    """Ask for the end until it can be used: the cookie was good, and is not asked for again."""
    asked = speech.spoken(say("Its expiry date, as the browser shows it (empty: at most 14 days from now)"))
    while True:
        try:
            return day_of(click.prompt(asked, default="", show_default=False, err=True), now)
        except UsageError as error:
            speech.tell(joined(("✗", error.text)), err=True)


def _tell(checked: LoginCheck) -> None:
    """Say who is logged in, and whether the layer may be edited. Raise RefusedError if it may not."""
    speech.tell(say("✓ Logged in as “{name}”.", name=checked.page.user or ""))
    if not checked.entry.editable:
        raise RefusedError(
            say(
                "The layer “{layer}” can be read but not edited. Nothing was written.",
                layer=checked.entry.name,
            ),
            way_out=checked.map.way_in.advise(checked.page, checked.entry),
        )
    speech.tell(say("✓ The layer “{layer}” can be edited.", layer=checked.entry.name))


def _tell_end(file: Path, session: Session) -> None:
    speech.tell(say("Wrote {file}. Only you can read it.", file=str(file)))
    speech.tell(say("Now: {until}.", until=until(session)))
    speech.tell(say("If umap-bot serve is running, restart it to use the new cookie."))
