"""The forms that a value is written in, beyond a word or a number."""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from umap_bot.model.canon import nfc
from umap_bot.model.policy import Area, Limit
from umap_bot.schedule.clock import zone_of
from umap_bot.schedule.crontab import read_line
from umap_bot.text import say

_SHARE: Final = re.compile(r"([0-9]{1,9}(?:[.,][0-9]+)?) ?%?")
_NUMBER: Final = re.compile(r"([0-9]{1,9}) ?(?:features?|[ée]l[ée]ments?)", re.IGNORECASE)
_SERVER: Final = re.compile(r"(https?|ssh|git|postgres\w*(\+\w+)?)://", re.IGNORECASE)
_LONGEST: Final = 4_000
"""Bytes of a path: systems take 4 095 with the names of the files in it."""
_LONGEST_NAME: Final = 255
"""Bytes of a file's or folder's name."""
_SIZE: Final = re.compile(r"([0-9]{1,9}(?:[.,][0-9]+)?) ?([mgt][bo])", re.IGNORECASE)
_UNITS: Final = {"M": 10**6, "G": 10**9, "T": 10**12}
_LARGEST: Final = 10**15
"""Of amounts that a database counts with: what is more is all, and no database has a number for it."""
_MOST: Final = 10_000
"""Percent of the features of a map that one change may concern."""


def _names(value: object) -> object:
    """Split a list with commas."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _pairs(value: object) -> object:
    """Split `column=name,…` into a mapping."""
    if not isinstance(value, str):
        return value
    parts = [part.partition("=") for part in value.split(",") if part.strip()]
    if any(not equals or not left.strip() or not right.strip() for left, equals, right in parts):
        raise ValueError(say("write it as column=name, and separate several with commas"))
    return {left.strip(): right.strip() for left, _, right in parts}


def _limit(value: object) -> object:
    """Read a share, `10` or `10 %`, or a number of features, `20 features`."""
    if not isinstance(value, str):
        return value
    text = " ".join(nfc(value).split())  # no-break spaces too, as French has them before a percent sign
    if share := _SHARE.fullmatch(text):
        percent = Decimal(share[1].replace(",", "."))
        if percent <= _MOST:
            return Limit(percent)
    elif number := _NUMBER.fullmatch(text):
        return Limit(Decimal(number[1]), "features")
    raise ValueError(
        say("write a percentage, such as 10 or 10 %, or a number of features, such as 20 features")
    )


def _size(value: object) -> object:
    """Read an amount of room, `500 MB` or `2 GB`, in octets; French units too."""
    if not isinstance(value, str):
        return value
    size = _SIZE.fullmatch(" ".join(nfc(value).split()))
    octets = int(Decimal(size[1].replace(",", ".")) * _UNITS[size[2][0].upper()]) if size else 0
    if octets < _UNITS["M"]:
        raise ValueError(say("write a size of at least 1 MB, such as 500 MB or 2 GB"))
    return min(octets, _LARGEST)


def _area(value: object) -> object:
    """Read `west,south,east,north` in degrees."""
    if not isinstance(value, str):
        return value
    try:
        west, south, east, north = (float(part) for part in value.split(","))
    except ValueError:
        west = south = east = north = float("nan")
    if not (abs(west) <= 180 and abs(east) <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004
        raise ValueError(
            say("write four numbers in degrees, west,south,east,north, such as 2.0,44.1,7.2,46.8")
        )
    return Area(west, south, east, north)


def _day(value: object) -> object:
    """Read a day, or the time that a browser shows as the end of a cookie: its day by UTC.

    Browsers write 2026-12-08T09:30:00.000Z or Tue, 08 Dec 2026 09:30:00 GMT.
    """
    if not isinstance(value, str) or not value.strip():
        return value or None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(value.strip())
        except ValueError:
            continue
        return (moment if moment.tzinfo is None else moment.astimezone(UTC)).date()
    raise ValueError(say("write a date, such as 2026-12-08"))


def _line(value: str) -> str:
    """Refuse a line that is none of a crontab. Empty is no schedule."""
    if value:
        read_line(value)
    return value


def _timezone(value: str) -> str:
    """Refuse what is no name of a time zone."""
    zone_of(value)
    return value


def _short(value: SecretStr | str | None) -> SecretStr | str | None:
    """Refuse what no system takes for a path, nor a server for an address."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value or ""
    parts = [] if _SERVER.match(text) else re.split(r"[/\\]", text)
    if len(os.fsencode(text)) > _LONGEST or any(len(os.fsencode(part)) > _LONGEST_NAME for part in parts):
        raise ValueError(say("too long for a path or an address; shorten it"))
    return value


def _from_home(value: str) -> str:
    """Put the user's home folder in the place of a `~`, which a shell would have done."""
    try:
        return str(Path(value).expanduser()) if value.startswith("~") else value
    except RuntimeError:
        raise ValueError(say("it starts with a ~ that is not a home folder; write the whole path")) from None


Address = Annotated[str, Field(max_length=2_000)]
"""Of a site, a repository, a file, a layer: what is longer was pasted by mistake."""
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Pairs = Annotated[dict[str, str], BeforeValidator(_pairs)]
Threshold = Annotated[Limit, BeforeValidator(_limit)]
Size = Annotated[int, BeforeValidator(_size)]
Runs = Annotated[int, Field(ge=10), AfterValidator(lambda number: min(number, _LARGEST))]
Place = Annotated[Area | None, BeforeValidator(_area)]
Day = Annotated[date | None, BeforeValidator(_day)]
Schedule = Annotated[str, AfterValidator(_line)]
Timezone = Annotated[str, AfterValidator(_timezone)]
Location = Annotated[Address, AfterValidator(_short)]
SecretLocation = Annotated[SecretStr | None, AfterValidator(_short)]
PlaceOnDisk = Annotated[Location, AfterValidator(_from_home)]
