"""An approval is for one plan of one version of the file, counts once, and names who gave it."""

from __future__ import annotations

import getpass
import sqlite3
from contextlib import closing

import pytest

from tests.commands.desk import Desk, changed, rows, stands, text, without


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


@pytest.mark.parametrize("waiting", [False, True])
def test_a_code_of_no_plan_is_told(synced: Desk, waiting: bool) -> None:
    if waiting:
        synced.commit(rows(4))
    said = synced.type("sync", "--approve", "7K2M-9QXT-4HB0-D3WZ")
    assert said.code == (3 if waiting else 0)
    assert "The approval code 7K2M-9QXT-4HB0-D3WZ was not used: it is not the code of this plan." in said.err
    assert ("Nothing needed approval." in said.err) is not waiting
    said = synced.done("approve", "7K2M-9QXT-4HB0-D3WZ")
    assert "No run has asked with the code 7K2M-9QXT-4HB0-D3WZ so far." in said.err
    if waiting:
        assert synced.done("approve", synced.held("sync")).err == ""


def test_approve_is_taken_up_by_the_next_sync(synced: Desk) -> None:
    commit = synced.commit(rows(4))
    code = synced.held("sync")
    said = synced.done("approve", code)
    assert f"the next sync applies plan {code} (file version {commit[:7]})" in said.out
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


def test_an_approval_that_the_next_run_has_no_use_for_is_over(synced: Desk) -> None:
    """Or an old version of the file would go on the map long after it was put right."""
    synced.commit(rows(4))
    code = synced.held("sync")
    synced.done("keep", "c9")  # the plan is another one
    synced.done("approve", code)
    assert synced.type("sync").code == 3
    synced.commit(rows())
    synced.done("sync")
    synced.commit(changed(rows(), "c1", nom="Une"))
    synced.done("sync")
    assert stands(synced) == changed(rows(), "c1", nom="Une")


def test_what_was_approved_before_the_file_was_put_right_is_not_carried_out(synced: Desk) -> None:
    """Five public points went, of a version that nobody wanted any more."""
    synced.commit(rows(4))
    code = synced.held("sync")
    synced.done("approve", code)
    right = changed(rows(), "c1", nom="Une")
    synced.commit(right)
    said = synced.done("sync")
    assert f"The approval of plan {code} does not count" in said.out
    assert stands(synced) == right
    assert "c9" in stands(synced)


def test_nor_is_it_with_the_code_of_before(synced: Desk) -> None:
    synced.commit(rows(4))
    code = synced.held("sync")
    synced.commit(rows())
    synced.done("sync", "--approve", code)
    assert stands(synced) == rows()


def test_a_half_of_it_that_the_file_no_longer_wants_is_enough(synced: Desk) -> None:
    synced.commit(rows(4))
    synced.done("approve", synced.held("sync"))
    synced.commit(rows(5))
    assert synced.type("sync").code == 3
    assert stands(synced) == rows()


def test_other_values_at_the_same_cells_are_no_correction(synced: Desk) -> None:
    """A file that counts something each hour could never be approved."""
    hours = [
        {key: {**cells, "commune": f"{cells['commune']} {hour}"} for key, cells in rows().items()}
        for hour in (1, 2)
    ]
    synced.commit(hours[0])
    synced.done("approve", synced.held("sync"))
    synced.commit(hours[1])
    synced.done("sync")
    assert stands(synced) == hours[0]
    synced.settings(GUARD_UPDATES="100")
    synced.done("sync")
    assert stands(synced) == hours[1]


def test_a_code_that_was_used_approves_nothing(synced: Desk) -> None:
    synced.commit(rows(4))
    code = synced.held("sync")
    synced.done("sync", "--approve", code)
    said = synced.type("approve", code)
    assert (said.code, f"carried out plan {code}. A code works once." in said.err) == (64, True)


def test_an_approval_is_listed_and_can_be_taken_back(synced: Desk) -> None:
    commit = synced.commit(rows(4))
    code = synced.held("sync")
    undo = f"umap-bot decisions --undo {code}"
    assert undo in synced.done("approve", code, "--by", "Ada").out
    listed = synced.done("decisions").out
    assert listed.startswith("Nothing needs your approval.")
    assert f"plan {code}, file version {commit[:7]}: the next sync applies it · approved by Ada" in listed
    assert undo in listed
    synced.done("decisions", "--undo", code.lower())
    assert synced.done("decisions").out.startswith("Approval needed since ")
    assert synced.held("sync") == code
    assert stands(synced) == rows()


def test_an_approval_that_nobody_gave_cannot_be_taken_back(synced: Desk) -> None:
    said = synced.type("decisions", "--undo", "7K2M-9QXT-4HB0-D3WZ")
    assert said.code == 64
    assert "No approval with the code 7K2M-9QXT-4HB0-D3WZ is waiting for a sync." in said.err


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


def test_what_is_no_code_is_64(synced: Desk, subtests: pytest.Subtests) -> None:
    before = synced.state.read_bytes()
    for code in ("x", "7K2M-9QXT-4HB0", "5be2790c1d3a", "0" * 33, "", "%", "0123456789ab' --"):
        with subtests.test(code=code):
            said = synced.type("approve", code)
            assert said.code == 64
            assert said.last == "exit code 64: wrong usage"
            assert synced.state.read_bytes() == before


@pytest.mark.parametrize("code", ["x", "7K2M-9QXT-4HB0", "5be2790c1d3a"])
def test_sync_with_what_is_no_code_is_64_and_does_nothing(synced: Desk, code: str) -> None:
    synced.commit(changed(rows(), "c1", nom="Neuve"))
    said = synced.type("sync", "--approve", code)
    assert said.code == 64
    assert said.requests == ()
    assert stands(synced) == rows()


def test_a_code_of_no_plan_changes_nothing(synced: Desk) -> None:
    synced.commit(rows(4))
    assert synced.type("sync", "--approve", "0123-4567-89AB-CDEF").code == 3
    assert stands(synced) == rows()


def test_an_empty_code_approves_nothing(synced: Desk) -> None:
    """A form's field that nobody filled in, in a workflow."""
    synced.commit(rows(4))
    assert synced.type("sync", "--approve", "").code == 3
    assert stands(synced) == rows()


def test_a_code_may_be_typed_in_small_letters_and_in_one(synced: Desk) -> None:
    synced.commit(rows(4))
    code = synced.held("sync")
    said = synced.done("approve", code.lower().replace("-", "").replace("0", "o").replace("1", "l"))
    assert f"the next sync applies plan {code} " in said.out
    synced.done("sync")
    assert stands(synced) == rows(4)


def test_a_part_of_a_code_is_none(synced: Desk) -> None:
    synced.commit(rows(4))
    code = synced.held("sync")
    for part in (code[:14], code[:-1], code + "0"):
        said = synced.type("sync", "--approve", part)
        assert (said.code, "has 16 letters and digits" in said.err) == (64, True)
    assert stands(synced) == rows()


def test_a_preview_and_the_run_that_waits_have_one_code(synced: Desk) -> None:
    synced.commit(rows(4))
    preview = synced.held("plan")
    assert (synced.held("sync"), synced.held("plan")) == (preview, preview)


def test_the_same_plan_of_another_file_has_another_code(synced: Desk) -> None:
    """A column that is off the map, say: what would be done is the same, the file is not."""
    synced.commit(text(rows(4)))
    code = synced.held("plan")
    synced.commit(text(rows(4)) + "\n")
    other = synced.held("plan")
    assert other != code
    assert synced.type("sync", "--approve", code).code == 3
    assert stands(synced) == rows()
    synced.commit(text(rows(4)), "as it was")
    assert synced.held("plan") == code, "another commit of the same file"
    synced.done("sync", "--approve", code)
    assert stands(synced) == rows(4)


def test_a_plan_of_a_file_that_changes_each_hour_is_carried_out_from_the_version_that_was_approved(
    synced: Desk,
) -> None:
    commit = synced.commit(text(rows(4)))
    code = synced.held("sync")
    synced.commit(text(rows(4)) + "\n")
    assert synced.held("sync") == code, "the question is told as it was asked first"
    synced.done("approve", code)
    assert f"version {commit[:7]}" in synced.done("sync").out
    assert stands(synced) == rows(4)


# Who


@pytest.fixture
def alone(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk on which nobody is known but the system's user Ada, with a plan that waits."""
    for name in ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "SUDO_USER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(getpass, "getuser", lambda: "ada")
    synced.commit(rows(4))
    return synced


@pytest.mark.parametrize(
    ("given", "environment", "name"),
    [
        (["--by", "  Anne Béziat "], {"GITHUB_ACTOR": "octo"}, "Anne Béziat"),
        ([], {"GITHUB_ACTOR": "octo", "SUDO_USER": "bob"}, "octo"),
        ([], {"GITLAB_USER_LOGIN": "tanuki"}, "tanuki"),
        ([], {"SUDO_USER": "bob", "GITHUB_ACTOR": ""}, "bob"),
        ([], {}, "ada"),
    ],
    ids=["said", "forge", "GitLab", "sudo", "system"],
)
def test_the_run_tells_who_approved_it(
    alone: Desk, monkeypatch: pytest.MonkeyPatch, given: list[str], environment: dict[str, str], name: str
) -> None:
    code = alone.held("sync")
    with monkeypatch.context() as forge:
        for variable, value in environment.items():
            forge.setenv(variable, value)
        alone.done("approve", code, *given)
    done = alone.done("sync")
    assert f"\nApproved by {name}, " in done.out
    assert f"Approved by {name}, " in alone.done("show", "3").out
    shown = alone.done("show", "3", "--format", "markdown").out
    assert f"Approved by {name}, " in shown
    assert f" · approved by {name}, " in alone.done("log").out


def test_nobody_is_told_to_have_approved_what_nobody_had_to(alone: Desk) -> None:
    alone.commit(changed(rows(), "c1", nom="Neuve"))
    alone.done("sync", "--by", "Anne")
    assert "pproved by" not in alone.done("log").out + alone.done("show", "2").out


def test_a_user_without_a_name_is_someone(alone: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container, whose user has none."""

    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(getpass, "getuser", nobody)
    said = alone.done("sync", "--approve", alone.held("plan"))
    assert "\nApproved by someone, " in said.out


@pytest.mark.parametrize("source", ["--by", "GITHUB_ACTOR"])
def test_what_can_be_no_name_is_refused_and_nothing_approved(
    alone: Desk, monkeypatch: pytest.MonkeyPatch, source: str, subtests: pytest.Subtests
) -> None:
    code = alone.held("sync")
    before = alone.state.read_bytes()
    for name in ("An\x1b[31mne", "Anne\nrm", "\u202eennA", "A" * 101, "\udcff"):
        given = ["--by", name] if source == "--by" else []
        if source != "--by":
            monkeypatch.setenv(source, name)
        for command in (["approve", code], ["sync", "--approve", code]):
            with subtests.test(name=ascii(name), command=command[0]):
                said = alone.type(*command, *given)
                assert (
                    said.code,
                    f"{source}: a name can have at most 100 characters" in said.err,
                    "--by NAME" in said.err,
                ) == (64, True, True)
                assert (said.err.count("\n"), "\x1b" in said.err) == (2, False)
        assert alone.state.read_bytes() == before
    assert stands(alone) == rows()


def test_an_approval_of_before_no_longer_counts_and_that_is_told(alone: Desk) -> None:
    code = alone.held("sync")
    alone.done("approve", code)
    with closing(sqlite3.connect(alone.state)) as state:
        state.execute("UPDATE bot_approval SET code = NULL, digest = '5be2790c1d3a'")
        state.execute("UPDATE bot_run SET plan_code = NULL, digest = substr(digest, 1, 32)")
        state.commit()
    said = alone.type("sync")
    assert (said.code, "an earlier version of umap-bot and is no longer valid" in said.out) == (3, True)
    assert said.out.count(code) == 1
    alone.done("sync", "--approve", code)
    assert stands(alone) == rows(4)
