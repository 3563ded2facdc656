"""`make fuzz`: each decoder for FUZZ_MINUTES (5) minutes; any that does not end in a result or in an error of
ours, or wants more than 1 GiB or 10 s, ends it, and the case is kept.

FUZZ_SEED repeats a run. Decoders may be named: python -m tests.fuzz csv geojson. A case that was kept is
decoded again with: python -m tests.fuzz again FOLDER.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from tests.fuzz.cases import DECODERS, Case
from tests.fuzz.child import tried
from umap_bot.dataset.recipe import Recipe


def main(words: list[str]) -> int:
    """Fuzz the decoders that are named, or all. Return 1 if one of them failed."""
    if words[:1] == ["again"]:
        return again(Path(words[1]))
    minutes = float(os.environ.get("FUZZ_MINUTES", "5"))
    seed = int(os.environ.get("FUZZ_SEED") or time.time())
    return max([fuzz(decoder, seed, minutes) for decoder in words or DECODERS])


def fuzz(decoder: str, seed: int, minutes: float) -> int:
    """Fuzz one decoder in a child process, and say how it ended."""
    folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{decoder}-"))
    command = [sys.executable, "-m", "tests.fuzz.child", decoder, str(seed), str(minutes), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        say(f"{decoder}: {done.stdout} (seed {seed})")
        return 0
    say(
        f"{decoder}: failed with seed {seed}, code {done.returncode}\n{done.stderr[-3000:]}\n"
        f"The case: {folder}. Again: python -m tests.fuzz again {folder}"
    )
    return 1


def again(folder: Path) -> int:
    """Decode a case that was kept."""
    recipe = msgspec.json.decode((folder / "recipe.json").read_bytes(), type=Recipe)
    say(tried(Case((folder / recipe.path).read_bytes(), recipe)))
    return 0


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
