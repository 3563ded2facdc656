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


def interview(asker: Asker, given: Mapping[str, str | None], environ: Mapping[str, str]) -> dict[str, str]:
    """Ask all questions, and return the settings.

    `given` are answers from options, by the settings' names; None and missing ones are asked for. Raise
    BotError if an answer fails that can't be asked for again.
    """
    helping = {name: environ[name] for name in TRIED_WITH if environ.get(name)}
    of_map = MapQuestions(asker, given)
    answers = FileQuestions(asker, given, {**of_map.ask(), **helping}).ask()
    for name, question in {"SYNC_DRIFT": DRIFT, "SYNC_DELETED": DELETED}.items():
        answers[name] = settle(asker, question, given.get(name), partial(one_of, question))
    if of_map.shown_in:
        asker.say(
            say(
                "To show the layer on {map}: open that map's layer in uMap, and set its remote data to URL "
                "{address}, format geojson.",
                map=of_map.shown_in,
                address=of_map.layer_address,
            )
        )
    return {name: answer for name, answer in answers.items() if name not in helping}
