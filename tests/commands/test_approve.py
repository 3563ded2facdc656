"""An OK is for one plan of one commit, and good once."""

from __future__ import annotations

import pytest

from tests.commands.desk import Desk, changed, rows, stands, without


def test_sync_approve_carries_the_plan_out(synced: Desk) -> None:
    synced.commit(rows(4))
    code = synced.held("sync")
    said = synced.done("sync", "--approve", code)
    assert "6 removed" in said.out
    assert stands(synced) == rows(4)


def test_the_code_of_a_plan_that_no_run_held_will_do(synced: Desk) -> None:
    synced.commit(rows(4))
    synced.done("sync", "--approve", synced.held("plan"))
    assert stands(synced) == rows(4)


def test_approve_is_taken_up_by_the_next_sync(synced: Desk) -> None:
    commit = synced.commit(rows(4))
    code = synced.held("sync")
    said = synced.done("approve", code)
    assert f"the next sync carries out plan {code} (file version {commit[:7]})" in said.out
    assert said.requests == ()
    assert stands(synced) == rows()
    synced.done("sync")
    assert stands(synced) == rows(4)


def test_a_second_use_finds_nothing_to_do(synced: Desk) -> None:
    synced.commit(rows(4))
    code = synced.held("sync")
    synced.done("sync", "--approve", code)
    said = synced.done("sync", "--approve", code)
    assert "Nothing to do" in said.out
    assert said.posts == []


def test_an_approval_is_good_once(synced: Desk) -> None:
    synced.commit(rows(4))
    code = synced.held("sync")
    synced.done("sync", "--approve", code)
    synced.commit(rows())
    synced.done("sync")
    synced.commit(rows(4))
    assert synced.held("sync") == code  # the same plan again asks again
    assert stands(synced) == rows()


def test_an_approval_is_for_its_plan_alone(synced: Desk) -> None:
    synced.commit(rows(4))
    code = synced.held("plan")
    synced.commit(rows(3))
    said = synced.type("sync", "--approve", code)
    assert said.code == 3
    assert stands(synced) == rows()


def test_an_edit_on_the_map_after_the_approval_asks_anew(synced: Desk) -> None:
    synced.commit(rows(4))
    synced.done("approve", synced.held("sync"))
    synced.edit("c9", name="Autre")
    assert synced.type("sync").code == 3
    assert len(synced.features) == 10


def test_what_was_approved_is_done_from_its_commit_and_then_the_newest(synced: Desk) -> None:
    approved = without(rows(), "c7", "c8", "c9")
    commit = synced.commit(approved)
    code = synced.held("sync")
    newest = changed(approved, "c1", nom="Neuve")
    later = synced.commit(newest)
    synced.done("approve", code)
    first = synced.done("sync")
    assert stands(synced) == approved
    assert f"version {commit[:7]}" in first.out
    second = synced.done("sync")
    assert stands(synced) == newest
    assert f"version {later[:7]}" in second.out


@pytest.mark.parametrize("code", ["x", "0123456789a", "0123456789ag", "0" * 33, "", "%", "0123456789ab' --"])
def test_what_is_no_code_is_64(synced: Desk, code: str) -> None:
    before = synced.state.read_bytes()
    said = synced.type("approve", code)
    assert said.code == 64
    assert said.last == "code 64: wrong use of the command"
    assert synced.state.read_bytes() == before


@pytest.mark.parametrize("code", ["x", "0123456789a", "0" * 33])
def test_sync_with_what_is_no_code_is_64_and_does_nothing(synced: Desk, code: str) -> None:
    synced.commit(changed(rows(), "c1", nom="Neuve"))
    said = synced.type("sync", "--approve", code)
    assert said.code == 64
    assert said.requests == ()
    assert stands(synced) == rows()


def test_a_code_of_no_plan_changes_nothing(synced: Desk) -> None:
    synced.commit(rows(4))
    assert synced.type("sync", "--approve", "0123456789ab").code == 3
    assert stands(synced) == rows()


def test_an_empty_code_approves_nothing(synced: Desk) -> None:
    """A form's field that nobody filled in, in a workflow."""
    synced.commit(rows(4))
    assert synced.type("sync", "--approve", "").code == 3
    assert stands(synced) == rows()
