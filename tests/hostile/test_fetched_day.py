"""A whole day of tables on the web, with one answer of ten a fault (tests/passes/fetched_day.py)."""

from __future__ import annotations

import pytest

from tests.commands.conftest import folder
from tests.passes.fetched_day import Day
from tests.passes.test_fetched import day, lived, site

__all__ = ["day", "folder", "site"]


@pytest.mark.timeout(1800)
def test_a_day_of_six_layers_of_three_tables_with_faults(day: Day) -> None:
    lived(day, 96)
    assert sum(map(len, day.given.values())) > 60
