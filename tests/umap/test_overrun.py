"""The set rule (protocol 7): what our push ran over is found, and nothing else is taken for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.umap.made import BRON, LYON, VIENNE, collection, point
from umap_bot.model.layer import Collection, Entry, Live, Push, Save
from umap_bot.umap.layer.overrun import WINDOW, overrun
from umap_bot.umap.layer.versions import Version

START = 1_700_000_000_000
OURS = point("Lyon VIII", "aaaaa", contact="Clélia")
THEIRS = point("Bron centre", "bbbbb")
Features = list[dict[str, Any]]


def layer(*features: dict[str, Any]) -> Collection:
    members = (("type", b'"FeatureCollection"'),)
    return Collection(members, tuple(json.dumps(feature).encode() for feature in features))


class History:
    """A layer's version list, written by hand: at V0 stand Lyon and Bron, we push another name for Lyon."""

    def __init__(self) -> None:
        self.contents: dict[str, Collection | None] = {}
        self.list: list[Version] = []
        self.asked: list[str] = []
        self.v0 = self.add(0, LYON, BRON)
        self.push = Push(self.v0, layer(LYON, BRON), layer(OURS, BRON), (self.v0,))

    def add(self, at: int, *features: dict[str, Any], letters: str = "") -> str:
        content = layer(*features)
        ref = letters or str(START + at)
        name = f"id_{START + at}{'_' if letters else ''}{letters}.geojson"
        self.list.append(Version(ref, name, START + at, len(content.encode())))
        self.contents[ref] = content
        return ref

    def read(self, version: Version) -> Collection | None:
        self.asked.append(version.version)
        return self.contents[version.version]

    def overrun(self, live: str, own: tuple[str, ...] = ()) -> tuple[Save, ...]:
        entry = Entry(
            map_id="1",
            map_name="",
            map_url="",
            layer_id="id",
            name="",
            version=live,
            release="3.8.1",
            editable=True,
        )
        standing = self.contents[live]
        assert standing
        return overrun(self.push, Live(entry, live, standing, standing), self.list, self.read, own)

    def lost(self, live: str) -> list[str]:
        return [save.version for save in self.overrun(live)]


@pytest.fixture
def history() -> History:
    return History()


def test_a_clean_push_asks_nothing(history: History) -> None:
    assert history.lost(history.add(5, OURS, BRON)) == []
    assert history.asked == []


@pytest.mark.parametrize("at", [3, 5, 7])
def test_a_save_that_we_ran_over(history: History, at: int) -> None:
    """The order of the list is not that of storing: the lost one may stand above ours."""
    theirs = history.add(at, LYON, THEIRS, letters="G4vqHsr")
    (save,) = history.overrun(history.add(5, OURS, BRON))
    assert save == Save(theirs, history.push.was, history.push.ours, layer(LYON, THEIRS))


def test_a_save_that_is_gone_before_it_could_be_read(history: History) -> None:
    theirs = history.add(4, LYON, THEIRS)
    history.contents[theirs] = None
    (save,) = history.overrun(history.add(5, OURS, BRON))
    assert (save.version, save.lost) == (theirs, None)


def test_a_save_on_top_of_ours_is_not_lost_though_a_later_one_took_it_back(history: History) -> None:
    """To put it back would undo what a person did last."""
    history.add(5, OURS, BRON)
    history.add(900, OURS, THEIRS)
    assert history.lost(history.add(1800, OURS, BRON, VIENNE)) == []


def test_a_save_on_top_of_ours_by_an_editor_that_gave_new_ids(history: History) -> None:
    history.add(5, OURS, BRON)
    renewed = [{**feature, "id": f"zzzz{number}"} for number, feature in enumerate([OURS, THEIRS])]
    history.add(900, *renewed)
    assert history.lost(history.add(1800, *renewed, VIENNE)) == []


def test_a_save_on_top_of_ours_and_one_under_it(history: History) -> None:
    theirs = history.add(4, LYON, THEIRS)
    history.add(5, OURS, BRON)
    history.add(900, OURS, BRON, VIENNE)
    assert history.lost(history.add(1800, OURS, VIENNE)) == [theirs]


def test_a_save_that_ran_over_ours_is_live_and_no_lost_save(history: History) -> None:
    history.add(5, OURS, BRON)
    assert history.lost(history.add(7, LYON, THEIRS)) == []


def test_what_followed_a_save_that_ran_over_ours_is_no_lost_save(history: History) -> None:
    history.add(5, OURS, BRON)
    history.add(7, LYON, THEIRS)
    assert history.lost(history.add(900, LYON, BRON, VIENNE)) == []


def test_two_saves_at_once_with_ours_in_the_middle(history: History) -> None:
    """The first was lost by us, and by the third; only we know."""
    theirs = history.add(4, LYON, THEIRS)
    history.add(5, OURS, BRON)
    assert history.lost(history.add(7, LYON, BRON, VIENNE)) == [theirs]


def test_a_push_that_was_never_stored_ran_over_nothing(history: History) -> None:
    history.add(5, LYON, THEIRS)
    assert history.lost(history.add(900, LYON, THEIRS, VIENNE)) == []


def test_a_save_that_we_were_merged_with_is_not_lost(history: History) -> None:
    history.add(4, LYON, THEIRS)
    merged = history.add(6, THEIRS, OURS)
    assert history.lost(merged) == []
    assert history.lost(history.add(900, OURS, BRON, VIENNE)) == []  # a person took theirs back, later


def test_a_save_that_our_merge_ran_over(history: History) -> None:
    """A merge reads the live file first, and stores seconds later without looking again."""
    history.add(4, LYON, THEIRS)
    second = history.add(2000, LYON, THEIRS, VIENNE)
    assert history.lost(history.add(4000, THEIRS, OURS)) == [second]


def test_the_same_change_made_by_us_and_by_a_person(history: History) -> None:
    history.add(4, OURS, BRON)
    assert history.lost(history.add(5, OURS, BRON)) == []


def test_a_person_who_made_our_change_and_one_more(history: History) -> None:
    """It looks as if made on top of ours, but is older."""
    theirs = history.add(4, OURS, THEIRS)
    assert history.lost(history.add(5, OURS, BRON)) == [theirs]


def test_what_came_a_minute_later_is_not_even_asked_for(history: History) -> None:
    history.add(WINDOW + 6, OURS, THEIRS)
    live = history.add(5, OURS, BRON)
    assert history.lost(live) == []
    assert history.asked == []


def test_ours_is_found_by_its_size_first(history: History) -> None:
    ours = history.add(5, OURS, BRON)
    for minute in range(1, 8):
        history.add(minute * WINDOW + 6, OURS, THEIRS)
    live = history.add(9 * WINDOW, OURS, VIENNE)
    assert history.lost(live) == []
    assert history.asked == [ours]


def test_another_push_of_our_own_is_nobodys_save(history: History) -> None:
    earlier = history.add(4, VIENNE, BRON)
    live = history.add(5, OURS, BRON)
    assert history.lost(live) == [earlier]
    assert history.overrun(live, own=(layer(VIENNE, BRON).digest,)) == ()


def test_two_equal_features_of_which_we_took_one(history: History) -> None:
    history.push = Push(history.v0, layer(LYON, LYON, BRON), layer(LYON, BRON), (history.v0,))
    history.add(5, LYON, BRON)
    history.add(900, LYON, THEIRS)
    assert history.lost(history.add(1800, LYON, BRON, VIENNE)) == []


def test_too_many_saves_to_tell_is_said(history: History) -> None:
    """What was there before our push is gone from the list: so may others be."""
    live = history.add(5, OURS, BRON)
    history.list = history.list[1:]
    history.push = Push(history.v0, history.push.was, history.push.ours, ("G4vqHsr", history.v0))
    history.add(0, LYON, letters="G4vqHsr")  # stays for ever, and proves nothing
    (save,) = history.overrun(live)
    assert (save.version, save.lost) == (history.v0, None)


def test_a_site_that_tells_no_times(history: History) -> None:
    theirs = history.add(4, LYON, THEIRS)
    live = history.add(5, OURS, BRON)
    history.list = [Version(each.version, "", 0, each.size) for each in history.list]
    assert history.lost(live) == [theirs]


def test_collections_of_the_tests_are_those_of_uMap() -> None:  # noqa: N802  its name
    assert json.loads(layer(LYON, BRON).encode()) == collection(LYON, BRON)
