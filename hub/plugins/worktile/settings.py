"""The settings of a Worktile connection."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, HttpUrl, field_validator, model_validator

from hub.sdk import CANONICAL_FIELDS, OPTIONAL_FIELDS, SyncSettings, Text, WrongSetting

# Seen in working clients of the tenant API; nothing else of what this plugin calls has been seen.
TENANT = {
    "tasks": "GET /open-api/mission/get-project-tasks-by-page",
    "task": "GET /open-api/mission/tasks/{id}",
}
READS, WRITES = ("tasks", "task"), ("create", "update", "comment")
CALL = re.compile(r"(GET|POST|PUT|PATCH) (/(?:[\w./-]|\{id\}|\{project\})*)")
Direction = Literal["both", "out", "in", "off"]
# Priority, due day and estimate stand nowhere in what Worktile publishes.
KEPT = tuple(name for name in CANONICAL_FIELDS if name not in OPTIONAL_FIELDS)
IN: dict[str, Direction] = dict.fromkeys(KEPT, "in")


class WorktileSettings(SyncSettings):
    """One project of one team, how values map, and the calls an administrator has named."""

    base_url: HttpUrl = Field(
        default=HttpUrl("https://dev.worktile.com"),
        title="Root address",
        description="https://dev.worktile.com for the cloud, its own domain for a private server",
    )
    api: Literal["tenant", "personal"] = Field(
        default="tenant",
        title="API",
        description="tenant: for the team, by client secret; personal: for one person, by refresh token",
    )
    client_id: str = Field(
        min_length=1, title="Client id", description="of the application made in Worktile's admin console"
    )
    project: str = Field(min_length=1, title="Project id", description="whose tasks come in")
    status_map: dict[str, list[str]] = Field(
        default_factory=dict,
        description="for each task state here the names of the states there that mean it",
    )
    directions: dict[str, Direction] = Field(
        default_factory=lambda: dict(IN),
        description="for each field: in (default), both, out or off; out needs a call that writes",
    )
    calls: dict[str, str] = Field(
        default_factory=dict,
        title="Calls",
        description="for who knows the server: task, tasks, create, update or comment, each with method"
        " and path, such as POST /path/{id}; empty: only what is published is used",
    )
    names: dict[str, str] = Field(
        default_factory=dict,
        title="Names of fields",
        description="for these calls: title, body, status, assignee, labels, project and text, each with"
        " the name it has there",
    )
    pages: int = Field(
        default=1,
        ge=1,
        le=50,
        title="Pages a minute",
        description="how many pages of 100 tasks are read a minute; there is no list of what changed",
    )

    @field_validator("directions", mode="after")
    @classmethod
    def _in_unless_said(cls, given: dict[str, Direction]) -> dict[str, Direction]:
        return {**IN, **given}

    @field_validator("calls", mode="after")
    @classmethod
    def _readable(cls, given: dict[str, str]) -> dict[str, str]:
        for name, call in given.items():
            if name not in (*READS, *WRITES):
                known = ", ".join((*READS, *WRITES))
                raise WrongSetting(
                    Text(
                        zh=f"没有名为 {name} 的调用；可用的有 {known}",
                        en=f"unknown call {name}; there are {known}",
                    ),
                    "calls",
                )
            if not CALL.fullmatch(call):
                raise WrongSetting(
                    Text(
                        zh=f"{name} 应写成 POST /path/{{id}} 的形式",
                        en=f"{name} must look like POST /path/{{id}}",
                    ),
                    "calls",
                )
        return given

    @model_validator(mode="after")
    def _can_work(self) -> WorktileSettings:
        """Refuse what could never be read or written."""
        if self.api == "personal" and (missing := [name for name in READS if name not in self.calls]):
            raise WrongSetting(
                Text(
                    zh=f"请填写 {'、'.join(missing)}；个人接口未公开这些调用",
                    en=f"name {' and '.join(missing)}; those of the personal API are not published",
                ),
                "calls",
            )
        for call, field in (("create", "title"), ("comment", "text")):
            if call in self.calls and field not in self.names:
                raise WrongSetting(
                    Text(
                        zh=f"{call} 需要 {field} 在对方系统中的名称",
                        en=f"{call} needs the name of {field} there",
                    ),
                    "names",
                )
        out = [name for name, way in self.directions.items() if way in ("both", "out")]
        if out and not {"create", "update"} & set(self.calls):
            going = ", ".join(out)
            raise WrongSetting(
                Text(
                    zh=f"没有 create 或 update 调用，{going} 不能写出",
                    en=f"{going} cannot go out without a call create or update",
                ),
                "directions",
            )
        if nameless := [name for name in out if name not in self.names]:
            going = ", ".join(nameless)
            raise WrongSetting(
                Text(
                    zh=f"{going} 在对方系统中没有名称，不能写出",
                    en=f"{going} cannot go out without a name there",
                ),
                "names",
            )
        return self

    def call(self, name: str) -> tuple[str, str] | None:
        """Method and path of a call, or None where none is known."""
        known = {**(TENANT if self.api == "tenant" else {}), **self.calls}
        method, _, path = known.get(name, "").partition(" ")
        return (method, path) if path else None
