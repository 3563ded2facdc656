"""One member is written into the text of an object, and no other byte of it changes."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from tests.reconcile.worlds import values
from umap_bot.model.members import put

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


def test_of_a_name_that_stands_twice_the_last_counts_and_the_other_goes() -> None:
    assert put('{"a": 1, "a": 2}', ("a",), 3) == '{"a": 3}'
    assert put('{"a": 1, "b": 0, "\\u0061": 2 }', ("a",), UNSET) == '{"b": 0 }'
    assert put('{"a": 1, "a": 2}', ("b",), 3) == '{"a": 1, "a": 2,"b":3}'


def test_on_the_way_the_last_is_entered_and_the_other_stays() -> None:
    text = '{"p": {"a": 1}, "p": {"b": 1}}'
    assert put(text, ("p", "a"), 2) == '{"p": {"a": 1}, "p": {"b": 1,"a":2}}'
    assert put(text, ("p", "b"), UNSET) == '{"p": {"a": 1}, "p": {}}'
    assert put(text, ("p", "a"), UNSET) == text


def test_however_often_a_name_stands_once_is_enough() -> None:
    many = ", ".join(['"a": 1'] * 50_000)
    assert put(f'{{"b": 0, {many}}}', ("a",), 2) == '{"b": 0, "a": 2}'
    assert put(f"{{{many}}}", ("a",), UNSET) == "{}"


@pytest.mark.parametrize("deep", [330, 900, 100_000])
def test_no_value_is_nested_too_deep(deep: int) -> None:
    text = (
        '{"n": '
        + "[" * deep
        + '"]"'
        + "]" * deep
        + ', "a": {"b": '
        + '{"c":' * deep
        + "1"
        + "}" * deep
        + "}}"
    )
    assert put(text, ("a", "d"), 2) == text[:-2] + ',"d":2}}'
    assert put(text, ("n",), 1) == '{"n": 1' + text[text.index(', "a"') :]


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


blanks = st.sampled_from(["", " ", "\n\t ", "  "])
spellings = st.sampled_from(
    ["a", "\\u0061", "b", "\\u0062", "é", "\\u00e9", "e\u0301", 'q\\"', "\\u0071\\u0022", ""]
)
odd = ["1e999", "1E-2", "-0", "9" * 5000, "true", "null", '"]}"', '"\\\\"', '"\\ud83d\\ude00"', "[ ]", "{ }"]
plain = st.one_of(st.sampled_from(odd), values.map(json.dumps))


class Member(NamedTuple):
    """A member as it is spelled: blanks before it, its name up to the value, the value, blanks after it."""

    before: str
    head: str
    value: str
    after: str

    @property
    def name(self) -> str:
        return str(json.loads(self.head.rpartition(":")[0]))


def spelled(members: list[Member]) -> str:
    return "{" + ",".join(map("".join, members)) + "}"


def members(inner: st.SearchStrategy[str]) -> st.SearchStrategy[list[Member]]:
    """The members of an object; names stand as often as they like, in any spelling."""
    head = st.builds('{1}"{0}"{1}:{1}'.format, spellings, blanks).map(str.lstrip)
    return st.lists(st.builds(Member, blanks, head, inner, blanks), max_size=5)


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lists = st.lists(inner, max_size=3).map(lambda found: "[" + " , ".join(found) + "]")
    return st.one_of(lists, members(inner).map(spelled))


texts = st.recursive(plain, _nested, max_leaves=8)


def put_plainly(members: list[Member], name: str, value: str | None) -> list[Member]:
    """What `put` is to do, on members: the last of that name has the value, and the others go."""
    own = [place for place, member in enumerate(members) if member.name == name]
    last = own.pop() if own and value is not None else None
    left = list(members)
    for place in reversed(own):
        gone = left.pop(place)
        if place and left:
            left[place - 1] = left[place - 1]._replace(after=gone.after)
        elif left:
            left[0] = left[0]._replace(before=gone.before)
    if value is None:
        return left
    if last is not None:
        place = last - len(own)
        left[place] = left[place]._replace(value=value)
        return left
    after = left[-1].after if left else ""
    left[-1:] = [left[-1]._replace(after="")] if left else []
    return [*left, Member("", f"{json.dumps(name, ensure_ascii=False)}:", value, after)]


@given(members(texts), st.sampled_from(["a", "b", "é", 'q"', "", "z"]), st.one_of(texts, st.none()))
def test_whatever_stands_twice_the_value_stands_once_and_the_rest_as_it_stood(
    found: list[Member], name: str, text: str | None
) -> None:
    value: Any = UNSET if text is None else msgspec.Raw(text.encode())
    result = put(spelled(found), (name,), value)
    expected = put_plainly(found, name, text)
    assert re.sub(r"^{\s*}$", "{}", result) == spelled(expected)
    named = [member for member, _ in json.loads(result, object_pairs_hook=list, parse_int=str)]
    assert named == [member.name for member in expected]
    assert named.count(name) == (text is not None)


@given(members(texts), members(texts), members(texts), st.sampled_from(["a", "é"]))
def test_of_doubled_objects_on_the_way_only_the_last_is_touched(
    first: list[Member], last: list[Member], around: list[Member], name: str
) -> None:
    one, other = spelled(first), spelled(last)
    text = spelled([Member("", '"p":', one, " "), *around, Member("\n", '"\\u0070": ', other, "")])
    assert put(text, ("p", name), 7) == f"{text[: -len(other) - 1]}{put(other, (name,), 7)}}}"
