"""A new session for the bot: the cookie as people paste it, tried, and put where the old one was."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from secrets import token_hex
from typing import Final

import msgspec
from pydantic import SecretStr, TypeAdapter, ValidationError

from umap_bot.errors import SettingsError, UsageError
from umap_bot.manifest import load_all, variables_of
from umap_bot.model.layer import Entry
from umap_bot.model.session import Session
from umap_bot.redaction import add_secret
from umap_bot.settings import Settings
from umap_bot.settings.values import Day
from umap_bot.setup.env import edited, write_env
from umap_bot.text import say
from umap_bot.umap.entry import Page, find_layer
from umap_bot.umap.map import UmapMap
from umap_bot.wiring import Wired, wire_all

SETTING: Final = "UMAP_SESSION_COOKIE"
UNTIL: Final = "UMAP_SESSION_UNTIL"

BOM: Final = "\ufeff"

_PASTED: Final = re.compile(r"""(?:^|[\s;,"'])sessionid["']?\s*[=:]\s*["']?([^\s;,"']+)""", re.IGNORECASE)


class LoginCheck(msgspec.Struct, frozen=True):
    """What uMap says to a cookie: the page as it shows it then, and one layer on it."""

    map: UmapMap
    page: Page
    entry: Entry


def value_of(pasted: str) -> str:
    """Return the cookie's value of what was pasted: alone, `sessionid=…;`, or among others.

    From here on no text holds it. Raise UsageError if there is none.
    """
    found = _PASTED.search(pasted)
    value = found[1] if found else pasted.strip().strip("\"';").strip()
    add_secret(pasted.strip())
    add_secret(value)
    if not value:
        raise UsageError(
            say("No cookie was given."), way_out=say("To see where to find it: umap-bot login --help")
        )
    return value


def day_of(text: str, now: datetime) -> date | None:
    """Return the end that the browser shows; None for nothing. Raise UsageError if it is no day, or over."""
    try:
        day: date | None = TypeAdapter(Day).validate_python(text.strip())
    except ValidationError:
        raise UsageError(
            say("The expiry date is not a date: write it as 2026-12-08, or as the browser shows it.")
        ) from None
    if day and Session(day, known=True).left(now) < 0:
        raise UsageError(
            say("The session already expired, on {day}.", day=day.isoformat()),
            way_out=say("Log in to uMap again in a private window, and copy the new cookie."),
        )
    return day


class CookieTarget:
    """Where cookies belong: the settings' file, and the variables of it that the settings of layers name."""

    def __init__(self, env_file: Path | None, manifest: Path | None) -> None:
        """Raise SettingsError if the settings can't be used, or their file is not to be written anew."""
        self.file = env_file or Path(".env")
        if self.file.is_symlink():
            raise SettingsError(
                say("{file} is a link to another file, so it is not overwritten.", file=str(self.file)),
                way_out=say("Give that file itself with --env-file."),
            )
        variables = variables_of(manifest, SETTING) or (SETTING,)
        stand_ins = {token_hex(): variable for variable in variables}
        given = {variable: stand_in for stand_in, variable in stand_ins.items()}
        self.settings = load_all(env_file, manifest, {**os.environ, **given})
        self._stand_ins = stand_ins

    def variable(self, wired: Sequence[Wired]) -> str:
        """Name the one variable that holds the cookie of these layers.

        Raise UsageError if there are several, SettingsError if there is none, or the file is not asked.
        """
        found = sorted({name for each in wired if (name := self._of(each.settings))})
        if len(found) > 1:
            raise UsageError(
                say("The layers use several sessions: {names:, }.", names=tuple(found)),
                way_out=say("Choose a layer of the session to renew with --layer."),
            )
        if not found:
            raise SettingsError(
                say("The layer uses another sign-in method, so it needs no session."),
                way_out=say("Nothing is left to do. To check the sign-in: umap-bot check"),
            )
        if os.environ.get(found[0]):
            raise SettingsError(
                say("{name} is set in the environment, which takes precedence over {file}.", name=found[0],
                    file=str(self.file)),
                way_out=say("Remove it from the environment, or put the new cookie there."),
            )  # fmt: skip
        return found[0]

    def with_cookie(self, wired: Sequence[Wired], value: str, until: date | None = None) -> tuple[Wired, ...]:
        """Wire those of the layers that have a session, with this cookie, and its end as `keep` puts it."""
        cookie = SecretStr(value)
        of = [each.settings for each in wired if self._of(each.settings)]
        ends = [until if self._of(each) == SETTING else each.umap_session_until for each in of]
        changes = [{"umap_session_cookie": cookie, "umap_session_until": end} for end in ends]
        return wire_all([each.model_copy(update=change) for each, change in zip(of, changes, strict=True)])

    def _of(self, settings: Settings) -> str:
        held = settings.umap_session_cookie
        return self._stand_ins.get(held.get_secret_value(), "") if held else ""


def login_checks(wired: Sequence[Wired]) -> Iterator[LoginCheck]:
    """Try the cookie on each layer. Raise SessionEnded if uMap does not know it; RefusedError,
    UnreachableError."""
    for each in wired:
        page = each.map.seen()
        yield LoginCheck(each.map, page, find_layer(page, each.settings.umap_layer or None))


def keep(file: Path, variable: str, value: str, until: date | None) -> None:
    """Put the cookie into the settings' file, and the end of the session beside it; the old one's goes.

    A manifest's own variable stands alone: of its end the state knows. Raise SettingsError if the file can't
    be written; it is then as it was.
    """
    changes: dict[str, str | None] = {variable: value}
    if variable == SETTING:
        changes[UNTIL] = until.isoformat() if until else None
    text = _read(file)
    mark = BOM if text.startswith(BOM) else ""
    write_env(file, mark + edited(text.removeprefix(BOM), changes), replace=True)


def _read(file: Path) -> str:
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            return opened.read()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            say(
                "{file} can't be read: it is not UTF-8 text, or you are not allowed to read it.",
                file=str(file),
            ),
            way_out=say("Save it as UTF-8 text, and check its permissions."),
        ) from error
