"""Traces of errors that nobody foresaw: kept in files that only their owner can read."""

from __future__ import annotations

import os
import traceback
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

from platformdirs import user_cache_path

from umap_bot.errors import Bug
from umap_bot.redaction import redact
from umap_bot.text import say


def kept(error: Exception) -> Bug:
    """Write the trace of an error into a file. Return the error as one that can be told.

    The same error at the same place has the same file, and so the same text: the log has it once.
    """
    file = _folder() / f"trace-{_place(error)}.txt"
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8") as text:
        text.write(redact("".join(traceback.format_exception(error))))
    return Bug(
        say("internal error: {error}. The traceback is in {file}", error=type(error).__name__, file=str(file))
    )


def _folder() -> Path:
    folder = user_cache_path("umap-bot") / "traces"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return Path(mkdtemp(prefix="umap-bot-traces-"))
    return folder


def _place(error: Exception) -> str:
    frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    return sha256("\n".join([type(error).__name__, *frames]).encode()).hexdigest()[:12]
