"""Who may enter the desk, in both databases: a link once, a session until it ends, and no secret kept."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from tests.journal.made import LAYER, NOON
from tests.journal.test_copies import content
from umap_bot.journal.accesses import NOTED
from umap_bot.journal.journal import SqlJournal
from umap_bot.model.access import INVITED, UNSEEN, Deed
from umap_bot.text import say

DAY = timedelta(days=1)


def test_a_link_is_opened_once_and_the_session_found_by_its_cookie(
    url: str, reopened: Callable[..., SqlJournal]
) -> None:
    accesses = reopened().accesses
    secret = accesses.invite("Anne \0", "keeper", "Zoé", NOON)
    invited = accesses.invited(secret, NOON + DAY)
    assert invited
    assert (invited.name, invited.role, invited.by, invited.opened) == ("Anne \ufffd", "keeper", "Zoé", None)
    cookie = accesses.open(secret, NOON + DAY)
    assert cookie
    assert accesses.open(secret, NOON + DAY) is None
    assert accesses.invited(secret, NOON + DAY) is None
    entered = reopened().accesses.entered(cookie, NOON + DAY)
    assert entered
    assert (entered.name, entered.seen) == ("Anne \ufffd", NOON + DAY)
    for wrong in (secret, "", cookie + "x", "\ud800"):
        assert accesses.entered(wrong, NOON + DAY) is None
    kept = str(content(url))
    assert secret not in kept
    assert cookie not in kept


def test_of_two_who_open_a_link_at_once_one_is_in(reopened: Callable[..., SqlJournal]) -> None:
    secret = reopened().accesses.invite("Anne", "reader", "Zoé", NOON)
    start = Barrier(2)

    def opened(journal: SqlJournal) -> str | None:
        start.wait()
        return journal.accesses.open(secret, NOON)

    with ThreadPoolExecutor(2) as threads:
        cookies = [*threads.map(opened, (reopened(), reopened()))]
    assert sorted(map(bool, cookies)) == [False, True]


@pytest.mark.parametrize(
    ("after", "works"), [(INVITED - timedelta(seconds=1), True), (INVITED, False), (INVITED * 2, False)]
)
def test_a_link_that_waits_too_long_opens_nothing(journal: SqlJournal, after: timedelta, works: bool) -> None:
    secret = journal.accesses.invite("Anne", "reader", "Zoé", NOON)
    assert bool(journal.accesses.invited(secret, NOON + after)) is works
    assert bool(journal.accesses.open(secret, NOON + after)) is works


def test_a_session_lasts_while_its_person_comes(journal: SqlJournal) -> None:
    accesses = journal.accesses
    cookie = accesses.open(accesses.invite("Anne", "reader", "Zoé", NOON), NOON)
    assert cookie
    assert accesses.entered(cookie, NOON + NOTED)
    assert [each.seen for each in accesses.all()] == [NOON]  # a page that is read writes nothing
    later = NOON + UNSEEN - DAY
    assert accesses.entered(cookie, later)
    assert [each.seen for each in accesses.all()] == [later]
    assert accesses.entered(cookie, NOON + UNSEEN + DAY)
    assert accesses.entered(cookie, later + UNSEEN + 2 * DAY + UNSEEN) is None


def test_an_access_is_ended_once(journal: SqlJournal) -> None:
    accesses = journal.accesses
    secret = accesses.invite("Anne", "reader", "Zoé", NOON)
    cookie = accesses.open(accesses.invite("Rita", "reader", "Zoé", NOON), NOON)
    assert cookie
    assert [ended.name for ended in (accesses.end(1, NOON), accesses.end(2, NOON)) if ended] == [
        "Anne",
        "Rita",
    ]
    assert accesses.end(1, NOON) is accesses.end(3, NOON) is accesses.end(2**64, NOON) is None
    assert accesses.open(secret, NOON) is None
    assert accesses.entered(cookie, NOON) is None


def test_deeds_are_told_by_layer_and_by_run(journal: SqlJournal) -> None:
    said = say("Undid run {number}", number=1)
    for number in range(3):
        journal.deeds.note(
            Deed(at=NOON + number * DAY, by="Anne", said=said, layer=LAYER, run=number or None)
        )
    newest = journal.deeds.newest(LAYER, limit=2)
    assert [(each.at, each.run) for each in newest] == [(NOON + 2 * DAY, 2), (NOON + DAY, 1)]
    assert journal.deeds.of_run(2) == (Deed(at=NOON + 2 * DAY, by="Anne", said=said, layer=LAYER, run=2),)
    assert journal.deeds.newest("another") == ()
