"""From the log to the pages: which layers, which runs, how it stands, and that a pass never fails by it."""

from __future__ import annotations

import logging
import shlex
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from tests.journal.made import (
    COMMIT,
    CREATE,
    DELETE,
    EDIT,
    LAYER,
    NO_GIT,
    SEEN,
    UPDATE,
    StillClock,
    base,
    collection,
    live,
    plan,
)
from tests.plans import but
from umap_bot.journal.journal import SqlJournal
from umap_bot.model.part import parts_of
from umap_bot.model.plan import Objection, Plan
from umap_bot.model.run import Applied
from umap_bot.publishing import Publisher
from umap_bot.report.language import language
from umap_bot.report.status import GRACE
from umap_bot.settings import Settings
from umap_bot.text import say

MAP = "https://umap.example.org/fr/map/lyon_1"


def settings(**more: str) -> Settings:
    told = {
        "UMAP_MAP_URL": MAP,
        "UMAP_LAYER": LAYER,
        "DATASET_REPO": "x",
        "DATASET_PATH": "cites.csv",
        **more,
    }
    return Settings.model_validate(told)


@pytest.fixture
def journal(tmp_path: Path) -> SqlJournal:
    return SqlJournal(f"sqlite:///{tmp_path / 'state.db'}")


def sync(journal: SqlJournal, clock: StillClock, layer: str = LAYER, *, held: bool = False) -> None:
    changes = (CREATE, UPDATE, DELETE)
    with journal.lease(layer, clock) as session:
        run = session.open("sync", COMMIT)
        if held:
            session.close(run.end(plan(*changes, held=True)), None, None, None)
            return
        made = plan(*changes, drift=(EDIT,))
        state, run = session.intend(session.load(), run, made, live(), collection("c"))
        session.applied(state, (Applied(run.number, changes, None),))
        session.close(run.end(plan()), base("1"), "s", SEEN)


def publisher(journal: SqlJournal, folder: Path, **more: str) -> Publisher:
    return Publisher(journal.reader, [(LAYER, settings(**more))], language("en"), folder)


def index(folder: Path) -> str:
    return (folder / "index.html").read_text("utf-8")


def test_the_log_becomes_pages_with_a_feed(journal: SqlJournal, tmp_path: Path) -> None:
    sync(journal, StillClock())
    written = publisher(journal, tmp_path / "site").publish()
    assert written.pages == 4
    assert "Up to date." in index(tmp_path / "site")
    assert "Terraillon" in (tmp_path / "site" / "run-1.html").read_text("utf-8")
    assert "run-1.html" in (tmp_path / "site" / "feed.atom").read_text("utf-8")


def test_only_our_layers_are_told(journal: SqlJournal, tmp_path: Path) -> None:
    sync(journal, StillClock())
    sync(journal, StillClock(), "somebody else's layer")
    publisher(journal, tmp_path / "site").publish()
    assert "somebody else" not in index(tmp_path / "site")
    assert not (tmp_path / "site" / "run-2.html").exists()


def test_hidden_columns_are_in_no_page(journal: SqlJournal, tmp_path: Path) -> None:
    sync(journal, StillClock())
    publisher(journal, tmp_path / "site", REPORT_HIDE="name").publish()
    for file in (tmp_path / "site").rglob("*"):
        assert file.is_dir() or "Minguettes" not in file.read_text("utf-8"), file


def test_a_plan_that_waits_and_a_failure_are_seen(journal: SqlJournal, tmp_path: Path) -> None:
    clock = StillClock()
    sync(journal, clock, held=True)
    publisher(journal, tmp_path / "site").publish()
    assert "APPROVAL NEEDED." in index(tmp_path / "site")
    assert f"approval code <bdi>{plan(CREATE, UPDATE, DELETE, held=True).code}" in index(tmp_path / "site")
    journal.note_failure(LAYER, "sync", NO_GIT, 12, clock.after(hours=1))
    publisher(journal, tmp_path / "site").publish()
    assert "PROBLEM: the last run did not succeed." in index(tmp_path / "site")


def ask(journal: SqlJournal, clock: StillClock, made: Plan, layer: str = LAYER) -> None:
    with journal.lease(layer, clock) as session:
        session.close(session.open("sync", COMMIT).end(made), base("1"), "s", SEEN)


def test_a_page_says_what_can_be_done_until_a_later_run_settled_it(
    journal: SqlJournal, tmp_path: Path
) -> None:
    asked = plan(CREATE).asking(parts_of(CREATE))
    reason = Objection("deleted", say("Somebody removed it."), 1, features=("x",), parts=parts_of(CREATE))
    ask(journal, StillClock(), plan())
    ask(journal, StillClock(), but(asked, objections=(reason,)))
    layers = [(LAYER, settings()), ("other", settings(UMAP_LAYER="Other"))]
    several = Publisher(journal.reader, layers, language("en"), tmp_path / "site")
    several.publish()
    page = tmp_path / "site" / "run-2.html"
    keep = f"umap-bot keep --layer {shlex.quote(settings().umap_layer)} {CREATE.key}"
    assert keep in unescape(page.read_text("utf-8"))
    assert "approval needed since" in index(tmp_path / "site")
    # A run in between, so that the page has no other neighbour when the one comes that settles it.
    journal.note_failure(LAYER, "sync", NO_GIT, 12, StillClock().after(minutes=30))
    several.publish()
    assert "umap-bot keep" in page.read_text("utf-8")
    ask(journal, StillClock().after(hours=1), plan())
    several.publish()
    assert "umap-bot keep" not in page.read_text("utf-8")
    assert "settled by run 4" in page.read_text("utf-8")
    assert "settled by run 4" in index(tmp_path / "site")
    assert "NEEDED" not in index(tmp_path / "site").partition('id="runs"')[0]


def test_the_next_check_is_told_by_the_schedule(journal: SqlJournal, tmp_path: Path) -> None:
    clock = StillClock()
    sync(journal, clock)
    publisher(journal, tmp_path / "site", SYNC_SCHEDULE="0 7 * * *").publish()
    due = (clock.now() + timedelta(days=1)).replace(hour=7, minute=0)
    assert f'data-late="{(due + GRACE).isoformat()}"' in index(tmp_path / "site")
    publisher(journal, tmp_path / "site").publish()
    assert "data-due" not in index(tmp_path / "site")


def test_a_layer_that_was_never_looked_at_is_there(journal: SqlJournal, tmp_path: Path) -> None:
    publisher(journal, tmp_path / "site").publish()
    assert "Not checked yet." in index(tmp_path / "site")


def test_a_folder_that_can_not_be_used_fails_no_pass(
    journal: SqlJournal, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "index.html").write_text("<h1>Our town</h1>")
    with caplog.at_level(logging.WARNING):
        publisher(journal, tmp_path).end([], 0)
    assert "that umap-bot did not write" in caplog.text
    assert (tmp_path / "index.html").read_text() == "<h1>Our town</h1>"


def test_several_layers_are_told_apart(journal: SqlJournal, tmp_path: Path) -> None:
    sync(journal, StillClock())
    sync(journal, StillClock(), "another")
    layers = [(LAYER, settings()), ("another", settings(UMAP_LAYER="another"))]
    Publisher(journal.reader, layers, language("en"), tmp_path / "site").publish()
    text = index(tmp_path / "site")
    assert text.count('class="state ok"') == 2
    assert [row for row in ('data-layer="0"', 'data-layer="1"') if row in text] == [
        'data-layer="0"',
        'data-layer="1"',
    ]
