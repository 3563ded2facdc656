"""Which way in: asked where the page leaves a choice, and tried at once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from umap_bot.errors import RefusedError, SettingsError, UsageError
from umap_bot.model.layer import Entry
from umap_bot.redaction import add_secret
from umap_bot.setup import trial
from umap_bot.setup.asker import Asker, settle
from umap_bot.setup.questions import (
    ACCOUNT,
    COOKIE,
    EDIT_LINK,
    LINK,
    PASSWORD,
    SESSION,
    TWO,
    USERNAME,
    one_of,
    way_question,
)
from umap_bot.text import Text, joined, say
from umap_bot.umap.entry import Page, find_layer
from umap_bot.umap.map import UmapMap
from umap_bot.umap.ways.advice import TWO_MAPS, password_form, risks, way_in

_OPENED_BY = {LINK: "UMAP_EDIT_LINK", ACCOUNT: "UMAP_USERNAME", COOKIE: "UMAP_SESSION_COOKIE"}


class SecondMapError(RefusedError):
    """This map can't be written to, and another one is to hold its data."""


class WayQuestions:
    """Asks for the way into the map of `answers`; what opens it is added to them."""

    def __init__(self, asker: Asker, given: Mapping[str, str | None], answers: dict[str, str]) -> None:
        self._asker = asker
        self._given = given
        self._answers = answers
        named = [way for way, name in _OPENED_BY.items() if given.get(name) is not None]
        if len(named) > 1:
            raise UsageError(say("Give the options of only one sign-in method."))
        self._named = named[0] if named else ""

    def into_hidden(self) -> trial.OpenedMap:
        """Take the way into a map that strangers are not shown."""
        self._asker.say(
            say(
                "uMap does not show this map to visitors: it is a draft, private or deleted. The bot must "
                "sign in to see it."
            )
        )
        return self._take(self._choose((LINK, ACCOUNT, COOKIE), LINK), None)

    def into(self, entry: Entry, page: Page, of: UmapMap) -> Page:
        """Return the page with the way into a layer taken. `of` and `page` are what a stranger sees.

        Raise SecondMapError if another map is meant to hold the data.
        """
        way = way_in(entry, page)
        self._asker.say(way.why)
        if way.kind == "everyone" and not self._named:
            return page
        if way.kind == "edit link":
            return self._take(self._named or LINK, entry).page
        return self._take(self._named or self._of_owned(of), entry).page

    def _of_owned(self, of: UmapMap) -> str:
        shown = trial.password_form(of)
        self._asker.say(password_form(shown=shown))
        return self._choose((ACCOUNT, COOKIE, TWO), ACCOUNT if shown else TWO)

    def _choose(self, ways: tuple[str, ...], usual: str) -> str:
        if self._named:
            return self._named
        question = way_question(ways, usual)
        return settle(self._asker, question, None, partial(one_of, question))

    def _take(self, way: str, entry: Entry | None) -> trial.OpenedMap:
        if way == TWO:
            self._asker.say(joined(TWO_MAPS, "\n"))
            raise SecondMapError(
                say("This map will show the data of a second map."),
                way_out=say("Enter the address of the second map."),
            )
        question = {LINK: EDIT_LINK, ACCOUNT: USERNAME, COOKIE: SESSION}[way]
        inside = settle(
            self._asker,
            question,
            self._given.get(_OPENED_BY[way]),
            lambda answer: self._attempt(way, answer, entry),
        )
        if inside is None:
            raise RefusedError(
                say("The bot can't sign in without it."), way_out=say("Enter the address of another map.")
            )
        self._asker.say(_works(way))
        for risk in risks(inside.map.way_in, inside.page):
            self._asker.say(joined(("  ·", risk)))
        return inside

    def _attempt(self, way: str, answer: str, entry: Entry | None) -> trial.OpenedMap | None:
        """Take the way in. None: nothing was answered. Raise BotError if it does not open the layer."""
        if not answer:
            return None
        opened = {_OPENED_BY[way]: answer}
        if way == ACCOUNT:
            opened["UMAP_PASSWORD"] = self._password()
        inside = trial.enter({"UMAP_MAP_URL": self._answers["UMAP_MAP_URL"], **opened})
        if entry is not None:
            refuse_locked(find_layer(inside.page, entry.layer_id), inside)
        self._answers.update(opened)
        return inside

    def _password(self) -> str:
        password = self._given.get("UMAP_PASSWORD")
        if password is None:
            password = self._asker.ask(PASSWORD).strip()
        add_secret(password)
        if not password:
            raise SettingsError(
                say("The account can't log in without its password."),
                way_out=say("Enter it, or give it in an environment variable with --password-env."),
            )
        return password


def refuse_locked(entry: Entry, inside: trial.OpenedMap) -> None:
    """Raise RefusedError, with whom to ask, for a layer that may not be edited."""
    if not entry.editable:
        raise RefusedError(
            say("The layer “{layer}” can be read but not edited.", layer=entry.name),
            way_out=inside.map.way_in.advise(inside.page, entry),
        )


def _works(way: str) -> Text:
    if way == LINK:
        return say("✓ The edit link works.")
    if way == ACCOUNT:
        return say("✓ The account can log in.")
    return say("✓ The session cookie works.")
