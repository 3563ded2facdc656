"""The layer's file: what goes through keeps every byte; what can't is refused with its reason."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from umap_bot.reconcile import slices
from umap_bot.umap.layer.body import BodyError, decode

NUMBERS = ["1.0", "-0", "1e3", "1E+2", "0.10", "18446744073709551617", "1" * 30, "1e400", "9007199254740993"]
TEXTS = ['"\\u00e9"', '"é"', '"\\/"', '""', '"\\ud83d\\ude00"', '"a\\tb"', '"]}"', '"\\\\\\""']
blanks = st.sampled_from(["", " ", "\n", "\t "])
leaves = st.sampled_from([*NUMBERS, *TEXTS, "null", "true", "false", "{}", "[]"])


def listed(members: list[str], around: str, brackets: str) -> str:
    return brackets[0] + around + f"{around},{around}".join(members) + around + brackets[1]


def objects(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return JSON texts of objects, spelled in any way, names twice included."""
    member = st.builds("{}{}:{}{}".format, st.sampled_from(TEXTS), blanks, blanks, values)
    return st.builds(listed, st.lists(member, max_size=4), blanks, st.just("{}"))


values = st.recursive(
    leaves,
    lambda inner: objects(inner) | st.builds(listed, st.lists(inner, max_size=3), blanks, st.just("[]")),
    max_leaves=8,
)
tops = st.dictionaries(
    st.text(max_size=4).filter(lambda name: name not in {"type", "features"}), values, max_size=3
)


@settings(deadline=None)
@given(st.lists(objects(values), max_size=5), tops, blanks, st.sampled_from(["", "\ufeff"]))
def test_whatever_uMap_holds_goes_back_as_it_came(  # noqa: N802  its name
    features: list[str], top: dict[str, str], around: str, mark: str
) -> None:
    members = {"type": '"FeatureCollection"', **top}
    texts = [f"{json.dumps(name)}:{around}{value}" for name, value in members.items()]
    texts.insert(len(texts) // 2, f'"features"{around}:{listed(features, around, "[]")}')
    body = (mark + listed(texts, around, "{}") + around).encode()
    cut = decode(body)
    assert cut.features == tuple(feature.encode() for feature in features)
    assert cut.members == tuple((name, value.encode()) for name, value in members.items())
    assert decode(cut.encode()) == cut


@pytest.mark.parametrize(
    "half", ["\\ud83d", "x\\uDE00y", "\\ude00\\ud83d", "\\\\\\ud83d\\n", "\\ud83d\\ud83d\\ude00"]
)
def test_half_of_a_character_is_read_as_browsers_show_it_and_goes_back_as_it_came(half: str) -> None:
    """uMap's editor stores it: it cuts a text after so many halves. JSON allows it, msgspec does not."""
    odd = f'{{"id":"odd01","properties":{{ "name":"{half}","{half}":["{half}"],"n":1.0}}}}'.encode()
    cut = decode(wrap(b'[{"a":1} , ' + odd + b"]"))
    assert cut.features == (b'{"a":1}', odd)
    assert decode(cut.encode()) == cut
    feature = slices.decode(odd)
    assert (feature.unread, feature.umap_id, feature.properties["n"]) == ((), "odd01", 1.0)
    shown = json.loads(f'"{half}"').encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert feature.properties["name"] == shown
    assert feature.properties[shown] == [shown]


def wrap(features: bytes) -> bytes:
    return b'{"type":"FeatureCollection","features":' + features + b"}"


@pytest.mark.parametrize(
    ("body", "because", "passing"),
    [
        (b"", "is empty", True),
        (b" \n", "is empty", True),
        (b'{"type":"FeatureCollection","features":[{', "not valid JSON, or is incomplete", True),
        (wrap(b"[]") + b"x", "not valid JSON, or is incomplete", True),
        (b"\x1f\x8b\x08", "not UTF-8", True),
        (wrap(b'["\xe9"]'), "not UTF-8", True),
        (b"[1,2]", "not an object", False),
        (b"null", "not an object", False),
        (b"{}", "not a FeatureCollection", False),
        (b'{"type":["FeatureCollection"],"features":[]}', "not a FeatureCollection", False),
        (b'{"type":"Feature","features":[]}', "not a FeatureCollection", False),
        (b'{"type":"FeatureCollection"}', "without “features”", False),
        (wrap(b"{}"), "not a list", False),
        (wrap(b"null"), "not a list", False),
        (wrap(b"[{}, null ]"), "null: number 2 of 2", False),
        (wrap(b'[{},"{"]'), "not an object: number 2 of 2", False),
        (wrap(b'[{"a":NaN}]'), "NaN", False),
        (wrap(b'[{"n":' + b"9" * 5000 + b',"a":NaN}]'), "NaN", False),
        (wrap(b'[{"a":NaN},' + b"[" * 5000 + b"]" * 5000 + b"]"), r"It is feature 1 \(no uMap id\)", False),
        (wrap(b'[{"id":"a"},{"id":"odd01","a":[-Infinity]}]'), r"It is feature 2 \(odd01\)\.", False),
        (wrap(b'[{"id":NaN}]'), r"It is feature 1 \(no uMap id\)\.", False),
        (wrap(b'[{"a":"\\ud800","b":NaN}]'), "NaN", False),
        (wrap(b'[{"a":"\\ud800"},]'), "not valid JSON, or is incomplete", True),
        (wrap(b'[{"a":"\\ud800"},null]'), "null: number 2 of 2", False),
        (b'["\\ud800"]', "not an object", False),
        (b'{"type":"FeatureCollection","features":"\\ud800"}', "not a list", False),
        (b'{"type":"\\ud800","features":[]}', "not a FeatureCollection", False),
        (wrap(b"[" * 5000 + b"]" * 5000), r"nested too deeply\. It is feature 1 \(no uMap id\)\.", False),
        (
            wrap(b'[{"n":[[1]]},{"n":' + b"[" * 5000 + b"]" * 5000 + b',"id":"odd01"}]'),
            r"2 \(odd01\)\.",
            False,
        ),
        (wrap(b'[{"a":"\\ud800"},' + b"[" * 5000 + b"]" * 5000 + b"]"), r"It is feature 2", False),
        (wrap(b'[{"a":"' + b"\\ud83d" * 1_000_001 + b'"}]'), "more values than a map can show", False),
        (wrap(b"[" + b"{}," * 1_000_000 + b"{}]"), "more values than a map can show", False),
        (wrap(b"[" + b"{}," * 8_000_000 + b"{}]"), "more values than a map can show", False),
        (wrap(b"[" * 9_000_000), "more values than a map can show", False),
        (wrap(b'[],"own":' + b"[" * 5000 + b"]" * 5000), r"nested too deeply\.", False),
        (wrap(b"[" * 5000), r"nested too deeply\.", False),
    ],
)
def test_what_cannot_be_written_back_is_refused_with_its_reason(
    body: bytes, because: str, *, passing: bool
) -> None:
    with pytest.raises(BodyError, match=because) as caught:
        decode(body)
    assert caught.value.passing is passing
    assert caught.value.way_out
