"""LibreOffice for the tests of this folder."""

from __future__ import annotations

import pytest

from tests.sheets.office import MISSING, SOFFICE, Office


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    assert SOFFICE, MISSING
    return Office(tmp_path_factory.mktemp("office"))
