"""Tells a DingTalk group what happens, by the group's custom robot (自定义机器人).

The facts are those of the vendor's pages on custom robots: https://open.dingtalk.com/document/robots/custom-robot-access
"""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import Field

from hub.sdk import (
    ADDRESS,
    SIGNING_KEY,
    ChannelKind,
    Off,
    Robot,
    RoomSettings,
    Sent,
    Text,
    hookimpl,
    signature,
)

SECURITY = 310000
# Above the limit the robot takes nothing for ten minutes.
MUTE = dt.timedelta(minutes=10)
LIMITS = (
    Text(zh="只能发送，不能接收群里的回复。", en="It only sends: answers in the group do not come back."),
    Text(zh="发出的消息不能修改或撤回。", en="What was sent cannot be changed or taken back."),
    Text(
        zh="机器人每分钟最多 20 条，超过后会被禁言 10 分钟。",
        en="A robot takes 20 messages a minute; above that it is mute for ten.",
    ),
)
KEYWORD = Text(
    zh="消息里没有机器人要求的关键词。请把其中一个关键词填进此连接的“关键词”。",
    en="The keyword that the robot asks for is missing. Put one of its keywords into the setting “Keyword”.",
)
SIGN = Text(
    zh="签名不对，或本机时钟不准。请重新复制“加签”的密钥（以 SEC 开头），并校准服务器时间。",
    en="The signature is wrong, or this machine's clock is. Copy the key of “Additional signature” (it "
    "begins with SEC) again, and set the server's clock.",
)
ADDRESSES = Text(
    zh="本机的 IP 不在机器人允许的地址段里。请在机器人的安全设置中加入本机的出口 IP。",
    en="This machine's IP address is not among those the robot allows. Add the address by which the hub goes "
    "out to its security settings.",
)
UNTOLD = Text(
    zh="机器人的安全设置拒绝了消息。请核对关键词、加签密钥和 IP 地址段三项。",
    en="The robot's security settings refuse the message. Compare keywords, signing key and IP addresses.",
)
# Of what the robot's own words speak, where its one code for all of security leaves that open.
REASONS = (
    (re.compile(r"keyword|关键词", re.IGNORECASE), KEYWORD),
    (re.compile(r"\b(?:sign|timestamp)\b|签名|时间戳", re.IGNORECASE), SIGN),
    (re.compile(r"\bip\b|白名单", re.IGNORECASE), ADDRESSES),
)


class Settings(RoomSettings):
    """Which events, and the keyword that the robot asks for."""

    per_minute: int = Field(
        default=15, ge=1, le=20, title="Messages a minute",
        description="kept by all processes together, for each address",
    )  # fmt: skip
    keyword: str = Field(
        default="", max_length=40, title="Keyword",
        description="stands above every message; one of those that the robot's security settings ask for",
    )  # fmt: skip


class GroupRobot(Robot):
    """One custom robot of one group."""

    hosts = ("oapi.dingtalk.com",)
    path = "/robot/send"
    # 20 KB are said to be taken; nobody reads so much, and JSON needs some of it.
    most_bytes = 6_000
    busy: ClassVar = {130101: MUTE, 90030: dt.timedelta(hours=1)}
    off: ClassVar = {
        300001: Text(
            zh="机器人不认识这个地址：可能已被移出群。请在群设置的“机器人”里重新复制 Webhook 地址。",
            en="The robot does not know this address: it may have been removed. Copy the webhook address "
            "again from the group's settings, Robots.",
        ),
    }

    def query(self, at: dt.datetime) -> dict[str, str]:
        """Milliseconds and their signature, where the robot asks for one."""
        if not self.key:
            return {}
        now = str(int(at.timestamp() * 1000))
        return {"timestamp": now, "sign": signature(self.key, f"{now}\n{self.key}")}

    def body(self, text: str, at: dt.datetime) -> dict[str, Any]:
        """A plain text: what stands in it is no markup, and calls nobody."""
        told = f"{self.settings.keyword}\n{text}" if self.settings.keyword else text
        return {"msgtype": "text", "text": {"content": told}, "at": {"isAtAll": False}}

    def meant(self, code: Any, words: str) -> Sent:
        """One code stands for all of security; its words tell which part."""
        if code == SECURITY:
            raise Off(next((text for form, text in REASONS if form.search(words)), UNTOLD))
        return super().meant(code, words)


class DingTalk:
    """The plugin."""

    name = "dingtalk"
    api = ">=1.0,<2"
    title = Text(zh="钉钉群机器人", en="DingTalk group robot")

    @hookimpl
    def execute_channels(self) -> Sequence[ChannelKind]:
        """One kind: a group."""
        keys = (ADDRESS, SIGNING_KEY)
        return [ChannelKind("dingtalk", self.title, Settings, GroupRobot, keys, "room", limits=LIMITS)]


plugin = DingTalk()
