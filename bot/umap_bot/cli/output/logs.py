"""Where the program's own log goes: stderr, as text or as JSON lines, without secrets."""

from __future__ import annotations

import logging
import sys
from typing import Final, Literal, TextIO

from pythonjsonlogger.json import JsonFormatter

from umap_bot.redaction import redact
from umap_bot.report.formats.terminal import clean, inert

LogFormat = Literal["text", "json"]

_TEXT: Final = "%(asctime)s %(levelname)s %(message)s"
_JSON: Final = "{asctime}{levelname}{name}{message}"


def begin(form: LogFormat = "text", level: int = logging.WARNING) -> None:
    """Send what is logged to stderr from now on; what was set up before is replaced."""
    handler = _Redacting(sys.stderr)
    handler.setFormatter(
        JsonFormatter(_JSON, style="{", rename_fields={"asctime": "time", "levelname": "level"})
        if form == "json"
        else logging.Formatter(_TEXT)
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # The one tells of each request, with its address, the other of each job, and that one is still busy.
    logging.getLogger("urllib3").setLevel(max(level, logging.WARNING))
    logging.getLogger("apscheduler").setLevel(max(level, logging.ERROR))


class _Redacting(logging.StreamHandler[TextIO]):
    """A handler whose every line, trace included, is without secrets, and steers nothing that shows it."""

    def format(self, record: logging.LogRecord) -> str:
        return inert(clean(redact(super().format(record))))
