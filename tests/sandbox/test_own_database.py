"""A database of one's own: how it is named, and which ones are refused. (`make test-postgis` works on one.)

The refusals are seen on the PostgreSQL of a running sandbox, which has everything but PostGIS.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import psycopg
import pytest

from tests.sandbox.life import run_folders
from umap_bot.errors import SandboxError
from umap_bot.sandbox.database import Database, own_database
from umap_bot.sandbox.prepare import Prepared
from umap_bot.sandbox.server import Sandbox

SECRET = "p@ss/w0rd#?"


@pytest.fixture(scope="module")
def server(prepared: Prepared) -> Iterator[str]:
    """The beginning of a URL, up to the database's name."""
    with Sandbox(prepared) as sandbox:
        port = json.loads((sandbox.folder / "place.json").read_text("utf-8"))["database"]["PORT"]
        yield f"postgresql://postgres:{quote(prepared.password)}@127.0.0.1:{port}"


@pytest.fixture
def empty(server: str, request: pytest.FixtureRequest) -> str:
    """The URL of an empty database."""
    name = f"d{abs(hash(request.node.name))}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    return f"{server}/{name}"


def tables(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND oid > 16383 ORDER BY 1"
        )
        return [str(name) for (name,) in found]


def refusal(prepared: Prepared, url: str) -> SandboxError:
    """Why a sandbox does not start on a database. It leaves no folder."""
    sandbox = Sandbox(prepared, database=own_database(url))
    with run_folders() as made, pytest.raises(SandboxError) as caught:
        sandbox.start()
    assert prepared.password not in str(caught.value)
    assert [folder.exists() for folder in made] == [False]
    return caught.value


def test_a_url_is_read() -> None:
    read = own_database(
        f"postgresql://anna:{quote(SECRET, safe='')}@db.example.org:5433/maps?sslmode=require"
    )
    assert (read.host, read.port, read.name, read.user, read.password) == (
        "db.example.org",
        5433,
        "maps",
        "anna",
        SECRET,
    )
    assert read.django()["OPTIONS"] == {"sslmode": "require"}
    assert str(read) == "maps (db.example.org:5433)"
    assert SECRET not in repr(read)


def test_a_socket_and_a_password_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", SECRET)
    read = own_database("postgres://anna@/maps?host=/run/postgresql")
    assert (read.host, read.port, read.password) == ("/run/postgresql", 0, SECRET)
    assert read.django()["PORT"] == ""


@pytest.mark.parametrize(
    "url",
    [
        SECRET,
        f"mysql://anna:{SECRET}@host/maps",
        f"postgresql://anna:{SECRET}@host:port/maps",
        f"postgresql://:{SECRET}@host/maps",
        f"postgresql://anna:{SECRET}@host",
        f"sqlite:///{SECRET}",
        f"postgresql://[{SECRET}@host/maps",
    ],
)
def test_what_is_no_url_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(SandboxError, match="That is not the URL of a PostGIS database") as caught:
        own_database(url)
    assert "w0rd" not in f"{caught.value}{caught.value.__cause__}"
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_database_that_holds_tables_is_left_as_it_is(prepared: Prepared, server: str, empty: str) -> None:
    with psycopg.connect(empty) as connection:
        connection.execute("CREATE TABLE people (name text)")
        connection.execute("CREATE SCHEMA town CREATE VIEW streets AS SELECT 1 AS one")
    said = refusal(prepared, empty)
    assert "has 2 tables that no sandbox created (people, town.streets)" in said.message
    assert said.way_out == "Use a separate, empty database."
    assert tables(empty) == ["people"]


def test_a_umap_that_no_sandbox_made_is_left_as_it_is(prepared: Prepared, server: str) -> None:
    """Its tables have the right names, and somebody's maps in them."""
    before = tables(f"{server}/postgres")
    assert "umap_map" in before
    assert "tables that no sandbox created (" in refusal(prepared, f"{server}/postgres").message
    assert tables(f"{server}/postgres") == before


def test_a_server_without_postgis_is_named(prepared: Prepared, empty: str) -> None:
    said = refusal(prepared, empty)
    assert 'can\'t be used: extension "postgis" is not available. ' in f"{said.message} "
    assert "CREATE EXTENSION postgis" in said.way_out
    assert tables(empty) == []


def test_another_release_of_the_sandbox_is_named(prepared: Prepared, empty: str) -> None:
    with psycopg.connect(empty) as connection:
        connection.execute("CREATE TABLE umap_bot_sandbox AS SELECT '0.1' AS release")
    assert refusal(prepared, empty).message.endswith("was made for uMap 0.1.")


def test_a_wrong_password_is_told_without_any(prepared: Prepared, server: str) -> None:
    said = refusal(
        prepared, f"postgresql://postgres:{quote(SECRET, safe='')}@{server.partition('@')[2]}/postgres"
    )
    assert "password authentication failed" in said.message
    assert "w0rd" not in str(said)


def test_a_server_that_is_not_there_is_named(prepared: Prepared) -> None:
    said = refusal(prepared, "postgresql://anna@127.0.0.1:9/maps")
    assert said.message.startswith("The database maps (127.0.0.1:9) can't be reached: ")
    assert isinstance(said, SandboxError)


def test_what_django_is_told() -> None:
    assert Database("engine", "host", 1, "name", "user", "secret").django() == {
        "ENGINE": "engine",
        "HOST": "host",
        "PORT": 1,
        "NAME": "name",
        "USER": "user",
        "PASSWORD": "secret",
        "OPTIONS": {},
    }
