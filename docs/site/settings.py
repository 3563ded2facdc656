"""All settings: sentences and defaults from config.example.env, values and secrecy from their model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple, get_args, get_origin

from umap_bot.settings.model import SECRETS, Settings

EXAMPLE: Final = Path(__file__).parents[2] / "config.example.env"
_SETTING: Final = re.compile(r"([A-Z_]+)=(.*)")


class Setting(NamedTuple):
    """A setting of config.example.env.

    `group` is the title above it, `sentence` what is said of it, `default` as it is written there. `choices`
    are all its values, if there are few; `secret` tells that it is shown nowhere.
    """

    group: str
    name: str
    default: str
    sentence: str
    choices: tuple[str, ...]
    secret: bool


def all_settings() -> list[Setting]:
    """Return the settings in order. The comment above one speaks of it; one by itself is a title."""
    return list(_read(EXAMPLE.read_text(encoding="utf-8").splitlines()))


def _read(lines: list[str]) -> Iterator[Setting]:
    group, said = "", list[str]()
    for line in lines:
        setting = _SETTING.fullmatch(line)
        if setting:
            name, default = setting.groups()
            yield Setting(group, name, default, " ".join(said), _choices(name), name in SECRETS)
        elif not line and said:
            group = " ".join(said)
        said = [*said, line.removeprefix("# ")] if line.startswith("#") else []


def _choices(name: str) -> tuple[str, ...]:
    kind = Settings.model_fields[name.lower()].annotation
    return tuple(value for value in get_args(kind) if value) if get_origin(kind) is Literal else ()
