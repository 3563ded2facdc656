"""Which numbers are degrees, and what those most likely are that are none."""

from __future__ import annotations

from math import copysign
from typing import Final

from umap_bot.dataset.places.errors import GeometryError
from umap_bot.text import say

_LAMBERT_X: Final = (0, 1.4e6)
_LAMBERT_Y: Final = (6.0e6, 7.2e6)
"""Metres of Lambert 93 (EPSG:2154) over metropolitan France."""
_SCALED: Final = 100_000
"""PTV_GEODECIMAL: degrees × 100 000, as in the French fuel price feed."""
_METRES: Final = 1_000
"""Numbers beyond it are metres of some projection: no slip of the pen makes them of degrees."""


_NORTHINGS: Final = (1e6, 1e7)
_EASTINGS: Final = (1e5, 2.3e6)
"""Metres of projections that are used in France (UTM, Mercator, the conics): they are no lost decimals."""
_LEAST: Final = 200
_MOST: Final = 1e16
"""Between them are numbers that are no degrees, and whose digits a float keeps."""


def on_earth(longitude: float, latitude: float) -> bool:
    """Tell whether these are degrees. NaN is none."""
    return -180 <= longitude <= 180 and -90 <= latitude <= 90  # noqa: PLR2004


def is_lambert(x: float, y: float) -> bool:
    """Tell whether these are metres of Lambert 93 over metropolitan France."""
    return _LAMBERT_X[0] <= x <= _LAMBERT_X[1] and _LAMBERT_Y[0] <= y <= _LAMBERT_Y[1]


def in_france(latitude: float, longitude: float) -> bool:
    """Tell whether a point lies in the box of metropolitan France, whose two ranges don't overlap."""
    return 41.3 <= latitude <= 51.3 and -5.5 <= longitude <= 9.8  # noqa: PLR2004


def misplaced(longitude: float, latitude: float) -> GeometryError:
    """Say what numbers that are no degrees most likely are. Nothing is converted silently."""
    # As the file has them, in every language: no decimal commas.
    read = {"longitude": f"{longitude:.10g}", "latitude": f"{latitude:.10g}"}
    for x, y in ((longitude, latitude), (latitude, longitude)):
        if is_lambert(x, y):
            text = say(
                "longitude {longitude}, latitude {latitude} look like Lambert 93 metres "
                "(EPSG:2154); convert them to degrees (WGS 84, EPSG:4326)",
                **read,
            )
            return GeometryError(text, "lambert")
    if 90 < abs(latitude) <= 180 and abs(longitude) <= 90:  # noqa: PLR2004  degrees
        text = say(
            "longitude {longitude}, latitude {latitude} look swapped, because no latitude is "
            "beyond 90; swap them",
            **read,
        )
        return GeometryError(text, "swapped")
    for x, y in ((longitude, latitude), (latitude, longitude)):
        if min(abs(x), abs(y)) >= _LEAST and in_france(latitude=y / _SCALED, longitude=x / _SCALED):
            text = say(
                "longitude {longitude}, latitude {latitude} look like degrees × 100 000; "
                "divide them by 100 000",
                **read,
            )
            return GeometryError(text, "scaled")
    if found := _with_separators(longitude, latitude):
        text = say(
            "longitude {longitude}, latitude {latitude} look like degrees without their decimal "
            "separator; if they should be {found_longitude} and {found_latitude}, write that",
            found_longitude=f"{found[0]:.10g}",
            found_latitude=f"{found[1]:.10g}",
            **read,
        )
        return GeometryError(text, "separator")
    if min(abs(longitude), abs(latitude)) > _METRES:
        text = say(
            "longitude {longitude}, latitude {latitude} look like projected coordinates in "
            "metres; convert them to degrees (WGS 84, EPSG:4326)",
            **read,
        )
        return GeometryError(text, "projected")
    text = say(
        "longitude {longitude}, latitude {latitude} are out of range (±180, ±90); write "
        "degrees (WGS 84, EPSG:4326)",
        **read,
    )
    return GeometryError(text, "range")


def _with_separators(longitude: float, latitude: float) -> tuple[float, float] | None:
    """Return degrees in metropolitan France of which only the decimal separators are lost, None if none are.

    A northing of seven digits is left to the projections.
    """
    if _NORTHINGS[0] <= latitude <= _NORTHINGS[1] and _EASTINGS[0] <= longitude <= _EASTINGS[1]:
        return None
    for one in _separated(longitude):
        for other in _separated(latitude):
            if in_france(latitude=other, longitude=one) and not other.is_integer():
                return one, other
    return None


def _separated(number: float) -> tuple[float, ...]:
    """Return a number with a decimal separator behind its first or second digit; itself if it has one."""
    if not number.is_integer() or not _LEAST <= abs(number) <= _MOST:
        return (number,)
    digits = f"{abs(number):.0f}"
    return tuple(copysign(float(f"{digits[:at]}.{digits[at:]}"), number) for at in (1, 2))
