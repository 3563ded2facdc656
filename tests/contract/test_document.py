"""docs/protocol.md and its tests say the same: what is marked is asked, and what is asked is marked."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("contract", "releases")
Item = tuple[str, str]


def items(text: str) -> Iterator[tuple[Item, bool]]:
    """Each (section, number) of the document, and whether it is marked as asked."""
    section = ""
    for line in text.splitlines():
        if heading := re.match(r"## (\d+)\.", line):
            section = heading[1]
        elif item := re.match(r"(\d+)\. (✓ )?", line):
            yield (section, item[1]), bool(item[2])


def cited(docstring: str) -> set[Item]:
    """`protocol 5, 3` and `fact 2`, which is the second of section 0."""
    plain = " ".join(docstring.split())
    facts = {("0", fact) for fact in re.findall(r"\bfact (\d+)", plain)}
    return facts | set(re.findall(r"\bprotocol (\d+), (\d+)", plain))


def all_tests() -> Iterator[tuple[str, set[Item]]]:
    """Each test of these rooms, and what its docstring cites."""
    for file in sorted(file for room in ROOMS for file in (ROOT / "tests" / room).glob("test_*.py")):
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield f"{file.name}::{node.name}", cited(ast.get_docstring(node) or "")


def test_what_is_marked_is_asked_and_the_other_way_round() -> None:
    told = list(items((ROOT / "docs" / "protocol.md").read_text("utf-8")))
    assert len(told) == len(dict(told))
    asked = set().union(*(found for _, found in all_tests()))
    assert asked == {item for item, marked in told if marked}


def test_each_test_of_the_contract_cites_it() -> None:
    contract = {file.name for file in Path(__file__).parent.glob("test_*.py")} - {Path(__file__).name}
    silent = [name for name, found in all_tests() if name.partition("::")[0] in contract and not found]
    assert silent == []
