"""The settings of a PingCode connection."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, HttpUrl, field_validator, model_validator

from hub.sdk import SyncSettings, Text, WrongSetting

Area = Literal["work_item", "idea", "ticket"]


class PingCodeSettings(SyncSettings):
    """One project or product of one organisation, and how values map."""

    base_url: HttpUrl = Field(
        default=HttpUrl("https://open.pingcode.com"),
        title="Root address",
        description="https://open.pingcode.com for the cloud, https://<host>/open for a private server",
    )
    client_id: str = Field(
        min_length=1, title="Client id", description="of the application made in PingCode's admin console"
    )
    area: Area = Field(default="work_item", title="Area", description="what a task here is over there")
    container: str = Field(
        min_length=1,
        title="Project or product id",
        description="work items live in a project, ideas and tickets in a product",
    )
    type: str = Field(
        default="",
        title="Type",
        description="id of the type that is made there, such as task or bug; ideas have none",
    )
    mark_property: str = Field(
        default="",
        title="Property for the mark",
        description="a text property such as hub_ref; empty: a short mark stands at the end of the title",
    )
    state_plan: str = Field(
        default="",
        title="State plan",
        description="id of the plan whose flows hold; empty: the one that belongs to the project or product",
    )
    status_map: dict[str, list[str]] = Field(
        default={
            "open": ["pending"],
            "doing": ["in_progress"],
            "waiting": ["in_progress"],
            "done": ["completed"],
            "dropped": ["closed"],
        },
        description="for each task state here the states there that mean it; the first one is written."
        " Names of states, or pending, in_progress, completed, closed for all states of that type",
    )

    @field_validator("base_url", mode="after")
    @classmethod
    def _plain_root(cls, url: HttpUrl) -> HttpUrl:
        if url.query or url.fragment or (url.path or "").rstrip("/").endswith("/v1"):
            raise WrongSetting(
                Text(
                    zh="只填根地址，不带 /v1，也不带 ? 或 #",
                    en="write the root address only, without /v1 and without ? or #",
                )
            )
        return url

    @model_validator(mode="after")
    def _type_where_needed(self) -> PingCodeSettings:
        if self.area != "idea" and not self.type:
            raise WrongSetting(
                Text(
                    zh="工作项和工单需要类型编号，例如 task",
                    en="work items and tickets need the id of a type, such as task",
                ),
                "type",
            )
        return self
