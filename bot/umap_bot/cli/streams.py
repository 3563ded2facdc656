"""stdout and stderr: a full disk, or a reader that goes, keeps no command from its work."""

from __future__ import annotations

import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import Any, TextIO


class _Outlet(FileIO):
    """A file that is written to. From its first error on, what is written is lost, and nothing fails."""

    error: OSError | None = None

    def write(self, data: Any, /) -> int:
        if self.error is None:
            try:
                return super().write(data)
            except OSError as error:
                self.error = error
        return memoryview(data).nbytes


def begin() -> None:
    """Let nothing fail that is printed from now on; what a console can't show is escaped."""
    sys.stdout, sys.stderr = _sturdy(sys.stdout), _sturdy(sys.stderr)


def _sturdy(stream: TextIO) -> TextIO:
    if not isinstance(stream, TextIOWrapper):  # None, where the program was started without one
        return stream
    stream.flush()
    outlet = _Outlet(stream.fileno(), "wb", closefd=False)
    return TextIOWrapper(
        outlet if stream.write_through else BufferedWriter(outlet),
        encoding=stream.encoding,
        errors="backslashreplace",  # a ✓ that an old console lacks is no bug of ours
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def loss() -> OSError | None:
    """Return why not all of the answer could be written to stdout, if so."""
    if sys.stdout is not None:
        sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    raw = getattr(buffer, "raw", buffer)
    return raw.error if isinstance(raw, _Outlet) else None
