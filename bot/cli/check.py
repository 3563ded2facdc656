"""`umap-bot check`: can I reach everything?"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click
import msgspec

from bot.checks import Finding, check
from bot.cli import options, speech
from bot.redaction import redact
from bot.text import lines_of, say
from bot.wiring import wire

INDENT: Final = " " * 15

WHAT: Final = {
    "settings": say("settings"),
    "repository": say("repository"),
    "file": say("file"),
    "map": say("map"),
    "layer": say("layer"),
    "state": say("state"),
}


@click.command(name="check")
@options.env_file
@options.as_json
def command(env_file: Path | None, as_json: bool) -> int:
    """Look whether everything can be reached: repository, file, map, layer, the right to edit, the state.

    Exit code: 0, or that of the first thing that fails most.
    """
    wired = wire(speech.settings(env_file))
    findings: list[Finding] = []
    for finding in check(wired, env_file or Path(".env")):
        findings.append(finding)
        if not as_json:
            click.echo(_line(finding))
    if as_json:
        told = msgspec.json.encode({"check": findings}, enc_hook=speech.tongue().say)
        click.echo(redact(msgspec.json.format(told, indent=2).decode()))
    codes = [finding.code for finding in findings]
    return 1 if 1 in codes else max(codes)


def _line(finding: Finding) -> str:
    mark = "✗" if finding.code else "✓"
    first, *more = map(speech.spoken, lines_of(finding.text))  # a bad file has several problems
    what = speech.spoken(WHAT[finding.what])
    lines = [f"{mark} {what:<12} {first}", *(f"{INDENT}{line}" for line in more)]
    lines += [f"{INDENT}→ {speech.spoken(finding.way_out)}"] if finding.way_out else []
    return "\n".join([*lines, *(f"{INDENT}· {speech.spoken(note)}" for note in finding.notes)])
