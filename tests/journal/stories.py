"""What the databases of earlier shapes tell (`old`), in today's words: each has what its program knew of."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec.structs import replace

from tests.journal.made import (
    COMMIT,
    DELETE,
    EDIT,
    NOON,
    SEEN,
    UPDATE,
    base,
    plan,
)
from tests.plans import but
from umap_bot.model.base import Base, Kept, Known, Origin, Undone
from umap_bot.model.canon import Geometry
from umap_bot.model.change import Field
from umap_bot.model.drift import Duplicate, GoneColumn, MapNews, Unmanaged
from umap_bot.model.layer import Commit, Reading
from umap_bot.model.plan import Kind, Plan
from umap_bot.model.policy import Policy
from umap_bot.model.seen import Seen
from umap_bot.model.undo import Redo, Undo
from umap_bot.notify.memory import Told
from umap_bot.text import say, verbatim

HELD_COMMIT: Final = replace(COMMIT, sha="a" * 40)
PLACE: Final[Geometry] = {"type": "Point", "coordinates": [4.85, 45.75]}
ROW: Final = Known.of(
    {"id": "5", "n": 2**70, "x": 1e22, "text": "l\u2028é\x00"}, PLACE, "uMap5", "0" * 32, "1" * 32
)
REDO: Final = Redo(
    key="5",
    name="Bron",
    field="n",
    run=1,
    by=2,
    desired=2**70,
    live=[1.5, None],
    line=3,
    header="N",
    at=(4.85, 45.75),
)


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """The plans are of the runs 2, 4 and 5; base and `seen` are of the layer."""

    held: Plan = plan(DELETE, drift=(EDIT,), held=True)
    other: Plan = plan()
    other_kind: Kind = "adopt"
    killed: Plan = plan(UPDATE)
    base: Base = base("1", "3")
    seen: Seen | None = None
    settings: bool = False
    told: bytes | None = None


_FIRST: Final = Story(
    held=but(
        plan(DELETE, drift=(EDIT,), held=True),
        warnings=(verbatim("Line 3 has no place."),),
        objections=tuple(
            replace(each, text=verbatim("1 of 3 would go"))
            for each in plan(DELETE, held=True).verdict.objections
        ),
    )
)
_THIRD: Final = Story(
    held=but(
        plan(DELETE, drift=(EDIT,), held=True),
        policy=Policy("keep"),
        ids=2,
        commit=HELD_COMMIT,
        published="b" * 40,
        anew=True,
        ours=3,
        total=5,
        rows=4,
        unmanaged=(Unmanaged("Kiosque", "f00", "aB3dF", True, (4.85, 45.75)), Unmanaged("", "f01")),
        duplicates=(Duplicate("1", ("Les Minguettes", "Minguettes (copie)"), ("aB3dE", None)),),
        unplaced=("12", "2**70"),
        awaited=("Bron",),
        gone_columns=(GoneColumn("tel", "phone", "Téléphone", 2, 3),),
        news_of_map=MapNews(
            settings=(Field("color", "Red", 2**70),),
            saves=(NOON,),
            release="3.8.1",
            before="3.8.0",
            ours=1,
            kept=5,
            tried="3.8.0",
            remade=True,
        ),
        same_as=Commit("c" * 40, blob="d" * 40),
        guess=Reading("cp1252", ("Duchère",)),
        warnings=(say("{file} has no rows.", file="cites.csv"), verbatim("no {such} branch")),
        undone=(REDO,),
    ),
    other=but(
        plan(),
        kind="rollback",
        undo=Undo(1, {"5": {"n": "x", "": None}}, {"5": ROW, "6": None}, {"7": {"n": ["1", None]}}),
    ),
    other_kind="rollback",
    killed=but(plan(UPDATE), first=True, undone=(REDO,)),
    base=replace(
        base("1", "3"),
        known=base("1", "3").known | {"5": ROW},
        kept=Kept(
            cells={"1": {"name": "à part"}},
            deleted=frozenset({"9"}),
            unmanaged=frozenset({"f00", "f01"}),
            left=frozenset({"f01"}),
            rows={"8": ROW},
        ),
        encoding="cp1252",
        undone={"5": {"n": Undone("x", 1, 2), "": Undone({"n": "1"}, 1, 2)}},
        origin=Origin(how="likeness", commit=COMMIT, differing=1, cells=2**70, skipped=3, apart=True),
    ),
    seen=replace(SEEN, layer_id="l1"),
    settings=True,
    told=Told(sent=NOON, not_converged=NOON).to_json(),
)

STORIES: Final = {1: _FIRST, 2: Story(told=b"told"), 3: _THIRD, 4: _THIRD, 5: _THIRD, 6: _THIRD, 7: _THIRD}
