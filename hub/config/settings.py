"""The settings: every group, its defaults and what each accepts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
OFFICE_HOURS: dict[Weekday, tuple[str, ...]] = dict.fromkeys(WEEKDAYS[:5], ("09:00-12:00", "13:00-18:00"))
BOX = (
    "form",
    "webhook",
    "rules",
    "sandbox",
    "satisfaction",
    "advice",
    "email",
    "github",
    "jira",
    "pingcode",
    "worktile",
)

_POINTER = 'write { env = "NAME" } or { file = "path" }'
_SPAN = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise PydanticCustomError("zone", "no such time zone") from error
    return name


def _spans(spans: tuple[str, ...]) -> tuple[str, ...]:
    earliest = "00:00"
    for span in spans:
        start, _, end = span.partition("-")
        if not _SPAN.fullmatch(span) or not earliest <= start < end:
            raise PydanticCustomError("spans", "should be spans like 09:00-12:00, in order, without overlap")
        earliest = end
    return spans


def _different(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) < len(names):
        raise PydanticCustomError("twice", "names the same thing twice")
    return names


def _pointed_to(value: Any, info: ValidationInfo) -> Any:
    # Where the pointers lead is known to the loader alone: it comes in as the context.
    match value, info.context:
        case {"env": str(name), **rest}, {"environ": environ} if not rest:
            if not environ.get(name):
                text = "the environment variable {name} is not set"
                raise PydanticCustomError("unset", text, {"name": name})
            return environ[name]
        case {"file": str(name), **rest}, {"base": base} if not rest:
            try:
                return (base / name).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                text = "cannot read the file {name}"
                raise PydanticCustomError("unread", text, {"name": name}) from error
    return value


def _no_plain_secret(value: Any) -> Any:
    if isinstance(value, dict):
        raise PydanticCustomError("pointer", _POINTER)
    raise PydanticCustomError("plain", f"a secret does not belong in this file: {_POINTER}")


def _only_pointed_to(value: Any, info: ValidationInfo) -> Any:
    found = _pointed_to(value, info)
    return _no_plain_secret(value) if found is value else found


Zone = Annotated[str, AfterValidator(_zone)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Spans = Annotated[tuple[str, ...], AfterValidator(_spans)]
Names = Annotated[tuple[str, ...], AfterValidator(_different)]
Secret = Annotated[SecretStr, BeforeValidator(_only_pointed_to)]
PlainOrSecret = Annotated[SecretStr, BeforeValidator(_pointed_to)]


class Settings(BaseModel):
    """A frozen group of settings that refuses what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class HubSettings(Settings):
    """Who we are; language, zone and country where a person says nothing else."""

    name: str = Field(default="Service Hub", min_length=1, max_length=80)
    public_url: str = Field(
        default="", pattern=r"^(https?://[^\s?#@]*[^\s?#@/])?$", examples=["https://hub.example.org"]
    )
    language: Literal["zh", "en"] = "zh"
    time_zone: Zone = "Asia/Shanghai"
    country: Country = "CN"
    request_prefix: str = Field(default="SR", pattern=r"^[A-Z][A-Z0-9]{0,9}$")


class ServerSettings(Settings):
    """Where the hub listens."""

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=8080, ge=1, le=65535)
    threads: int = Field(default=16, ge=2, le=64)
    proxies: int = Field(default=0, ge=0, le=10)


class DataSettings(Settings):
    """Where the hub keeps its files."""

    folder: Path = Path("data")
    files_url: str = Field(default="", examples=["s3://bucket/hub"])


class DatabaseSettings(Settings):
    """Which database."""

    url: PlainOrSecret = Field(default=SecretStr(""), examples=["postgresql+psycopg://hub@localhost/hub"])
    pool_size: int = Field(default=10, ge=2, le=100)


class PluginSettings(Settings):
    """Which plugins run and how patient the hub is with them."""

    enabled: Names = BOX
    budget_seconds: float = Field(default=2.0, gt=0, le=60)
    failures_before_aside: int = Field(default=5, ge=1, le=1000)


class WorkflowSettings(Settings):
    """How a request moves."""

    auto_advance: bool = True
    survey: str = Field(default="csat", pattern=r"^[a-z0-9_-]*$", examples=["csat"])
    survey_days: int = Field(default=14, ge=1, le=365)
    quality_percent: int = Field(default=10, ge=0, le=100)


class WorkSettings(Settings):
    """When people work: the working calendar."""

    hours: dict[Weekday, Spans] = Field(default=OFFICE_HOURS, min_length=1)
    time_zone: Zone | Literal[""] = Field(default="", examples=["Asia/Shanghai"])
    holidays: Country | Literal["", "none"] = Field(default="", examples=["CN"])


class OutboundSettings(Settings):
    """What may be reached from here."""

    allow: Names = Field(default=(), examples=[["tracker.intern", "10.0.0.0/8"]])
    ca_bundle: Path | None = Field(default=None, examples=["/etc/ssl/certs/company.pem"])
    total_seconds: float = Field(default=15.0, ge=1, le=120)


class LimitSettings(Settings):
    """How much is too much."""

    inbound_bytes: int = Field(default=25 * 1024 * 1024, ge=1024)
    outbound_bytes: int = Field(default=10 * 1024 * 1024, ge=1024)


class LoggingSettings(Settings):
    """What is written to the log."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "text"] = "json"


class ConnectionSettings(Settings):
    """A connection kept in the file: upserted by name at start, read-only in the pages."""

    name: str = Field(min_length=1, max_length=80)
    kind: str = Field(min_length=1)
    settings: dict[str, Any] = Field(default_factory=dict)
    secrets: dict[str, Secret] = Field(default_factory=dict)


def _different_names(connections: tuple[ConnectionSettings, ...]) -> tuple[ConnectionSettings, ...]:
    _different(tuple(connection.name for connection in connections))
    return connections


class Config(Settings):
    """All settings; as loaded, paths are absolute and what depends on others is filled in."""

    hub: HubSettings = HubSettings()
    server: ServerSettings = ServerSettings()
    data: DataSettings = DataSettings()
    database: DatabaseSettings = DatabaseSettings()
    plugins: PluginSettings = PluginSettings()
    workflow: WorkflowSettings = WorkflowSettings()
    work: WorkSettings = WorkSettings()
    outbound: OutboundSettings = OutboundSettings()
    limits: LimitSettings = LimitSettings()
    logging: LoggingSettings = LoggingSettings()
    connections: Annotated[tuple[ConnectionSettings, ...], AfterValidator(_different_names)] = ()
