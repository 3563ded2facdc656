"""A clock that is set back by three hours under `umap-bot serve` (faketime; Debian: faketime)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from threading import Event, Thread

import pytest

LONG = 50
"""Seconds after which what should have happened has failed to."""

SERVES = """
import logging, sys
from datetime import UTC, datetime
from umap_bot import service
from umap_bot.report.language import language
from umap_bot.schedule.schedule import Schedule
service.LOOK = 0.2
logging.basicConfig(stream=sys.stdout, format="%(message)s", level=logging.WARNING)
def make_pass(layers, stopped):
    print("pass", datetime.now(UTC).strftime("%H:%M"), flush=True)
    return []
schedule = Schedule.parse("0 * * * *", "UTC")
service.Service({"a": schedule}, make_pass, language("en"), jitter=0).run()
"""


@pytest.mark.skipif(not shutil.which("faketime"), reason="faketime is not installed (Debian: faketime)")
def test_a_clock_that_is_set_back_silences_nobody(tmp_path: Path) -> None:
    """It starts at 11:30, is set back to 8:59:57, and the run of 9:00 comes."""
    clock = tmp_path / "clock"
    clock.write_text("@2026-11-24 11:30:00", "utf-8")
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    environment = {
        **os.environ,
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "TZ": "UTC",
    }
    said: list[str] = []
    began, again = Event(), Event()

    def listen(lines: Iterable[str]) -> None:
        for line in lines:
            said.append(line.rstrip("\n"))
            if said[-1] == "pass 11:30":
                began.set()
            if said[-1] == "pass 09:00":
                again.set()

    with subprocess.Popen(
        [sys.executable, "-c", SERVES], env=environment, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout
        listener = Thread(target=listen, args=[program.stdout])
        listener.start()
        try:
            assert began.wait(LONG), said
            clock.write_text("@2026-11-24 08:59:57", "utf-8")
            assert again.wait(LONG), said
        finally:
            program.kill()
            listener.join()
    assert len([line for line in said if line.startswith("The clock was set back from ")]) == 1
