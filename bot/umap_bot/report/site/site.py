"""What a site is made of: the layers and how it stands with them, and the runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Final, Literal, TypeAlias

import msgspec

from umap_bot.model.run import Run
from umap_bot.report.story.acts import Commands
from umap_bot.text import NOTHING, Text

Status = Literal["ok", "waiting", "trouble", "never"]
"""Whether file and map agree, a person is asked first, the last run went wrong, or there was none so far."""


DIGITS: Final = 8
"""Of a layer's digest: enough to tell a site's layers from those of another."""


class LayerState(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands with a layer.

    `name` is its name in the state, `shown` what people read, `map_url` the public map ("": not known).
    `checked` is when it was last looked at, `due` when it should be looked at next (None: on no schedule),
    `success` when file and map last agreed. `code` is the approval code of what waits, `asked` since when it
    does, `waiting` how many features that is (0: the whole plan, or nothing), `answered` whether somebody did
    since. `last` is the number of the
    last run, `checks` how many looks found nothing to do since then. `session` says until when the browser's
    session is good that the bot uses ("": it uses none). `fetched` is when the data was last fetched,
    `changed` when it last changed there (None: it is in git), `failing` since when it could not be taken,
    and `failure` why. `gone`: it is watched, and no longer on the map. Times are aware.
    """

    name: str
    shown: Text
    status: Status
    map_url: str = ""
    checked: datetime | None = None
    due: datetime | None = None
    success: datetime | None = None
    code: str = ""
    asked: datetime | None = None
    waiting: int = 0
    answered: bool = False
    last: int | None = None
    checks: int = 0
    session: Text = NOTHING
    fetched: datetime | None = None
    changed: datetime | None = None
    failing: datetime | None = None
    failure: Text = NOTHING
    gone: bool = False


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """All that the pages show.

    `runs` are the newest first, and may lack their plans: each page fetches its own whole run. `older` is how
    many the log has beyond them. `project_url` is the web page of the dataset's repository, `desk_url` the
    address of the desk, "" if there is none. `commands` are what people type about each layer. `shape` names
    what else a page depends on, such as hidden columns: a page is made anew if it differs.
    """

    title: Text
    layers: tuple[LayerState, ...]
    runs: tuple[Run, ...]
    older: int = 0
    url: str = ""
    project_url: str = ""
    desk_url: str = ""
    commands: Mapping[str, Commands] = {}
    shape: str = ""

    @property
    def digests(self) -> tuple[str, ...]:
        """What names its layers, in few letters."""
        return tuple(sorted(sha256(layer.name.encode()).hexdigest()[:DIGITS] for layer in self.layers))


class LoggedRun(msgspec.Struct, frozen=True):
    """A whole run, and when file and map agreed before it."""

    run: Run
    last: datetime | None


FetchRun: TypeAlias = Callable[[int], "LoggedRun | None"]
"""Returns the whole run of a number; None if it has gone meanwhile."""
