"""The lines of a story as rows of a page, each with what a map draws for it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, Final, Literal, TypeAlias, get_args

import msgspec
from markupsafe import Markup

from umap_bot.model.canon import Geometry, Value
from umap_bot.model.change import Point, point_of
from umap_bot.report.formats.changes_geojson import valid
from umap_bot.report.site.markup import HtmlWriter, address
from umap_bot.report.story.story import Diff, Line, Section, Spot, Story
from umap_bot.report.story.words import in_words
from umap_bot.text import joined

Kind = Literal["added", "changed", "moved", "removed", "people", "kept"]

UNCHANGED: Final[Kind] = "kept"
"""What stands on the map as it stood before: it is shown, but no change to count."""

KINDS: Final[dict[str, Kind]] = {
    "people": "people",
    "undone": "kept",
    "purpose": "kept",
    "file": "changed",
    "added": "added",
    "removed": "removed",
}

ORDER: Final[tuple[Kind, ...]] = get_args(Kind)

ZOOM: Final = 17
"""How near uMap shows a place that is linked: a street or two."""

Drawn: TypeAlias = tuple[int, Kind, Geometry | None, Geometry | None]
"""The number of a row, what happened to its feature, where that was before, and after."""


class Row(msgspec.Struct, frozen=True):
    """One line. `drawn`: a map shows it; `there` is its place in uMap, "" if it has none."""

    number: int
    kind: Kind | None
    mark: str
    name: Markup
    key: Markup
    said: tuple[Markup, ...]
    context: Markup
    notes: tuple[Markup, ...]
    drawn: bool
    there: str


class Block(msgspec.Struct, frozen=True):
    """A section. `table`: its lines are about features; else they are remarks. `left` lines are not shown."""

    kind: str
    title: Markup
    rows: tuple[Row, ...]
    table: bool
    left: int = 0


class PageStory(msgspec.Struct, frozen=True):
    """A story as a page has it. `acts` and `end` are for those who keep the map."""

    head: tuple[Markup, ...]
    sentence: Markup
    counts: Markup
    blocks: tuple[Block, ...]
    acts: tuple[Markup, ...]
    end: tuple[Markup, ...]
    drawn: tuple[Drawn, ...]

    @property
    def left(self) -> int:
        return sum(block.left for block in self.blocks)

    @property
    def listed(self) -> int:
        return sum(len(block.rows) for block in self.blocks if block.table)

    @property
    def kinds(self) -> dict[str, int | None]:
        """How many changes of each kind there are; None for what did not change."""
        found = [row.kind for block in self.blocks if block.table for row in block.rows]
        return {kind: None if kind == UNCHANGED else found.count(kind) for kind in ORDER if kind in found}


def page_story(story: Story, writer: HtmlWriter, map_url: str = "", most: int | None = None) -> PageStory:
    """Return a story as a page has it, with at most so many lines of each section."""
    numbers, drawn = count(1), list[Drawn]()
    blocks = tuple(
        _block(section, writer, address(map_url), most, numbers, drawn)
        for section in story.sections
        if section.kind != "acts"
    )
    return PageStory(
        head=tuple(writer.text(line) for line in story.head),
        sentence=writer.text(story.sentence),
        counts=writer.text(story.counts),
        blocks=blocks,
        acts=tuple(
            writer.text(joined((line.mark, joined(map(in_words, line.said)))))
            for section in story.sections
            if section.kind == "acts"
            for line in section.lines
        ),
        end=tuple(writer.text(line) for line in story.end if line),
        drawn=tuple(drawn),
    )


def figures(story: Story, most: int) -> list[Drawn]:
    """Return what a map draws for a story, of at most so many lines of each section."""
    lines = ((KINDS.get(section.kind), line) for section in story.sections for line in section.lines[:most])
    drawn = (
        _figure(number, _exact(kind, line.spot), line.spot)
        for number, (kind, line) in enumerate(lines, 1)
        if kind
    )
    return [figure for figure in drawn if figure]


def _block(
    section: Section,
    writer: HtmlWriter,
    map_url: str,
    most: int | None,
    numbers: Iterator[int],
    drawn: list[Drawn],
) -> Block:
    shown = section.lines[:most]
    rows = []
    about = KINDS.get(section.kind)
    for line in shown:
        kind = _exact(about, line.spot) if about else None
        number = next(numbers)
        figure = _figure(number, kind, line.spot) if kind else None
        drawn += [figure] if figure else []
        rows.append(_row(line, number, kind, figure, writer, map_url))
    table = section.kind in KINDS or any(line.name for line in shown)
    return Block(
        section.kind, writer.text(section.title), tuple(rows), table, len(section.lines) - len(shown)
    )


def _row(
    line: Line, number: int, kind: Kind | None, figure: Drawn | None, writer: HtmlWriter, map_url: str
) -> Row:
    return Row(
        number=number,
        kind=kind,
        mark=line.mark,
        name=writer.name(line.name),
        key=writer.name(line.key) if line.key and line.key != line.name else Markup(""),
        said=tuple(writer.diff(said) if isinstance(said, Diff) else writer.text(said) for said in line.said),
        context=writer.context(line.context),
        notes=tuple(writer.text(note) for note in line.notes),
        drawn=figure is not None,
        there=_there(figure, map_url) if figure and map_url else "",
    )


def _exact(kind: Kind, spot: Spot | None) -> Kind:
    """Return the kind of a line, by what its section is about and its place."""
    return "moved" if kind == "changed" and spot and spot.before and spot.after else kind


def _figure(number: int, kind: Kind, spot: Spot | None) -> Drawn | None:
    if spot is None:
        return None
    before, after = _drawable(spot.before), _drawable(spot.after)
    if before or after:
        return number, kind, before, after
    here = _drawable({"type": "Point", "coordinates": [*spot.at]}) if spot.at else None
    if here is None:
        return None
    return (number, kind, here, None) if kind == "removed" else (number, kind, None, here)


def _drawable(geometry: Geometry | None) -> Geometry | None:
    """Return a geometry that a map of the world can draw, its positions without altitude; None for others."""
    found = valid(geometry)
    if not found:
        return None
    if found["type"] == "GeometryCollection":
        members: Any = found["geometries"]
        parts = [part for part in map(_drawable, members) if part]
        return {"type": "GeometryCollection", "geometries": [*parts]} if parts else None
    coordinates = _flat(found["coordinates"])
    return {"type": found["type"], "coordinates": coordinates} if coordinates else None


def _flat(coordinates: Any) -> list[Value] | None:
    if isinstance(coordinates[0], list):
        inner = [_flat(part) for part in coordinates]
        return None if None in inner else [*inner]
    longitude, latitude = coordinates[:2]
    on_earth = abs(longitude) <= 360 and abs(latitude) <= 90  # noqa: PLR2004  degrees; twice round is a map's way
    return [round(float(longitude), 6), round(float(latitude), 6)] if on_earth else None


def _there(figure: Drawn, map_url: str) -> str:
    """Return the address of a place on the map; "" for what is no longer there."""
    _, _, _, after = figure
    place: Point | None = point_of(_first(after))
    return f"{map_url.partition('#')[0]}#{ZOOM}/{place[1]:.6f}/{place[0]:.6f}" if place else ""


def _first(geometry: Geometry | None) -> Geometry | None:
    while geometry and geometry["type"] == "GeometryCollection":
        members: Any = geometry["geometries"]
        geometry = members[0]
    return geometry
