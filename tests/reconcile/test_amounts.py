"""How much is too much: what the guard decides, and what it shows, are one arithmetic."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.reconcile.test_rules import asked, deletes, plan, updates
from umap_bot.errors import SettingsError
from umap_bot.model.policy import Limit, Limits
from umap_bot.reconcile.guard import amounts
from umap_bot.settings import Settings, load

OTHERS = {"UMAP_MAP_URL": "https://umap.example/fr/map/x_1", "DATASET_REPO": "d", "DATASET_PATH": "a.csv"}
SHOWN = re.compile(r"\((.+) %\) would be \w+\. Limit: (.+) %")


@cache
def limited_to(percent: str) -> Limits:
    """Return the limits of somebody who wrote this percentage into the settings."""
    return load(Settings, environ={**OTHERS, "GUARD_DELETES": percent, "GUARD_UPDATES": percent}).limits


@pytest.mark.parametrize("percent", range(101))
def test_just_the_limit_is_within_it(percent: int) -> None:
    """For all counts and totals up to 200: held if and only if it is more than the share, and than one."""
    limits = limited_to(str(percent))
    for total in range(1, 201):
        most = max(1, percent * total // 100)
        if most <= total:
            assert asked(amounts.deletes, plan(*deletes(most), ours=total), limits) == []
        assert len(asked(amounts.updates, plan(*updates(most + 1), ours=total), limits)) == 1


percentages = st.one_of(
    st.integers(0, 10_000).map(str),
    st.decimals(0, 200, places=1).map(str),
    st.decimals(0, 100, places=3).map(str),
)


@given(st.integers(0, 400), st.integers(1, 1000), percentages)
@example(294, 1000, "29")
@example(7, 1000, "0.7")
@example(125, 1000, "12.5")
@example(5, 100, "4.999")
def test_what_is_shown_is_what_was_decided(count: int, total: int, percent: str) -> None:
    """What is held is shown as more than the limit, which is shown as it was written."""
    found = asked(amounts.deletes, plan(*deletes(count), ours=total), limited_to(percent))
    assert bool(found) == (count > 1 and count * 100 > Fraction(percent) * total)
    if found:
        shown = SHOWN.search(found[0].text)
        assert shown
        assert Fraction(shown[1]) > Fraction(shown[2]) == Fraction(percent)


def test_a_share_is_rounded_only_as_far_as_it_stays_above_the_limit() -> None:
    (found,) = asked(amounts.deletes, plan(*deletes(294), ours=1000), limited_to("29"))
    assert found.text.startswith("294 of 1000 features (29.4 %) would be removed. Limit: 29 %")
    (found,) = asked(amounts.deletes, plan(*deletes(295), ours=1000), limited_to("10"))
    assert found.text.startswith("295 of 1000 features (30 %) would be removed. Limit: 10 %")


@pytest.mark.parametrize(
    ("written", "limit"),
    [
        ("10", Limit(Decimal(10))),
        ("10%", Limit(Decimal(10))),
        (" 10 % ", Limit(Decimal(10))),
        ("10\u00a0%", Limit(Decimal(10))),
        ("10\u202f%", Limit(Decimal(10))),
        ("0", Limit(Decimal(0))),
        ("12.5", Limit(Decimal("12.5"))),
        ("12,5 %", Limit(Decimal("12.5"))),
        ("10000", Limit(Decimal(10_000))),
        ("20 features", Limit(Decimal(20), "features")),
        ("1 feature", Limit(Decimal(1), "features")),
        ("20features", Limit(Decimal(20), "features")),
        ("0 features", Limit(Decimal(0), "features")),
        ("20 éléments", Limit(Decimal(20), "features")),
        ("20 e\u0301le\u0301ments", Limit(Decimal(20), "features")),
        ("20\u00a0Éléments", Limit(Decimal(20), "features")),
        ("20 elements", Limit(Decimal(20), "features")),
        ("1 élément", Limit(Decimal(1), "features")),
    ],
)
def test_a_limit_is_a_share_or_a_number_of_features(written: str, limit: Limit) -> None:
    """A bare number is a share, as it always was: no map gets laxer by an upgrade."""
    assert limited_to(written).deletes == limit


@pytest.mark.parametrize(
    "written",
    [
        "%",
        "features",
        "-1",
        "-1 features",
        "10001",
        "10000,5 %",
        "1,5 features",
        "2.5 features",
        "20 % features",
        "20 rows",
        "1e3",
        "٢٠ features",
        "٢٠",
        "nan",
        "1 000 features",
        "9" * 5000 + " features",
        "9" * 5000,
    ],
)
def test_what_is_neither_names_the_three_forms(written: str) -> None:
    with pytest.raises(SettingsError, match=r"10 or 10 %.* 20 features") as refused:
        limited_to(written)
    assert "GUARD_DELETES" in refused.value.text
