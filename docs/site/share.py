"""`make manual`: the files under deploy/share/, which the wheel installs under the prefix.

They are committed, so that building a wheel needs nothing but hatchling; the tests say when they are stale.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from docs.site import manual
from umap_bot.cli.commands.completion import script
from umap_bot.report.language import language

SHARE: Final = Path(__file__).parents[2] / "deploy" / "share"


def files() -> dict[str, str]:
    """Return path, below share/, → text of each file."""
    return {
        "man/man1/umap-bot.1": manual.page(language("en")),
        "man/fr/man1/umap-bot.1": manual.page(language("fr")),
        "bash-completion/completions/umap-bot": script("bash"),
        "zsh/site-functions/_umap-bot": script("zsh"),
        "fish/vendor_completions.d/umap-bot.fish": script("fish"),
    }


def main() -> None:
    for path, text in files().items():
        file = SHARE / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
