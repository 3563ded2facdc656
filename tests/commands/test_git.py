"""What people do in git between two commands: edit, forget to commit, rewrite, rename, save as Excel does."""

from __future__ import annotations

from tests.commands.desk import FILE, Desk, changed, rows, stands, text

NOT_SYNCED = "cites.csv has uncommitted changes, which are not synced"


def test_what_is_not_committed_is_told_by_check_and_plan_and_not_synced(synced: Desk) -> None:
    (synced.repository / FILE).write_text(text(changed(rows(), "c1", nom="Neuve")))
    assert NOT_SYNCED in synced.done("check").out
    assert NOT_SYNCED in synced.done("plan").out
    assert NOT_SYNCED in synced.done("sync").err
    assert stands(synced) == rows()
    synced.git("checkout", "--quiet", ".")
    assert synced.done("sync").err == ""


def test_history_rewritten_after_an_approval_asks_anew(synced: Desk) -> None:
    """The version that was approved is gone, from the copy of ours too: it holds nothing up."""
    synced.commit(rows(4))
    synced.done("approve", synced.held("sync"))
    synced.git("reset", "--quiet", "--hard", "HEAD~1")
    newest = changed(rows(), "c1", nom="Neuve")
    synced.commit(newest)
    synced.git("reflog", "expire", "--expire=now", "--all")
    synced.git("gc", "--quiet", "--prune=now")
    forget_copies(synced)
    synced.done("sync")
    assert stands(synced) == newest


def test_a_plan_whose_version_is_gone_is_told_anew_and_can_be_approved(synced: Desk) -> None:
    """Rewritten to another file, and the same question: what was approved is no more, so it is asked anew."""
    synced.commit(text(rows(4)))
    code = synced.held("sync")
    synced.git("reset", "--quiet", "--hard", "HEAD~1")
    synced.commit(text(rows(4)) + "\n")
    synced.git("reflog", "expire", "--expire=now", "--all")
    synced.git("gc", "--quiet", "--prune=now")
    forget_copies(synced)
    synced.done("approve", code)
    own = synced.held("sync")
    assert own != code
    synced.done("sync", "--approve", own)
    assert stands(synced) == rows(4)


def forget_copies(desk: Desk) -> None:
    """A new machine, or a CI runner: the cache is gone."""
    (desk.folder / "moved").mkdir()
    desk.repository.rename(desk.folder / "moved" / "data")
    desk.settings(DATASET_REPO=str(desk.folder / "moved" / "data"))


def test_a_branch_that_vanished_and_a_repository_without_commits_are_12(synced: Desk) -> None:
    synced.git("branch", "data")
    synced.settings(DATASET_REF="data")
    synced.done("plan")
    synced.git("branch", "--delete", "data")
    said = synced.type("sync")
    assert said.code == 12
    assert 'has no branch or tag "data". Set DATASET_REF to one of: main.' in said.err
    synced.settings(DATASET_REF=None)
    synced.git("update-ref", "-d", "HEAD")
    said = synced.type("sync")
    assert said.code == 12
    assert "is empty: it has no commit yet" in said.err
    assert stands(synced) == rows()


def test_a_commit_that_means_harm_reads_as_plain_text(synced: Desk) -> None:
    message = "\x1b]0;hi\x07 \u202eevil " + "x" * 10_000
    synced.commit(changed(rows(), "c1", nom="Neuve"), message)
    for command in ("plan", "sync", "log"):
        out = synced.type(command).out
        assert not {"\x1b", "\x07", "\u202e"} & set(out)
        assert "x" * 300 not in out


def test_a_guessed_encoding_is_shown_once_and_then_believed(synced: Desk) -> None:
    first = changed(rows(), "c1", nom="Vénissieux")
    synced.commit(text(first).encode("cp1252"))
    said = synced.type("plan")
    assert said.code == 3
    assert "Are these words correct: Vénissieux, Cité?" in " ".join(said.out.split())
    synced.done("sync", "--approve", synced.held("plan"))
    assert stands(synced) == first
    second = changed(first, "c2", nom="Besançon")
    synced.commit(text(second).encode("cp1252"))
    synced.done("sync")
    assert stands(synced) == second


def test_the_setting_answers_for_a_guessed_encoding(synced: Desk) -> None:
    new = changed(rows(), "c1", nom="Vénissieux")
    synced.commit(text(new).encode("cp1252"))
    assert synced.type("sync").code == 3
    synced.settings(DATASET_ENCODING="cp1252")
    synced.done("sync")
    assert stands(synced) == new
