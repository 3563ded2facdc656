"""Values to write down, and a clock that stands still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.plans import flat
from umap_bot.model.backup import Backup, LayerSettings
from umap_bot.model.base import Base, Kept, Known
from umap_bot.model.canon import Value
from umap_bot.model.change import Create, Delete, Field, Update
from umap_bot.model.drift import Drift
from umap_bot.model.layer import Collection, Commit, Entry, Live, Push, Save
from umap_bot.model.plan import Objection, Plan
from umap_bot.model.policy import Policy
from umap_bot.model.seen import Seen
from umap_bot.text import say

LAYER = "Cités"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NO_GIT = say("No git.")
SETTINGS: dict[str, Value] = {"name": LAYER, "color": "DarkBlue", "long": 2**70}
SEEN = Seen(LAYER, "3.8.1", {"name": LAYER, "long": 2**70}, ("v0", "v1"), ("v1",))
COMMIT = Commit("3f9c2ab" * 5, "Ana", NOON, "Deux cités de plus")


class StillClock:
    """The port Clock: time passes when it is told to."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time

    def pause(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def after(self, **lapse: int) -> StillClock:
        self.time += timedelta(**lapse)
        return self


def collection(*names: str) -> Collection:
    return Collection(
        (("type", b'"FeatureCollection"'),), tuple(f'{{"n":"{name}"}}'.encode() for name in names)
    )


def base(*keys: str, commit: str = COMMIT.sha) -> Base:
    known = {key: Known.of({"id": key, "name": f"Cité {key}"}, None, "aB3dE") for key in keys}
    return Base(
        layer_id="l1",
        commit=commit,
        key="id",
        columns=("id", "name"),
        places=True,
        known=known,
        kept=Kept({"1": {"name": "à part"}}, frozenset({"9"}), frozenset({"f00"})),
    )


def live(version: str = "v1", *names: str) -> Live:
    entry = Entry(
        map_id="1",
        map_name="Lyon",
        map_url="http://127.0.0.1/m/1",
        layer_id="l1",
        name=LAYER,
        version=version,
        release="3.8.1",
        editable=True,
        settings=SETTINGS,
    )
    standing = collection(*(names or ("a", "b")))
    return Live(entry, version, standing, standing, ("v0", version))


def backup(number: int, standing: Collection, *, settings: bool = True) -> Backup:
    """The backup of a run that pushed on `live()`, or on one with other features."""
    return Backup(
        run=number,
        layer=LAYER,
        layer_name=LAYER,
        map_name="Lyon",
        map_url="http://127.0.0.1/m/1",
        standing=standing,
        settings=LayerSettings(SETTINGS) if settings else None,
    )


CREATE = Create(key="3", name="Terraillon", properties={"id": "3", "n": 2**70}, geometry=None)
UPDATE = Update(
    key="1", name="Les Minguettes", fields=(Field("name", "Minguettes", "Les Minguettes"), Field("q"))
)
DELETE = Delete(key="2", name="Duchère\x00", raw='{"properties":{"id":"2"}}')
EDIT = Drift(key="1", name="Les Minguettes", field="q", kind="drift", outcome="overwrite", base="a", live="b")
OLD_EDIT = Drift(key="7", name="Bron", field="q", kind="drift", outcome="keep", live="x", standing=True)


def plan(*changes: Create | Update | Delete, drift: tuple[Drift, ...] = (), held: bool = False) -> Plan:
    return flat(
        layer_id="l1",
        layer_name=LAYER,
        map_name="Lyon",
        map_url="http://127.0.0.1/m/1",
        version="v1",
        commit=COMMIT,
        file="cites.csv",
        key="id",
        policy=Policy(),
        first=False,
        changes=changes,
        drift=drift,
        objections=(Objection("deletes", say("{count} would go.", count=1), 1, 3),) if held else (),
        held=held,
    )


def save(version: str, lost: Collection | None = None) -> Save:
    return Save(version, collection("a"), collection("b"), lost)


PUSH = Push("v1", collection("a"), collection("b"), ("v0", "v1"))
"""What intending to push "b" on `live("v1", "a")` writes down."""
