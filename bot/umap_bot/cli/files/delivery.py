"""Writing an exported file: in which format, and to which place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Literal, TypeAlias

import click

from umap_bot.cli import streams
from umap_bot.dataset.writing import workbook
from umap_bot.dataset.writing.export import ENDINGS, Format
from umap_bot.errors import UsageError
from umap_bot.text import say

FileFormat: TypeAlias = Format | Literal["umap"]
"""What a sync can read, or what uMap itself imports."""

_ENDINGS: Final[dict[str, FileFormat]] = {**ENDINGS, ".umap": "umap"}


def format_of(
    form: FileFormat | None, output: Path | None, default: FileFormat, *, excel: bool
) -> FileFormat:
    """Return the format. Raise UsageError if the options contradict each other, or the extra is missing."""
    ending = _ENDINGS.get(output.suffix.lower()) if output else None
    chosen = form or ending or default
    if output and ending != chosen:
        raise UsageError(
            say("{file} does not have a file extension for {format}.", file=output.name, format=chosen),
            way_out=say(
                "Use --output {file}, because umap-bot reads a file by its extension.",
                file=f"{output.stem}.{chosen}",
            ),
        )
    if excel and chosen != "csv":
        raise UsageError(
            say("--excel only works with CSV."), way_out=say("Leave it out: other formats don't need it.")
        )
    if chosen == "xlsx":
        if output is None:
            raise UsageError(
                say("A workbook can't be printed to the terminal."),
                way_out=say("Write it to a file: --output layer.xlsx"),
            )
        workbook.library()
    return chosen


def refuse_existing(output: Path | None, *, force: bool) -> None:
    """Raise UsageError if the file is there, unless it is to be overwritten."""
    if output and os.path.lexists(output) and not force:
        raise UsageError(
            say("{file} already exists.", file=str(output)),
            way_out=say("Choose another name, or add --force to overwrite it."),
        )


def deliver(data: bytes, output: Path | None, *, force: bool) -> None:
    """Write to the file, or to stdout. Raise UsageError if it can't be written.

    A reader that has read enough (`| head`) is no error.
    """
    if output is None:
        click.echo(data, nl=False)  # the bytes of the file: no console's own encoding or line breaks
        lost = streams.loss()
        if lost and not isinstance(lost, BrokenPipeError):
            raise UsageError(
                say("The whole file could not be written to stdout."),
                way_out=say("Write it to a file: --output FILE"),
            )
        return
    try:
        with output.open("wb" if force else "xb") as file:
            file.write(data)
    except OSError as error:
        raise UsageError(
            say("{file} can't be written: {reason}.", file=str(output), reason=error.strerror or ""),
            way_out=say("Choose another file."),
        ) from error
