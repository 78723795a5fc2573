"""What a Jira connection is told: where, which project, and how values map."""

from __future__ import annotations

import json
import re
from typing import Any, Literal

from pydantic import Field, HttpUrl, ValidationInfo, field_validator

from hub.sdk import SyncSettings, Text, WrongSetting

ORDER_BY = re.compile(r"\border\s+by\b", re.IGNORECASE)


class JiraSettings(SyncSettings):
    """One project at Jira Cloud or at a Jira Data Center."""

    base_url: HttpUrl = Field(
        title="Jira address",
        description="https://name.atlassian.net, for a token with scopes https://api.atlassian.com/ex/jira/"
        "<cloud id>, for Data Center the address of its start page",
    )
    flavour: Literal["cloud", "datacenter"] = Field(
        default="cloud", title="Jira edition", description="cloud or datacenter"
    )
    project: str = Field(
        title="Project key",
        description="the letters before the number of an issue, for instance OPS",
        pattern=r"^[A-Za-z][A-Za-z0-9_]*$",
        max_length=100,
    )
    email: str = Field(
        default="",
        title="Account e-mail",
        description="Cloud: whom the API token belongs to. Empty: the token is sent as a bearer token"
        " (Data Center)",
    )
    issue_type: str = Field(
        default="Task", title="Issue type", description="name or number of the type of new issues"
    )
    status_map: dict[str, list[str]] = Field(
        default={
            "open": ["To Do"],
            "doing": ["In Progress"],
            "waiting": ["Blocked"],
            "done": ["Done"],
            "dropped": ["Cancelled"],
        },
        title="Status map",
        description="for each task state here the statuses there that mean it; the first one is written",
    )
    priority_map: dict[int, list[str]] = Field(
        default={1: ["Highest"], 2: ["High"], 3: ["Medium"], 4: ["Low", "Lowest"]},
        title="Priority map",
        description="for each priority here (1 urgent to 4 low) the priorities there that mean it; the first"
        " one is written; empty: priorities are not synchronised",
    )
    through: list[str] = Field(
        default_factory=list,
        title="Statuses to pass through",
        description="where no transition leads straight to the wanted status, it may be reached through"
        " these (at most five steps); empty: straight only",
    )
    transition_fields: dict[str, str] = Field(
        default_factory=dict,
        title="Fields that transitions ask for",
        description="for each status there the fields to fill on the way in, as JSON, for instance"
        ' Done: {"resolution": {"name": "Done"}}',
    )
    create_fields: dict[str, str] = Field(
        default_factory=dict,
        title="Fields of new issues",
        description='sent with each new issue, as JSON, for instance priority: {"name": "High"}',
    )
    jql: str = Field(
        default="",
        title="Only issues that match (JQL)",
        description="narrows the sweep, without ORDER BY; empty: the whole project",
    )
    site_url: HttpUrl | None = Field(
        default=None,
        title="Address for people",
        description="where people open issues, if it is another than the Jira address",
    )
    hub_url: HttpUrl | None = Field(
        default=None,
        title="Address of this hub",
        description="each new issue gets a link back to it (needs the permission Link issues); empty: none",
    )
    notify_users: bool = Field(
        default=True,
        title="Let Jira send mail",
        description="off: Jira tells nobody about changes the hub makes (the account must administer the"
        " project)",
    )

    @field_validator("jql")
    @classmethod
    def _without_order(cls, jql: str) -> str:
        """Refuse an order: the sweep needs its own."""
        if ORDER_BY.search(jql):
            raise WrongSetting(Text(zh="请去掉 ORDER BY", en="leave ORDER BY out"), "jql")
        return jql

    @field_validator("transition_fields", "create_fields", mode="before")
    @classmethod
    def _written(cls, fields: Any) -> Any:
        """Take values as they are, too; kept as text, since that is how a form shows them."""
        if not isinstance(fields, dict):
            return fields
        return {
            name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for name, value in fields.items()
        }

    @field_validator("transition_fields", "create_fields")
    @classmethod
    def _readable(cls, fields: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        """Refuse what is no JSON, or none of the needed shape."""
        for name, text in fields.items():
            try:
                value = json.loads(text)
            except ValueError:
                raise WrongSetting(
                    Text(zh=f"{name} 的值不是 JSON", en=f"{name} is not JSON"), str(info.field_name)
                ) from None
            if info.field_name == "transition_fields" and not isinstance(value, dict):
                raise WrongSetting(
                    Text(zh=f"{name} 需要字段名和值", en=f"{name} needs field names and values"),
                    "transition_fields",
                )
        return fields

    @field_validator("create_fields")
    @classmethod
    def _not_ours(cls, fields: dict[str, str]) -> dict[str, str]:
        """Refuse fields that the hub writes itself."""
        taken = sorted(set(fields) & {"project", "issuetype", "summary", "description", "labels", "assignee"})
        if taken:
            names = ", ".join(taken)
            raise WrongSetting(
                Text(zh=f"{names} 由中枢自己写入", en=f"the hub writes {names} itself"), "create_fields"
            )
        return fields

    def filled(self, status: str) -> dict[str, Any]:
        """The values for the fields that the way into this status asks for."""
        found: dict[str, Any] = json.loads(self.transition_fields.get(status, "{}"))
        return found

    def begun(self) -> dict[str, Any]:
        """The values of further fields of new issues."""
        return {name: json.loads(text) for name, text in self.create_fields.items()}

    def kept(self, field: str, value: Any) -> Any:
        """A text as it comes back from Jira's own markup."""
        if field != "body":
            return value
        from hub.plugins.jira.texts import markup

        return markup(self.flavour).kept(value)
