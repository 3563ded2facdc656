"""A CSV of up to 100 MB that is made to harm: an error that says what it is, in 1 GiB and 60 s."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.hostile.confined import confined

FULL: Final = 90_000_000
HEAD: Final = b"id,name\n"
FILES: Final[dict[str, tuple[Callable[[], bytes], str]]] = {
    "commas": (lambda: b"," * FULL, "is empty"),
    "a row of commas": (lambda: HEAD + b"," * FULL, "has 90000001 columns"),
    "a row of semicolons": (lambda: b"id;name\n" + b";" * FULL, "has 90000001 columns"),
    "a header of names": (lambda: b"a," * (FULL // 2), "has 45000001 columns"),
    "quoted cells": (lambda: b'"",' * (FULL // 3), "has 30000001 columns"),
    "spaces before quotes": (lambda: b'id, "name"\n' + b', "' * (FULL // 3), "has 30000001 columns"),
    "cells of é": (lambda: HEAD + "é,".encode() * (FULL // 3), "has 30000001 columns"),
    "45 rows of a million cells": (lambda: HEAD + (b"x," * 1_000_000 + b"\n") * 45, "the header has 2"),
    "double quotes": (lambda: b'"' * FULL, "row 1: a cell has more than 16777216 characters"),
    "a cell": (lambda: HEAD + b"1," + b"x" * FULL, "row 2: a cell has more than 16777216 characters"),
    "a cell of emoji": (lambda: HEAD + b"1," + "😀".encode() * (FULL // 4), "row 2: a cell has more"),
    "a quote that is not closed": (lambda: HEAD + b'"' + b"\n" * FULL, "row 2: a cell has more"),
    "line breaks": (lambda: HEAD + b"\n" * FULL, "more than 500000 rows"),
    "line breaks of a Mac": (lambda: HEAD + b"\r" * FULL, "more than 500000 rows"),
    "short rows": (lambda: HEAD + b"1,\n" * (FULL // 3), "more than 500000 rows"),
    "spaces": (lambda: b" " * FULL, "is empty"),
    "NUL": (lambda: b"\0" * FULL, "holds a NUL character"),
    "commas in UTF-16": (lambda: b"\xff\xfe" + b",\0" * (FULL // 2), "is empty"),
}


def checked(folder: Path, content: bytes) -> subprocess.CompletedProcess[str]:
    (folder / "a.csv").write_bytes(content)
    return confined("-m", "umap_bot", "validate", "a.csv", cwd=folder)


@pytest.mark.parametrize("name", FILES)
def test_what_would_take_gigabytes_or_minutes_is_refused(tmp_path: Path, name: str) -> None:
    content, because = FILES[name]
    said = checked(tmp_path, content())
    assert (said.returncode, because in said.stdout + said.stderr) == (11, True), said
    assert len(said.stdout + said.stderr) < 2_000
    (tmp_path / "a.csv").unlink()
