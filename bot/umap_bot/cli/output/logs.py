"""Where the program's own log goes: stderr, as text or as JSON lines, without secrets."""

from __future__ import annotations

import logging
import sys
from typing import Final, Literal

from pythonjsonlogger.json import JsonFormatter

from umap_bot.redaction import redact

LogFormat = Literal["text", "json"]

_TEXT: Final = "%(asctime)s %(levelname)s %(message)s"
_JSON: Final = "{asctime}{levelname}{name}{message}"


def begin(form: LogFormat = "text", level: int = logging.WARNING) -> None:
    """Send what is logged to stderr from now on; what was set up before is replaced."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Redacted(form))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.getLogger("umap_bot").setLevel(level)
    # The one tells of each request, with its address, the other of each job, and that one is still busy.
    logging.getLogger("urllib3").setLevel(max(level, logging.WARNING))
    logging.getLogger("apscheduler").setLevel(max(level, logging.ERROR))


class _Redacted(logging.Formatter):
    """A formatter whose every line, trace included, is without secrets."""

    def __init__(self, form: LogFormat) -> None:
        super().__init__(_TEXT)
        json = JsonFormatter(_JSON, style="{", rename_fields={"asctime": "time", "levelname": "level"})
        self._inner: logging.Formatter = json if form == "json" else logging.Formatter(_TEXT)

    def format(self, record: logging.LogRecord) -> str:
        return redact(self._inner.format(record))
