"""A version of a watched layer for git: a file whose lines stay where they are, and what changed in words."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec.structs import replace

from umap_bot.model.base import Base
from umap_bot.model.layer import Live
from umap_bot.model.run import Run
from umap_bot.report.formats.terminal import one_line, render
from umap_bot.report.language import Language
from umap_bot.report.log import summary
from umap_bot.report.story.sentences import run_story
from umap_bot.text import say

_encode: Final = msgspec.json.Encoder(order="sorted").encode

SUBJECT: Final = 100
"""Characters of a commit's first line."""


def version_file(live: Live, rows: Base) -> bytes:
    """Return the layer as GeoJSON, a feature a line, by the ids under which the log knows them.

    uMap deals out new ids as it likes; these stay, so that git shows what changed and nothing else. The
    layer's settings are with it, as uMap itself writes them: the file can be imported.
    """
    settings = _encode(dict(sorted(live.entry.settings.items()))).decode()
    lines = ",\n".join(
        _encode(
            {"geometry": row.geometry, "id": key, "properties": row.properties, "type": "Feature"}
        ).decode()
        for key, row in sorted(rows.known.items())
    )
    head = f'{{"type":"FeatureCollection",\n"_umap_options":{settings},\n"features":['
    return f"{head}\n{lines}\n]}}\n".encode() if lines else f"{head}]}}\n".encode()


def version_message(run: Run, tongue: Language) -> str:
    """Return the commit's message: what changed in one line, then all of it."""
    layer = run.plan.context.layer_name if run.plan else ""
    subject = one_line(tongue.say(say("{layer}: {what}", layer=layer, what=summary(run))))
    if len(subject) > SUBJECT:
        subject = f"{subject[: SUBJECT - 1]}…"
    story = replace(run_story(run, None), end=())
    return f"{subject}\n\n{render(story, tongue, full=True)}"
