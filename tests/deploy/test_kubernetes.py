"""deploy/kubernetes, as far as it can be judged without a cluster: what is named and typed is there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # its types are a package of their own
from jsonschema import Draft202012Validator

from tests.deploy.repository import DEPLOY, ROOT
from tests.deploy.typed import commands, is_there
from umap_bot.manifest import load_all
from umap_bot.run.job import DEADLINE
from umap_bot.schedule.schedule import Schedule
from umap_bot.settings import KNOWN, SECRETS

FOLDER = DEPLOY / "kubernetes"
NAME = "umap-bot"
WRITTEN = {"/var/lib/umap-bot", "/var/cache/umap-bot", "/tmp"}  # noqa: S108  in the container
IMAGES_OWN = {"HEALTH_MAX_AGE"}


def objects() -> dict[str, dict[str, Any]]:
    """Everything that the files describe, by its kind."""
    found = [
        each for file in sorted(FOLDER.glob("*.yaml")) for each in yaml.safe_load_all(file.read_text("utf-8"))
    ]
    kinds = {each["kind"]: each for each in found}
    assert len(kinds) == len(found)
    return kinds


def pod(kind: str) -> dict[str, Any]:
    spec = objects()[kind]["spec"]
    template = spec["template"] if kind == "Deployment" else spec["jobTemplate"]["spec"]["template"]
    found: dict[str, Any] = template["spec"]
    return found


def container(kind: str) -> dict[str, Any]:
    (found,) = pod(kind)["containers"]
    assert isinstance(found, dict)
    return found


def refusals(described: dict[str, Any]) -> list[str]:
    """Return where, and by which word of its schemas, Kubernetes 1.27 would not take this.

    In that release the last of what is used, a CronJob's `timeZone`, became stable; deploy/check asks the
    later ones too.
    """
    schemas = json.loads((Path(__file__).parent / "kubernetes-1.27.json").read_text("utf-8"))
    group, _, version = described["apiVersion"].rpartition("/")
    name = f"io.k8s.api.{group or 'core'}.{version}.{described['kind']}"
    validator = Draft202012Validator({**schemas, "$ref": f"#/$defs/{name}"})
    return [f"{error.json_path} {error.validator}" for error in validator.iter_errors(described)]


PODS = pytest.mark.parametrize("kind", ["Deployment", "CronJob"])


def test_each_kind_is_there_in_the_version_that_has_it() -> None:
    assert {kind: each["apiVersion"] for kind, each in objects().items()} == {
        "Secret": "v1",
        "ConfigMap": "v1",
        "Deployment": "apps/v1",
        "CronJob": "batch/v1",
    }
    assert {each["metadata"]["name"] for each in objects().values()} == {NAME}


@pytest.mark.parametrize("kind", ["Secret", "ConfigMap", "Deployment", "CronJob"])
def test_a_cluster_takes_it(kind: str) -> None:
    assert refusals(objects()[kind]) == []


def test_what_a_cluster_would_not_take_is_found() -> None:
    found = objects()["CronJob"]
    found["spec"] |= {"timezone": "UTC", "startingDeadlineSeconds": "600"}
    del found["spec"]["schedule"]
    (container,) = found["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    container["securityContext"]["capabilities"]["drop"] = "ALL"
    assert sorted(refusals(found)) == [
        "$.spec additionalProperties",
        "$.spec required",
        "$.spec.jobTemplate.spec.template.spec.containers[0].securityContext.capabilities.drop type",
        "$.spec.startingDeadlineSeconds type",
    ]


def test_several_services_share_a_server_and_are_given_time_to_end() -> None:
    spec = objects()["Deployment"]["spec"]
    assert spec["replicas"] > 1
    assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"]
    assert pod("Deployment")["terminationGracePeriodSeconds"] > DEADLINE.total_seconds()
    assert container("Deployment")["args"] == ["serve"]
    assert "STATE_URL" in objects()["Secret"]["stringData"]


@PODS
def test_a_pod_may_do_no_more_than_it_needs(kind: str) -> None:
    user = re.search(r"^USER (\d+)$", (DEPLOY / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert user
    assert pod(kind)["automountServiceAccountToken"] is False
    assert pod(kind)["securityContext"] == {
        "runAsNonRoot": True,
        **dict.fromkeys(("runAsUser", "runAsGroup", "fsGroup"), int(user[1])),
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container(kind)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


@PODS
def test_what_it_names_is_there(kind: str) -> None:
    """Volumes, the manifest where commands look for it, the Secret, folders for all that is written."""
    volumes = {each["name"]: each for each in pod(kind)["volumes"]}
    mounts = {each["mountPath"]: each for each in container(kind)["volumeMounts"]}
    assert {each["name"] for each in mounts.values()} == set(volumes)
    assert {path for path, each in mounts.items() if "emptyDir" in volumes[each["name"]]} == WRITTEN
    manifest = mounts["/var/lib/umap-bot/umap-bot.toml"]
    assert volumes[manifest["name"]]["configMap"] == {"name": NAME}
    assert manifest["subPath"] in objects()["ConfigMap"]["data"]
    assert container(kind)["envFrom"] == [{"secretRef": {"name": NAME}}]
    assert {each["name"] for each in container(kind).get("env", ())} <= KNOWN | IMAGES_OWN
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert container(kind)["image"].endswith(f"/umap-bot:{version}")


def test_the_settings_are_good_once_the_secrets_are_filled_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    secrets = objects()["Secret"]["stringData"]
    assert set(secrets.values()) == {""}
    for name in secrets:
        link = "https://umap.example.org/fr/map/anonymous-edit/12:abc"
        monkeypatch.setenv(name, link if name.endswith("_LINK") else "postgresql://bot@db/bot")
    text = objects()["ConfigMap"]["data"]["umap-bot.toml"]
    named = set(re.findall(r'"env:(\w+)"', text))
    assert named <= set(secrets) <= named | {*SECRETS}
    (tmp_path / "umap-bot.toml").write_text(text, "utf-8")
    (found,) = load_all(None, None)
    assert (found.umap_layer, found.sync_schedule) == ("2022", objects()["CronJob"]["spec"]["schedule"])
    assert found.sync_timezone == objects()["CronJob"]["spec"]["timeZone"]


def test_passes_never_meet_and_are_not_repeated() -> None:
    spec = objects()["CronJob"]["spec"]
    Schedule.parse(spec["schedule"], spec["timeZone"])
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["jobTemplate"]["spec"]["backoffLimit"] == 0
    assert pod("CronJob")["restartPolicy"] == "Never"


def typed() -> list[list[str]]:
    """Each program that Kubernetes starts."""
    service = container("Deployment")
    probes = [each["exec"]["command"] for name, each in service.items() if name.endswith("Probe")]
    return [*probes, container("CronJob")["command"]]


def test_what_is_typed_is_there() -> None:
    assert len(typed()) == 3
    for words in typed():
        (found,) = commands(words[2] if words[0] == "sh" else " ".join(words))
        assert is_there([word for word in found if "$" not in word])


@pytest.mark.parametrize("code", [0, 1, 3, 5, 6, 14])
def test_a_probe_passes_on_its_code_and_a_pass_that_waits_or_is_busy_is_no_failure(
    tmp_path: Path, code: int
) -> None:
    program = tmp_path / "umap-bot"
    program.write_text(f'#!/bin/sh\necho "$@" >> said\nexit {code}\n', "utf-8")
    program.chmod(0o755)
    environment = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "HEALTH_MAX_AGE": "2h"}
    ends = [subprocess.run(words, cwd=tmp_path, env=environment, check=False).returncode for words in typed()]
    assert ends == [code, code, 0 if code in {3, 5} else code]
    assert (tmp_path / "said").read_text("utf-8").splitlines() == ["status", "status --max-age 2h", "sync"]
