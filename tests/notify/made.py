"""Runs as they end, made of the names of the real list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from tests.plans import but, flat
from umap_bot.errors import DatasetError, LayerBusy, RefusedError, UnreachableError
from umap_bot.model.change import Change, Create, Delete, Field, Move, Update
from umap_bot.model.drift import Drift
from umap_bot.model.layer import Commit
from umap_bot.model.part import parts_of
from umap_bot.model.plan import Objection, Plan
from umap_bot.model.policy import Policy
from umap_bot.model.run import Run
from umap_bot.text import joined, say

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
LAYER = "umap.example.org/map/484645/Schools"
MAP_URL = "https://umap.example.org/fr/map/cites_484645"

BRON = Update(key="bron", name="Bron", fields=(Field("quartiers", "Parilly", "Parilly;Terraillon"),))
GRENOBLE = Update(
    key="grenoble",
    name="Grenoble",
    move=Move({"type": "Point", "coordinates": [5.7, 45.1]}, {"type": "Point", "coordinates": [5.7, 45.2]}),
)
VENISSIEUX = Update(key="venissieux", name="Vénissieux", fields=(Field("name", "St Fons", "Saint-Fons"),))
EDIT = Drift(
    key="venissieux", name="Vénissieux", field="name", kind="drift", outcome="overwrite",
    base="Saint-Fons", desired="Saint-Fons", live="St Fons", line=6, header="nom",
    saved=datetime(2026, 11, 23, 14, 5, tzinfo=UTC),
)  # fmt: skip


def plan(*changes: Change, held: bool = False, reason: str = "") -> Plan:
    text = say("{reason} of {count} would be removed.", reason=reason, count=18)
    return flat(
        layer_id="1", layer_name="Schools", map_name="Cités éducatives", map_url=MAP_URL, version="7",
        commit=Commit("3f9c2ab00", "Zoé", NOON - HOUR, "Quartiers de Bron"), file="cites.csv", key="id",
        policy=Policy(), first=False, total=18, ours=18, changes=changes, held=held, published="9c1e77d00",
        replaces=Commit("9c1e77d00"),
        objections=(Objection("deletes", text, 17, setting="GUARD_DELETES"),) if held else (),
    )  # fmt: skip


def run(outcome: str = "nothing", *applied: Change, drift: tuple[Drift, ...] = (), number: int = 42) -> Run:
    """Return a run that ended so; with the changes that landed it is told of."""
    made = Run(number=number, layer=LAYER, kind="sync", commit=Commit("3f9c2ab00"), started=NOON)
    code = {"restless": 4}.get(outcome, 0)
    return Run(
        number=number, layer=LAYER, kind="sync", commit=made.commit, started=NOON, ended=NOON + HOUR / 60,
        outcome=outcome, plan=plan(), applied=applied, drift=drift, code=code,  # type: ignore[arg-type]
    )  # fmt: skip


def changed() -> Run:
    return run("done", BRON, GRENOBLE, VENISSIEUX, drift=(EDIT,))


def held(what: str = "17", *applied: Change) -> Run:
    """Return a run that waits; another WHAT is another plan."""
    waiting = plan(Delete(key=what, name=f"Ville {what}"), held=True, reason=what)
    made = run("held", *applied, number=43)
    return Run(
        **{**{name: getattr(made, name) for name in made.__struct_fields__}, "plan": waiting, "code": 3}
    )


def rows_wait(row: str = "4", *applied: Change) -> Run:
    """Return a run that did all but what rows say that can't be read; another ROW is another question."""
    told = say("cites.csv, row {row}: id is empty; write bron", row=row)
    made = run("done" if applied else "nothing", *applied, number=44)
    return replace(made, plan=but(plan(), bad_rows=(told,), bad_row_count=1), code=3)


def waits(key: str = "lyon", *applied: Change) -> Run:
    """Return a run that did the rest, and asks about one feature that somebody removed from the map."""
    create = Create(key=key, name=key.title(), properties={"id": key}, geometry=None)
    drift = Drift(key=key, name=create.name, field="", kind="deleted", outcome="hold", line=12)
    whole = but(plan(create), drift=(drift,))
    text = say("Somebody removed {count} feature.", count=1)
    objection = Objection("deleted", text, 1, features=(create.name,), parts=parts_of(create))
    asked = but(whole.asking(objection.parts), objections=(objection,))
    return replace(run("done" if applied else "held", *applied), plan=asked, code=3)


def idle(asked: Run) -> Run:
    """Return the run after it, that found nothing new and has the plan that asked."""
    return replace(asked, number=0, outcome="held", applied=(), drift=())


def refused() -> RefusedError:
    return RefusedError(
        say("The map has an owner now."), way_out=say("Ask for the rights at {page}.", page="https://e.org")
    )


def unreachable() -> UnreachableError:
    return UnreachableError(say("umap.example.org does not answer."))


def unreadable() -> DatasetError:
    rows = (say("row {row}: id is empty", row=row) for row in range(20, 40))
    return DatasetError(joined((say("cites.csv: {count} problems.", count=20), *rows), "\n"))


def busy() -> LayerBusy:
    return LayerBusy(say("Another run has the layer."))


def added(name: str) -> Run:
    return run("done", Create(key=name, name=name, properties={}, geometry=None))
