"""A real git server over HTTP (git http-backend behind a small server of ours): filters, tokens, refusals."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dataset.conftest import Upstream
from tests.dataset.servers import Server, running
from umap_bot.dataset.git.repository import Repository
from umap_bot.errors import GitError

TOKEN = "glpat-hunter2 $(touch /tmp/x) 'quoted' \"twice\" %s"


@pytest.fixture
def server(upstream: Upstream) -> Iterator[Server]:
    upstream.git("config", "http.receivepack", "false")
    with running(Server(upstream.folder.parent)) as server:
        yield server


def test_only_the_file_is_fetched_where_the_server_can_filter(
    upstream: Upstream, server: Server, cache: Path
) -> None:
    upstream.git("config", "uploadpack.allowFilter", "true")
    sha = upstream.commit({"a.csv": "id\na\n", "photo.tif": os.urandom(2**20)})
    repository = Repository(server.url, cache)
    assert repository.read(repository.head().sha, "a.csv")[1] == b"id\na\n"
    assert sum(path.stat().st_size for path in cache.rglob("*")) < 2**19
    asked = len(server.asked)
    assert repository.read(sha, "a.csv")[1] == b"id\na\n"
    assert len(server.asked) == asked


def test_head_is_one_listing(upstream: Upstream, server: Server, cache: Path) -> None:
    sha = upstream.commit({"a.csv": "id\n"})
    assert Repository(server.url, cache).head().sha == sha
    assert len([path for path in server.asked if "info/refs" in path]) == 1


@pytest.mark.parametrize("filters", ["true", "false"])
def test_a_server_of_the_first_protocol_gives_old_commits_too(
    upstream: Upstream, server: Server, cache: Path, filters: str
) -> None:
    """It refuses commits and files that are not the tip of a ref: all of the history has them."""
    server.speaks_v2 = False
    upstream.git("config", "uploadpack.allowFilter", filters)
    old = upstream.commit({"a.csv": "id\nold\n"})
    new = upstream.commit({"a.csv": "id\nnew\n"})
    repository = Repository(server.url, cache)
    assert repository.read(new, "a.csv")[1] == b"id\nnew\n"
    assert repository.read(old, "a.csv")[1] == b"id\nold\n"
    assert [version.commit.sha for version in repository.history(new, "a.csv")] == [new, old]


def test_the_token_is_sent_when_asked_for_and_stands_nowhere(
    upstream: Upstream, server: Server, cache: Path
) -> None:
    sha = upstream.commit({"a.csv": "id\n"})
    server.wanted = f"x-access-token:{TOKEN}"
    repository = Repository(server.url, cache, token=TOKEN)
    assert repository.read(repository.head().sha, "a.csv")[0].sha == sha
    assert server.wanted in server.seen
    stored = b"".join(path.read_bytes() for path in cache.rglob("*") if path.is_file())
    assert b"hunter2" not in stored
    assert "hunter2" not in repr(repository)


def test_the_name_in_the_address_is_the_login(upstream: Upstream, server: Server, cache: Path) -> None:
    sha = upstream.commit({"a.csv": "id\n"})
    server.wanted = f"deploy:{TOKEN}"
    url = server.url.replace("http://", "http://deploy@")
    assert Repository(url, cache, token=TOKEN).head().sha == sha


def test_a_wrong_token_is_told_without_it(upstream: Upstream, server: Server, cache: Path) -> None:
    upstream.commit({"a.csv": "id\n"})
    server.wanted = "x-access-token:another"
    for token in ("", TOKEN):
        with pytest.raises(GitError, match="requires a login") as caught:
            Repository(server.url, cache, token=token).head()
        assert "hunter2" not in str(caught.value)


def test_the_users_own_credential_helper_is_in_force(upstream: Upstream, server: Server, cache: Path) -> None:
    sha = upstream.commit({"a.csv": "id\n"})
    server.wanted = "ada:secret"
    config = Path(os.environ["HOME"]) / ".gitconfig"
    config.write_text("[credential]\n\thelper = \"!printf 'username=ada\\npassword=secret\\n' #\"\n")
    assert Repository(server.url, cache).head().sha == sha


def test_a_redirect_takes_nothing_elsewhere(upstream: Upstream, server: Server, cache: Path) -> None:
    upstream.commit({"a.csv": "id\n"})
    with Server(upstream.folder.parent) as other:
        server.moved = other.url.removesuffix("/upstream")
        with pytest.raises(GitError, match="has moved"):
            Repository(server.url, cache, token=TOKEN).head()
        assert other.seen == []


def test_a_repository_that_is_not_there(server: Server, cache: Path) -> None:
    with pytest.raises(GitError, match="does not exist or requires a login"):
        Repository(f"{server.url}-not", cache).head()


def test_a_server_that_never_answers_is_left(upstream: Upstream, cache: Path) -> None:
    import socket  # noqa: PLC0415  only here: the tests' network guard looks at module level

    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/x"
        with pytest.raises(GitError, match="git did not finish within 1 s"):
            Repository(url, cache, timeout=1.0).head()
