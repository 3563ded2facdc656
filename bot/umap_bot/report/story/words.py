"""Values, distances, times and counts as people read them, before the language is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from os import urandom
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from umap_bot.model.canon import Geometry, Value, canonical
from umap_bot.model.change import Change, Move, Point
from umap_bot.model.drift import Drift
from umap_bot.model.layer import GEOMETRY, Layer
from umap_bot.model.run import Run
from umap_bot.model.undo import Redo
from umap_bot.redaction import redact_data
from umap_bot.report.story.story import Diff, Line, Section, Spot
from umap_bot.text import Text, joined, say, say_n, verbatim

LONG: Final = 60
"""Characters after which a value is cut in a line; the whole stands in --json and on the page."""

AROUND: Final = 24
"""Characters of what did not change that are shown on each side of what did, in a long text."""

KILOMETRES: Final = 10_000
"""Metres from which a distance is told in kilometres."""

NOT_MOVED: Final = 0.05
"""Metres below which a point stands where it stood, by the precision of coordinates."""

NAMES: Final = 5
"""How many names stand for all of them."""

EMPTY: Final = say("(empty)")
"""What stands for no value."""

NAMELESS: Final = say("(no name)")

SOMEONE: Final = say("someone")
"""Who approved, if nobody knows."""

HIDDEN: Final = say("(not shown)")
"""What stands for a value of a column that REPORT_HIDE names."""

HIDDEN_MARK: Final = f"(hidden {urandom(8).hex()})"
"""What stands for such a value in a plan or a run that is told: nobody else could have written it."""

COMPASS: Final = (
    say("to the north"),
    say("to the north-east"),
    say("to the east"),
    say("to the south-east"),
    say("to the south"),
    say("to the south-west"),
    say("to the west"),
    say("to the north-west"),
)


def assumed(layer: Layer) -> tuple[Text, ...]:
    """Return in one line how the file was read where no setting says it."""
    return (say("assumed: {how: · }", how=layer.assumed),) if layer.assumed else ()


def moved(move: Move) -> Text:
    metres, bearing = move.metres, move.bearing
    if metres is None or bearing is None:
        return say("redrawn") if move.before else say("placed")
    if metres < NOT_MOVED:
        return say("altitude changed") if move.before and move.after else say("placed")
    way = COMPASS[round(bearing / 45) % 8]
    return say("moved {distance} {way}", distance=distance(metres), way=way)


def distance(metres: float) -> Text:
    """Return a distance in metres, or kilometres from ten of them."""
    if metres >= KILOMETRES:
        return say("{kilometres:.1f} km", kilometres=metres / 1000)
    return say("{metres:.0f} m", metres=float(metres))


def geometry_of(value: Value) -> Geometry | None:
    """Return the geometry that a value is; None for any other value."""
    return value if isinstance(value, dict) else None


def moved_between(before: Value, after: Value) -> Text:
    """Return how far, and in which direction, one place is from another."""
    return moved(Move(geometry_of(before), geometry_of(after)))


def plain(value: Value | UnsetType) -> str | None:
    """Return a value as text, whole; None for no value."""
    canon = None if value is UNSET else canonical(value)
    if canon == HIDDEN_MARK:
        return HIDDEN
    if canon is None or isinstance(canon, str):
        return canon
    return msgspec.json.encode(canon).decode()


def quoted(value: str | None) -> Text:
    """Return a value for a line: in quotes, and cut if it is long."""
    if value is HIDDEN:
        return HIDDEN
    return EMPTY if value is None else say('"{value}"', value=cut(value))


def quoted_value(value: Value) -> Text:
    """Return a value for a line, as `quoted` does."""
    return quoted(plain(value))


def difference(column: str, before: Value | UnsetType, after: Value | UnsetType) -> Diff | Text:
    """Return a value before and after; of a hidden one, only that it changed."""
    old, new = plain(before), plain(after)
    if old is HIDDEN or new is HIDDEN:
        return say("{column}: changed (not shown)", column=verbatim(column))
    return Diff(verbatim(column), old, new)


def row_of(file: str, line: int | None) -> Text:
    """Return the place of a row: the file, and its line if that is known."""
    return joined((file, say("row {row}", row=line) if line else ""), ", ")


def cell_of(file: str, cell: Drift | Redo) -> Text:
    """Return the place of a cell: the file, the row, and the column by its name in the file."""
    column = "" if cell.field == GEOMETRY else say("column {column}", column=cell.header or cell.field)
    return joined((row_of(file, cell.line), column), ", ")


def called(name: str, key: str, at: Point | None) -> Text:
    """Return what people know a feature by: its name, else its id and, if that is but a number, its place."""
    if name and (name != key or at is None or any(map(str.isalpha, name))):
        return verbatim(name)
    if at is None:
        return verbatim(key) if key else NAMELESS
    longitude, latitude = (f"{degrees:.5f}" for degrees in at)  # to be copied: no decimal commas
    if name:
        return say("{name} (at {latitude}, {longitude})", name=name, latitude=latitude, longitude=longitude)
    return say("(no name, at {latitude}, {longitude})", latitude=latitude, longitude=longitude)


def line_about(
    mark: str,
    item: Change | Drift | Redo,
    said: Iterable[Text | Diff],
    *,
    notes: tuple[Text, ...] = (),
    context: tuple[tuple[str, str], ...] = (),
    spot: Spot | None = None,
) -> Line:
    """Return a line about a feature; without a `spot` it belongs to a point of the feature."""
    return Line(
        mark=mark,
        name=called(item.name, item.key, item.at),
        said=tuple(said),
        context=context,
        notes=notes,
        key=item.key,
        spot=spot or Spot(at=item.at),
    )


def problems(lines: Sequence[Text]) -> tuple[Section, ...]:
    """Return the section of an error's problems; none if there are none."""
    marked = tuple(Line(mark="·", said=(line,)) for line in lines)
    return (Section("problems", say("Problems"), marked),) if marked else ()


def in_words(said: Text | Diff) -> Text:
    """Return what is said of a line as one text; long values are cut."""
    if isinstance(said, Text):
        return said
    before, after = quoted(said.before), quoted(said.after)
    return say("{column} {before} → {after}", column=said.label, before=before, after=after)


def cut(text: str, most: int = LONG) -> str:
    text = redact_data(text)  # nobody would know the beginning of a secret for one
    return text if len(text) <= most else text[: most - 1] + "…"


def cut_middle(text: str) -> str:
    """Return a text without its middle if that is long: what did not change between two changes."""
    text = redact_data(text)
    return text if len(text) <= 2 * AROUND + 1 else f"{text[:AROUND]}…{text[-AROUND:]}"


def features(count: int) -> Text:
    return say_n("{count} feature", "{count} features", count)


def rows(count: int) -> Text:
    return say_n("{count} row", "{count} rows", count)


def with_coordinates(layer: Layer) -> Text:
    """Return how many rows of a file with coordinates have some, as it stands after their number."""
    placed = sum(row.geometry is not None for row in layer.rows.values())
    if placed == len(layer.rows):
        return say("with coordinates")
    return say_n("{count} of them with coordinates", "{count} of them with coordinates", placed)


def some(names: Sequence[str], most: int = NAMES) -> Text:
    """Return the first names, and show that there are more."""
    return joined(names, ", ") if len(names) <= most else say("{names}…", names=tuple(names[:most]))


def first_names(names: Sequence[str], most: int) -> Text:
    """Return the first names, and how many more there are."""
    if len(names) <= most:
        return joined(names, ", ")
    return say("{names} and {left} more", names=tuple(names[:most]), left=len(names) - most)


def listed(parts: Iterable[str]) -> Text:
    """Return parts as one lists things: a, b and c."""
    return joined(parts, "and")


def moment(time: datetime | None) -> Text:
    """Return a time as people read it, in this machine's time zone."""
    return say("{time}", time=time) if time else Text("")


def last_success(last: datetime | None) -> Text:
    """Return when file and map last agreed."""
    return say("last success {time}", time=last) if last else say("this layer has not been synced yet")


def took(run: Run) -> Text:
    return (
        say("{seconds:.1f} s", seconds=(run.ended - run.started).total_seconds()) if run.ended else Text("")
    )
