"""The configuration: what loads, and what is said when it does not."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel, ValidationError

from hub.config import Config, ConfigError, load

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"
EXAMPLE_SECRETS = {
    "SHOP_WEBHOOK_SECRET": "s3cret",
    "GITHUB_TOKEN": "t0ken",
    "GITHUB_HOOK_SECRET": "h00k",
    "SMTP_PASSWORD": "w0rds",
    "JIRA_TOKEN": "t0ken",
    "JIRA_HOOK_SECRET": "h00k",
}
Loading = Callable[..., Config]


@pytest.fixture
def loading(tmp_path: Path) -> Loading:
    def loaded(text: str, **environ: str) -> Config:
        file = tmp_path / "config.toml"
        file.write_text(text, encoding="utf-8")
        return load(file, environ)

    return loaded


def refusal(loading: Loading, text: str, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        loading(text, **environ)
    return str(caught.value)


def settings_of(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = [
            kind
            for kind in (field.annotation, *get_args(field.annotation))
            if isinstance(kind, type) and issubclass(kind, BaseModel)
        ]
        if inner:
            yield from settings_of(inner[0], f"{prefix}{name}.")
        else:
            yield prefix + name


def written(text: str) -> set[str]:
    table, found = "", set()
    for line in text.splitlines():
        if header := re.match(r"\[+([\w.]+)\]+", line):
            table = header[1]
            found.add(table)
        elif key := re.match(r"(\w+) = ", line):
            found.add(f"{table}.{key[1]}")
    return found


def test_the_example_loads() -> None:
    config = load(EXAMPLE, EXAMPLE_SECRETS)
    assert config.connections[0].secrets["secret"].get_secret_value() == "s3cret"


def test_the_example_names_every_setting() -> None:
    names = set(settings_of(Config))
    assert len(names) > 25
    assert names - written(EXAMPLE.read_text(encoding="utf-8")) == set()


def test_the_example_shows_the_defaults() -> None:
    example = load(EXAMPLE, EXAMPLE_SECRETS)
    chosen = {
        ("hub", "public_url"),
        ("outbound", "allow"),
        ("outbound", "ca_bundle"),
        ("data", "folder"),
        ("data", "files_url"),
        ("database", "url"),
        ("work", "time_zone"),
        ("work", "holidays"),
    }
    for group in Config.model_fields.keys() - {"connections"}:
        default = getattr(Config(), group).model_dump()
        shown = getattr(example, group).model_dump()
        assert {k: v for k, v in shown.items() if (group, k) not in chosen} == {
            k: v for k, v in default.items() if (group, k) not in chosen
        }


def test_loads_without_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = load(None, {})
    assert config.data.folder == tmp_path / "data"
    assert config.database.url.get_secret_value() == f"sqlite:///{tmp_path}/data/hub.sqlite"
    assert config.data.files_url == f"file://{tmp_path}/data/files"
    assert config.hub.public_url == "http://127.0.0.1:8080"
    assert (config.work.time_zone, config.work.holidays) == ("Asia/Shanghai", "CN")


def test_finds_the_file_beside_the_command_and_the_one_named_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text('[hub]\nname = "here"\n')
    (tmp_path / "other.toml").write_text('[hub]\nname = "there"\n')
    monkeypatch.chdir(tmp_path)
    assert load(None, {}).hub.name == "here"
    assert load(None, {"HUB_CONFIG": "other.toml"}).hub.name == "there"


def test_the_environment_goes_before_the_file(loading: Loading, tmp_path: Path) -> None:
    config = loading(
        "[server]\nport = 1\n[data]\nfolder = 'a'\n[database]\nurl = 'sqlite:///x'\n",
        HUB_PORT="9000",
        HUB_DATA=str(tmp_path / "b"),
        HUB_DATABASE_URL="postgresql+psycopg://h/d",
    )
    assert config.server.port == 9000
    assert config.data.folder == tmp_path / "b"
    assert config.database.url.get_secret_value() == "postgresql+psycopg://h/d"


def test_paths_start_at_the_file(loading: Loading, tmp_path: Path) -> None:
    config = loading('[data]\nfolder = "d"\n[outbound]\nca_bundle = "ca.pem"\n')
    assert (config.data.folder, config.outbound.ca_bundle) == (tmp_path / "d", tmp_path / "ca.pem")


def test_settings_are_frozen(loading: Loading) -> None:
    with pytest.raises(ValidationError):
        loading("").server.port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "line", "parts"),
    [
        ("[server]\nprot = 80\n", 2, ["server.prot", 'did you mean "port"']),
        ("\n[sever]\nport = 80\n", 2, ["sever", 'did you mean "server"']),
        ("[hub]\nport = 80\n", 2, ["hub.port", "belongs in [server]"]),
        ("[hub]\nzzz = 80\n", 2, ["hub.zzz", "known here: name, public_url"]),
        ("[server]\nhost = 'x'\nport = 70000\n", 3, ["server.port", "65535", "for example 8080"]),
        ("[server]\nthreads = 'many'\n", 2, ["server.threads", "valid integer", "for example 16"]),
        ("server.threads = 1\n", 1, ["server.threads"]),
        ("server = { threads = 1 }\n", 1, ["server.threads"]),
        ("server = 5\n", 1, ["server"]),
        ("[hub]\nlanguage = 'de'\n", 2, ["hub.language", "'zh' or 'en'"]),
        ("[hub]\ntime_zone = 'Mars/Olympus'\n", 2, ["hub.time_zone", "no such time zone", '"Asia/Shanghai"']),
        ("[hub]\ntime_zone = '../etc'\n", 2, ["hub.time_zone", "no such time zone"]),
        ("[work]\ntime_zone = 'Mars'\n", 2, ["work.time_zone", "no such time zone"]),
        ("[hub]\npublic_url = 'hub.example.org'\n", 2, ["hub.public_url", '"https://hub.example.org"']),
        ("[hub]\npublic_url = 'https://me:pw@hub.example.org'\n", 2, ["hub.public_url"]),
        ("[work.hours]\nmon = ['18:00-09:00']\n", 2, ["work.hours.mon", "09:00-12:00"]),
        ("[work.hours]\nmon = ['09:00-12:00', '11:00-13:00']\n", 2, ["work.hours.mon", "without overlap"]),
        ("[work.hours]\nmonday = ['09:00-12:00']\n", 2, ["work.hours.monday", 'did you mean "mon"']),
        ("[work.hours]\n", 1, ["work.hours"]),
        ("[plugins]\nenabled = ['a', 'a']\n", 2, ["plugins.enabled", "twice"]),
        ("[hub]\nname = 'x\n", 2, ["not TOML"]),
        ("[hub]\nname = ", 2, ["not TOML"]),
        ("[[connections]]\nkind = 'form'\n", 1, ["connections.1.name", "missing"]),
        (
            "[[connections]]\nname='a'\nkind='b'\n[[connections]]\nname='c'\nkind='b'\nkindd='d'\n",
            7,
            ["connections.2.kindd", 'did you mean "kind"'],
        ),
        (
            "[[connections]]\nname='a'\nkind='b'\n[connections.secrets]\ntoken = 'x'\n",
            5,
            ["connections.1.secrets.token", "does not belong in this file", "{ env ="],
        ),
        (
            "[[connections]]\nname='a'\nkind='b'\nsecrets = { token = { env = 'NOT_SET' } }\n",
            4,
            ["connections.1.secrets.token", "NOT_SET is not set"],
        ),
        (
            "[[connections]]\nname='a'\nkind='b'\nsecrets.token = { file = 'absent' }\n",
            4,
            ["connections.1.secrets.token", "cannot read the file absent"],
        ),
        (
            "[[connections]]\nname='a'\nkind='b'\nsecrets.token = { evn = 'X' }\n",
            4,
            ["connections.1.secrets.token", "{ env ="],
        ),
        (
            "[[connections]]\nname='a'\nkind='b'\n[[connections]]\nname='a'\nkind='b'\n",
            1,
            ["connections", "twice"],
        ),
    ],
)
def test_says_where_and_what_to_write(
    loading: Loading, tmp_path: Path, text: str, line: int, parts: list[str]
) -> None:
    said = refusal(loading, text)
    assert said.startswith(f"{tmp_path / 'config.toml'}:{line}: ")
    assert all(part in said for part in parts), said


def test_says_everything_that_is_wrong_at_once(loading: Loading) -> None:
    said = refusal(loading, "[server]\nport = 0\n[hub]\ncountry = 'China'\n")
    assert len(said.splitlines()) == 2


def test_names_the_environment_variable_that_is_wrong(loading: Loading) -> None:
    assert refusal(loading, "", HUB_PORT="http").startswith("HUB_PORT: ")


def test_never_repeats_a_secret(loading: Loading) -> None:
    text = "[[connections]]\nname='a'\nkind='b'\nsecrets = { token = 'hunter2' }\n[database]\nurl = 5\n"
    assert "hunter2" not in refusal(loading, text)
    config = loading("[database]\nurl = { env = 'U' }\n", U="postgresql://u:hunter2@h/d")
    assert "hunter2" not in repr(config)


def test_reads_a_secret_from_a_file(loading: Loading, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hunter2\n")
    config = loading("[[connections]]\nname='a'\nkind='b'\nsecrets = { token = { file = 'token' } }\n")
    assert config.connections[0].secrets["token"].get_secret_value() == "hunter2"


def test_a_missing_or_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.toml.*HUB_CONFIG"):
        load(tmp_path / "gone.toml", {})
    (tmp_path / "latin.toml").write_bytes(b"name = '\xe9'")
    with pytest.raises(ConfigError, match="UTF-8"):
        load(tmp_path / "latin.toml", {})


@pytest.mark.parametrize("module", ["flask", "sqlalchemy", "requests", "cryptography"])
def test_does_not_load_the_rest_of_the_world(module: str) -> None:
    code = f"import sys, hub.config; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
