"""What the mail plugin offers: the channel ``smtp`` and the source ``mailbox``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hub.plugins.email.settings import MailboxSettings, SmtpSettings
from hub.plugins.email.sign_in import SECRETS, Credential
from hub.sdk import ChannelKind, Http, SourceKind, Text, hookimpl

if TYPE_CHECKING:
    from hub.plugins.email.mailbox import Mailbox
    from hub.plugins.email.smtp import SmtpChannel


def open_smtp(
    settings: SmtpSettings, secrets: Mapping[str, str], http: Http, _state: Mapping[str, Any]
) -> SmtpChannel:
    """The object behind one SMTP connection."""
    # Only here: a hub that sends no mail pays for no mail library.
    from hub.plugins.email.smtp import SmtpChannel

    return SmtpChannel(settings, Credential(settings, secrets, http), http)


def open_mailbox(
    settings: MailboxSettings, secrets: Mapping[str, str], http: Http, _state: Mapping[str, Any]
) -> Mailbox:
    """The object behind one mailbox."""
    from hub.plugins.email.mailbox import Mailbox

    return Mailbox(settings, Credential(settings, secrets, http), http)


class EmailPlugin:
    """Offers mail."""

    name = "email"
    api = ">=1.0,<2"
    title = Text(zh="电子邮件", en="E-mail")

    @hookimpl
    def identify_sources(self) -> Sequence[SourceKind]:
        """Mail in by IMAP."""
        title = Text(zh="邮箱（IMAP）", en="Mailbox (IMAP)")
        return (SourceKind("mailbox", title, MailboxSettings, open_mailbox, "poll", SECRETS),)

    @hookimpl
    def execute_channels(self) -> Sequence[ChannelKind]:
        """Mail out by SMTP."""
        title = Text(zh="邮件发送（SMTP）", en="Mail out (SMTP)")
        return (ChannelKind("smtp", title, SmtpSettings, open_smtp, SECRETS),)


plugin = EmailPlugin()
