"""Errors and plans keep what their sentences were made of; what is no sentence is somebody's words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import update

from tests.journal.made import DELETE, LAYER, NOON, StillClock, plan
from tests.plans import but
from umap_bot import redaction
from umap_bot.journal import blobs, texts
from umap_bot.journal.journal import SqlJournal
from umap_bot.journal.schema import run
from umap_bot.journal.store import Store
from umap_bot.model.plan import Plan
from umap_bot.text import Text, joined, say, say_n, store, verbatim

TEXTS = (
    say("{file} has no rows.", file="cites.csv"),
    say_n("{count} feature since {at}.", "{count} features since {at}.", 3, at=NOON),
    joined((say("No answer from {host}.", host="127.0.0.1"), say("Run again."))),
    verbatim("fatal: no {such} branch"),
    verbatim('{"t": "a trap", "v": {}}'),
)


@pytest.mark.parametrize("error", TEXTS)
def test_an_error_can_be_said_in_other_languages_later(
    journal: SqlJournal, clock: StillClock, error: Text
) -> None:
    number = journal.note_failure(LAYER, "sync", error, 12, clock).number
    found = journal.reader.run(number)
    assert found
    assert (found.error, store(found.error)) == (error, store(error))


@pytest.mark.parametrize(
    ("code", "told"),
    [(13, "No ******** of ********."), (11, "No Bron of ********.")],  # a file's words are no oracle
)
def test_no_secret_comes_into_the_log(
    journal: SqlJournal, clock: StillClock, code: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redaction, "_secrets", redaction.Secrets())
    redaction.add_secret("Bron")
    redaction.add_secret("9f8k2l0zq1x7c5v3b6n4m8a2s1d0f7g6")
    error = say("No {what} of {whom}.", what="Bron", whom=verbatim("9f8k2l0zq1x7c5v3b6n4m8a2s1d0f7g6"))
    first = journal.note_failure(LAYER, "sync", error, code, clock)
    found = journal.reader.run(first.number)
    assert found
    assert found.error == told
    assert journal.note_failure(LAYER, "sync", error, code, clock).number == first.number


def test_the_texts_of_a_plan_can_be_said_in_other_languages_later() -> None:
    made = but(plan(DELETE, held=True), warnings=TEXTS)
    found = blobs.decode(blobs.encode(made), Plan)
    assert [store(each) for each in found.context.warnings] == [store(each) for each in TEXTS]
    assert found.verdict.objections[0].text.values == {"count": 1}


def test_what_no_database_takes_is_taken_out_of_an_error(journal: SqlJournal, clock: StillClock) -> None:
    error = say("{name} and {others:, }: {inner}", name="\0", others=("a\ud800",), inner=say("{x}", x="\0"))
    run = journal.note_failure(LAYER, "sync", error, 12, clock)
    found = journal.reader.run(run.number)
    assert found
    assert found.error == "\ufffd and a?: \ufffd"
    assert found.error.template == error.template


@pytest.mark.parametrize(
    "stored",
    [
        "No git.",
        "12",
        "null",
        "[]",
        "{}",
        '{"t": 1, "v": {}}',
        '{"t": "{a}", "v": {}}',
        '{"t": "{a!z}", "v": {"a": "b"}}',
        '{"t": "{a.nothing}", "v": {"a": "b"}}',
        '{"t": "{a}", "v": {"a": {"at": "yesterday"}}}',
        '{"t": "{a}", "v": {"a": {"at": "0001-01-01T00:00:00+14:00"}}}',
        '{"t": "{a:c}", "v": {"a": 1114112}}',
        '{"t": "{a}", "v": [1]}',
        '{"t": "{a}", "p": "{a}", "n": "x"}',
        '"\\ud800"',
        "[" * 5000,
        '{"a": ' * 5000,
    ],
)
def test_what_is_no_sentence_is_told_as_it_stands(
    url: str, journal: SqlJournal, clock: StillClock, stored: str
) -> None:
    number = journal.note_failure(LAYER, "sync", say("No git."), 12, clock).number
    store = Store(url)
    with store.write() as connection:
        connection.execute(update(run).values(error=stored))
    store.close()
    found = journal.reader.run(number)
    assert found
    assert (found.error, found.error.template) == (stored, "")


@pytest.mark.parametrize("value", TEXTS)
def test_the_column_holds_json(value: Text) -> None:
    stored: Any = json.loads(texts.write(value))
    assert isinstance(stored, dict if value.template else str)
    assert texts.write(verbatim("")) == ""
