"""Tells a WeCom (企业微信) group what happens, by the group's message push robot (群机器人).

The facts are those of the vendor's page on group robots: https://developer.work.weixin.qq.com/document/path/91770
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import Field

from hub.sdk import ADDRESS, BREAK, ChannelKind, Robot, RoomSettings, Text, hookimpl

LIMITS = (
    Text(zh="只能发送，不能接收群里的回复。", en="It only sends: answers in the group do not come back."),
    Text(zh="发出的消息不能修改或撤回。", en="What was sent cannot be changed or taken back."),
    Text(
        zh="一条消息最多 2048 字节（约 680 个汉字），更长的以“…”截断。",
        en="A message has 2,048 bytes (some 680 Chinese characters); a longer one is cut with “…”.",
    ),
)


class Settings(RoomSettings):
    """Which events."""

    per_minute: int = Field(
        default=15, ge=1, le=20, title="Messages a minute",
        description="kept by all processes together, for each address",
    )  # fmt: skip


class GroupRobot(Robot):
    """One robot of one group."""

    hosts = ("qyapi.weixin.qq.com",)
    path = "/cgi-bin/webhook/send"
    most_bytes = 2048
    busy: ClassVar = {45009: dt.timedelta(minutes=1)}
    refused: ClassVar = frozenset({40058})
    off: ClassVar = {
        93000: Text(
            zh="机器人不认识这个地址：可能已被移出群。请在群里点开机器人，重新复制 Webhook 地址。",
            en="The robot does not know this address: it may have been removed. Open the robot in the group "
            "and copy the webhook address again.",
        ),
    }

    def body(self, text: str, at: dt.datetime) -> dict[str, Any]:
        """A plain text: what stands in it is no markup, and calls nobody."""
        return {"msgtype": "text", "text": {"content": text}}

    def without_calls(self, text: str) -> str:
        """``<@name>`` would call somebody."""
        return text.replace("<@", f"<{BREAK}@")


class WeCom:
    """The plugin."""

    name = "wecom"
    api = ">=1.0,<2"
    title = Text(zh="企业微信群机器人", en="WeCom group robot")

    @hookimpl
    def execute_channels(self) -> Sequence[ChannelKind]:
        """One kind: a group."""
        return [ChannelKind("wecom", self.title, Settings, GroupRobot, (ADDRESS,), "room", limits=LIMITS)]


plugin = WeCom()
