"""`umap-bot completion`: what a shell is told when somebody presses Tab."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from umap_bot.cli.commands.completion import SHELLS, VARIABLE
from umap_bot.cli.main import COMMANDS, Commands, run

Captured = pytest.CaptureFixture[str]


def completed(words: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what would be offered for the last of some words, as the script asks for it."""
    monkeypatch.setenv(VARIABLE, "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
    with pytest.raises(SystemExit) as ended:
        run([])
    assert ended.value.code == 0
    return [line.partition(",")[2] for line in capsys.readouterr().out.split()]


def test_commands_are_completed_and_none_is_imported(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Commands, "get_command", None)
    assert completed("umap-bot ", capsys, monkeypatch) == list(COMMANDS)
    assert completed("umap-bot sh", capsys, monkeypatch) == ["show"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("umap-bot sync --ap", ["--approve"]),
        ("umap-bot state ", ["backup", "compact", "restore"]),
        ("umap-bot plan --format m", ["markdown"]),
        ("umap-bot completion ", list(SHELLS)),
        ("umap-bot nothing ", list(COMMANDS)),
    ],
)
def test_what_belongs_to_a_command_is_completed(
    words: str, offered: list[str], capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert completed(words, capsys, monkeypatch) == offered


def test_the_help_of_commands_is_in_the_language_of_the_user(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    monkeypatch.setenv(VARIABLE, "zsh_complete")
    monkeypatch.setenv("COMP_WORDS", "umap-bot lo")
    monkeypatch.setenv("COMP_CWORD", "1")
    with pytest.raises(SystemExit):
        run([])
    assert "Lister les passages, le plus récent d'abord." in capsys.readouterr().out


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_of_the_shell(shell: str, capsys: Captured) -> None:
    assert run(["completion", shell]) == 0
    told = capsys.readouterr()
    assert f"{VARIABLE}={shell}_complete" in told.out
    assert told.err == ""
    if program := shutil.which(shell):
        subprocess.run([program, "-n"], input=told.out, text=True, check=True)


def test_bash_completes_with_the_script(tmp_path: Path, capsys: Captured) -> None:
    run(["completion", "bash"])
    script = tmp_path / "umap-bot.sh"
    script.write_text(capsys.readouterr().out, encoding="utf-8")
    program = tmp_path / "umap-bot"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m umap_bot "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    pressed = (
        f"source {script}; COMP_WORDS=(umap-bot sync --ap); COMP_CWORD=2; "
        '_umap_bot_completion umap-bot; echo "${COMPREPLY[@]}"'
    )
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["bash", "--norc", "-c", pressed], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["--approve"]
