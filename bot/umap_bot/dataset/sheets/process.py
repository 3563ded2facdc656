"""Runs the process that reads a spreadsheet: with limits, a deadline, and nothing left behind."""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final, cast

import msgspec

from umap_bot.dataset.findings import Findings, excerpt, listed
from umap_bot.dataset.sheets.answer import MOST_CELLS, OUT_OF_MEMORY, Answer, Limits, Refusal, Request, Sheet
from umap_bot.text import Text, say, say_n

DEADLINE: Final = 60.0
"""Seconds by the clock: on a busy machine ten of computing may take as long."""
_PROGRAM: Final = (
    "import sys; sys.path += sys.argv[1:-1]; from umap_bot.dataset.sheets.child import main; main()"
)
_NO_MEMORY: Final = (OUT_OF_MEMORY, -signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS)
_MEGABYTE: Final = 2**20
_LISTED: Final = 20
_COMPLAINT: Final = 2_000

_decode: Final = cast("Callable[[bytes], Answer]", msgspec.json.Decoder(Answer).decode)


def ask(data: bytes, request: Request, findings: Findings, deadline: float = DEADLINE) -> Sheet:
    """Return the sheet that is asked for. `deadline` in seconds.

    Nothing that the bytes do to the process that reads them is done to this one. Raise DatasetError.
    """
    limits = request.limits
    spelt = msgspec.json.encode(request).decode()
    command = [sys.executable, "-I", "-S", "-X", "utf8", "-c", _PROGRAM, *_folders(), spelt]
    # Files, not pipes: neither side waits for the other, and the limit of a file's size holds for the answer.
    with TemporaryFile() as stdin, TemporaryFile() as stdout, TemporaryFile() as stderr:
        stdin.write(data)
        stdin.seek(0)
        code = _run(command, (stdin, stdout, stderr), deadline, findings)
        if code:
            findings.fatal(_why(code, _last_line(stderr), limits))
        answer = _answer(stdout, limits, findings)
    if isinstance(answer, Refusal):
        findings.fatal(_refused(answer, request))
    return answer


def _folders() -> list[str]:
    """Return the folders of what the process imports: it is started without any (-I -S), to be quick."""
    specs = [importlib.util.find_spec(name) for name in ("umap_bot", "msgspec")]
    folders = [Path(spec.origin).parent.parent for spec in specs if spec is not None and spec.origin]
    return [str(folder) for folder in dict.fromkeys(folders)]


def _run(
    command: list[str], files: tuple[IO[bytes], IO[bytes], IO[bytes]], deadline: float, findings: Findings
) -> int:
    """Run the process on its stdin, stdout and stderr, and return its exit code. It ends in any case."""
    stdin, stdout, stderr = files
    try:
        return subprocess.run(  # noqa: S603  no shell interprets any argument
            command,
            cwd="/",
            env={},
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            timeout=deadline,
            check=False,
        ).returncode
    except subprocess.TimeoutExpired:
        findings.fatal(
            say(
                "the file could not be read within {seconds:g} s; try again when this machine is less busy",
                seconds=deadline,
            )
        )


def _why(code: int, complaint: str, limits: Limits) -> Text:
    if code in _NO_MEMORY:
        return say(
            "reading the file takes more than {most} MB of memory, perhaps because of a cell "
            "far outside the table; copy the table into a new file",
            most=limits.memory // _MEGABYTE,
        )
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return say(
            "reading the file takes more than {seconds} s of computing time; check that it is the right file",
            seconds=limits.seconds,
        )
    if code == -signal.SIGXFSZ:
        return say(
            "the file contains more than {most} MB of text; check that it is the right file",
            most=limits.answer // _MEGABYTE,
        )
    return say(
        "the file can't be read: {why}; please report this problem", why=excerpt(complaint or str(code), 200)
    )


def _last_line(stderr: IO[bytes]) -> str:
    stderr.seek(0)
    lines = stderr.read()[-_COMPLAINT:].decode(errors="replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), "")


def _answer(stdout: IO[bytes], limits: Limits, findings: Findings) -> Answer:
    stdout.seek(0)
    try:
        return _decode(stdout.read(limits.answer + 1))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        why = excerpt(str(error), 200)
        findings.fatal(say("the file can't be read: {why}; please report this problem", why=why))


def _refused(refusal: Refusal, request: Request) -> Text:
    detail = excerpt(refusal.detail, 200)
    match refusal.reason:
        case "doctype":
            return say(
                "the file contains a document type (DTD) in {part}, which spreadsheets don't need "
                "and which can be harmful; save it again as .xlsx or .ods",
                part=detail,
            )
        case "too large":
            return say(
                "the file has more than {most:g} million cells, perhaps because of a cell far "
                "outside the table; copy the table into a new file",
                most=MOST_CELLS / 1_000_000,
            )
        case "no workbook":
            return say("the file is a ZIP archive without a spreadsheet in it; save it as .xlsx or .ods")
        case "damaged":
            return say(
                "the file is damaged and can't be read ({why}); open it, save it and commit it again",
                why=detail or "?",
            )
    return _which_sheet(refusal, request)


def _which_sheet(refusal: Refusal, request: Request) -> Text:
    names = listed(refusal.names, _LISTED)
    if refusal.reason == "which sheet":
        return say(
            'several sheets have the column "{key}": {names}; choose one in DATASET_SHEET',
            key=excerpt(request.key),
            names=names,
        )
    if refusal.reason == "no such sheet":
        return say_n(
            'the file has no sheet "{sheet}" (DATASET_SHEET); its sheet is: {names}',
            'the file has no sheet "{sheet}" (DATASET_SHEET); its sheets are: {names}',
            len(refusal.names),
            sheet=excerpt(request.sheet),
            names=names,
        )
    return say("all sheets of the file are empty; check that it is the right file")
