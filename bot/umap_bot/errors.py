"""Every expected failure, and the exit code that it ends in.

    BotError
    ├── Bug               1   nobody foresaw it: a trace in a file, one line to read
    ├── LayerBusy         5   another run has the layer
    ├── SettingsError    10   a setting is missing, unknown or wrong
    ├── DatasetError     11   the file can't be used as it is
    ├── GitError         12   the repository can't be read
    │   └── CommitGone   12   it does not have this commit (any more)
    ├── SourceError      16   the table at DATASET_URL can't be fetched, or is no table
    │   ├── SourceLocked 16   it is not shown without a key, or not with this one
    │   └── SourceHeld    3   it has far fewer rows than before: a person is asked
    ├── RefusedError     13   uMap refuses: login, rights, protocol
    │   ├── GoneError    13   the map or the layer is not there (any more), or not shown
    │   └── SessionEnded 13   uMap does not know the browser's session (any more)
    ├── UnreachableError 14   no answer, or none that can be understood
    ├── StateError       15   the state database can't be used
    ├── UsageError       64   the command was used wrongly
    └── SandboxError     70   the uMap on this machine can't be prepared or started

Not errors, but codes all the same: 0 done or nothing to do, 2 changes (plan), 3 held, 4 the map kept
changing, 6 not healthy.
"""

from __future__ import annotations

from typing import ClassVar

from umap_bot.text import NOTHING, Text, joined


class BotError(Exception):
    """A failure that a person can act on: one line of what is wrong, and the way out of it.

    Neither text may hold a secret: both are printed and written to the change log.
    """

    code: ClassVar[int] = 1

    def __init__(self, message: Text, *, way_out: Text = NOTHING) -> None:
        super().__init__(message)
        self.message = message
        self.way_out = way_out

    @property
    def text(self) -> Text:
        """Both, as one text that can be said in other languages."""
        return joined((self.message, self.way_out)) if self.way_out else self.message

    def __str__(self) -> str:
        return str(self.text)


class Bug(BotError):  # noqa: N818  it is one of ours, and told as that
    """An error that nobody foresaw, told as one that was: it ends one layer's run, and not the others'."""


class LayerBusy(BotError):  # noqa: N818  it is a state of affairs, read as a word in the log
    code = 5


class SettingsError(BotError):
    code = 10


class DatasetError(BotError):
    code = 11


class GitError(BotError):
    code = 12


class CommitGone(GitError):  # noqa: N818  it is told to people, who may have rewritten history on purpose
    pass


class SourceError(BotError):
    code = 16


class SourceLocked(SourceError):  # noqa: N818  it is told to people, who have the key
    """The source does not show its table without a key, or not with the one that it got."""


class SourceHeld(SourceError):  # noqa: N818  it is a question
    """A table that a person has to accept first; `approval` is the code that does it."""

    code = 3

    def __init__(self, message: Text, approval: str, *, way_out: Text = NOTHING) -> None:
        super().__init__(message, way_out=way_out)
        self.approval = approval


class RefusedError(BotError):
    code = 13


class GoneError(RefusedError):
    """The map or the layer is not there (any more), or not shown."""


class SessionEnded(RefusedError):  # noqa: N818  it is told to people, who log in again
    """uMap does not know the session that the bot was given (any more)."""


class UnreachableError(BotError):
    code = 14


class StateError(BotError):
    code = 15


class UsageError(BotError):
    code = 64


class SandboxError(BotError):
    code = 70
