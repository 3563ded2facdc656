"""systemd units, read as far as the tests ask: sections, names that may stand several times, values."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path


class Unit:
    """`unit["Service"]["ExecStart"]` is the list of all values of that name, in their order."""

    def __init__(self, file: Path) -> None:
        self._sections: dict[str, defaultdict[str, list[str]]] = {}
        section: defaultdict[str, list[str]] = defaultdict(list)
        for line in map(str.strip, file.read_text("utf-8").splitlines()):
            if line.startswith("["):
                section = self._sections.setdefault(line.strip("[]"), defaultdict(list))
            elif line and not line.startswith("#"):
                name, _, value = line.partition("=")
                section[name].append(value)

    def __getitem__(self, section: str) -> defaultdict[str, list[str]]:
        return self._sections[section]

    def one(self, section: str, name: str) -> str:
        (value,) = self[section][name]
        return value
