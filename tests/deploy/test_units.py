"""The units start what is there, can do only what they need, and stop gently. deploy/check asks systemd."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.deploy.repository import DEPLOY
from tests.deploy.typed import is_there
from tests.deploy.units import Unit
from umap_bot.cli.main import MEANINGS
from umap_bot.run.job import DEADLINE

UNITS = DEPLOY / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
each_service = pytest.mark.parametrize("file", SERVICES, ids=lambda file: str(file.name))

YES = [
    "DynamicUser",
    "LockPersonality",
    "MemoryDenyWriteExecute",
    "NoNewPrivileges",
    "PrivateDevices",
    "PrivateTmp",
    "PrivateUsers",
    "ProtectClock",
    "ProtectControlGroups",
    "ProtectHome",
    "ProtectHostname",
    "ProtectKernelLogs",
    "ProtectKernelModules",
    "ProtectKernelTunables",
    "RemoveIPC",
    "RestrictNamespaces",
    "RestrictRealtime",
    "RestrictSUIDSGID",
]
EXACT = {
    "AmbientCapabilities": [""],
    "CapabilityBoundingSet": [""],
    "ProtectProc": ["invisible"],
    "ProtectSystem": ["strict"],
    "RestrictAddressFamilies": ["AF_INET AF_INET6 AF_UNIX"],
    "StateDirectory": ["umap-bot"],
    "CacheDirectory": ["umap-bot"],
    "SystemCallArchitectures": ["native"],
    "SystemCallFilter": ["@system-service", "~@privileged @resources"],
    "UMask": ["0077"],
}


def _seconds(span: str) -> int:
    ((number, unit),) = re.findall(r"^(\d+)(s|min|h)$", span)
    return int(number) * {"s": 1, "min": 60, "h": 3600}[unit]


@each_service
def test_it_can_do_only_what_it_needs(file: Path) -> None:
    service = Unit(file)["Service"]
    assert [name for name in YES if service[name] != ["yes"]] == []
    assert {name: service[name] for name in EXACT} == EXACT
    assert not service["ProcSubset"], "it reads the boot's id to see that a killed run's lease is free"


@each_service
def test_what_it_starts_is_there(file: Path) -> None:
    program, *words = Unit(file).one("Service", "ExecStart").split()
    assert program == "/opt/umap-bot/bin/umap-bot"
    assert is_there(words)


@each_service
def test_the_secrets_are_a_credential(file: Path) -> None:
    unit = Unit(file)
    name, _, source = unit.one("Service", "LoadCredential").partition(":")
    assert source == "/etc/umap-bot/umap-bot.env"
    assert f"--env-file ${{CREDENTIALS_DIRECTORY}}/{name}" in unit.one("Service", "ExecStart")
    assert not unit["Service"]["EnvironmentFile"], "an environment is shown by systemctl"


@each_service
def test_a_stop_is_longer_than_a_run(file: Path) -> None:
    unit = Unit(file)
    assert _seconds(unit.one("Service", "TimeoutStopSec")) > DEADLINE.total_seconds()
    assert unit.one("Service", "KillMode") == "mixed", "git must not die of the signal to stop"


@each_service
def test_the_exit_codes_it_names_are_ours(file: Path) -> None:
    service = Unit(file)["Service"]
    named = " ".join(service["SuccessExitStatus"] + service["RestartPreventExitStatus"]).split()
    assert named
    assert {int(code) for code in named} <= MEANINGS.keys()


def test_both_services_share_what_they_keep() -> None:
    service, sync = (Unit(UNITS / name)["Service"] for name in ("umap-bot.service", "umap-bot-sync.service"))
    for name in ("User", "StateDirectory", "CacheDirectory", "Environment", "LoadCredential"):
        assert service[name] == sync[name]


def test_the_timer_has_its_service() -> None:
    timer = Unit(UNITS / "umap-bot-sync.timer")
    assert (UNITS / "umap-bot-sync.service").exists(), "a timer starts the service of its name"
    assert timer.one("Timer", "Persistent") == "yes"
    assert timer.one("Install", "WantedBy") == "timers.target"
