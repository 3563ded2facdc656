"""A kill at the n-th call of a port: before it takes effect, or after."""

from __future__ import annotations

from typing import Any


class Killed(BaseException):
    """The process is gone. No BotError, so that nothing in the run can hold it up."""


class Countdown:
    """Kills at one call, counted over all ports. `calls` is how many there were."""

    def __init__(self, at: int | None = None, *, after: bool = False) -> None:
        self.at = at
        self.after = after
        self.calls = 0

    def around(self, call: Any, *arguments: Any) -> Any:
        self.calls += 1
        if self.calls == self.at and not self.after:
            raise Killed
        answer = call(*arguments)
        if self.calls == self.at:
            raise Killed
        return answer


class Mortal:
    """A port whose calls may kill. Properties are read as they are: reading changes nothing."""

    CALLS = frozenset(
        {"head", "look", "read", "push", "overwritten", "open", "intend", "lost", "applied", "close", "idle"}
    )

    def __init__(self, port: Any, countdown: Countdown) -> None:
        self._port = port
        self._countdown = countdown

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if name not in self.CALLS:
            return found
        return lambda *arguments: self._countdown.around(found, *arguments)
