"""The configuration: TOML and a few environment variables, as frozen settings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from hub.config.problems import ConfigError, Keys, Problem, problem
from hub.config.settings import Config, ConnectionSettings

__all__ = ["Config", "ConfigError", "ConnectionSettings", "Problem", "load"]

OVERRIDES: dict[str, tuple[str, str]] = {
    "HUB_DATA": ("data", "folder"),
    "HUB_PORT": ("server", "port"),
    "HUB_DATABASE_URL": ("database", "url"),
}


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """The settings of this file, else of HUB_CONFIG, else of ./config.toml, else the defaults."""
    file = _file(path, environ)
    source = _text(file) if file else ""
    raw = _parsed(source, file)
    base = file.parent if file else Path.cwd()
    overridden = _override(raw, environ)
    try:
        config = Config.model_validate(raw, context={"environ": environ, "base": base})
    except ValidationError as error:
        found = [problem(detail, source, file, overridden) for detail in error.errors(include_input=False)]
        raise ConfigError(*dict.fromkeys(found)) from None
    return _filled(config, base)


def _file(path: Path | None, environ: Mapping[str, str]) -> Path | None:
    named = path or (Path(environ["HUB_CONFIG"]) if environ.get("HUB_CONFIG") else None)
    if named:
        return named.absolute()
    here = Path.cwd() / "config.toml"
    return here if here.exists() else None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ConfigError(Problem("is not UTF-8: save it as UTF-8", file=file)) from None
    except OSError as error:
        reason = error.strerror or "cannot be read"
        raise ConfigError(Problem(f"{reason}: name another with --config or HUB_CONFIG", file=file)) from None


def _parsed(source: str, file: Path | None) -> dict[str, Any]:
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        text, _, place = str(error).partition(" (at ")
        line = re.search(r"line (\d+)", place)
        last = len(source.splitlines())
        problem = Problem(f"this is not TOML: {text}", file=file, line=int(line[1]) if line else last)
        raise ConfigError(problem) from None


def _override(raw: dict[str, Any], environ: Mapping[str, str]) -> dict[Keys, str]:
    used: dict[Keys, str] = {}
    for name, (group, key) in OVERRIDES.items():
        table = raw.setdefault(group, {}) if environ.get(name) else None
        if isinstance(table, dict):
            # A folder from the environment is seen from where the command runs, not from the file.
            table[key] = str(Path(environ[name]).absolute()) if name == "HUB_DATA" else environ[name]
            used[(group, key)] = name
    return used


def _filled(config: Config, base: Path) -> Config:
    folder = (base / config.data.folder).absolute()
    bundle = config.outbound.ca_bundle
    changes: dict[str, dict[str, Any]] = {
        "hub": {"public_url": config.hub.public_url or f"http://127.0.0.1:{config.server.port}"},
        "data": {"folder": folder, "files_url": config.data.files_url or (folder / "files").as_uri()},
        "database": {"url": config.database.url or SecretStr(f"sqlite:///{folder / 'hub.sqlite'}")},
        "work": {
            "time_zone": config.work.time_zone or config.hub.time_zone,
            "holidays": config.work.holidays or config.hub.country,
        },
        "outbound": {"ca_bundle": base / bundle if bundle else None},
    }
    groups = {name: getattr(config, name).model_copy(update=change) for name, change in changes.items()}
    return config.model_copy(update=groups)
