"""docs/operations.md and docs/deploy against the tools that will read them."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from gunicorn.config import Config as GunicornConfig

from hub.app import build
from hub.config import OVERRIDES, load
from hub.core.jobs import LEASE
from tests.house.test_readme import misunderstood
from tests.house.tree import ROOT

DEPLOY = ROOT / "docs/deploy"
UNITS = sorted(path.name for path in DEPLOY.glob("*.service"))
PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
READ_ELSEWHERE = {"HUB_CONFIG", "HUB_KEY"}


def unit(name: str) -> dict[str, str]:
    """The service part of a unit."""
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string((DEPLOY / name).read_text(encoding="utf-8"))
    return dict(parser["Service"])


def commands() -> list[list[str]]:
    """Every command of hub or gunicorn that stands in the units, the compose file and the page."""
    found = [shlex.split(unit(name)["ExecStart"]) for name in UNITS]
    found += [service["command"] for service in COMPOSE["services"].values() if "command" in service]
    lines = [
        line for block in re.findall(r"^```sh\n(.*?)^```$", PAGE, re.M | re.S) for line in block.splitlines()
    ]
    found += [shlex.split(line) for line in lines if re.match(r"\S*\b(hub|gunicorn) ", line)]
    return found


def test_every_command_is_one_the_hub_and_gunicorn_know() -> None:
    seen = [(Path(words[0]).name, words[1:]) for words in commands()]
    assert {name for name, _ in seen} == {"hub", "gunicorn"}
    for name, words in seen:
        if name == "hub":
            assert misunderstood(words) is None, words
        else:
            options = GunicornConfig().parser().parse_args(words)
            assert options.args == ["hub.serving:application()"]
            assert int(options.threads) > 1, "one thread would take its requests one after the other"


def test_every_hub_command_in_the_text_exists() -> None:
    named = [shlex.split(text) for text in re.findall(r"`hub ([^`]+)`", PAGE)]
    assert len(named) > 5
    assert [words for words in named if misunderstood([w for w in words if w != "NUMBER"])] == []


@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_the_units(name: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd: systemd-analyze is not here")
    # It looks whether the program is there; here it is another one.
    text = re.sub(
        r"/opt/hub/bin/\w+", shutil.which("true") or "", (DEPLOY / name).read_text(encoding="utf-8")
    )
    instance = tmp_path / name.replace("@", "@1")
    instance.write_text(text, encoding="utf-8")
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", str(instance)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    ours = [line for line in checked.stderr.splitlines() if instance.name in line]
    assert (ours, checked.returncode) == ([], 0)


def test_the_compose_file_fits_together() -> None:
    services = COMPOSE["services"]
    assert set(services) == {"database", "web", "work"}
    volumes = {
        mount.split(":")[0]
        for service in services.values()
        for mount in service["volumes"]
        if mount[0] != "."
    }
    assert volumes == set(COMPOSE["volumes"])
    for service in services.values():
        assert set(service.get("depends_on", ())) <= set(services)
    for name in ("web", "work"):
        environment = services[name]["environment"]
        assert set(environment) <= {*OVERRIDES, *READ_ELSEWHERE}
        assert environment["HUB_DATABASE_URL"].endswith("@database/hub")
    assert services["web"]["environment"] == services["work"]["environment"], (
        "one key, one store, one database"
    )
    assert services["work"]["deploy"]["replicas"] > 1
    context = (DEPLOY / services["web"]["build"]["context"]).resolve()
    assert (context, (context / services["web"]["build"]["dockerfile"]).exists()) == (ROOT, True)


@pytest.mark.parametrize("name", UNITS)
def test_the_units_run_as_the_page_says_and_never_as_root(name: str) -> None:
    service = unit(name)
    assert (service["User"], service["Group"]) == ("hub", "hub")
    assert "useradd --system --home-dir /var/lib/hub --create-home hub" in PAGE
    (words,) = [shlex.split(service["ExecStart"])]
    venv = re.search(r"python3 -m venv (\S+)", PAGE)
    assert venv and words[0].startswith(f"{venv[1]}/bin/")
    # systemd makes the state's folder and hands it over; the settings on the page put the data there.
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"
    assert f'folder = "{service["WorkingDirectory"]}"' in PAGE
    named, _, path = service["Environment"].partition("=")
    assert named == "HUB_CONFIG" and f" {path}\n" in PAGE and service["EnvironmentFile"] in PAGE
    # Who is asked to stop ends what it has begun: longer than a lost job's lease, so that nothing runs twice.
    assert int(service["TimeoutStopSec"]) > LEASE.total_seconds()
    assert service["Restart"] == "always"


def test_the_health_checks_ask_what_is_there(tmp_path: Path) -> None:
    web, database = COMPOSE["services"]["web"], COMPOSE["services"]["database"]
    asked = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)", web["healthcheck"]["test"][-1])
    bound = re.search(r":(\d+)$", web["command"][web["command"].index("--bind") + 1])
    assert asked and bound and asked[1] == bound[1]
    compile(web["healthcheck"]["test"][-1], "healthcheck", "exec")
    hub = build(load(None, {"HUB_DATA": str(tmp_path)}), {})
    try:
        assert hub.web().test_client().get(asked[2]).status_code == 200
    finally:
        hub.close()
    assert web["ports"] == [f"127.0.0.1:{bound[1]}:{bound[1]}"], "only a proxy of this machine reaches it"
    assert web["depends_on"]["database"]["condition"] == "service_healthy"
    # From version 18 on the image keeps its data one folder higher.
    assert database["image"].endswith(":18") and database["volumes"] == ["database:/var/lib/postgresql"]


def test_the_container_is_nobody_s_root_and_its_data_outlives_it() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    last = text.rpartition("\nFROM ")[2].splitlines()
    made = next(at for at, line in enumerate(last) if "useradd --system --uid 10001" in line)
    become = [at for at, line in enumerate(last) if line.startswith("USER ")]
    assert [last[at] for at in become] == ["USER hub"] and made < become[0]
    assert not [line for line in last[become[0] :] if line.startswith(("RUN", "COPY"))]
    (volume,) = [line.split()[1] for line in last if line.startswith("VOLUME")]
    assert f"HUB_DATA={volume}" in text and f"--home-dir {volume} hub" in text
    for name in ("web", "work"):
        service = COMPOSE["services"][name]
        assert service["environment"]["HUB_DATA"] == volume
        assert f"files:{volume}" in service["volumes"], "files and key are where both look for them"
        (config,) = [mount.split(":")[1:] for mount in service["volumes"] if mount.startswith("./")]
        assert config == [service["environment"]["HUB_CONFIG"], "ro"]
    assert f"EXPOSE {load(None, {}).server.port}" in last


def test_the_container_gets_neither_secrets_nor_histories() -> None:
    left_out = set((ROOT / ".dockerignore").read_text(encoding="utf-8").split())
    assert {".git", ".venv", "**/.env", "data", "**/__pycache__"} <= left_out


def test_the_container_file_copies_and_starts_what_there_is() -> None:
    lines = (DEPLOY / "Containerfile").read_text(encoding="utf-8").splitlines()
    extras = next(re.search(r"\[([\w,]+)\]", line) for line in lines if "pip install" in line)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert extras and all(re.search(rf"^{extra} = \[", project, re.M) for extra in extras[1].split(","))
    assert {"USER hub", 'CMD ["hub", "run"]'} <= set(lines)


def test_the_settings_on_the_page_load(tmp_path: Path) -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.M | re.S)
    assert blocks
    for block in blocks:
        (tmp_path / "config.toml").write_text(block)
        config = load(tmp_path / "config.toml", {})
    # The proxy that is described passes on as much as is believed.
    nginx = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert (
        nginx.count("proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;") == config.server.proxies
    )


def test_every_file_the_page_names_exists() -> None:
    linked = {link for link in re.findall(r"\]\(([^)#]+)\)", PAGE) if "://" not in link}
    named = set(re.findall(r"`(docs/deploy/[\w.@-]+)`", PAGE))
    assert len(linked) > 2 and len(named) > 2
    assert [link for link in linked if not (ROOT / "docs" / link).exists()] == []
    assert [name for name in named if not (ROOT / name).exists()] == []
