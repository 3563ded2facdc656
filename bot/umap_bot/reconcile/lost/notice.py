"""What is said of a base that was found anew: which version it is, why, and what nobody remembers."""

from __future__ import annotations

from umap_bot.model.base import Base, Origin
from umap_bot.text import NOTHING, Text, joined, say, say_n, verbatim

_UNKNOWN = say(
    "Not known any more: what was removed or left different on purpose, what you had approved, what "
    "was undone, and the log before."
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
        "This state knows no sync of the layer, and the map shows one: the file's version {version} is "
        "taken for the one last published, since the map is nearest to it ({differing} of {cells} values "
        "differ). Nothing is removed that is not just as that version says.",
        version=_version(origin),
        differing=origin.differing,
        cells=origin.cells,
    )


def _named(origin: Origin) -> Text:
    told = say(
        "The file's version {version} is taken for the one last published, as --base says.",
        version=_version(origin),
    )
    if not origin.apart:
        return told
    return joined((told, say("The newest version was not made from it: is it the right one?")))


def _skipped(origin: Origin) -> Text:
    if not origin.skipped:
        return NOTHING
    return say_n(
        "There was no time to look at {count} older version; --base names one.",
        "There was no time to look at {count} older versions; --base names one.",
        origin.skipped,
    )


def _later(origin: Origin) -> Text:
    return say_n(
        "This state is older than the map: was it a copy? {count} value on the map is as a later version of "
        "the file had it (up to {version}), so nobody edited it.",
        "This state is older than the map: was it a copy? {count} values on the map are as later versions of "
        "the file had them (up to {version}), so nobody edited them.",
        origin.differing,
        version=_version(origin),
    )
