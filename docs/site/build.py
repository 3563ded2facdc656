"""`make docs`: the pages of docs/, the READMEs and the generated pages as a site, in build/docs/html.

Each language is a site of its own, so that its search knows its words: English at the top, French in fr/. A
page of docs/fr/ is part of the French site by being there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from docs.site.pages import GENERATED, generated
from docs.site.reader import troubles
from docs.site.words import WORDS
from umap_bot.report.language import CODES, Code

ROOT: Final = Path(__file__).parents[2]
BUILD: Final = ROOT / "build" / "docs"
HTML: Final = BUILD / "html"
THEME: Final = Path(__file__).parent / "theme"
ENGLISH: Final = "en"

USE: Final = (
    *("setup", "file", "sources", "spreadsheets", "matching", "ways-in", "manifest", "deploy"),
    *("reading", "proposals", "way-back", "promises", "security", "cost"),
)
REFERENCE: Final = ("reference", "commands", "settings", "errors", "python", "changelog")
DEVELOP: Final = ("architecture", "protocol", "decisions")

_LINK: Final = re.compile(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")


class Home(NamedTuple):
    """Where a page of the repository is on the site."""

    code: Code
    name: str


def homes() -> dict[Path, Home]:
    """Return page of the repository → its home. A page that is there is on the site."""
    found = {Path("CHANGELOG.md"): Home(ENGLISH, "changelog")}
    for code in CODES:
        folder = Path("docs") if code == ENGLISH else Path("docs", code)
        found[Path("README.md" if code == ENGLISH else f"README.{code}.md")] = Home(code, "index")
        found |= {folder / file.name: Home(code, file.stem) for file in sorted((ROOT / folder).glob("*.md"))}
    return found


def sources(code: Code, places: Mapping[Path, Home]) -> dict[str, str]:
    """Return name → Markdown of every page of a language. Raise ValueError if two have one name."""
    pages = {
        home.name: relinked((ROOT / path).read_text(encoding="utf-8"), path, places)
        for path, home in places.items()
        if home.code == code
    }
    if both := sorted(pages.keys() & set(GENERATED[code])):
        message = f"docs/ has a page of the name of a generated one: {both[0]}.md"
        raise ValueError(message)
    pages |= generated(code)
    pages["index"] += "".join(_contents(pages, code))
    return pages


def relinked(text: str, page: Path, places: Mapping[Path, Home]) -> str:
    """Return a page whose links lead where their targets are on the site.

    Of what is no page, a file is there to be loaded down, and a folder has no link.
    """

    def led(link: re.Match[str]) -> str:
        words, target = link.groups()
        if re.match(r"[a-z]+:|#", target):
            return link[0]
        path, _, heading = target.partition("#")
        file = Path(os.path.normpath(page.parent / path))
        if file in places:
            return f"[{words}]({_address(places[page], places[file], heading)})"
        return f"[{words}]({_loaded(file)})" if (ROOT / file).is_file() else words

    return _LINK.sub(led, text)


def _address(here: Home, there: Home, heading: str) -> str:
    part = f"#{heading}" if heading else ""
    if here.code == there.code:
        return f"{there.name}.md{part}"
    folder = "../" if there.code == ENGLISH else f"{there.code}/"
    return f"{'part' if heading else 'page'}:{folder}{there.name}.html{part}"


def _loaded(file: Path) -> str:
    """Return where a file that is no page lies beside the pages; one in Markdown is none of Sphinx's."""
    return Path("files", f"{file}.txt" if file.suffix == ".md" else file).as_posix()


def _contents(pages: Mapping[str, str], code: Code) -> Iterator[str]:
    words, named = WORDS[code], {"index", *USE, *REFERENCE, *DEVELOP}
    more = tuple(sorted(set(pages) - named))
    for title, names in ((words.use, (*USE, *more)), (words.reference, REFERENCE), (words.develop, DEVELOP)):
        if there := [name for name in names if name in pages]:
            yield "\n\n```{toctree}\n:hidden:\n:caption: " + title + "\n\n" + "\n".join(there) + "\n```\n"


def lay(code: Code, places: Mapping[Path, Home]) -> Path:
    """Write the sources of a language, and what they link to; return their folder."""
    folder = BUILD / "source" / code
    folder.mkdir(parents=True)
    for name, text in sources(code, places).items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
        for linked in re.findall(r"\]\(files/([^)]+)\)", text):
            original = ROOT / linked
            target = folder / "files" / linked
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(original if original.exists() else original.with_suffix(""), target)
    return folder


def sphinx(builder: str, code: Code, source: Path) -> int:
    """Have Sphinx build a language; return its exit code. A warning is an error."""
    target = HTML if builder == "html" else BUILD / builder
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", builder, "-c", str(THEME)]
    command += ["-D", f"language={code}", "-d", str(BUILD / "doctrees" / code)]
    command += [word for name, value in _of_other(code).items() for word in ("-A", f"{name}={value}")]
    command += [str(source), str(target if code == ENGLISH else target / code)]
    return subprocess.run(command, check=False).returncode  # noqa: S603  Sphinx, on files of ours


def _of_other(code: Code) -> dict[str, str]:
    """Return what the pages of a language know of the other one's."""
    other = next(each for each in CODES if each != code)
    names = {each: {home.name for home in homes().values() if home.code == each} for each in CODES}
    both = (names[code] | set(GENERATED[code])) & (names[other] | set(GENERATED[other]))
    return {
        "other_language": other,
        "other_name": WORDS[code].other_language,
        "other_home": f"{other}/" if code == ENGLISH else "../",
        "counterparts": ",".join(sorted(both)),
    }


def main() -> int:
    builder = "linkcheck" if "--links" in sys.argv[1:] else "html"
    for made in ("source", "doctrees", builder):
        shutil.rmtree(BUILD / made, ignore_errors=True)
    places = homes()
    codes = [sphinx(builder, code, lay(code, places)) for code in CODES]
    found = troubles(HTML)
    for line in found if any((*codes, found)) else [f"Good: {(BUILD / builder).relative_to(ROOT)}"]:
        print(line)  # noqa: T201  a command
    return max(*codes, bool(found))


if __name__ == "__main__":
    sys.exit(main())
