"""Sending by SMTP (RFC 5321, 6409, 3207): one message, one conversation with the server."""

from __future__ import annotations

import datetime as dt
import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from hub.plugins.email.letter import address, mail
from hub.plugins.email.settings import TOKEN, SmtpSettings
from hub.plugins.email.sign_in import Credential
from hub.sdk import Checked, Http, OutgoingMessage, Refused, Retry, Sent, Text

# A server may look through a message for long before it says that it has it (RFC 5321, 4.5.3.2.6).
PATIENCE_S = 60.0
# What is wrong with the connection and not with a message: waits for somebody to mend it.
MENDING = dt.timedelta(minutes=15)
_ADDRESS_WRONG = re.compile(r"\b5\.1\.[0-36]\b|(?i:user unknown|no such user|mailbox not found)")


class _Conversation(smtplib.SMTP):
    """A conversation over a connection that the hub has opened."""

    def __init__(self, settings: SmtpSettings, http: Http) -> None:
        self._settings, self._http = settings, http
        super().__init__(local_hostname=settings.sender.rpartition("@")[2], timeout=PATIENCE_S)
        self._host = settings.host  # what the certificate must name

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        plain = self._http.connect(host, port, timeout)
        if self._settings.security != "tls":
            return plain
        return self._http.tls().wrap_socket(plain, server_hostname=host)


class SmtpChannel:
    """One mail server with one account."""

    def __init__(self, settings: SmtpSettings, credential: Credential, http: Http) -> None:
        """``http`` opens the connections."""
        self._settings, self._credential, self._http = settings, credential, http

    def check(self) -> Checked:
        """Sign in and name the sender; nothing is sent."""
        try:
            with self._conversation() as server:
                code, said = server.mail(self._settings.sender)
        except (Retry, Refused) as error:
            return Checked(False, Text(zh=f"不能发送：{error.reason}", en=f"Cannot send: {error.reason}"))
        if code != 250:
            why = _told(code, said)
            return Checked(
                False,
                Text(zh=f"服务器拒绝发件地址：{why}", en=f"The server refuses the sender address: {why}"),
            )
        return Checked(
            True, Text(zh="服务器接受此账户和发件地址。", en="The server takes account and sender.")
        )

    def send(self, message: OutgoingMessage) -> Sent:
        """Hand one mail over; what went wrong before the server heard of it is never the mail's fault."""
        settings = self._settings
        reply_to = _with_token(settings.answers_to, message.reply_token)
        made = mail(message, settings.sender, settings.sender_name, reply_to)
        recipient = address(message.to).addr_spec
        with self._conversation() as server:
            self._name_sender(server, message)
            code, said = server.rcpt(recipient)
            if code not in (250, 251):
                raise _no(code, said, about_address=True)
            code, said = server.data(made.as_bytes())
        if code != 250:
            raise _no(code, said)
        return Sent(_told(code, said))

    def _name_sender(self, server: smtplib.SMTP, message: OutgoingMessage) -> None:
        settings = self._settings
        wanted = _with_token(settings.bounce_address, message.bounce_token) or settings.sender
        if message.automatic == "replied" and settings.null_sender:
            if server.mail("")[0] == 250:
                return
            server.rset()
        code, said = server.mail(wanted)
        if code != 250:
            # Whoever may not send as this address may send nothing: no message is to blame.
            raise Retry(f"the server refuses the sender address: {_told(code, said)}", MENDING)

    @contextmanager
    def _conversation(self) -> Iterator[smtplib.SMTP]:
        server = _Conversation(self._settings, self._http)
        try:
            self._sign_in(server)
            yield server
        except smtplib.SMTPDataError as error:
            raise _no(error.smtp_code, error.smtp_error) from None
        except (smtplib.SMTPException, OSError) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise Retry(f"{self._settings.host}: the connection was lost: {reason}"[:300]) from None
        finally:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def _prove(self, server: smtplib.SMTP) -> None:
        name, secret = self._settings.username, self._credential.current()

        def bearer(challenge: bytes | None = None) -> str:
            """What XOAUTH2 sends at once; a challenge tells why it was not enough: nothing is the answer."""
            return "" if challenge is not None else f"user={name}\1auth=Bearer {secret}\1\1"

        try:
            if self._credential.is_token:
                server.ehlo_or_helo_if_needed()  # what stood before STARTTLS counts no more
                server.auth("XOAUTH2", bearer)
            else:
                server.login(name, secret)
        except smtplib.SMTPAuthenticationError:
            self._credential.forget(secret)
            raise

    def _sign_in(self, server: smtplib.SMTP) -> None:
        settings = self._settings
        try:
            code, said = server.connect(settings.host, settings.port)
            if code != 220:
                raise Retry(f"{settings.host}: {_told(code, said)}")
            server.ehlo_or_helo_if_needed()
            if settings.security == "starttls":
                server.starttls(context=self._http.tls())
            if settings.username:
                self._prove(server)
        except smtplib.SMTPAuthenticationError as error:
            why = _told(error.smtp_code, error.smtp_error)
            raise Retry(f"user name or password is refused: {why}", MENDING) from None
        except smtplib.SMTPNotSupportedError as error:
            raise Retry(f"{settings.host}: {error}", MENDING) from None
        except smtplib.SMTPResponseException as error:
            why = _told(error.smtp_code, error.smtp_error)
            raise Retry(f"{settings.host}: {why}", MENDING if error.smtp_code >= 500 else None) from None
        except Refused as refused:
            raise Retry(refused.reason, MENDING) from None
        except (
            ValueError
        ) as error:  # a certificate that does not fit is an OSError; this is a name that cannot
            raise Retry(f"{settings.host}: {error}", MENDING) from None


def _with_token(form: str, token: str) -> str:
    if TOKEN not in form:
        return form
    return form.replace(TOKEN, token) if token else form.replace(f"+{TOKEN}", "").replace(TOKEN, "noreply")


def _no(code: int, said: bytes | str, *, about_address: bool = False) -> Retry | Refused:
    why = _told(code, said)
    if code < 500:
        return Retry(why)
    wrong = about_address and (code in (551, 553) or _ADDRESS_WRONG.search(why))
    return Refused(why, ("to",) if wrong else ())


def _told(code: int, said: bytes | str) -> str:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(words.split())}"[:300]
