"""One decoder, case after case, in a process of its own that has 1 GiB and, for each case, 10 s.

The case that is decoded lies in the folder beforehand, so that it is there if the process dies of it.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Final
from unicodedata import category

import msgspec

from tests.fuzz.cases import SHEETS, Case, cases
from umap_bot.dataset.decode import decode
from umap_bot.dataset.findings import SHOWN
from umap_bot.dataset.recipe import Recipe
from umap_bot.errors import DatasetError
from umap_bot.model.canon import canonical, canonical_geometry
from umap_bot.model.layer import Layer
from umap_bot.text import Text, restore, store

MEMORY: Final = 2**30
SECONDS: Final = 10
LARGE: Final = 2**21
"""Bytes of a case that is not read twice more: the clock is for one reading."""
_LINES: Final = SHOWN + 3
"""Of a message: its head, the problems, how many more, the way out of all of them."""


def main() -> None:
    decoder, seed, minutes, folder = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    end = time.monotonic() + 60 * minutes
    count: Counter[str] = Counter()
    for case in cases(decoder, seed):
        if time.monotonic() > end:
            break
        keep(case, folder)
        # The sheets have a child of their own, with a limit of its own: there it is the clock that ends.
        timer = signal.ITIMER_REAL if decoder in SHEETS else signal.ITIMER_PROF
        signal.setitimer(timer, 7 * SECONDS if decoder in SHEETS else SECONDS)  # its signal ends the process
        count[tried(case)] += 1
        signal.setitimer(timer, 0)
    sys.stdout.write(json.dumps(count))


def keep(case: Case, folder: Path) -> None:
    """Write a case down: its bytes under the path of its recipe, and the recipe."""
    (folder / case.recipe.path).write_bytes(case.data)
    (folder / "recipe.json").write_bytes(msgspec.json.encode(case.recipe))


def tried(case: Case) -> str:
    """Decode a case, and check what came of it. Anything but a layer or a DatasetError is raised."""
    found = read(case.data, case.recipe)
    if isinstance(found, Layer):
        check_layer(found)
        return "results"
    check_message(found.text)
    if len(case.data) <= LARGE:
        check_waiting(case, found)
    return "errors"


def check_waiting(case: Case, refused: DatasetError) -> None:
    """See that a file whose bad rows may wait is read but for them, or refused for the same reason."""
    found = read(case.data, msgspec.structs.replace(case.recipe, bad_rows="wait"))
    if isinstance(found, DatasetError):
        assert found.message == refused.message
        check_message(found.text)
        return
    assert found.bad_rows.count
    for told in found.bad_rows.told:
        check_message(told)
    check_layer(found)


def read(data: bytes, recipe: Recipe) -> Layer | DatasetError:
    try:
        return decode(data, recipe)
    except DatasetError as error:
        return error


def check_message(text: Text) -> None:
    assert "not enough memory" not in text, text
    assert len(text.split("\n")) <= _LINES, text
    assert not any(category(char) == "Cc" for char in text.replace("\n", "")), repr(text)
    assert restore(store(text)) == text


def check_layer(layer: Layer) -> None:
    """See that a layer can be compared, written, and told of."""
    for key, row in layer.rows.items():
        assert key
        assert set(row.properties) <= set(layer.columns)
        canonical(row.properties)
        canonical_geometry(row.geometry)
        msgspec.json.encode((row.properties, row.geometry))
    for text in (*layer.assumed, *layer.warnings):
        assert "\n" not in text, repr(text)
        assert not any(category(char) == "Cc" for char in text), repr(text)


if __name__ == "__main__":
    main()
