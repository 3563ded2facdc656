"""Servers as they are on a bad day: behind TLS and proxies, silent, slow, cut off, asked by two at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.dataset.conftest import Upstream
from tests.dataset.servers import TLS, Proxy, Server, processes_in, running
from tests.dataset.test_hostile import is_gone
from umap_bot.dataset.git.clone import Clone
from umap_bot.dataset.git.repository import Repository
from umap_bot.errors import GitError

TOKEN = "glpat-hunter2"
Write = Callable[[bytes], object]


@pytest.fixture
def server(upstream: Upstream) -> Iterator[Server]:
    with running(Server(upstream.folder.parent)) as server:
        yield server


@pytest.fixture
def secure(upstream: Upstream) -> Iterator[Server]:
    with running(Server(upstream.folder.parent, secure=True)) as server:
        yield server


# TLS and proxies


def test_a_token_over_tls_by_an_authority_of_the_users_own(
    upstream: Upstream, secure: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = upstream.commit({"a.csv": "id\n"})
    secure.wanted = f"x-access-token:{TOKEN}"
    monkeypatch.setenv("GIT_SSL_CAINFO", str(TLS / "ca.pem"))
    assert Repository(secure.url, cache, token=TOKEN).read(sha, "a.csv")[1] == b"id\n"
    assert secure.wanted in secure.seen


def test_the_users_own_git_configuration_names_the_authority(
    upstream: Upstream, secure: Server, cache: Path
) -> None:
    sha = upstream.commit({"a.csv": "id\n"})
    config = Path(os.environ["HOME"]) / ".gitconfig"
    config.write_text(f"[http]\n\tsslCAInfo = {TLS / 'ca.pem'}\n")
    assert Repository(secure.url, cache).head().sha == sha


@pytest.mark.parametrize("authority", [None, "/nowhere/ca.pem"])
def test_a_certificate_that_nobody_vouches_for_gets_no_token(
    upstream: Upstream,
    secure: Server,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    authority: str | None,
) -> None:
    upstream.commit({"a.csv": "id\n"})
    if authority:
        monkeypatch.setenv("GIT_SSL_CAINFO", authority)
    with pytest.raises(GitError, match=r"The certificate of .* is not trusted") as caught:
        Repository(secure.url, cache, token=TOKEN).head()
    assert "GIT_SSL_CAINFO" in caught.value.way_out
    assert secure.seen == []


def test_a_certificate_for_another_name(
    upstream: Upstream, secure: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.commit({"a.csv": "id\n"})
    monkeypatch.setenv("GIT_SSL_CAINFO", str(TLS / "ca.pem"))
    with Proxy(secure.port) as proxy:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(GitError, match="certificate"):
            Repository("https://git.example.com/upstream", cache, token=TOKEN).head()
    assert secure.seen == []


def test_https_goes_through_the_proxy_which_learns_nothing(
    upstream: Upstream, secure: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = upstream.commit({"a.csv": "id\nsomething\n"})
    secure.wanted = f"x-access-token:{TOKEN}"
    monkeypatch.setenv("GIT_SSL_CAINFO", str(TLS / "ca.pem"))
    with Proxy(secure.port) as proxy:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
        data = Repository("https://git.example.org/upstream", cache, token=TOKEN).read(sha, "a.csv")[1]
    assert data == b"id\nsomething\n"
    assert set(proxy.connected) == {"git.example.org:443"}
    assert TOKEN.encode() not in proxy.passed
    assert b"Basic" not in proxy.passed


def test_http_goes_through_the_proxy(
    upstream: Upstream, server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = upstream.commit({"a.csv": "id\n"})
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.port}")
    assert Repository("http://git.example.org/upstream", cache).head().sha == sha


def test_a_proxy_that_is_away(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(GitError, match=r"can't be reached .*the proxy\."):
        Repository("https://git.example.org/upstream", cache).head()


def test_a_redirect_to_another_host_never_sees_the_token(
    upstream: Upstream, secure: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first host is given the token, and then sends git elsewhere."""
    sha = upstream.commit({"a.csv": "id\n"})
    monkeypatch.setenv("GIT_SSL_CAINFO", str(TLS / "ca.pem"))
    secure.wanted = f"x-access-token:{TOKEN}"
    repository = Repository(secure.url, cache, token=TOKEN)
    assert repository.head().sha == sha
    with running(Server(upstream.folder.parent, secure=True)) as other:
        secure.moved = f"https://localhost:{other.port}"
        with pytest.raises(GitError, match=r"has moved.*set DATASET_REPO") as caught:
            repository.read(sha, "a.csv")
        assert other.seen == []
    assert caught.value.code == 12


# Silence


def half(write: Write, content: bytes) -> None:
    write(content[: len(content) // 2])


class Held:
    """Holds an answer until the test lets it go; `began` tells that somebody waits for it."""

    def __init__(self, before: Callable[[Write, bytes], None] = lambda write, content: None) -> None:
        self.began = threading.Event()
        self.let_go = threading.Event()
        self._before = before

    def __call__(self, write: Write, content: bytes) -> None:
        self._before(write, content)
        self.began.set()
        self.let_go.wait(60)


def trickle(write: Write, content: bytes) -> None:
    """One byte after the other, far slower than the whole would need."""
    for byte in content[:200]:
        write(bytes([byte]))
        time.sleep(0.05)  # the slow server itself, not a wait of the test


@pytest.mark.parametrize("before", [lambda write, content: None, half, trickle])
def test_a_server_that_falls_silent_in_the_middle_is_left_and_no_child_with_it(
    upstream: Upstream, server: Server, cache: Path, before: Callable[[Write, bytes], None]
) -> None:
    sha = upstream.commit({"a.csv": "id\n", "photo.tif": os.urandom(2**16)})
    server.stall = held = Held(before)
    with pytest.raises(GitError, match=r"git did not finish within 0\.5 s") as caught:
        Repository(server.url, cache, timeout=0.5).read(sha, "a.csv")
    assert caught.value.code == 12
    assert all(map(is_gone, processes_in(cache)))
    held.let_go.set()
    server.stall = None
    assert Repository(server.url, cache).read(sha, "a.csv")[1] == b"id\n"


def test_an_answer_that_is_cut_off_is_no_answer(upstream: Upstream, server: Server, cache: Path) -> None:
    sha = upstream.commit({"a.csv": "id\n", "photo.tif": os.urandom(2**16)})

    def cut(write: Write, content: bytes) -> None:
        half(write, content)
        raise ConnectionAbortedError

    server.stall = cut
    with pytest.raises(GitError, match="can't be reached"):
        Repository(server.url, cache).read(sha, "a.csv")
    server.stall = None
    assert Repository(server.url, cache).read(sha, "a.csv")[1] == b"id\n"


READ = """
import signal, sys
from pathlib import Path
from umap_bot.dataset.git.repository import Repository
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
url, cache, sha, token = sys.argv[1:]
sys.stdout.buffer.write(Repository(url, Path(cache), token=token).read(sha, "a.csv")[1])
"""


def reader(url: str, cache: Path, sha: str, token: str = "") -> subprocess.Popen[bytes]:
    """A process of its own that reads a file."""
    return subprocess.Popen([sys.executable, "-c", READ, url, cache, sha, token], stdout=subprocess.PIPE)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_killed_in_the_middle_of_a_fetch_it_leaves_no_child_and_the_next_run_works(
    upstream: Upstream, server: Server, cache: Path, how: signal.Signals
) -> None:
    sha = upstream.commit({"a.csv": "id\n", "photo.tif": os.urandom(2**16)})
    server.stall = held = Held(half)
    with reader(server.url, cache, sha) as bot:
        assert held.began.wait(30)
        children = set(processes_in(cache)) - {bot.pid}
        assert len(children) >= 2
        bot.send_signal(how)
        bot.wait(10)
    assert all(map(is_gone, children))
    held.let_go.set()
    server.stall = None
    assert Repository(server.url, cache).read(sha, "a.csv")[1] == b"id\n"


# Secrets


def test_no_process_has_the_token_among_its_arguments(
    upstream: Upstream, server: Server, cache: Path
) -> None:
    """Looked at while the server holds its answer to the very request that brought the token."""
    sha = upstream.commit({"a.csv": "id\n"})
    server.wanted = f"x-access-token:{TOKEN}"
    seen: list[tuple[bytes, bytes]] = []

    def look(path: str) -> None:
        if server.seen[-1] == server.wanted:
            seen.extend(processes_in(cache).values())

    server.gate = look
    assert Repository(server.url, cache, token=TOKEN).read(sha, "a.csv")[1] == b"id\n"
    lines = [line for line, _ in seen]
    assert any(b"git-remote-http" in line or b"remote-http" in line for line in lines)
    assert not any(b"hunter2" in line for line in lines)


# Two at once


def test_many_at_once_share_one_copy(upstream: Upstream, server: Server, cache: Path) -> None:
    """Processes, as cron and a person's hand start them, on a cache that is not there yet."""
    shas = [upstream.commit({"a.csv": f"id\n{number}\n"}) for number in range(4)]
    readers = [reader(server.url, cache, sha) for sha in shas]
    said = [bot.communicate(timeout=60)[0] for bot in readers]
    assert said == [f"id\n{number}\n".encode() for number in range(4)]
    assert len(list(cache.glob("*.git"))) == 1


def test_threads_share_one_copy(upstream: Upstream, server: Server, cache: Path) -> None:
    sha = upstream.commit({"a.csv": "id\n", "b.csv": "id\nb\n"})
    repository = Repository(server.url, cache)
    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(lambda path: repository.read(sha, path)[1], ["a.csv", "b.csv"] * 4))
    assert read == [b"id\n", b"id\nb\n"] * 4


def test_what_another_took_away_meanwhile_is_a_damaged_copy() -> None:
    """git has seen the object's size, and then does not find it."""
    assert Clone(Path("cache"), "url").is_damaged(
        "fatal: git cat-file 3aea1a91a734c877eeb02505972372444e94d6ab: bad file\n"
    )


def test_many_who_find_the_copy_damaged_make_it_anew_once(upstream: Upstream, cache: Path) -> None:
    old = upstream.commit({"a.csv": "id\nold\n"})
    new = upstream.commit({"a.csv": "id\nnew\n"})

    def read(sha: str) -> bytes:
        return Repository(str(upstream.folder), cache).read(sha, "a.csv")[1]

    for _ in range(3):
        read(new)
        [copy] = cache.glob("*.git")
        for pack in copy.glob("objects/pack/*.pack"):
            pack.chmod(0o600)
            pack.write_bytes(pack.read_bytes()[:-30])
        with ThreadPoolExecutor(6) as pool:
            assert list(pool.map(read, [new, old] * 3)) == [b"id\nnew\n", b"id\nold\n"] * 3


# Much


def test_a_thousand_branches_and_ten_thousand_commits_cost_no_more(
    upstream: Upstream, server: Server, cache: Path
) -> None:
    """The listing asks for one ref, the fetch for one commit; a wrong name is answered with the nearest."""
    upstream.git("config", "uploadpack.allowFilter", "true")
    upstream.git("fast-import", "--quiet", stdin=b"".join(history(10_000)))
    refs = "".join(f"create refs/heads/team/{number} main\n" for number in range(1_000))
    upstream.git("update-ref", "--stdin", stdin=refs.encode())
    repository = Repository(server.url, cache)
    head = repository.head()
    assert repository.read(head.sha, "a.csv")[1] == b"id\n9999\n"
    assert sum(path.stat().st_size for path in cache.rglob("*")) < 2**17
    with pytest.raises(GitError, match=r"Set DATASET_REF to one of: team/999, .*, …\.$") as caught:
        Repository(server.url, cache, ref="team/9999").head()
    assert len(str(caught.value)) < 400


def history(commits: int) -> Iterator[bytes]:
    """A long history for git fast-import."""
    for number in range(commits):
        data = b"id\n%d\n" % number
        yield b"commit refs/heads/main\ncommitter A <a@b> %d +0000\ndata 1\nx" % (10**9 + number)
        yield b"\nM 100644 inline a.csv\ndata %d\n%s\n" % (len(data), data)
