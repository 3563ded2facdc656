"""The wheel: the package, what it shares, and nothing beside; it works without the checkout.

`make test-wheel` installs it as people do.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import pytest

from docs.site.share import files
from tests.deploy.repository import ROOT, run

PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
VERSION: Final = str(PROJECT["project"]["version"])
PACKAGE: Final = ROOT / "bot" / "umap_bot"
SCRIPT: Final = """
import sys
from importlib.metadata import distribution
from umap_bot.demo import data_file

print(data_file("cites.csv"), data_file("hand-made.geojson"), flush=True)
(script,) = distribution("umap-bot").entry_points
sys.argv = [script.name, "--version"]
script.load()()
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZipFile]:
    """What `pip wheel` has made of it."""
    folder = tmp_path_factory.mktemp("wheel")
    run((sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder), ROOT)
    (made,) = folder.glob("*.whl")
    with ZipFile(made) as wheel:
        yield wheel


@pytest.fixture
def site(wheel: ZipFile, tmp_path: Path) -> Path:
    """The folder that pip would unpack it to."""
    wheel.extractall(tmp_path)
    return tmp_path


def test_it_holds_the_package_its_data_and_what_it_shares(wheel: ZipFile) -> None:
    """No tests, nothing else of the checkout, nothing at its top that could be somebody else's."""
    about, shared = f"umap_bot-{VERSION}.dist-info", f"umap_bot-{VERSION}.data/data/share/"
    names = [name for name in wheel.namelist() if not name.startswith(shared)]
    assert {name.removeprefix(shared) for name in {*wheel.namelist()} - {*names}} == {*files()}
    assert {name.partition("/")[0] for name in names} == {"umap_bot", about}
    ours = [file.relative_to(PACKAGE.parent) for file in PACKAGE.rglob("*") if file.is_file()]
    data = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"].values()
    assert sorted(name for name in names if not name.startswith(about)) == sorted(
        [*(file.as_posix() for file in ours if "__pycache__" not in file.parts), *data]
    )


@pytest.mark.parametrize("words", [("-m", "umap_bot", "--version"), ("-c", SCRIPT)], ids=["module", "script"])
def test_it_works_without_the_checkout(words: tuple[str, str], site: Path) -> None:
    said = run((sys.executable, *words), site, {"PYTHONPATH": str(site)}).stdout
    assert said.splitlines()[-1] == f"umap-bot, version {VERSION}"
    assert said.count(f"{site}/umap_bot/demo_data/") == 2 * ("-c" in words)
