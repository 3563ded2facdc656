"""What the pages hold, read for the tests: settings with their sentences, commands, links."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from docs.site.settings import all_settings
from umap_bot.report.language import Code

ROOT: Final = Path(__file__).parents[2]
README: Final = ROOT / "README.md"
LANGUAGES: Final[dict[Path, Code]] = {README: "en", ROOT / "README.fr.md": "fr"}
"""What each README is written in, and so what the program answers in where it is carried out."""
LOCALES: Final[dict[Code, str]] = {"en": "en_GB.UTF-8", "fr": "fr_FR.UTF-8"}
READMES: Final = tuple(LANGUAGES)
PAGES: Final = (*READMES, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))

BAR: Final = "\\|"
"""A bar that does not end a cell of a table."""

_LINK: Final = re.compile(r"\]\(([^)\s]+)\)")
_BLOCK: Final = "^```{language}\n(.*?)^```$"
_CODE: Final = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_COMMAND: Final = re.compile(r"umap-bot (?=[a-z-])([^`\n|]*)")
_PROSE: Final = re.compile(r" {2,}| · |[;,:)]|\.(?:\s|$)")


def translations(name: str) -> dict[Code, Path]:
    """Return language → page of docs/ of this name."""
    return {"en": ROOT / "docs" / f"{name}.md", "fr": ROOT / "docs" / "fr" / f"{name}.md"}


def settings_table() -> str:
    """Return the table of docs/settings.md."""
    rows = [
        f"| `{name}` | {f'`{default}`' if default else ''} | {sentence.replace('|', BAR)} |"
        for _, name, default, sentence, *_ in all_settings()
    ]
    return "\n".join(["| setting | default | what it does |", "|---|---|---|", *rows])


def commands(page: Path) -> Iterator[list[str]]:
    """Return what is typed after `umap-bot` in the code of a page, word by word."""
    for code in _CODE.findall(page.read_text(encoding="utf-8")):
        for typed in _COMMAND.findall(code):
            words = _PROSE.split(typed)[0].rstrip("`…")
            yield shlex.split(words.split("#")[0])


def blocks(page: Path, language: str) -> list[str]:
    """Return the code blocks of a page that are in a language."""
    text = page.read_text(encoding="utf-8")
    return re.findall(_BLOCK.format(language=language), text, re.MULTILINE | re.DOTALL)


def without_code(page: Path) -> str:
    """Return the text of a page that is neither a code block nor code in a line."""
    return _CODE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> Iterator[str]:
    """Return the links of a page that lead to a file or a heading."""
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target:
            yield target


def headings(page: Path) -> set[str]:
    """Return the names that headings can be linked by."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
