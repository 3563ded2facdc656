"""One member is written into the text of an object, and no other byte of it changes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from tests.reconcile.worlds import values
from umap_bot.reconcile.splice import put

SPACED = '{ "type" : "Feature",\n "properties": {"name":"é\\u00e9" , "n": 1e3}, "id":"aaaaa" }'


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("properties", "n"), 7, SPACED.replace("1e3", "7")),
        (("properties", "id"), "bron", SPACED.replace("1e3}", '1e3,"id":"bron"}')),
        (("properties", "name"), UNSET, SPACED.replace('"name":"é\\u00e9" , ', "")),
        (("properties", "n"), UNSET, SPACED.replace(' , "n": 1e3', "")),
        (("properties", "none"), UNSET, SPACED),
        (("id",), "bbbbb", SPACED.replace("aaaaa", "bbbbb")),
        (("type",), UNSET, SPACED.replace('"type" : "Feature",\n ', "")),
        (("own", "deep"), 1, SPACED.replace('"aaaaa" }', '"aaaaa","own":{"deep":1} }')),
        (("own", "deep"), UNSET, SPACED),
    ],
)
def test_the_rest_keeps_its_bytes(path: tuple[str, ...], value: Any, expected: str) -> None:
    assert put(SPACED, path, value) == expected


def test_what_is_no_object_becomes_one() -> None:
    assert put('{"properties": null}', ("properties", "a"), 1) == '{"properties": {"a":1}}'
    assert put("{}", ("a",), 1) == '{"a":1}'
    assert put("{ }", ("a",), [1]) == '{"a":[1] }'


def test_of_a_name_that_stands_twice_the_last_counts() -> None:
    assert put('{"a": 1, "a": 2}', ("a",), 3) == '{"a": 1, "a": 3}'


def test_a_number_that_python_would_refuse_is_passed_over() -> None:
    text = '{"n": ' + "9" * 5000 + ', "a": 1}'
    assert put(text, ("a",), 2) == text.replace('"a": 1', '"a": 2')


names = st.sampled_from(["a", "b", "é", "properties", 'q"'])
objects = st.dictionaries(names, values, max_size=4)


@given(objects, names, st.one_of(values, st.just(UNSET)), st.booleans(), st.sampled_from([None, 1]))
def test_the_text_says_what_the_object_would(
    found: dict[str, Any], name: str, value: Any, ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(found, ensure_ascii=ascii_only, indent=indent)
    expected = {key: member for key, member in found.items() if key != name or value is not UNSET}
    if value is not UNSET:
        expected[name] = value
    assert json.loads(put(text, (name,), value)) == expected
