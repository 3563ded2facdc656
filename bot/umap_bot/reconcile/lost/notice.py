"""What is said of a base that was found anew: which version it is, why, and what nobody remembers."""

from __future__ import annotations

from umap_bot.model.base import Base, Origin
from umap_bot.text import NOTHING, Text, joined, say, say_n, verbatim

_UNKNOWN = say(
    "What was lost: edits and removals kept as made on the map, your approvals, what "
    "was rolled back, and the earlier log."
)


def found_anew(base: Base | None) -> tuple[Text, ...]:
    """Return one line for a base that the state did not know."""
    if base is None or base.origin is None:
        return ()
    origin = base.origin
    if origin.how == "later":
        return (_later(origin),)
    if origin.how == "named":
        return (joined((_named(origin), _UNKNOWN)),)
    return (joined((_likeness(origin), _skipped(origin), _UNKNOWN)),)


def _version(origin: Origin) -> Text:
    commit = origin.commit
    if commit.date is None:
        return verbatim(commit.short)
    return say("{version} of {date:day}", version=commit.short, date=commit.date)


def _likeness(origin: Origin) -> Text:
    return say(
        "The state has no record of a sync of this layer, but the map shows one. The file's "
        "version {version} is assumed to be the last published, because it is closest to "
        "the map ({differing} of {cells} values differ). Features that differ from that "
        "version are not removed.",
        version=_version(origin),
        differing=origin.differing,
        cells=origin.cells,
    )


def _named(origin: Origin) -> Text:
    told = say(
        "The file's version {version} is used as the last published, as set by --base.",
        version=_version(origin),
    )
    if not origin.apart:
        return told
    return joined((told, say("The newest version does not descend from it; check that it is the right one.")))


def _skipped(origin: Origin) -> Text:
    if not origin.skipped:
        return NOTHING
    return say_n(
        "There was no time to compare {count} older version; to name it, use --base.",
        "There was no time to compare {count} older versions; to name one, use --base.",
        origin.skipped,
    )


def _later(origin: Origin) -> Text:
    return say_n(
        "The state is older than the map, as if it were a restored copy. {count} value on "
        "the map is from a later version of the file (up to {version}), so it does not "
        "count as edited.",
        "The state is older than the map, as if it were a restored copy. {count} values on "
        "the map are from later versions of the file (up to {version}), so they do not "
        "count as edited.",
        origin.differing,
        version=_version(origin),
    )
