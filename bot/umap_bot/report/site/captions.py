"""The words of the pages themselves: headings, buttons, what stands in an empty field."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

from umap_bot.model.run import Outcome
from umap_bot.report.site.site import LayerState, Site, Status
from umap_bot.text import Text, say, say_n

CAPTIONS: Final[dict[str, Text]] = {
    "skip": say("Skip to content"),
    "skip_map": say("Skip the map"),
    "see_map": say("See the map"),
    "at_desk": say("Answer at the desk"),
    "feed": say("Atom feed"),
    "state": say("Status"),
    "newest_change": say("Latest change"),
    "newest_run": say("Latest run"),
    "whole_run": say("View the full run, with its map"),
    "runs": say("All runs"),
    "run": say("Run"),
    "when": say("When"),
    "layer": say("Layer"),
    "outcome": say("Outcome"),
    "what": say("What was done"),
    "all_layers": say("All layers"),
    "all_outcomes": say("All outcomes"),
    "search_runs": say("Search runs"),
    "search_hint": say("place, date, version…"),
    "search_lines": say("Search changes"),
    "place_hint": say("place, id, value…"),
    "everything": say("Show everything"),
    "no_match": say("No results."),
    "index": say("All runs"),
    "newer": say("Newer run"),
    "older": say("Older run"),
    "runs_nav": say("Other runs"),
    "version": say("This version of the file"),
    "map": say("Map of the changes"),
    "map_help": say(
        "Use the arrow keys to move the map, plus and minus to zoom, and Enter to select the change "
        "nearest to the centre."
    ),
    "whole_map": say("Show all changes"),
    "previous": say("Previous change"),
    "next": say("Next change"),
    "tiles": say("Show the background map (loads images from openstreetmap.org)"),
    "kinds": say("Show or hide"),
    "feature": say("Feature"),
    "change": say("What changed"),
    "place": say("Place"),
    "show": say("Show on the map"),
    "there": say("Open in uMap"),
    "long": say("show all"),
    "without_script": say(
        "The map, the search and the age of the last check need JavaScript. All changes are listed below "
        "without it."
    ),
    "operators": say("For map maintainers"),
    "acts": say("What you can do"),
    "made_by": say("Updated by umap-bot after each run. These pages load nothing from other servers."),
    "nothing_yet": say("No runs yet."),
}

OUTCOMES: Final[dict[Outcome, Text]] = {
    "done": say("changed"),
    "nothing": say("nothing to do"),
    "held": say("approval needed"),
    "restless": say("not finished"),
    "failed": say("failed"),
    "unfinished": say("interrupted"),
}

KINDS: Final[dict[str, Text]] = {
    "added": say("added"),
    "changed": say("changed"),
    "moved": say("moved"),
    "removed": say("removed"),
    "people": say("edited on the map"),
    "kept": say("unchanged: kept as edited on the map, or undone"),
}

PLANNED: Final[dict[str, Text]] = {
    **KINDS,
    "added": say("to be added"),
    "changed": say("to be changed"),
    "moved": say("to be moved"),
    "removed": say("to be removed"),
}
"""The same on the page of a run that only asked."""

STATES: Final[dict[Status, Text]] = {
    "ok": say("Up to date."),
    "waiting": say("ACTION NEEDED: rows in the file must be corrected."),
    "trouble": say("PROBLEM: the last run did not succeed."),
    "never": say("Not checked yet."),
}

SETTLED: Final = say("settled")
"""What stands in the place of the outcome once a question is no more."""

SCRIPTED: Final[dict[str, Text]] = {
    "silent": say("SILENT: a check is overdue."),
    "stopped": say(
        "SILENT: umap-bot seems to have stopped. The checks of {count} layers are overdue.", count="{count}"
    ),
    "was_well": say("Up to date when last checked."),
    "were_well": say("{count} layers were up to date when last checked", count="{count}"),
    "zone": say("Times are in your time zone, {zone}.", zone="{zone}"),
    "shown": say("Showing {shown} of {total}", shown="{shown}", total="{total}"),
    "ago": say("({age})", age="{age}"),
    "list": say("Skip to the list"),
    "there": CAPTIONS["there"],
    "zoom_in": say("Zoom in"),
    "zoom_out": say("Zoom out"),
    "attention_one": say("1 layer needs attention."),
    "attention": say("{count} layers need attention.", count="{count}"),
    "all_well": say("All layers are up to date."),
}
"""What scripts say; they fill the places that are left."""


def state(layer: LayerState) -> Text:
    """Return how it stands with a layer."""
    if layer.status == "waiting" and layer.code:
        return say("APPROVAL NEEDED.")
    return STATES[layer.status]


def zone(time: datetime) -> Text:
    """Return in which time zone this machine tells a time."""
    offset = time.astimezone().utcoffset() or timedelta()
    return say("Times are in the time zone {zone}.", zone=str(timezone(offset)))


def checked(time: datetime) -> Text:
    """Return when a layer was looked at."""
    return say("Checked {time}", time=time)


def due(time: datetime) -> Text:
    """Return when a layer should be looked at next."""
    return say("next check {time}", time=time)


def success(time: datetime | None) -> Text:
    return say("last success {time}", time=time) if time else say("no successful run yet")


def asked(time: datetime) -> Text:
    """Return since when something waits."""
    return say("approval needed since {time}", time=time)


def code(code: str) -> Text:
    return say("approval code {code}", code=code)


def quiet(count: int) -> Text:
    """Return how many looks found nothing to do."""
    return say_n(
        "{count} check since then with nothing to do", "{count} checks since then with nothing to do", count
    )


def change_log(site: Site) -> Text:
    return say("Change log: {title}", title=site.title)


def number(run: int) -> Text:
    return say("Run {number}", number=run)


def ran(at: datetime) -> Text:
    return say("{time}", time=at)


def all_lines(count: int) -> Text:
    return say_n("… and {count} more line", "… and {count} more lines", count)


def older(count: int) -> Text:
    return say_n(
        "The log has {count} older run. To see it: umap-bot log",
        "The log has {count} older runs. To see them: umap-bot log",
        count,
    )


def well(count: int) -> Text:
    return say_n("{count} layer is up to date", "{count} layers are up to date", count)


def title_of(maps: list[str], layers: int) -> Text:
    """Return the title of a site: the map's name if it is one map, else how many layers it tells of."""
    if len(maps) == 1:
        return say("{map}", map=maps[0])
    return say_n("{count} layer", "{count} layers", layers)
