"""The change log as an Atom feed (RFC 4287), to lie beside the pages of the runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from html import escape
from typing import Final
from urllib.parse import quote

from umap_bot.model.run import Outcome, Run
from umap_bot.report.formats.terminal import one_line
from umap_bot.report.language import Language
from umap_bot.report.log import summary
from umap_bot.report.settling import settled, settlers
from umap_bot.report.story.sentences import run_story
from umap_bot.report.story.story import Section
from umap_bot.report.story.words import in_words
from umap_bot.text import Text, joined, say, say_n

WORTH_READING: Final[frozenset[Outcome]] = frozenset({"done", "held", "restless", "failed"})

SINCE: Final = "2026"
"""The date in the ids (RFC 4151), the same for ever: a feed reader tells entries apart by nothing else."""

SHOWN: Final = 20
"""Lines of a section in an entry; its page has all of them."""

NEVER: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""When a feed without entries was changed last: the same each time that it is written."""

_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)

_FORBIDDEN: Final = re.compile("[\ufffe\uffff]")
"""What XML 1.0 forbids and `one_line` lets pass."""


def feed(runs: Iterable[Run], *, tongue: Language, title: str, layer: str, site_url: str = "") -> str:
    """Return the feed of a layer, the newest run first. Runs that had nothing to do are left out.

    What a run asked and a later one of `runs` settled is told as settled.

    `title` is the feed's, in the language, `layer` the layer's name in the state. With a `site_url` links are
    whole; without one they are relative, to be read from where the feed lies (RFC 4287, 2; RFC 3986, 5.1).
    """
    from feedgenerator import Atom1Feed  # noqa: PLC0415  slow, and only needed here

    known = list(runs)
    done = settlers(known)
    told = sorted(filter(_is_worth_reading, known), key=lambda run: run.number, reverse=True)
    newest = max((_changed(run, done.get(run.number)) for run in told), default=NEVER)

    site = f"{site_url.rstrip('/')}/" if site_url else ""
    atom = Atom1Feed(
        title=_text(title, tongue) or layer,
        link=f"{site}index.html",
        description=None,
        language=tongue.code,
        author_name="umap-bot",
        feed_url=f"{site}feed.atom" if site else None,
        feed_guid=_tag(layer),
    )
    atom.latest_post_date = lambda: newest  # without entries it would be the moment of writing
    for run in told:
        settler = done.get(run.number)
        atom.add_item(
            title=_text(_title(run, settler), tongue),
            link=f"{site}run-{run.number}.html",
            description=None,
            content="".join(_content(run, settler, tongue)),
            unique_id=_tag(run.layer, run.number),
            pubdate=run.started,
            updateddate=_changed(run, settler),
        )
    written: str = atom.writeString("utf-8")
    return written


def _is_worth_reading(run: Run) -> bool:
    return (run.outcome in WORTH_READING or run.waits) and run.number > 0


def _title(run: Run, settler: Run | None) -> Text:
    said = joined((summary(run, settler), settled(settler) if settler else ""), " · ")
    return joined((say("run {number}", number=run.number), said), ": ")


def _changed(run: Run, settler: Run | None = None) -> datetime:
    """Return when what is told of a run changed last: its question may have been settled since."""
    told = run.again or run.ended or run.started
    return max(told, settler.started) if settler else told


def _tag(layer: str, number: int = 0) -> str:
    """Return an id that neither a move of the pages nor a change of their language changes."""
    host = layer.partition("/")[0].rpartition(":")[0] or layer.partition("/")[0]
    authority = host.lower() if _HOST.fullmatch(host) else "umap-bot.invalid"
    run = f"/run-{number}" if number else ""
    return f"tag:{authority},{SINCE}:umap-bot/{quote(layer, safe='/:')}{run}"


def _content(run: Run, settler: Run | None, tongue: Language) -> Iterator[str]:
    """Return the story of a run as HTML that is nothing but text in paragraphs and lists."""
    story = run_story(run, None, settler=settler)
    yield f"<p>{escape(_text(joined((story.sentence, story.counts)), tongue))}</p>"
    for section in (each for each in story.sections if each.kind != "acts"):
        yield from _section(section, tongue)


def _section(section: Section, tongue: Language) -> Iterator[str]:
    yield f"<p>{escape(_text(section.title, tongue))}</p>"
    left = len(section.lines) - SHOWN
    told = [
        joined((line.name, joined(map(in_words, line.said), "; ")), ": ") for line in section.lines[:SHOWN]
    ]
    if left > 0:
        told.append(say_n("… and {count} more", "… and {count} more", left))
    items = "".join(f"<li>{escape(_text(each, tongue))}</li>" for each in told)
    yield f"<ul>{items}</ul>" if items else ""


def _text(text: str, tongue: Language) -> str:
    """Return a text in the language, without what XML can't hold or what turns the reading round."""
    return _FORBIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", one_line(tongue.say(text)))
