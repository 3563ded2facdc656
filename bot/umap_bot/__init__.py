"""umap-bot as a library: six names, and nothing else of the package is promised.

`Settings` of one layer, `plan` and `sync` of it, the `Plan` and `Run` that they return, and `BotError`, which
they raise. Every other name, and every module, is private: it may change in any release. docs/python.md shows
the use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from umap_bot.api import BotError, Plan, Run, Settings, plan, sync

__all__ = ["BotError", "Plan", "Run", "Settings", "plan", "sync"]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> Any:
    """Import the six names when one is asked for: the program itself, and its child processes, need none."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from umap_bot import api  # noqa: PLC0415  slow to import

    return getattr(api, name)
