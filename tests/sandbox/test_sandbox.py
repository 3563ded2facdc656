"""The sandbox itself: it starts, beside others, and says what failed."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.sandbox.life import run_folders
from umap_bot.errors import SandboxError
from umap_bot.sandbox import postgres, processes, web
from umap_bot.sandbox.cache import cache_folder
from umap_bot.sandbox.maps import new_map
from umap_bot.sandbox.prepare import Prepared
from umap_bot.sandbox.server import Sandbox


def test_three_sandboxes_side_by_side(umap: Sandbox, prepared: Prepared) -> None:
    """And the first maps of one may be made at the same time: uMap stumbles over that if left to itself."""
    with Sandbox(prepared) as one, Sandbox(prepared) as other, ThreadPoolExecutor(4) as pool:
        for made in pool.map(lambda name: new_map(other.url, name), "ABCD"):
            assert made.id <= 4
            made.close()
        with new_map(one.url, "The first here") as first, new_map(umap.url, "Another") as another:
            assert first.id == 1
            assert first.edit_link.startswith(one.url)
            stolen = another.edit_link.replace(umap.url, one.url)
            assert first.session.get(stolen, timeout=10).status_code == HTTPStatus.FORBIDDEN
        assert len({umap.url, one.url, other.url}) == 3
        assert len({umap.folder, one.folder, other.folder}) == 3
    umap.check()


def test_sandbox_that_does_not_come_up_leaves_nothing(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "THREADS", "none")
    sandbox = Sandbox(prepared)
    with (
        run_folders() as made,
        pytest.raises(SandboxError, match=r"^uMap could not be started.*see .*web\.log"),
    ):
        sandbox.start()
    assert [folder.exists() for folder in made] == [False]


def test_port_taken_by_another_program_is_left_to_it(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = postgres.free_port
    with web.listening() as taken:
        ports = iter([taken.getsockname()[1], free()])
        monkeypatch.setattr(postgres, "free_port", lambda: next(ports))
        with Sandbox(prepared) as sandbox:
            assert sandbox.url
    assert next(ports, None) is None


def test_missing_postgresql_is_named(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="No PostgreSQL was found") as caught:
        postgres.programs(tmp_path, tmp_path)
    assert "Install PostgreSQL" in caught.value.way_out


def test_cache_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SandboxError, match="No folder for the sandbox could be created"):
        cache_folder(tmp_path / "file")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
@pytest.mark.parametrize("how", ["owner", "link", "mode"])
def test_a_folder_that_others_can_put_away_is_none_of_ours(tmp_path: Path, how: str) -> None:
    """Whoever owns a folder on the way can rename ours, and put one of theirs in its place."""
    place = tmp_path / "umap-bot-0"
    cache = place / "cache"
    cache.mkdir(parents=True, mode=0o755)
    if how == "owner":
        os.chown(place, 12345, 12345)
    elif how == "mode":
        place.chmod(0o777)
    else:
        (place / "link").symlink_to(cache)
        os.chown(place / "link", 12345, 12345, follow_symlinks=False)
        cache = place / "link"
    with pytest.raises(SandboxError, match=r"belongs to another user|anyone can write to"):
        cache_folder(cache)
    assert list((place / "cache").iterdir()) == []


@pytest.mark.parametrize("home", ["", None], ids=["empty", "missing"])
def test_home_is_not_needed(home: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name)
        if home is not None:
            monkeypatch.setenv(name, home)
    assert cache_folder().is_absolute()


def test_children_see_nothing_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UMAP_PASSWORD", "DATASET_TOKEN", "PIP_USER", "PYTHONPATH", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.setenv(name, "ours")
    for name in ("https_proxy", "PIP_INDEX_URL", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE"):
        monkeypatch.setenv(name, "theirs")
    assert "ours" not in processes.pip_environment().values()
    assert list(processes.pip_environment().values()).count("theirs") == 5
    assert set(processes.plain_environment()) == {"PATH", "LC_ALL", "TZ"}
