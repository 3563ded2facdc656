"""What is sent of a watched layer: to whom nothing is told that is no news."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.notify.made import NOON, run
from umap_bot.model.change import Change, Create, Field
from umap_bot.model.drift import MapNews
from umap_bot.model.run import Run
from umap_bot.notify.decision import decide
from umap_bot.report.log import summary
from umap_bot.report.story.sentences import run_story

BRON = Create(key="aaaaa", name="Bron", properties={"name": "Bron"}, geometry=None)


def watched(*applied: Change, news: MapNews, first: bool = False, outcome: str = "done") -> Run:
    """A run that only watches, as it ends."""
    made = run(outcome, *applied)
    assert made.plan
    context = replace(made.plan.context, news_of_map=news, first=first)
    effects = replace(made.plan.effects, kind="watch", changes=applied)
    return replace(made, kind="watch", plan=replace(made.plan, context=context, effects=effects))


CAME = watched(BRON, news=MapNews(came=True))
GONE = watched(news=MapNews(gone=True))
FIRST = watched(news=MapNews(), first=True, outcome="nothing")
STYLED = watched(news=MapNews(settings=(Field("color", "Red", "Blue"),), saves=(NOON,)))
RENUMBERED = watched(news=MapNews(renumbered=500, saves=(NOON, NOON)))
DRAWN = watched(BRON, news=MapNews(saves=(NOON,)))
SAVED = watched(news=MapNews(saves=(NOON,)), outcome="nothing")


@pytest.mark.parametrize(
    ("ended", "line", "sent"),
    [
        (FIRST, "Watched from now on: 18 features", False),
        (DRAWN, "1 added (Bron)", True),
        (STYLED, "1 setting of the layer changed", True),
        (RENUMBERED, "uMap gave 500 features new ids; nothing else of them changed", True),
        (CAME, "The layer is new on the map, with 18 features", True),
        (GONE, "The layer was removed from the map, with its 18 features", True),
        (SAVED, "Saved, but nothing was changed", False),
    ],
)
def test_news_are_told_and_nothing_else(ended: Run, line: str, sent: bool) -> None:
    assert summary(ended) == line
    assert decide(ended, NOON, None).kinds == (("change",) if sent else ())


def test_a_story_tells_when_people_saved() -> None:
    assert any("2 saves, the last one" in line for line in run_story(RENUMBERED, None).head)
    assert any(line.startswith("Saved ") for line in run_story(DRAWN, None).head)
    assert len(run_story(FIRST, None).head) == 1
