"""All questions in their order; the answers are the settings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from umap_bot.setup.asker import Asker, settle
from umap_bot.setup.file import FileQuestions
from umap_bot.setup.map import MapQuestions
from umap_bot.setup.questions import DELETED, DRIFT, one_of
from umap_bot.text import say

TRIED_WITH: Final = ("DATASET_TOKEN", "DATASET_SSH_KEY")
"""What of the environment helps to try the answers. It stays there: it is not written down."""


class Interview:
    """`given` are answers from options, by the settings' names; None and missing ones are asked for."""

    def __init__(self, asker: Asker, given: Mapping[str, str | None], environ: Mapping[str, str]) -> None:
        self._asker = asker
        self._given = given
        self._environ = {name: environ[name] for name in TRIED_WITH if environ.get(name)}

    def hold(self) -> dict[str, str]:
        """Ask, and return the settings. Raise BotError if an answer fails that can't be asked for again."""
        of_map = MapQuestions(self._asker, self._given)
        answers = of_map.ask()
        FileQuestions(self._asker, self._given, helped := {**answers, **self._environ}).ask()
        answers = {name: value for name, value in helped.items() if name not in self._environ}
        for name, question in {"SYNC_DRIFT": DRIFT, "SYNC_DELETED": DELETED}.items():
            answers[name] = settle(
                self._asker,
                question,
                self._given.get(name),
                partial(one_of, question),
            )
        self._tell_second_map(of_map)
        return answers

    def _tell_second_map(self, of_map: MapQuestions) -> None:
        if of_map.shown_in:
            self._asker.say(
                say(
                    "To show the layer in {map}: make its layer there remote data, URL {address}, format "
                    "geojson.",
                    map=of_map.shown_in,
                    address=of_map.layer_address,
                )
            )
