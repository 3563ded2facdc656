"""LibreOffice, without its windows: what it makes of a file, and what it shows of it."""

from __future__ import annotations

import csv
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

SOFFICE = shutil.which("soffice") or ""
MISSING = "these tests need LibreOffice's Calc (Debian: apt install libreoffice-calc)"
_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,true,false,false,false,-1"
"""Commas, UTF-8, formats of the United States, values as they are edited, every sheet."""

Cells = dict[tuple[int, int], str]
"""What a sheet shows, by row, from 1, and column, from 0."""


class Office:
    """LibreOffice with a profile of its own, in a folder that is ours."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def saved_as(self, ending: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """Return each file as LibreOffice saves it in the format of that ending, under its name with it."""
        folder = self._converted(ending, files)
        return {
            f"{Path(name).stem}.{ending}": (folder / f"{Path(name).stem}.{ending}").read_bytes()
            for name in files
        }

    def shown(self, files: Mapping[str, bytes]) -> dict[tuple[str, str], Cells]:
        """Return the sheets of files, by the file's name and their own, as LibreOffice writes them as CSV."""
        folder = self._converted(_CSV, files)
        found = {}
        for name in files:
            stem = Path(name).stem
            for path in sorted(folder.glob(f"{stem}-*.csv")):
                found[name, path.stem.removeprefix(f"{stem}-")] = _cells(path)
        return found

    def _converted(self, form: str, files: Mapping[str, bytes]) -> Path:
        self._count += 1
        made, given = self._folder / f"{self._count}" / "made", self._folder / f"{self._count}" / "given"
        given.mkdir(parents=True)
        for name, data in files.items():
            (given / name).write_bytes(data)
        profile = (self._folder / "profile").as_uri()
        command = [SOFFICE, f"-env:UserInstallation={profile}", "--headless", "--convert-to", form]
        subprocess.run(
            [*command, "--outdir", str(made), *(str(given / name) for name in files)],
            check=True,
            capture_output=True,
            env={"HOME": str(self._folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        )
        return made


def _cells(path: Path) -> Cells:
    with path.open(encoding="utf-8", newline="") as file:
        rows = enumerate(csv.reader(file), start=1)
        return {(row, column): text for row, cells in rows for column, text in enumerate(cells) if text}
