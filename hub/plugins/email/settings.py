"""What a mail connection is asked."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from hub.plugins.email.sign_in import SignInSettings
from hub.sdk import ChannelSettings, PolledSettings, Text, WrongSetting

TOKEN = "{token}"  # noqa: S105 - a place in an address, not a secret
_ADDRESS = re.compile(r"[!#-'*+\-./0-9=?A-Z^-~]{1,64}@[^\s@<>(),;:\\\"\[\]]+")


class SmtpSettings(SignInSettings, ChannelSettings):
    """Which server, as whom, and where answers and bounces go."""

    host: str = Field(
        min_length=1, max_length=253, title="Server", description="for instance smtp.example.org"
    )
    sender: str = Field(max_length=254, title="Sender address", description="stands in From")
    port: int = Field(default=587, ge=1, le=65535, title="Port")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", title="Security",
        description="starttls on port 587, tls on port 465; none only within one machine",
    )  # fmt: skip
    username: str = Field(
        default="", max_length=254, title="User name", description="empty: without signing in"
    )
    sender_name: str = Field(default="", max_length=80, title="Sender name")
    reply_address: str = Field(
        default="", max_length=254, title="Address for answers",
        description="{token} stands where the mark of the request goes: support+{token}@example.org or "
        "{token}@reply.example.org. Empty: the sender address with +{token}; without it answers are "
        "recognised by their headers alone.",
    )  # fmt: skip
    bounce_address: str = Field(
        default="", max_length=254, title="Address for bounces",
        description="for instance bounce+{token}@example.org; empty: the sender address",
    )  # fmt: skip
    null_sender: bool = Field(
        default=True, title="Confirmations without a return address",
        description="so that nothing answers them (RFC 3834); switch it off where the server refuses that",
    )  # fmt: skip

    @field_validator("sender", "reply_address", "bounce_address")
    @classmethod
    def _is_address(cls, value: str) -> str:
        value = value.strip()
        if value and not _ADDRESS.fullmatch(value.replace(TOKEN, "x")):
            raise WrongSetting(Text(zh="这不是邮件地址", en="this is not a mail address"))
        return value

    @property
    def answers_to(self) -> str:
        """The address for answers, with the place of the token."""
        user, _, domain = self.sender.rpartition("@")
        return self.reply_address or f"{user}+{TOKEN}@{domain}"


class MailboxSettings(SignInSettings, PolledSettings):
    """Which mailbox, and what becomes of a mail once the hub has it."""

    host: str = Field(
        min_length=1, max_length=253, title="Server", description="for instance imap.example.org"
    )
    username: str = Field(min_length=1, max_length=254, title="User name")
    port: int = Field(default=993, ge=1, le=65535, title="Port")
    security: Literal["tls", "starttls", "none"] = Field(
        default="tls", title="Security",
        description="tls on port 993, starttls on port 143; none only within one machine",
    )  # fmt: skip
    folder: str = Field(default="INBOX", min_length=1, max_length=200, title="Folder")
    idle: bool = Field(
        default=True, title="Hear of new mail at once (IDLE)",
        description="where the server can say it; the mailbox is looked into every few minutes all the same",
    )  # fmt: skip
    done_folder: str = Field(
        default="", max_length=200, title="Folder for mails the hub has taken",
        description="for instance Processed; empty: they stay where they are",
    )  # fmt: skip
    large_folder: str = Field(
        default="", max_length=200, title="Folder for mails that are too large",
        description="only their beginning is taken; empty: they stay where they are",
    )  # fmt: skip
    largest_mb: int = Field(default=25, ge=1, le=100, title="Largest mail (MB)")
    authserv_id: str = Field(
        default="", max_length=253, title="Name of your server in Authentication-Results",
        description="for instance mx.example.org; empty: what that header says about senders is not believed",
    )  # fmt: skip
