"""Sites to look at: the 18 territories with each kind of change, hostile names, ten thousand changes."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.plans import but, flat
from umap_bot.model.change import Change, Create, Delete, Field, Move, Update
from umap_bot.model.drift import Drift, MapNews, Unmanaged
from umap_bot.model.layer import GEOMETRY, Commit
from umap_bot.model.plan import Objection, Plan
from umap_bot.model.policy import Limits, Policy
from umap_bot.model.run import Outcome, Run
from umap_bot.reconcile.guard.question import features, limited, share
from umap_bot.report.language import Code, language
from umap_bot.report.site.site import LayerState, LoggedRun, Site
from umap_bot.report.site.write import Written, write_site
from umap_bot.text import say, say_n, verbatim

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 24, 7, 12, tzinfo=UTC)
LAYER = "umap.openstreetmap.fr/map/484645/Cités éducatives"
MAP = "https://umap.openstreetmap.fr/fr/map/cites-educatives_484645"
TITLE = "Les cités éducatives en Auvergne-Rhône-Alpes"
COMMIT = Commit(
    "3f9c2ab" + "0" * 33, "Ana Silva", NOW - timedelta(minutes=31), "Quartiers de Bron, point de Grenoble"
)
FIRST = Commit("9c1e77d" + "1" * 33, "Ana Silva", NOW - timedelta(days=12), "Première version")


def point(longitude: float, latitude: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [longitude, latitude]}


def territories() -> dict[str, dict[str, str]]:
    """Return the 18 rows by their id."""
    with (ROOT / "fixtures" / "cites-educatives" / "cites.csv").open(encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


ROWS = territories()


def at(key: str) -> tuple[float, float]:
    return float(ROWS[key]["lon"]), float(ROWS[key]["lat"])


def updated(key: str, *fields: Field, move: Move | None = None) -> Update:
    context = {"communes": ROWS[key]["communes"], "annee_label": ROWS[key]["annee_label"]}
    return Update(key=key, name=ROWS[key]["nom"], fields=fields, move=move, at=at(key), context=context)


def deleted(key: str, name: str, geometry: dict[str, Any], why: str = "row") -> Delete:
    feature = {"type": "Feature", "properties": {"id": key, "name": name}, "geometry": geometry}
    raw = msgspec.json.encode(feature).decode()
    return Delete(key=key, name=name, raw=raw, why=why)


def created(key: str, name: str, geometry: dict[str, Any] | None, **properties: str) -> Create:
    return Create(key=key, name=name, properties={"id": key, "name": name, **properties}, geometry=geometry)


def every_kind() -> tuple[tuple[Change, ...], tuple[Drift, ...], tuple[Unmanaged, ...]]:
    """Return changes of each kind: points, a line, a polygon; by the file and by people."""
    keys = list(ROWS)
    longitude, latitude = at("grenoble")
    long_before = (
        "Un accompagnement des enfants et des jeunes de 0 à 25 ans, avant, pendant et après l'école, "
        "dans les quartiers."
    )
    long_after = long_before.replace(
        "des enfants et des jeunes", "des enfants, des jeunes et de leurs familles"
    )
    changes: tuple[Change, ...] = (
        created(
            "villeurbanne", "Villeurbanne", point(4.8902, 45.7719), communes="Villeurbanne", annee="2026"
        ),
        created(
            "confluence",
            "Périmètre de la Confluence",
            {
                "type": "Polygon",
                "coordinates": [[[4.81, 45.73], [4.83, 45.73], [4.83, 45.75], [4.81, 45.75], [4.81, 45.73]]],
            },
            communes="Lyon",
        ),
        created(
            "ligne-t3",
            "Ligne T3",
            {"type": "LineString", "coordinates": [[4.86, 45.76], [4.91, 45.76], [4.97, 45.77]]},
        ),
        updated("bron", Field("quartiers", "Parilly", "Parilly;Terraillon-Chénier")),
        updated("grenoble", move=Move(point(longitude - 0.06, latitude - 0.05), point(longitude, latitude))),
        updated(keys[2], Field("description", long_before, long_after)),
        updated("venissieux-saint-fons", Field("name", "Vénissieux - St Fons", "Vénissieux / Saint-Fons"))
        if "venissieux-saint-fons" in ROWS
        else updated(keys[5], Field("name", "Vénissieux - St Fons", ROWS[keys[5]]["nom"])),
        deleted("ancienne-1", "Ancien collège de Rive-de-Gier", point(4.6167, 45.5294)),
        deleted("ancienne-2", "Doublon de Roanne", point(4.0722, 46.0367), why="double"),
    )
    put_back = changes[6]
    drift = (
        Drift(
            key=put_back.key,
            name=put_back.name,
            field="name",
            kind="drift",
            outcome="overwrite",
            base=put_back.name,
            desired=put_back.name,
            live="Vénissieux - St Fons",
            line=6,
            header="nom",
            at=at(put_back.key),
            saved=NOW - timedelta(hours=17),
        ),
        Drift(
            key=keys[8],
            name=ROWS[keys[8]]["nom"],
            field=GEOMETRY,
            kind="drift",
            outcome="keep",
            base=point(*at(keys[8])),
            desired=point(*at(keys[8])),
            live=point(at(keys[8])[0] + 0.08, at(keys[8])[1]),
            at=at(keys[8]),
        ),
    )
    return changes, drift, (Unmanaged("Siège de Labo Cités", "x", at=(4.8357, 45.764)),)


def plan(
    changes: tuple[Change, ...] = (),
    drift: tuple[Drift, ...] = (),
    unmanaged: tuple[Unmanaged, ...] = (),
    objections: tuple[Objection, ...] = (),
    commit: Commit = COMMIT,
    total: int = 18,
) -> Plan:
    return flat(
        layer_id="l1",
        layer_name="Cités éducatives",
        map_name=TITLE,
        map_url=MAP,
        version="v1",
        commit=commit,
        file="cites.csv",
        key="id",
        policy=Policy(),
        first=False,
        changes=changes,
        drift=drift,
        unmanaged=unmanaged,
        objections=objections,
        held=bool(objections),
        total=total,
        rows=total,
        published=FIRST.sha,
        news_of_map=MapNews(release="3.8.1", before="3.7.2"),
    )


def run(number: int, outcome: Outcome, when: datetime, made: Plan | None = None, **more: Any) -> Run:
    applied = made.effects.changes if made and outcome == "done" else ()
    drift = made.context.drift if made and outcome == "done" else ()
    commit = made.context.commit if made else COMMIT
    return Run(
        number=number,
        layer=more.pop("layer", LAYER),
        kind="sync",
        commit=commit,
        started=when,
        ended=when + timedelta(seconds=1.4),
        outcome=outcome,
        plan=made,
        applied=applied,
        drift=drift,
        **more,
    )


def story() -> tuple[Run, ...]:
    """Return a log as the first user's may be, newest first."""
    changes, drift, unmanaged = every_kind()
    keys = list(ROWS)
    small = updated("bron", Field("annee_label", "2021", "2022"))
    gone = tuple(deleted(key, ROWS[key]["nom"], point(*at(key))) for key in keys[:17])
    limit = Limits().deletes
    sentence = "{count} of {features}{share} would be removed. Limit: {limit}."
    about = {"features": features(18), "share": share(17, 18, limit), "limit": limited(limit)}
    objection = Objection(
        "deletes",
        say_n(sentence, sentence, 17, **about),
        17,
        18,
        "10 %",
        "GUARD_DELETES",
        tuple(ROWS[key]["nom"] for key in keys[:17]),
    )
    version = Commit("b04d91e" + "2" * 33, "Ana Silva", NOW, "maj")
    held = plan(gone, objections=(objection,), commit=version)
    error = say("{host} did not answer in time.", host="umap.openstreetmap.fr")
    return (
        run(42, "done", NOW - timedelta(minutes=12), plan(changes, drift, unmanaged)),
        run(41, "done", NOW - timedelta(days=1), plan((small, changes[0]))),
        run(40, "failed", NOW - timedelta(days=3), error=error, code=14, repeats=4, again=NOW),
        run(39, "held", NOW - timedelta(days=5), held, code=3),
        run(38, "nothing", NOW - timedelta(days=6), plan()),
        run(37, "done", NOW - timedelta(days=12), plan(tuple(
            updated(key, Field("id", msgspec.UNSET, key)) for key in keys
        ), commit=FIRST)),
    )  # fmt: skip


def state(**more: Any) -> LayerState:
    told: dict[str, Any] = {
        "name": LAYER,
        "shown": verbatim("Cités éducatives"),
        "status": "ok",
        "map_url": MAP,
        "checked": NOW - timedelta(minutes=12),
        "due": NOW + timedelta(hours=24, minutes=-12),
        "success": NOW - timedelta(minutes=12),
        "last": 42,
        "checks": 28,
    }
    return LayerState(**{**told, **more})


def site(*runs: Run, layers: tuple[LayerState, ...] = (), **more: Any) -> Site:
    told = {
        "title": verbatim(TITLE),
        "layers": layers or (state(),),
        "project_url": "https://github.com/labo/cartes",
    }
    return Site(runs=runs, **{**told, **more})


FEED: Final = "<feed><id>tag:example.org,2026:umap-bot/layer</id></feed>"


def write(folder: Path, made: Site, main: Code = "fr", feed: str = "") -> Written:
    whole = {run.number: LoggedRun(run, NOW - timedelta(days=1)) for run in made.runs}
    feeds: dict[Code, str] = {"en": feed, "fr": feed} if feed else {}
    return write_site(folder, made, whole.get, language(main), feeds)


HOSTILE = (
    "<script>window.hacked = 1</script>",
    '"><img src=x onerror="window.hacked = 1">',
    "'><svg/onload=window.hacked=1>",
    "</script><script>window.hacked = 1</script>",
    "<!--<script>",
    "Saint-\u202egnipoT\u202c-Denis",
    "\u2066\u2067עיר\u2069 1 < 2",
    "مدينة ليون",
    "javascript:window.hacked=1",
    "{{ 7*7 }} {% raw %}",
    "line\u2028break\x00\x1b[31m\ufffe",
    "x" * 10_000,
)


def hostile() -> Run:
    """Return a run whose names, ids, columns and values are all hostile."""
    changes = tuple(
        Update(
            key=text,
            name=text,
            fields=(Field(text, text, f"{text} {number}"),),
            move=Move(point(4.8 + number / 50, 45.7), point(4.8 + number / 50, 45.8)),
            context={text: text},
        )
        for number, text in enumerate(HOSTILE)
    )
    made = plan(changes, unmanaged=tuple(Unmanaged(text, "x", at=(5.2, 45.9)) for text in HOSTILE))
    commit = Commit("abcdef0" * 5, HOSTILE[0], NOW, HOSTILE[1])
    evil = but(made, map_name=HOSTILE[1], layer_name=HOSTILE[0], file=HOSTILE[5], commit=commit)
    return run(7, "done", NOW, evil)


def many(count: int) -> Run:
    """Return a run of many changes: a grid of points over France, each kind in turn."""
    changes: list[Change] = []
    for number in range(count):
        here = point(-1 + (number % 100) * 0.07, 43.5 + (number // 100) * 0.05)
        key, name = f"p{number}", f"Arrêt numéro {number}"
        if number % 4 == 0:
            changes.append(created(key, name, here, lignes="C3;C13", commune="Lyon"))
        elif number % 4 == 1:
            changes.append(deleted(key, name, here))
        elif number % 4 == 2:
            changes.append(
                Update(
                    key=key, name=name, fields=(Field("lignes", "C3", "C13"),), at=tuple(here["coordinates"])
                )
            )
        else:
            there = point(here["coordinates"][0] + 0.02, here["coordinates"][1] + 0.02)
            changes.append(Update(key=key, name=name, move=Move(here, there)))
    return run(50, "done", NOW, plan(tuple(changes), total=count))
