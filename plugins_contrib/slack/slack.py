"""Tells a Slack channel what happens, by an app's incoming webhook.

The facts are those of the vendor's pages: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
and https://docs.slack.dev/apis/web-api/rate-limits
"""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from hub.sdk import (
    ADDRESS,
    ChannelKind,
    HttpAnswer,
    Off,
    Refused,
    Retry,
    Robot,
    RoomSettings,
    Sent,
    Text,
    Unclear,
    hookimpl,
)

_LINK = re.compile(r"https?://[^\s<>|]+")
_WORD = re.compile(rb"[a-z_]{2,60}")
LIMITS = (
    Text(zh="只能发送，不能接收频道里的回复。", en="It only sends: answers in the channel do not come back."),
    Text(zh="发出的消息不能修改或撤回。", en="What was sent cannot be changed or taken back."),
)
GONE = Text(
    zh="Slack 不再认识这个地址：应用已被移除或 Webhook 已撤销。请在 Incoming Webhooks 页新建一个填入此连接。",
    en="Slack does not know this address any more: the app was removed or the webhook revoked. Add a new one "
    "on the app's page Incoming Webhooks, and put it into this connection.",
)
ARCHIVED = Text(
    zh="频道已归档或不存在。请恢复频道，或为另一个频道新建 Webhook 并填入此连接。",
    en="The channel is archived or gone. Restore it, or make a webhook for another channel and put that into "
    "this connection.",
)
FORBIDDEN = Text(
    zh="工作区管理员禁止该应用向这个频道发送消息。请管理员放行，或为另一个频道新建 Webhook。",
    en="An administrator of the workspace does not let this app post there. Ask them to, or make a "
    "webhook for another channel.",
)
OFF = {
    "no_service": GONE, "no_team": GONE, "invalid_token": GONE, "channel_not_found": ARCHIVED,
    "channel_is_archived": ARCHIVED, "action_prohibited": FORBIDDEN,
}  # fmt: skip
REFUSED = ("invalid_payload", "invalid_blocks", "missing_text_or_fallback_or_attachments", "user_not_found")


class Settings(RoomSettings):
    """Which events."""

    per_minute: int = Field(
        default=50, ge=1, le=60, title="Messages a minute",
        description="kept by all processes together, for each address",
    )  # fmt: skip


class Webhook(Robot):
    """One incoming webhook of one channel."""

    hosts = ("hooks.slack.com",)
    path = "/services/"
    # 40,000 characters are taken, and what is escaped grows to six times its length at most.
    most_bytes = 6_000

    def body(self, text: str, at: dt.datetime) -> dict[str, Any]:
        """A text whose links are links; escaped, so that it calls nobody."""
        parts, end = [], 0
        for found in _LINK.finditer(text):
            parts += [_escaped(text[end : found.start()]), f"<{_escaped(found.group())}>"]
            end = found.end()
        return {"text": "".join([*parts, _escaped(text[end:])])}

    def judged(self, answer: HttpAnswer) -> Sent:
        """Status 200 with the word ``ok`` is yes; a no is a status with one word."""
        said = answer.body[:200].strip()
        word = said.decode() if _WORD.fullmatch(said) else ""
        if answer.status == 200 and word == "ok":
            return Sent("ok")
        if word in OFF:
            raise Off(OFF[word])
        if word in REFUSED:
            raise Refused(f"{answer.status}: {word}")
        if answer.status == 200:
            raise Unclear("status 200, but not the word ok")
        raise Retry(f"Slack answers with status {answer.status}: {word or 'no word of its own'}")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Slack:
    """The plugin."""

    name = "slack"
    api = ">=1.0,<2"
    title = Text(zh="Slack 频道", en="Slack channel")

    @hookimpl
    def execute_channels(self) -> Sequence[ChannelKind]:
        """One kind: a channel."""
        return [ChannelKind("slack", self.title, Settings, Webhook, (ADDRESS,), "room", limits=LIMITS)]


plugin = Slack()
