"""`umap-bot check`: can I reach everything?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from umap_bot.checks import Finding, check, check_messages
from umap_bot.cli import speech
from umap_bot.cli.options import flags, layers
from umap_bot.cli.options.layers import Selection
from umap_bot.report.formats import jsontext
from umap_bot.text import lines_of, say
from umap_bot.wiring import Wired

INDENT: Final = " " * 15

WHAT: Final = {
    "settings": say("settings"),
    "source": say("source"),
    "repository": say("repository"),
    "file": say("file"),
    "map": say("map"),
    "layer": say("layer"),
    "session": say("session"),
    "state": say("state"),
    "message": say("message"),
    "ping": say("ping"),
}


@click.command(name="check")
@layers.chosen
@click.option(
    "--message", is_flag=True, help=say("Send one trial message and one ping, and say what came back.")
)
@flags.as_json
def command(selection: Selection, message: bool, as_json: bool) -> int:
    """Check that umap-bot can reach the repository, the file, the map, the layer and the state, and that it
    can edit the layer.

    With --message, it also tries what NOTIFY_URLS and NOTIFY_PING_URL name. Nothing else is written or sent.

    Exit code: 0, or the highest code among the checks that failed.
    """
    wired = layers.wired(selection)
    found: dict[str, list[Finding]] = {}
    told = Told(several=len(wired) > 1)
    for each in wired:
        findings = check(each, selection.env_file or Path(".env"))
        found[each.work.job.layer] = list(findings) if as_json else list(told.of_layer(each, findings))
    sent = list(check_messages(wired[0], speech.tongue())) if message else []
    if as_json:
        speech.answer(_json(found, sent, message=message))
    else:
        for finding in sent:
            speech.show(_line(finding))
    codes = [finding.code for findings in (*found.values(), sent) for finding in findings]
    return 1 if 1 in codes else max(codes)


class Told:
    """What was told so far: of several layers, what is the same of another one is not told again."""

    def __init__(self, *, several: bool) -> None:
        self._several = several
        self._by: dict[Finding, str] = {}

    def of_layer(self, wired: Wired, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Tell the findings of a layer as they come, and return each of them."""
        name, same = layers.shown(wired), defaultdict[str, list[Finding]](list)
        if self._several:
            speech.show(f"{speech.spoken(name)}:")
        for finding in findings:
            yield finding
            first = self._by.setdefault(finding, name)
            if first is name:
                speech.show(_line(finding))
            else:
                same[first].append(finding)
        for other, found in same.items():
            speech.show(_same_as(other, found))


def _same_as(name: str, found: Sequence[Finding]) -> str:
    mark = "✗" if any(finding.code for finding in found) else "✓"
    what = tuple(WHAT[finding.what] for finding in found)
    return f"{mark} {speech.spoken(say('as for {layer}: {what:, }', layer=name, what=what))}"


def _json(found: dict[str, list[Finding]], sent: Sequence[Finding], *, message: bool) -> str:
    """Return what was found of one layer, or of each of several by its name in the state."""
    told: dict[str, object] = {"check": next(iter(found.values()))} if len(found) == 1 else {"layers": found}
    return jsontext.render(told | ({"messages": sent} if message else {}), speech.tongue().say)


def _line(finding: Finding) -> str:
    mark = "✗" if finding.code else "✓"
    first, *more = map(speech.spoken, lines_of(finding.text))  # a bad file has several problems
    what = speech.spoken(WHAT[finding.what])
    lines = [f"{mark} {what:<12} {first}", *(f"{INDENT}{line}" for line in more)]
    lines += [f"{INDENT}→ {speech.spoken(finding.way_out)}"] if finding.way_out else []
    return "\n".join([*lines, *(f"{INDENT}· {speech.spoken(note)}" for note in finding.notes)])
