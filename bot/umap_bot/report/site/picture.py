"""A picture of a change, for a page that is shared: its places with the signs of the legend, as a PNG.

It is made of bytes: a library for pictures is large, and this is a few hundred spans of one colour.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, pairwise
from math import ceil, cos, hypot, radians, sqrt
from typing import Any, Final, TypeAlias

from umap_bot.model.canon import Geometry
from umap_bot.report.site.rows import Drawn, Kind

WIDTH: Final = 1200
HEIGHT: Final = 630
"""What sites that show a picture beside a link ask for."""

MARGIN: Final = 100
DOT: Final = 3

RADII: Final = ((40, 22), (200, 13), (10_000, 7))
"""Up to how many figures a sign has which radius."""

MOST: Final = 60_000
"""Dots and signs that are drawn: a shape may have any number of corners."""

NEAREST: Final = 0.01
"""Degrees that the picture shows at least: one place alone is no point of view."""

_GROUND, _PAPER, _ACCENT = range(3)
_COLOURS: Final[dict[Kind, int]] = {
    "added": 3,
    "changed": 4,
    "moved": 5,
    "removed": 6,
    "people": 7,
    "kept": 8,
}
_PALETTE: Final = bytes.fromhex("e9eef2 ffffff 0b5d86 00785a 005f9e 8a3b86 b34700 8a6100 55606a")

Place: TypeAlias = "tuple[float, float]"
"""Pixels from the left and from the top."""

PIN: Final = (80, 78, 34, 14, 76)
"""The middle of the pin's head, its radius, and how far below its middle the point begins and ends."""

_STROKES: Final[dict[Kind, tuple[tuple[float, float, float, float], ...]]] = {
    "added": ((-0.5, -0.1, 0.5, 0.1), (-0.1, -0.5, 0.1, 0.5)),
    "removed": ((-0.5, -0.12, 0.5, 0.12),),
    "kept": ((-0.5, -0.35, 0.5, -0.12), (-0.5, 0.12, 0.5, 0.35)),
}
"""What stands in a sign: boxes (left, top, right, bottom), by the sign's radius from its middle."""

_HALVES: Final[dict[Kind, Callable[[int, int], float]]] = {
    "changed": lambda down, radius: radius - abs(down),
    "removed": lambda _, radius: 0.85 * radius,
    "people": lambda down, radius: (down + radius) / 2,
}
"""(pixels from the middle down, radius) → half the width of a sign there; a circle's for other kinds."""


def picture(drawn: Sequence[Drawn]) -> bytes:
    """Return a PNG of changes in their places; b"" if none has a place."""
    places = [place for figure in drawn for line in _lines(figure) for place in line]
    if not places:
        return b""
    canvas, project = _Canvas(), _projection(places)
    size = next((radius for count, radius in RADII if len(drawn) <= count), DOT + 1)
    signs = islice((sign for figure in drawn for sign in _dots(figure, project, size)), MOST)
    for kind, radius, (x, y) in sorted(signs, key=lambda sign: sign[1]):
        if radius > DOT:
            canvas.sign(kind, radius + DOT, x, y, _PAPER)
        canvas.sign(kind, radius, x, y, _COLOURS[kind])
        if radius > DOT and kind in _STROKES:
            canvas.strokes(_STROKES[kind], radius, x, y)
    _brand(canvas)
    return canvas.png()


def _brand(canvas: _Canvas) -> None:
    """Draw a band at the top, and a map's pin on it."""
    for y in range(16):
        canvas.span(y, 0, WIDTH, _ACCENT)
    x, y, head, neck, point = PIN
    for down in range(-head, point):
        half = _circle(down, head) if down < neck else (point - down) * _circle(neck, head) / (point - neck)
        canvas.span(y + down, x - half, x + half, _ACCENT)
    canvas.sign("added", head // 3, x, y, _PAPER)


class _Canvas:
    def __init__(self) -> None:
        self._rows = [bytearray([_GROUND]) * WIDTH for _ in range(HEIGHT)]

    def span(self, y: int, left: float, right: float, colour: int) -> None:
        start, end = max(0, round(left)), min(WIDTH, round(right))
        if 0 <= y < HEIGHT and start < end:
            self._rows[y][start:end] = bytes([colour]) * (end - start)

    def sign(self, kind: Kind, radius: int, x: float, y: float, colour: int) -> None:
        half = _HALVES.get(kind, _circle) if radius > DOT else _circle
        for down in range(-radius, radius + 1):
            width = half(down, radius)
            if abs(down) <= 0.85 * radius or kind != "removed":
                self.span(round(y) + down, x - width, x + width, colour)

    def strokes(
        self, boxes: Iterable[tuple[float, float, float, float]], radius: int, x: float, y: float
    ) -> None:
        for left, top, right, bottom in boxes:
            for down in range(round(top * radius), round(bottom * radius) + 1):
                self.span(round(y) + down, x + left * radius, x + right * radius, _PAPER)

    def png(self) -> bytes:
        header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)  # 8 bits each, from a palette
        body = zlib.compress(b"".join(b"\0" + row for row in self._rows), 9)
        chunks = ((b"IHDR", header), (b"PLTE", _PALETTE), (b"IDAT", body), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _circle(down: int, radius: int) -> float:
    return sqrt(radius * radius - down * down)


def _projection(places: Sequence[Place]) -> Callable[[Place], Place]:
    """Return the way from degrees, longitude first, to pixels, so that all places lie within the margin."""
    (west, east), (south, north) = ((min(axis), max(axis)) for axis in zip(*places, strict=True))
    middle = ((west + east) / 2, (south + north) / 2)
    narrow = max(cos(radians(middle[1])), 0.01)
    across = max((east - west) * narrow, NEAREST)
    scale = min((WIDTH - 2 * MARGIN) / across, (HEIGHT - 2 * MARGIN) / max(north - south, NEAREST))
    return lambda place: (
        WIDTH / 2 + (place[0] - middle[0]) * narrow * scale,
        HEIGHT / 2 - (place[1] - middle[1]) * scale,
    )


def _dots(figure: Drawn, project: Callable[[Place], Place], size: int) -> Iterator[tuple[Kind, int, Place]]:
    """Return what is drawn of a figure: a sign for a point, dots along a line, dots on the way of a move."""
    _, kind, before, after = figure
    lines = [[project(place) for place in line] for line in _lines(figure)]
    for line in lines:
        yield from ((kind, size, line[0]) if len(line) == 1 else (kind, DOT, dot) for dot in _along(line))
    if before and after:
        was, now = (project(next(_parts(geometry))[0]) for geometry in (before, after))
        yield from ((kind, DOT, dot) for dot in _along([was, now]))


def _along(line: Sequence[Place]) -> Iterator[Place]:
    """Return places along a line, near enough to look like one."""
    yield line[0]
    for (x, y), (to_x, to_y) in pairwise(line):
        steps = max(1, ceil(hypot(to_x - x, to_y - y) / DOT))
        yield from (
            (x + (to_x - x) * step / steps, y + (to_y - y) * step / steps) for step in range(1, steps + 1)
        )


def _lines(figure: Drawn) -> Iterator[list[Place]]:
    """Return the points, lines and rings of a figure as it is now; as it was, if it is gone."""
    _, _, before, after = figure
    shown = after or before
    return _parts(shown) if shown else iter(())


def _parts(geometry: Geometry) -> Iterator[list[Place]]:
    """Return each point, line and ring of a geometry."""
    members: Any = geometry.get("geometries")
    if members is not None:
        for member in members:
            yield from _parts(member)
    else:
        yield from _nested(
            geometry["coordinates"], is_line=str(geometry["type"]) not in {"Point", "MultiPoint"}
        )


def _nested(coordinates: Any, *, is_line: bool) -> Iterator[list[Place]]:
    if not isinstance(coordinates[0], list):
        yield [(coordinates[0], coordinates[1])]
    elif is_line and not isinstance(coordinates[0][0], list):
        yield [(place[0], place[1]) for place in coordinates]
    else:
        for part in coordinates:
            yield from _nested(part, is_line=is_line)
