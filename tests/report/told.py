"""Plans and runs to tell of, with every kind of change and news; names and values as a test wants them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.plans import flat
from umap_bot.model.canon import Geometry
from umap_bot.model.change import Create, Delete, Field, Move, Update
from umap_bot.model.drift import Drift, Duplicate, GoneColumn, MapNews, Unmanaged
from umap_bot.model.layer import GEOMETRY, Commit
from umap_bot.model.plan import Objection, Plan
from umap_bot.model.policy import Policy
from umap_bot.model.run import Run
from umap_bot.text import joined, say

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
COMMIT = Commit("3f9c2ab" * 5 + "01234", "Ana", NOON, "Quartiers de Bron")

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<!-- x",
    "\u202egpj.exe\u2069",
    "\x1b[2J\x1b]0;owned\x07",
    "\x00\x85\ufffe\uffff\U000e0001",
    "one\ntwo\r\n\u2028three",
    "@octocat @org/team a@b.org",
    "#12 GH-12 a/b#1 b@1234567 0123456789abcdef0123",
    "https://evil.example www.evil.example ftp://x.y mailto:a@b.c",
    ":smile: :+1: $x^2$ `code` ``a`` ~~x~~",
    "[a](https://x) ![i](j) [x]: https://y [^1]",
    "*a* **b** _c_ __d__ ***",
    "# h",
    "> quote",
    "- item",
    "1. item",
    "+ x",
    "=== ---",
    "a | b\\| \\",
    "  two blanks  ",
    "&lt;b&gt; &#60; &",
    "\ufdd0a\ufdd1\ufdd2",
    "{count} {0} {",
    "/merge",
    " /approve",
    "::error::x",
    "##[error]x",
    '!1 &1 %1 %"v 1" ~bug ~1 a/b!1 *iteration:1 [vulnerability:1] {+a+} {-b-} [+c+] [-d-]',
)
"""Names that want to be more than names."""

texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(min_size=1, max_size=30),
    st.text("*_`[]()<>!#@:/.-+=|~\\&%$ \tw1aG\n", min_size=1, max_size=20),
    st.lists(st.sampled_from(HOSTILE), min_size=2, max_size=3).map("".join),
)


def point(longitude: float, latitude: float) -> Geometry:
    return {"type": "Point", "coordinates": [longitude, latitude]}


def plan(name: str = "Bron", value: str = "Parilly", column: str = "q", **more: Any) -> Plan:
    """A plan with every kind of change, drift and news. The column has `value`, with a number after it."""
    held = Objection(
        "area",
        joined((say("One would lie outside. The first: {name}.", name=name), say("Really?"))),
        features=(name,),
        setting="SYNC_AREA",
    )
    raw = {"geometry": point(4, 45), "properties": {"id": "old", column: f"{value}1", "name": name}}
    about: dict[str, Any] = {"key": "k", "name": name, "outcome": "overwrite", "line": 6}
    made: dict[str, Any] = {
        "layer_id": "l1",
        "layer_name": name,
        "map_name": name,
        "map_url": "https://u.example/m_1",
        "version": "v1",
        "commit": replace(COMMIT, author=name, message=name),
        "file": "cites.csv",
        "key": "id",
        "policy": Policy(),
        "first": False,
        "total": 18,
        "changes": (
            Create(
                key="new",
                name=name,
                properties={"id": "new", column: f"{value}2", "name": name},
                geometry=point(4.8, 45.7),
            ),
            Update(
                key="both",
                name=name,
                fields=(Field(column, f"{value}3", f"{value}4"), Field("n", "before", "after")),
                move=Move(point(5.72, 45.18), point(5.7205, 45.18)),
            ),
            Update(key="k", name=name, fields=(Field("n", 1, 2),), context={column: f"{value}5"}, at=(1, 2)),
            Delete(key="old", name=name, raw=msgspec.json.encode(raw).decode()),
        ),
        "drift": (
            Drift(**about, field=column, kind="drift", base=f"{value}6", desired=f"{value}7",
                  live=f"{value}8", header=column, saved=NOON, times=4),
            Drift(**about, field=column, kind="conflict", base=f"{value}9", desired=f"{value}10",
                  live=f"{value}11", header=column),
            Drift(**about, field=column, kind="edited", base=f"{value}12", live=f"{value}13", header=column),
            Drift(**{**about, "outcome": "keep"}, field=column, kind="drift", base=f"{value}14",
                  live=f"{value}15", standing=True),
            Drift(**about, field=GEOMETRY, kind="drift", base=point(1, 1), desired=point(1, 1),
                  live=point(2, 2)),
            Drift(**about, field="", kind="deleted"),
        ),
        "unmanaged": (Unmanaged(name, "d1", "abcde", at=(4.5, 45.5)), Unmanaged(name, "d2", standing=True)),
        "duplicates": (Duplicate("twice", (name, name), ("a", "b")),),
        "unplaced": ("roanne",),
        "gone_columns": (GoneColumn(column, "new", "New", 3, 4),),
        "news_of_map": MapNews((Field("name", name, "after"),), (NOON, NOON), "3.9", "3.8", 9, 10),
        "same_as": replace(COMMIT, sha="9" * 40),
        "ids": 1,
        "warnings": (
            say("{file}: {column} holds {value}", file="cites.csv", column=column, value=f"{value}16"),
        ),
        "objections": (held,),
    }  # fmt: skip
    return flat(**(made | more))


def run(told: Plan | None, outcome: Any = "done", **more: Any) -> Run:
    bare = Run(number=42, layer="umap.example:8000/map/1/Cités", kind="sync", commit=COMMIT, started=NOON)
    return replace(bare, **{"ended": NOON + timedelta(seconds=1.4), "outcome": outcome, "plan": told, **more})


def done(told: Plan) -> Run:
    """The run that carried out a plan; what was left of it is the last plan it made."""
    left = told.doing((), drift=())
    return run(left, applied=told.effects.changes, drift=told.context.drift, pushes=1)


def held(told: Plan) -> Run:
    return run(told.holding(), "held", code=3)


def failed(column: str = "q", value: str = "Parilly") -> Run:
    problems = tuple(
        say("{file}, row {row}: {column} is {value}", file="cites.csv", row=row, column=column,
            value=f"{value}{row}")
        for row in (2, 3)
    )  # fmt: skip
    error = joined((joined(problems, "\n"), say("Mend the file.")))
    return run(None, "failed", error=error, code=11)
