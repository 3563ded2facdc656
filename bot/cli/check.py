"""`umap-bot check`: can I reach everything?"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
import msgspec

from bot.checks import Finding, check
from bot.cli import options
from bot.report.terminal import one_line
from bot.settings import load
from bot.wiring import wire

INDENT: Final = " " * 15


@click.command(name="check")
@options.env_file
@options.as_json
def command(env_file: Path | None, as_json: bool) -> int:
    """Look whether everything can be reached: repository, file, map, layer, the right to edit, the state.

    Exit code: 0, or that of the first thing that fails most.
    """
    wired = wire(load(env_file))
    findings: list[Finding] = []
    for finding in check(wired, env_file or Path(".env")):
        findings.append(finding)
        if not as_json:
            click.echo(_line(finding))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode({"check": findings}), indent=2).decode())
    codes = [finding.code for finding in findings]
    return 1 if 1 in codes else max(codes)


def _line(finding: Finding) -> str:
    mark = "✗" if finding.code else "✓"
    first, *more = finding.text.split("\n")  # a bad file has several problems
    lines = [f"{mark} {finding.what:<12} {one_line(first)}", *(f"{INDENT}{one_line(line)}" for line in more)]
    lines += [f"{INDENT}→ {one_line(finding.way_out)}"] if finding.way_out else []
    return "\n".join([*lines, *(f"{INDENT}· {one_line(note)}" for note in finding.notes)])
