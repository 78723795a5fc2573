"""Tells a Feishu or Lark group what happens, by the group's custom bot (自定义机器人).

The facts are those of the vendor's guide to custom bots: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
"""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import Field

from hub.sdk import ADDRESS, BREAK, SIGNING_KEY, ChannelKind, Robot, RoomSettings, Text, hookimpl, signature

# The body may have 20 KB; JSON, signature and the marks of links need some of it.
MOST_BYTES = 8_000
_LINK = re.compile(r"(https?://\S+)")
_CALLS = re.compile(r"<(?=\s*/?\s*at\b)", re.IGNORECASE)
LIMITS = (
    Text(zh="只能发送，不能接收群里的回复。", en="It only sends: answers in the group do not come back."),
    Text(zh="发出的消息不能修改或撤回。", en="What was sent cannot be changed or taken back."),
)


class Settings(RoomSettings):
    """Which events, and the keyword that the bot asks for."""

    per_minute: int = Field(
        default=80, ge=1, le=100, title="Messages a minute",
        description="kept by all processes together, for each address",
    )  # fmt: skip
    keyword: str = Field(
        default="", max_length=40, title="Keyword",
        description="stands above every message; one of those that the robot's security settings ask for",
    )  # fmt: skip


class Bot(Robot):
    """One custom bot of one group."""

    hosts = ("open.feishu.cn", "open.larksuite.com")
    path = "/open-apis/bot/v2/hook/"
    most_bytes = MOST_BYTES
    codes = ("code", "StatusCode")
    words = "msg"
    busy: ClassVar = {11232: None}
    refused = frozenset({9499})
    off: ClassVar = {
        19001: Text(
            zh="机器人不认识这个地址：可能已被移出群。请在群设置的“群机器人”里重新复制 Webhook 地址。",
            en="The bot does not know this address: it may have been removed. Copy the webhook address again "
            "from the group's settings, Bots.",
        ),
        19021: Text(
            zh="签名不对，或本机时钟偏差超过一小时。请重新复制“签名校验”的密钥，并校准服务器时间。",
            en="The signature is wrong, or this machine's clock is off by more than an hour. Copy the key of "
            "“Set signature verification” again and set the server's clock.",
        ),
        19022: Text(
            zh="本机的 IP 不在机器人的白名单里。请在机器人的安全设置中加入本机的出口 IP。",
            en="This machine's IP address is not on the bot's list. Add the address by which the hub goes "
            "out to the bot's IP whitelist.",
        ),
        19024: Text(
            zh="消息里没有机器人要求的关键词。请把其中一个关键词填进此连接的“关键词”。",
            en="The keyword that the bot asks for is missing. Put one of its keywords into the setting "
            "“Keyword” of this connection.",
        ),
    }

    def without_calls(self, text: str) -> str:
        """``<at …>`` would call somebody, or all."""
        return _CALLS.sub(f"<{BREAK}", text)

    def body(self, text: str, at: dt.datetime) -> dict[str, Any]:
        """A rich text, whose links are links and whose texts call nobody."""
        lines = text.split("\n")
        if self.settings.keyword:
            lines.insert(0, self.settings.keyword)
        post = {"zh_cn": {"content": [[_part(part) for part in _LINK.split(line) if part] for line in lines]}}
        signed = {}
        if self.key:
            seconds = str(int(at.timestamp()))
            # Time and key are the key here, and the message is empty.
            signed = {"timestamp": seconds, "sign": signature(f"{seconds}\n{self.key}", "")}
        return {**signed, "msg_type": "post", "content": {"post": post}}


def _part(text: str) -> dict[str, str]:
    if _LINK.fullmatch(text):
        return {"tag": "a", "text": text, "href": text}
    return {"tag": "text", "text": text}


class Feishu:
    """The plugin."""

    name = "feishu"
    api = ">=1.0,<2"
    title = Text(zh="飞书群机器人", en="Feishu or Lark group bot")

    @hookimpl
    def execute_channels(self) -> Sequence[ChannelKind]:
        """One kind: a group. Its makers ask to send nothing at full and half hours (code 11232 then)."""
        secrets = (ADDRESS, SIGNING_KEY)
        return [
            ChannelKind(
                "feishu", self.title, Settings, Bot, secrets, "room", busy_minutes=(0, 30), limits=LIMITS
            )
        ]


plugin = Feishu()
