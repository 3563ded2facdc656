"""The canonical form of values: which two are one, by what uMap's editor makes of them."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest

from umap_bot.model.canon import canonical, canonical_geometry, digest, equal, nfc, number_text

JAVASCRIPT: list[tuple[str, str]] = [
    ("0", "0"),
    ("-0", "0"),
    ("1", "1"),
    ("-1", "-1"),
    ("10", "10"),
    ("100", "100"),
    ("1.0", "1"),
    ("1.5", "1.5"),
    ("-1.5", "-1.5"),
    ("0.1", "0.1"),
    ("0.2", "0.2"),
    ("0.30000000000000004", "0.30000000000000004"),
    ("1e20", "100000000000000000000"),
    ("1e21", "1e+21"),
    ("-1e21", "-1e+21"),
    ("123456789012345680000", "123456789012345680000"),
    ("1.2345e21", "1.2345e+21"),
    ("1e22", "1e+22"),
    ("1e-5", "0.00001"),
    ("1e-6", "0.000001"),
    ("1e-7", "1e-7"),
    ("-1e-7", "-1e-7"),
    ("1.5e-7", "1.5e-7"),
    ("0.00001", "0.00001"),
    ("0.000001", "0.000001"),
    ("0.0000001", "1e-7"),
    ("0.00000123", "0.00000123"),
    ("0.000000123", "1.23e-7"),
    ("123e-20", "1.23e-18"),
    ("5e-324", "5e-324"),
    ("2.2250738585072014e-308", "2.2250738585072014e-308"),
    ("1.7976931348623157e308", "1.7976931348623157e+308"),
    ("9007199254740991", "9007199254740991"),
    ("9007199254740992", "9007199254740992"),
    ("9007199254740993", "9007199254740992"),
    ("9007199254740995", "9007199254740996"),
    ("-9007199254740993", "-9007199254740992"),
    ("4.9117", "4.9117"),
    ("45.73467", "45.73467"),
    ("45.734670000000001", "45.73467"),
    ("0.1e1", "1"),
    ("100000000000000000000", "100000000000000000000"),
    ("999999999999999900000", "999999999999999900000"),
    ("999999999999999999999", "1e+21"),
    ("1e100", "1e+100"),
    ("1.23e-10", "1.23e-10"),
    ("12345.678", "12345.678"),
    ("3.0", "3"),
    ("1e3", "1000"),
    ("4503599627370496.5", "4503599627370496"),
    ("123456789.123456789", "123456789.12345679"),
    ("0.000001234", "0.000001234"),
    ("1.7e-6", "0.0000017"),
]
"""A number as JSON text, and what `String(JSON.parse(text))` gave in Node."""


@pytest.mark.parametrize(("text", "expected"), JAVASCRIPT)
def test_a_number_is_spelled_as_javascript_spells_it(text: str, expected: str) -> None:
    assert number_text(json.loads(text)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        (10**400, "Infinity"),
        (-(10**400), "-Infinity"),
        (10**21, "1e+21"),
        (10**20, "100000000000000000000"),
    ],
)
def test_numbers_that_json_does_not_write(value: float, expected: str) -> None:
    assert number_text(value) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (10, "10"),
        (10.0, 10),
        (1.5, "1.5"),
        (-0.0, "0"),
        (True, "true"),
        (False, "false"),
        (2**53 + 1, 2**53),
        (None, ""),
        ("é", "e\u0301"),
        ([1, "2"], ["1", 2.0]),
        ({"a": 1, "b": None}, {"a": "1"}),
        ({"a": ""}, {}),
        ({"é": 1}, {"e\u0301": 1}),
        ({"a": {"b": [True, None]}}, {"a": {"b": ["true", ""]}}),
    ],
)
def test_these_are_equal(one: Any, other: Any) -> None:
    assert equal(one, other)
    assert digest(canonical(one)) == digest(canonical(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (7, "007"),
        (1.0, "1.0"),
        (10, "10 "),
        (True, 1),
        (True, "True"),
        (False, None),
        (0, None),
        (0, ""),
        ("x", "X"),
        (" ", ""),
        ([], None),
        ({}, None),
        ([], {}),
        ([None], []),
        ([1, 2], [2, 1]),
        ("1,2", [1, 2]),
        ({"a": 1}, {"b": 1}),
        ("e", "é"),
        ("\ufb01", "fi"),
    ],
)
def test_these_are_not_equal(one: Any, other: Any) -> None:
    assert not equal(one, other)
    assert digest(canonical(one)) != digest(canonical(other))


def place(kind: str, coordinates: Any, **members: Any) -> Any:
    return {"type": kind, "coordinates": coordinates, **members}


BRON = place("Point", [4.9117, 45.73467])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (BRON, place("Point", [4.91170004, 45.73466951])),
        (BRON, place("Point", [4.9117, 45.73467], bbox=[1, 2, 3, 4], crs=None)),
        (BRON, place("MultiPoint", [[4.9117, 45.73467]])),
        (place("Point", [5, 45]), place("Point", [5.0, 45.0])),
        (place("Point", [0.0, -0.0]), place("Point", [-0.0000001, 0])),
        (place("LineString", [[0, 0, 5], [1, 1]]), place("LineString", [[0, 0, 5], [1, 1, None]])),
        (None, {}),
        (None, place("Point", [])),
        (None, place("Point", None)),
        (None, {"type": "Point"}),
    ],
)
def test_these_are_one_place(one: Any, other: Any) -> None:
    assert canonical_geometry(one) == canonical_geometry(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (BRON, place("Point", [4.911702, 45.73467])),
        (BRON, place("Point", [45.73467, 4.9117])),
        (BRON, place("Point", [4.9117, 45.73467, 168])),
        (place("Point", [4.9117, None]), place("Point", [4.9117])),
        (BRON, place("MultiPoint", [[4.9117, 45.73467], [4.9117, 45.73467]])),
        (place("LineString", [[0, 0], [1, 1]]), place("LineString", [[1, 1], [0, 0]])),
        (place("LineString", [[0, 0], [1, 1]]), place("MultiPoint", [[0, 0], [1, 1]])),
        (
            {"type": "GeometryCollection", "geometries": [BRON]},
            {"type": "GeometryCollection", "geometries": []},
        ),
        (BRON, None),
    ],
)
def test_these_are_two_places(one: Any, other: Any) -> None:
    assert canonical_geometry(one) != canonical_geometry(other)


def test_a_digest_does_not_know_order_of_members() -> None:
    assert digest({"a": "1", "b": "2"}) == digest({"b": "2", "a": "1"})
    assert digest(["a", "b"]) != digest(["b", "a"])
    assert len(digest(None)) == 32


def test_a_text_is_in_nfc_unless_accents_are_stacked_on_it() -> None:
    """To sort a million of them would take hours; the test would not end."""
    writings = (
        "é",
        "e\u0301" * 100,
        "שָׁלוֹם " * 50,
        "각".join("각" * 60),
        "a" + "\u0316\u0301" * 15 + "x" * 60,
    )
    assert [nfc(text) for text in writings] == [unicodedata.normalize("NFC", text) for text in writings]
    stack = "e" + "\u0301\u0316" * 500_000
    assert nfc(stack) == stack
    assert equal(stack, stack)
    assert not equal(stack, stack + "\u0301")


@pytest.mark.parametrize("deep", [100, 800])
def test_what_is_nested_beyond_all_maps_is_compared_as_it_is_spelled(deep: int) -> None:
    """Settings of a layer are as deep as somebody wants: they are compared, too."""
    one, other = (json.loads("[" * deep + number + "]" * deep) for number in ("1.5", "2"))
    assert canonical(one) == canonical(one)
    assert canonical(one) != canonical(other)
