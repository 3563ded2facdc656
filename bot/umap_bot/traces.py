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

    The same error at the same place has the same file, and so the same text: the log has it once. Where no
    file can be written (a full disk, a machine that is read-only), the error says so.
    """
    kind = type(error).__name__
    trace = redact("".join(traceback.format_exception(error)))
    try:
        file = _written(_name_of(error), trace)
    except OSError as refused:
        reason = refused.strerror or type(refused).__name__
        return Bug(
            say(
                "internal error: {error}. Its traceback could not be kept: {reason}",
                error=kind,
                reason=reason,
            )
        )
    return Bug(say("internal error: {error}. The traceback is in {file}", error=kind, file=str(file)))


def _written(name: str, trace: str) -> Path:
    """Return the file that a trace was written to: of the user's cache or, failing that, a temporary one."""
    folder = user_cache_path("umap-bot") / "traces"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _file(folder / name, trace)
    except OSError:
        return _file(Path(mkdtemp(prefix="umap-bot-traces-")) / name, trace)


def _file(file: Path, trace: str) -> Path:
    opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8", errors="backslashreplace") as text:
        text.write(trace)
    return file


def _name_of(error: Exception) -> str:
    frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    place = sha256("\n".join([type(error).__name__, *frames]).encode()).hexdigest()[:12]
    return f"trace-{place}.txt"
