"""What people changed on the map, and how each edit can be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import UnsetType

from umap_bot.model.canon import PRECISION, Value, number_text
from umap_bot.model.change import Delete, Field
from umap_bot.model.decision import Decision
from umap_bot.model.drift import Drift
from umap_bot.model.layer import GEOMETRY
from umap_bot.model.plan import Plan
from umap_bot.report.story.deciding import what_stays, who_and_when
from umap_bot.report.story.story import Diff, Line, Spot
from umap_bot.report.story.words import (
    called,
    cell_of,
    difference,
    geometry_of,
    line_about,
    moved_between,
    plain,
    quoted_value,
    row_of,
)
from umap_bot.text import Text, joined, say, verbatim

WAR: Final = 3
"""From how many runs running that put back the same cell it is called a war."""

SETTINGS: Final = {
    "name": say("layer name"),
    "description": say("description"),
    "popupTemplate": say("popup type"),
    "popupContentTemplate": say("popup content"),
    "popupShape": say("popup shape"),
    "labelKey": say("label"),
    "showLabel": say("label display"),
    "color": say("colour"),
    "iconClass": say("icon shape"),
    "iconUrl": say("icon"),
    "remoteData": say("remote data"),
    "displayOnLoad": say("display on load"),
    "browsable": say("browsable data"),
    "type": say("layer type"),
    "filterKey": say("filters"),
    "sortKey": say("sort key"),
    "inCaption": say("shown in the caption"),
    "fields": say("field types"),
    "filters": say("filters"),
    "rules": say("conditional styles"),
    "iconOpacity": say("icon opacity"),
    "iconSize": say("icon size"),
    "opacity": say("opacity"),
    "stroke": say("outline"),
    "weight": say("line thickness"),
    "dashArray": say("line dashes"),
    "fill": say("fill"),
    "fillColor": say("fill colour"),
    "fillOpacity": say("fill opacity"),
    "smoothFactor": say("line simplification"),
    "zoomTo": say("zoom to a feature"),
    "fromZoom": say("visible from zoom"),
    "toZoom": say("visible to zoom"),
    "labelDirection": say("label direction"),
    "labelInteractive": say("clickable labels"),
    "outlink": say("feature link"),
    "outlinkTarget": say("where links open"),
    "interactive": say("clickable features"),
    "mask": say("inverted polygon"),
    "cluster": say("clusters"),
    "heat": say("heat map"),
    "choropleth": say("colours by value"),
    "categorized": say("colours by category"),
    "circles": say("circles by value"),
    "group": say("group of layers"),
}
"""uMap's words for the settings of a layer."""


WAITS: Final = say("It needs your approval.")
"""What is said of an edit that a person is asked about."""


def people(plan: Plan, *, would: bool) -> tuple[Line, ...]:
    changed = [_drift(drift, plan, would=would) for drift in plan.context.news]
    alone = (
        say("left untouched")
        if plan.context.first
        else say("added on the map, not in the file: left untouched")
    )
    going = {(each.umap_id, each.name) for each in plan.verdict.waiting if isinstance(each, Delete)}
    asked = say("added on the map, not in the file: removing it needs your approval")
    added = [
        Line(
            mark="·",
            name=called(theirs.name, "", theirs.at),
            said=(asked if (theirs.umap_id, theirs.name) in going else alone,),
            spot=Spot(at=theirs.at),
        )
        for theirs in plan.context.unmanaged
        if not theirs.standing
    ]
    return (*changed, *added)


def settings(plan: Plan) -> tuple[Line, ...]:
    """Tell which settings of the layer a person changed: the bot never puts these back."""
    changed = plan.context.news_of_map.settings
    if not changed:
        return ()
    return (
        Line(
            mark="·",
            name=say("Layer settings"),
            said=tuple(map(setting, changed)),
            notes=(say("They are left untouched."),),
        ),
    )


def setting(field: Field) -> Text | Diff:
    """Say how one setting of a layer was changed."""
    what = SETTINGS.get(field.name, verbatim(field.name))
    if field.after is True:
        return say("{setting}: turned on", setting=what)
    if field.after is False:
        return say("{setting}: turned off", setting=what)
    return Diff(what, _parts(field.before), _parts(field.after))


def _parts(value: Value | UnsetType) -> str | None:
    """Return the value of a setting as text, one of several parts without the brackets of JSON."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {part}" for name, each in value.items() if (part := _parts(each))) or None
    if isinstance(value, list):
        return "; ".join(filter(None, map(_parts, value))) or None
    return plain(value)


def wars(plan: Plan) -> tuple[Line, ...]:
    """Tell where the file's value is put back in run after run."""
    return tuple(line_about("!", drift, [_war(drift)]) for drift in plan.context.news if drift.times >= WAR)


def _war(drift: Drift) -> Text:
    if drift.kind == "deleted":
        return say("restored {count} times in a row; someone keeps removing it", count=drift.times)
    if drift.field == GEOMETRY:
        return say("moved back {count} times in a row; someone keeps moving it", count=drift.times)
    return say(
        "{column}: restored {count} times in a row; someone keeps writing {value}",
        column=drift.header or drift.field,
        count=drift.times,
        value=quoted_value(drift.live),
    )


def _drift(drift: Drift, plan: Plan, *, would: bool) -> Line:
    note = (
        _deleted_note(drift, plan, would=would)
        if drift.kind == "deleted"
        else _drift_note(drift, plan, would=would)
    )
    return line_about("!", drift, (*edit_of(drift), *saved(drift)), notes=(note,), spot=_spot(drift))


def edit_of(drift: Drift) -> tuple[Text | Diff, ...]:
    """Say what a person changed, from what to what."""
    if drift.kind == "deleted":
        return (say("removed from the map"),)
    if drift.kind == "again":
        return (say("back on the map"),)
    if drift.field == GEOMETRY:
        return (say("position  {what}", what=moved_between(drift.base, drift.live)),)
    change = difference(drift.header or drift.field, drift.base, drift.live)
    if drift.kind == "conflict":
        return (change, say("the file says {value}", value=quoted_value(drift.desired)))
    return (change,)


def saved(drift: Drift) -> tuple[Text, ...]:
    """Return when it was saved, if that is known."""
    return (say("saved {time}", time=drift.saved),) if drift.saved else ()


def _spot(drift: Drift) -> Spot:
    if drift.field != GEOMETRY:
        return Spot(at=drift.at)
    return Spot(geometry_of(drift.base), geometry_of(drift.live), drift.at)


def _column(drift: Drift) -> Text:
    return say("position") if drift.field == GEOMETRY else verbatim(drift.header or drift.field)


def _drift_note(drift: Drift, plan: Plan, *, would: bool) -> Text:
    if drift.kind == "edited" and drift.key in plan.context.moved:
        return {
            "keep": say(
                "Its row is on another layer now. The feature stays on the map, and umap-bot no longer "
                "manages it."
            ),
            "hold": say("Its row is on another layer now. Removing the feature needs your approval."),
            "overwrite": say(
                "Its row is on another layer now, so the feature is removed. The log keeps its values."
            ),
        }[drift.outcome]
    if drift.kind == "edited":
        return {
            "keep": say(
                "Its row is no longer in the file. The feature stays on the map, and umap-bot no "
                "longer manages it."
            ),
            "hold": say("Its row is no longer in the file. Removing the feature needs your approval."),
            "overwrite": say(
                "Its row is no longer in the file, so the feature is removed. The log keeps its values."
            ),
        }[drift.outcome]
    if drift.outcome == "keep":
        return say("The map's value is kept.")
    if drift.outcome == "hold":
        return WAITS
    done = (
        say("The sync restores the file's value.")
        if would
        else say("The file's value was restored; the edited one is in the log.")
    )
    return joined((done, _to_keep(drift, cell_of(plan.context.file, drift), plan.context.decimal)))


def _to_keep(drift: Drift, where: Text, decimal: str) -> Text:
    """Say how the map's value is kept; of a point with its two numbers, to be copied from there."""
    geometry = geometry_of(drift.live) if drift.field == GEOMETRY else None
    if geometry and geometry["type"] == "Point":
        coordinates: Any = geometry["coordinates"]
        numbers = (number_text(round(number, PRECISION)) for number in coordinates[:2])
        longitude, latitude = (number.replace(".", decimal) for number in numbers)
        return say(
            "To keep the new position: enter latitude {latitude} and longitude {longitude} in {where}.",
            latitude=latitude,
            longitude=longitude,
            where=where,
        )
    return say("To keep the new value: enter it in {where}.", where=where)


def _deleted_note(drift: Drift, plan: Plan, *, would: bool) -> Text:
    if drift.outcome == "keep":
        return say("It stays off the map. To restore it: SYNC_DELETED=recreate.")
    if drift.outcome == "hold":
        return WAITS
    row = row_of(plan.context.file, drift.line)
    if would:
        return say("It would be restored from the file. To remove it permanently: delete {row}.", row=row)
    return say("It was restored from the file. To remove it permanently: delete {row}.", row=row)


def kept(plan: Plan) -> tuple[Line, ...]:
    """Tell what stays different from the file: by a rule of the settings, or since a person decided so."""
    edits = [drift for drift in plan.context.drift if drift.standing]
    told = {(drift.key, cell) for drift in edits for cell in (drift.field, "")}
    return (
        *(_standing(drift, _word_on(drift, plan)) for drift in edits),
        *(
            _decided(each, plan.context.headers)
            for each in plan.verdict.decided
            if (each.part.key, each.part.cell) not in told
        ),
    )


def _word_on(drift: Drift, plan: Plan) -> Decision | None:
    """Return the decision that leaves an edit, if it is one."""
    cells = drift.field, ""
    return next(
        (each for each in plan.verdict.decided if each.part.key == drift.key and each.part.cell in cells),
        None,
    )


def _standing(drift: Drift, decision: Decision | None) -> Line:
    said = (
        say("removed from the map, and left off it")
        if drift.kind == "deleted"
        else say("{column}: kept as edited on the map", column=_column(drift))
    )
    return line_about("=", drift, [said, *([who_and_when(decision)] if decision else [])])


def _decided(decision: Decision, headers: Mapping[str, str]) -> Line:
    said = [what_stays(decision.change, headers), who_and_when(decision)]
    return line_about("=", decision.change, said)
