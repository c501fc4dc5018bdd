"""What is deployed fits the code: no engine runs here, so files are read and held against what they name."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from api.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
SETTINGS = {PREFIX + name.upper() for name in Settings.__struct_fields__}
UNIT_VALUES = {
    "Unit": {
        "Description": r".+", "Documentation": r"(https?|file|man):\S+", "Wants": r"\S+\.target",
        "After": r"\S+\.target",
    },
    "Install": {"WantedBy": r"\S+\.target"},
    "Service": {
        "Type": "exec", "User": r"[a-z]+", "Group": r"[a-z]+", "EnvironmentFile": r"-?/\S+",
        "Environment": r"[A-Z_]+=\S+",
        "ExecStart": r"/\S+ .+", "WorkingDirectory": r"/\S+", "StateDirectory": r"[a-z]+", "StateDirectoryMode": "0700",
        "UMask": "0077", "Restart": "on-failure", "RestartSec": r"\d+", "KillSignal": "SIGTERM",
        "TimeoutStopSec": r"\d+",
        "LimitNOFILE": r"\d+", "MemoryMax": r"\d+M", "TasksMax": r"\d+", "CapabilityBoundingSet": "",
        "AmbientCapabilities": "", "ProtectProc": "invisible", "ProtectSystem": "strict",
        "RestrictAddressFamilies": r"(AF_[A-Z0-9]+ ?)+", "SystemCallArchitectures": "native",
        "SystemCallFilter": r"~?@[a-z-]+( @[a-z-]+)*",
        "SystemCallErrorNumber": "EPERM",
        **dict.fromkeys(
            ("LockPersonality", "NoNewPrivileges", "PrivateDevices", "PrivateTmp", "ProtectClock",
             "ProtectControlGroups",
             "ProtectHome", "ProtectHostname", "ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables",
             "RemoveIPC", "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID"), "yes",
        ),
    },
}  # fmt: skip
"""What systemd.unit(5), .service(5), .exec(5) and .resource-control(5) take, as far as it is used."""


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def dockerfile() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, with continued lines joined."""
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines) if word.isupper()]


def of(dockerfile: list[tuple[str, str]], instruction: str) -> list[str]:
    return [rest for word, rest in dockerfile if word == instruction]


def test_the_image_copies_what_there_is_and_what_is_not_ignored(dockerfile: list[tuple[str, str]]) -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = [words[:-1] for copy in of(dockerfile, "COPY") if not (words := copy.split())[0].startswith("--from")]

    sources = {source for words in copied for source in words}

    assert sources == let_in
    assert all((ROOT / source).exists() for source in sources)


def test_the_image_is_pinned_runs_without_root_and_says_how_it_is(dockerfile: list[tuple[str, str]]) -> None:
    health = of(dockerfile, "HEALTHCHECK")[0]
    command = json.loads(health.partition("CMD ")[2])

    assert all(re.fullmatch(r"python:3\.\d+-slim-[a-z]+( AS build)?", image) for image in of(dockerfile, "FROM"))
    assert of(dockerfile, "USER") == ["10001:10001"]
    assert of(dockerfile, "VOLUME") == ["/data"]
    assert "/readyz" in command[2]
    compile(command[2], "health", "exec")
    assert json.loads(of(dockerfile, "ENTRYPOINT")[0]) == ["dateline"]
    assert json.loads(of(dockerfile, "CMD")[0]) == ["serve"]


def test_the_image_sets_settings_that_there_are(dockerfile: list[tuple[str, str]]) -> None:
    given = dict(word.split("=", 1) for env in of(dockerfile, "ENV") for word in shlex.split(env))
    ours = {name: value for name, value in given.items() if name.startswith(PREFIX)}

    assert set(ours) <= SETTINGS
    assert ours["DATELINE_DATA"] in of(dockerfile, "VOLUME")
    assert of(dockerfile, "EXPOSE") == [ours["DATELINE_PORT"]]


def test_composed_services_write_nothing_but_their_volumes_and_can_do_nothing_else(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["init"] is True, name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        assert "privileged" not in service, name


def test_the_composed_service_has_a_volume_settings_that_there_are_and_one_proxy_it_trusts(
    compose: dict[str, Any],
) -> None:
    dateline, caddy = compose["services"]["dateline"], compose["services"]["caddy"]
    trusted = dateline["environment"]["DATELINE_TRUSTED_PROXIES"]

    assert set(dateline["environment"]) <= SETTINGS
    assert (ROOT / dateline["build"]["dockerfile"]).is_file()
    assert dateline["volumes"] == ["data:/data"]
    assert "data" in compose["volumes"]
    assert trusted == caddy["networks"]["default"]["ipv4_address"]
    assert "profiles" not in dateline
    assert caddy["profiles"] == ["web"]


def test_every_setting_reaches_the_composed_service_but_those_that_are_fixed(compose: dict[str, Any]) -> None:
    given = compose["services"]["dateline"]["environment"]
    fixed = {"DATELINE_DATA", "DATELINE_HOST", "DATELINE_PORT", "DATELINE_TRUSTED_PROXIES"}

    passed = {name for name, value in given.items() if value.startswith("${" + name + ":-")}

    assert passed == SETTINGS - fixed


def test_only_the_proxy_is_open_to_the_world(compose: dict[str, Any]) -> None:
    ports = {name: service["ports"] for name, service in compose["services"].items()}

    assert all(port.startswith("127.0.0.1:") for port in ports["dateline"])
    assert {port.partition(":")[0] for port in ports["caddy"]} == {"80", "443"}


def test_the_proxy_leads_to_the_service_and_keeps_metrics_in(compose: dict[str, Any]) -> None:
    lines = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    mounted = [volume.partition(":")[0] for volume in compose["services"]["caddy"]["volumes"]]

    assert "./deploy/Caddyfile" in mounted
    assert "reverse_proxy dateline:8470" in lines
    assert "path /metrics" in lines
    assert "/v1/feed /v1/timelines/*/stream" in lines
    assert lines.count("{") == lines.count("}")
    assert set(re.findall(r"\{\$(\w+)\}", lines)) <= set(compose["services"]["caddy"]["environment"])


def test_the_unit_says_nothing_that_systemd_does_not_know() -> None:
    section = ""
    seen = set()
    for line in (DEPLOY / "dateline.service").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            assert re.fullmatch(UNIT_VALUES[section][name], value), line
            seen.add(name)

    assert seen == {name for values in UNIT_VALUES.values() for name in values}


def test_the_unit_starts_the_command_with_settings_that_there_are() -> None:
    text = (DEPLOY / "dateline.service").read_text(encoding="utf-8")

    assert re.findall(r"^ExecStart=\S+/dateline (\S+)$", text, re.MULTILINE) == ["serve"]
    assert set(re.findall(r"^Environment=(\w+)=", text, re.MULTILINE)) <= SETTINGS
    assert re.findall(r"^User=(\w+)$", text, re.MULTILINE) == ["dateline"]
