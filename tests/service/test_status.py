"""`umap-bot status`: whether it ran, and as a health check."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.commands.desk import Desk, rows
from umap_bot.wiring import WallClock


@pytest.fixture
def later(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Five hours after the last run."""
    monkeypatch.setattr(WallClock, "now", lambda _: datetime.now(UTC) + timedelta(hours=5))
    return synced


def test_fresh_is_0_and_asks_nobody(synced: Desk) -> None:
    said = synced.done("status", "--max-age", "2h")
    assert said.out.startswith("✓ Cités  up to date · checked ")
    assert (said.requests, said.online) == ((), ())


def test_a_success_that_is_too_old_is_6(later: Desk) -> None:
    said = later.type("status", "--max-age", "2h")
    assert (said.code, said.last) == (6, "exit code 6: a layer was not verified in time")
    assert later.type("status", "--max-age", "2h", "--json").code == 6
    assert later.done("status").code == 0
    assert later.done("status", "--max-age", "6h").code == 0


def test_a_run_that_was_due_and_did_not_come_is_told_first(later: Desk) -> None:
    later.settings(SYNC_SCHEDULE="0 * * * *")
    assert later.done("status").out.startswith("✗ Cités  SILENT: a run has been overdue since ")


def test_a_last_check_in_the_future_is_not_healthy_and_told_first(
    synced: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock was set back. The next run is as good as any, whatever stands in the log."""
    monkeypatch.setattr(WallClock, "now", lambda _: datetime.now(UTC) - timedelta(hours=3))
    said = synced.type("status", "--max-age", "30d")
    assert said.code == 6
    assert "SILENT: its last check is in the future; was the clock set back? · checked" in said.out
    assert json.loads(synced.done("status", "--json").out)["layers"][0]["health"] == "silent"
    synced.done("sync")
    assert synced.done("status", "--max-age", "1h").out.startswith("✓ Cités  up to date · checked ")


def test_never_looked_at_is_6(desk: Desk) -> None:
    said = desk.type("status", "--max-age", "30d")
    assert said.code == 6
    assert said.out == "· Cités  not checked yet\n"
    assert not desk.state.exists()


def test_waiting_is_healthy_for_as_long_as_the_last_success_is_young(
    synced: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced.commit(rows(2))
    code = synced.held("sync")
    said = synced.done("status", "--max-age", "1h")
    assert said.out.startswith(f"! Cités  APPROVAL NEEDED (plan {code}) · approval needed since ")
    monkeypatch.setattr(WallClock, "now", lambda _: datetime.now(UTC) + timedelta(hours=2))
    assert synced.type("sync").code == 3
    assert synced.type("status", "--max-age", "1h").code == 6


def test_as_json(synced: Desk) -> None:
    synced.settings(SYNC_SCHEDULE="0 6 * * *")
    (told,) = json.loads(synced.done("status", "--json").out)["layers"]
    assert (told["health"], told["status"], told["shown"], told["last"]) == ("ok", "ok", "Cités", 1)
    due = datetime.fromisoformat(told["due"])
    assert (due.hour, due.minute) == (6, 0)
    assert due > datetime.fromisoformat(told["success"])
