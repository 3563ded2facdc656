"""`umap-bot check`: can I reach everything?"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from umap_bot.checks import Finding, check
from umap_bot.cli import speech
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.report.formats import jsontext, terminal
from umap_bot.text import lines_of, say

INDENT: Final = " " * 15

WHAT: Final = {
    "settings": say("settings"),
    "repository": say("repository"),
    "file": say("file"),
    "map": say("map"),
    "layer": say("layer"),
    "session": say("session"),
    "state": say("state"),
}


@click.command(name="check")
@layers.chosen
@flags.as_json
def command(selection: Selection, as_json: bool) -> int:
    """Check that umap-bot can reach the repository, the file, the map, the layer and the state, and that it
    can edit the layer.

    Exit code: 0, or the highest code among the checks that failed.
    """
    wired = layers.wired(selection)
    found: dict[str, list[Finding]] = {}
    for each in wired:
        if len(wired) > 1 and not as_json:
            speech.answer(f"{terminal.one_line(layers.called(each))}:")
        findings = found.setdefault(each.work.job.layer, [])
        for finding in check(each, selection.env_file or Path(".env")):
            findings.append(finding)
            if not as_json:
                speech.answer(_line(finding))
    if as_json:
        speech.answer(_json(found))
    codes = [finding.code for findings in found.values() for finding in findings]
    return 1 if 1 in codes else max(codes)


def _json(found: dict[str, list[Finding]]) -> str:
    """Return what was found of one layer, or of each of several by its name in the state."""
    told = {"check": next(iter(found.values()))} if len(found) == 1 else {"layers": found}
    return jsontext.render(told, speech.tongue().say)


def _line(finding: Finding) -> str:
    mark = "✗" if finding.code else "✓"
    first, *more = map(speech.spoken, lines_of(finding.text))  # a bad file has several problems
    what = speech.spoken(WHAT[finding.what])
    lines = [f"{mark} {what:<12} {first}", *(f"{INDENT}{line}" for line in more)]
    lines += [f"{INDENT}→ {speech.spoken(finding.way_out)}"] if finding.way_out else []
    return "\n".join([*lines, *(f"{INDENT}· {speech.spoken(note)}" for note in finding.notes)])
