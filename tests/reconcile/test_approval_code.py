"""Approval codes: what they name, how they may be typed, and that no other plan is carried out for one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.plans import but, flat
from umap_bot.errors import UsageError
from umap_bot.model.approval_code import ALPHABET, code_of, read_code
from umap_bot.model.change import Create, Delete
from umap_bot.model.layer import Commit
from umap_bot.model.plan import Objection, Plan, pass_code
from umap_bot.model.policy import Policy
from umap_bot.model.run import Approval
from umap_bot.model.state import LayerState
from umap_bot.model.undo import Undo
from umap_bot.reconcile.guard.guard import judged
from umap_bot.text import verbatim

CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}")


def plan(*changes: Create | Delete, **fields: Any) -> Plan:
    return flat(
        **{
            "layer_id": "l1", "layer_name": "L", "map_name": "M", "map_url": "", "version": "1",
            "commit": Commit("c1", blob="b1"), "file": "f.csv", "key": "id", "policy": Policy(),
            "first": False, "changes": changes,
            "objections": (Objection("deletes", verbatim("many would go"), 1, 2),), **fields,
        }
    )  # fmt: skip


HARMLESS = plan(Create(key="a", name="A", properties={"id": "a"}, geometry=None))
HARMFUL = plan(Delete(key="b", name="B"), Delete(key="c", name="C"))


def is_carried_out(made: Plan, *approvals: Approval) -> bool:
    return not judged(made, LayerState(approvals=approvals).approval_of).verdict.held


def test_a_code_is_four_groups_of_four_and_the_same_each_time() -> None:
    codes = {code_of(f"{number:064x}") for number in range(50)}
    assert len(codes) == 50
    assert all(CODE.fullmatch(code) for code in codes)
    assert set("".join(codes)) == {*ALPHABET, "-"}, "all five bits of each letter are used"
    assert (len(HARMLESS.fingerprint), HARMLESS.code) == (64, code_of(HARMLESS.fingerprint))
    assert code_of("0" * 64) == "H12Z-VB25-3XK4-N6K3", "as in messages that were sent"


@given(st.text("0123456789abcdef", min_size=64, max_size=64), st.randoms(use_true_random=False))
def test_a_code_may_be_typed_as_people_read_it(fingerprint: str, chance: Any) -> None:
    code = code_of(fingerprint)
    like = {"1": "1IlLi", "0": "0oO"}
    typed = "".join(
        chance.choice(["", " ", "-", " - ", "\u2011", "\n", "\u00a0"])
        if letter == "-"
        else chance.choice(like.get(letter, letter + letter.lower()))
        for letter in f"-{code}-"
    )
    assume(not re.fullmatch("[0-9a-f]{16}", typed))
    assert read_code(typed) == code


@pytest.mark.parametrize(
    "typed",
    ["5be2790c1d3a", "0" * 12, "0123456789abcdef", "5be2790c1d3a5be2790c", "f" * 32, " 5be2790c1d3a\n"],
)
def test_a_code_of_before_is_refused_and_the_way_out_is_told(typed: str) -> None:
    with pytest.raises(UsageError, match="is an approval code from an earlier version of umap-bot") as caught:
        read_code(typed)
    assert "To get the new code: umap-bot plan" in caught.value.text
    assert "\n" not in caught.value.text


@pytest.mark.parametrize(
    "typed",
    [
        "", "x", "7K2M", "7K2M-9QXT-4HB0", "7K2M-9QXT-4HB0-D3W", "7K2M-9QXT-4HB0-D3WZ-7K2M",
        "7K2M-9QXT-4HB0-D3WU", "7K2M-9QXT-4HB0-D3W\u0417", "7K2M-9QXT-4HB0-D3\u00df",
        "7K2M-9QXT-4HB0-D3\ufb01", "%" * 16, "f" * 33, "5BE2790C1D3A", "7K2M-9QXT-4HB0-D3WZ' --",
        "7K2M\x00-9QXT-4HB0-D3WZ", "7K2M_9QXT_4HB0_D3WZ", "\u0661" * 16,
    ],
)  # fmt: skip
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(UsageError, match="has 16 letters and digits"):
        read_code(typed)


def test_a_code_is_of_the_plan_and_of_the_version_of_the_file() -> None:
    of = HARMLESS
    same = but(
        of, commit=Commit("c2", blob="b1", author="Ada"), version="2", map_name="N", held=True, total=9
    )
    assert same.code == of.code, "the same file in another commit"
    others = [
        HARMFUL,
        but(of, commit=Commit("c1", blob="b2")),
        but(of, commit=Commit("c1")),
        but(of, commit=Commit("c2")),
        but(of, policy=Policy("keep")),
        but(of, layer_id="l2"),
        but(of, kind="rollback"),
        but(of, kind="rollback", undo=Undo(1)),
        but(of, kind="rollback", undo=Undo(2)),
        but(of, objections=(*of.verdict.objections, Objection("area", verbatim("far away")))),
    ]
    assert len({of.code, *(other.code for other in others)}) == len(others) + 1


def test_the_same_beginning_of_two_digests_approves_nothing() -> None:
    """What two files were found for in five minutes, when a code was the digest's first 12 characters."""
    for made, end in ((HARMLESS, "0"), (HARMFUL, "f")):
        made.__dict__["digest"] = "5be2790c1d3a" + end * 52  # planted: nobody can find them any more
    try:
        assert HARMLESS.code != HARMFUL.code
        for word in (Approval(HARMLESS.code), Approval(HARMLESS.code, HARMLESS.fingerprint)):
            assert is_carried_out(HARMLESS, word)
            assert not is_carried_out(HARMFUL, word)
        for word in (Approval("5be2790c1d3a"), Approval("", "5be2790c1d3a"), Approval("")):
            assert not is_carried_out(HARMFUL, word)
    finally:
        for made in (HARMLESS, HARMFUL):
            del made.__dict__["digest"]


def test_where_a_run_was_held_with_the_plan_not_even_the_same_code_is_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("umap_bot.model.plan.code_of", lambda fingerprint: "7K2M-9QXT-4HB0-D3WZ")
    word = Approval(HARMLESS.code, HARMLESS.fingerprint)
    assert (HARMLESS.code, is_carried_out(HARMLESS, word)) == (HARMFUL.code, True)
    assert not is_carried_out(HARMFUL, word)


def test_the_code_of_a_pass_is_that_of_its_plans_in_any_order_and_of_none_of_them() -> None:
    assert pass_code([HARMLESS, HARMFUL]) == pass_code([HARMFUL, HARMLESS])
    assert len({pass_code([HARMLESS, HARMFUL]), pass_code([HARMLESS]), HARMLESS.code, HARMFUL.code}) == 4


keys = st.sampled_from(["a", "b", "c"])
plans = st.builds(
    lambda created, deleted, blob, policy, kind, layer: plan(
        *(Create(key=key, name=key, properties={"id": key}, geometry=None) for key in sorted(created)),
        *(Delete(key=key, name=key) for key in sorted(deleted)),
        commit=Commit(f"c{blob}", blob=blob),
        policy=policy,
        kind=kind,
        layer_id=layer,
    ),
    st.frozensets(keys),
    st.frozensets(keys),
    st.sampled_from(["", "b1", "b2"]),
    st.sampled_from([Policy(), Policy("keep")]),
    st.sampled_from(["sync", "adopt", "rollback"]),
    st.sampled_from(["l1", "l2"]),
)


@given(st.lists(plans, min_size=1, max_size=4), st.lists(plans, max_size=6), st.data())
def test_no_plan_but_the_approved_one_is_carried_out_for_a_code(
    approved: list[Plan], others: list[Plan], data: st.DataObject
) -> None:
    words = [
        Approval(made.code, made.fingerprint if data.draw(st.booleans()) else "", made.context.commit)
        for made in approved
    ]
    for made in (*approved, *others):
        is_approved = any(_same(made, one) for one in approved)
        assert is_carried_out(made, *words) == is_approved


def _same(one: Plan, other: Plan) -> bool:
    """Tell whether two plans do the same, to the same layer, from the same version of the file."""
    return (one.effects, one.context.commit) == (other.effects, other.context.commit)
