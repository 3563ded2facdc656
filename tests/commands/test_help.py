"""`--help`: every command says in a sentence what it does, and every exit code is named."""

from __future__ import annotations

import re

import pytest

from umap_bot import errors
from umap_bot.cli.main import COMMANDS, MEANINGS, run
from umap_bot.model.run import EXIT


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_has_help(command: str, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, option]) == 0
    told = capsys.readouterr()
    assert told.out.startswith(f"Usage: umap-bot {command} ")
    assert told.err == ""


def test_the_help_names_every_command_and_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    for name, sentence in COMMANDS.items():
        assert f"{name} {sentence}" in told
    for code, meaning in MEANINGS.items():
        assert f"{code} {meaning}" in told


def test_every_code_has_a_meaning() -> None:
    known = {kind.code for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "code")}
    assert known | set(EXIT.values()) <= {0, *MEANINGS}


def test_every_code_of_a_command_s_help_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        run([command, "--help"])
        told = capsys.readouterr().out.partition("Exit code:")[2]
        assert {int(code) for code in re.findall(r"(?:^|· )\s*(\d+) ", told)} <= {0, *MEANINGS}


WRONG = [
    ["foo"],
    ["--foo"],
    ["sync", "--foo"],
    ["sync", "extra"],
    ["approve"],
    ["show"],
    ["show", "x"],
    ["show", "0"],
    ["sync", "--approve"],
    ["sandbox", "x"],
]


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_use_is_64(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words) == 64
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.endswith("\nexit code 64: wrong usage\n")


def test_no_command_is_64_and_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 64
    told = capsys.readouterr()
    assert told.out == ""
    assert "Commands:" in told.err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert re.fullmatch(r"umap-bot, version \d+\.\d+\.\d+\n", capsys.readouterr().out)
