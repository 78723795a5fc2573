"""Speaking IMAP (RFC 3501, 2971, 6851) over a connection that the hub has opened."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from imap_tools import BaseMailBox, MailBoxFolderManager
from imap_tools.errors import ImapToolsError, MailboxLoginError

from hub.plugins.email.settings import MailboxSettings
from hub.plugins.email.sign_in import Credential
from hub.sdk import Http, Refused, Retry

PATIENCE_S = 60.0
_SIZE = re.compile(rb"UID (\d+).*?RFC822\.SIZE (\d+)|RFC822\.SIZE (\d+).*?UID (\d+)")
_UID = re.compile(rb"\bUID (\d+)\b")
# Not the account: the server cannot look at it now, or has had enough of us (RFC 5530).
_LATER = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]|try again|too many|temporar|frequen", re.I)


class _Client(imaplib.IMAP4):
    """A conversation over a connection that the hub has opened."""

    def __init__(self, settings: MailboxSettings, http: Http) -> None:
        self._settings, self._http = settings, http
        super().__init__(settings.host, settings.port, PATIENCE_S)

    def _create_socket(self, timeout: float | None) -> Any:
        plain = self._http.connect(self.host, self.port, timeout)
        if self._settings.security != "tls":
            return plain
        return self._http.tls().wrap_socket(plain, server_hostname=self.host)


class Box(BaseMailBox):
    """One account of one server, signed in."""

    folder_manager_class = MailBoxFolderManager

    def __init__(self, settings: MailboxSettings, http: Http) -> None:
        self._settings, self._http = settings, http
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        client = _Client(self._settings, self._http)
        if self._settings.security == "starttls":
            try:
                client.starttls(self._http.tls())
            except BaseException:
                with suppress(OSError):
                    client.shutdown()
                raise
        return client

    def sign_in(self, credential: Credential) -> None:
        """Sign in with password or token, and say who we are: NetEase takes nobody who does not."""
        name, secret = self._settings.username, credential.current()
        try:
            if credential.is_token:
                self.xoauth2(name, secret, None)
            elif name.isascii() and secret.isascii():
                self.login(name, secret, None)
            else:
                self.login_utf8(name, secret, None)
        except (MailboxLoginError, imaplib.IMAP4.error):
            credential.forget(secret)
            raise
        if self.offers(b"ID"):
            imaplib.Commands.setdefault("ID", ("AUTH", "SELECTED"))
            with suppress(imaplib.IMAP4.error):
                self.client._simple_command("ID", '("name" "service-hub" "version" "1")')

    def offers(self, capability: bytes) -> bool:
        """Whether the server can do this; asked anew, for some list more once they know who asks."""
        _, answer = self.client.capability()
        return capability in b" ".join(one for one in answer if isinstance(one, bytes)).upper().split()

    def sizes(self, first: int, last: int | str) -> list[tuple[int, int]]:
        """Uid and size of the messages from one uid on, in order.

        ``n:*`` always gives the last message, even where its uid is smaller (RFC 3501, 6.4.8).
        """
        _, answer = self.client.uid("FETCH", f"{first}:{last}", "(UID RFC822.SIZE)")
        found = []
        for line in answer:
            text = line if isinstance(line, bytes) else b"".join(line) if isinstance(line, tuple) else b""
            if match := _SIZE.search(text):
                uid, size = (match[1], match[2]) if match[1] else (match[4], match[3])
                found.append((int(uid), int(size)))
        return sorted((uid, size) for uid, size in found if uid >= first)

    def raw(self, uids: Sequence[int], section: str = "[]") -> Iterator[tuple[int, bytes]]:
        """The messages as they are; looking at them leaves no trace: nobody's unread mail is read."""
        wanted = ",".join(map(str, uids))
        _, answer = self.client.uid("FETCH", wanted, f"(UID BODY.PEEK{section})")
        pieces: list[Any] = list(answer)
        answer.clear()  # a large message must not be held twice
        while pieces:
            piece = pieces.pop(0)
            if not isinstance(piece, tuple):
                continue
            # The uid stands before the message, or behind it.
            after = pieces[0] if pieces and isinstance(pieces[0], bytes) else b""
            if match := _UID.search(piece[0]) or _UID.search(after):
                yield int(match[1]), piece[1]


@contextmanager
def signed_in(
    settings: MailboxSettings, credential: Credential, http: Http, folder: str = ""
) -> Iterator[Box]:
    """A mailbox to use in the block; what goes wrong is ``Retry``, or ``Refused`` where it is the account."""
    box: Box | None = None
    try:
        box = Box(settings, http)
        box.sign_in(credential)
        if folder:
            box.folder.set(folder)
        yield box
    except MailboxLoginError as error:
        raise _no_entry(_said(error)) from None
    except ImapToolsError as error:
        raise Refused(f"{settings.host}: {_short(_said(error))}") from None
    except imaplib.IMAP4.abort as error:
        raise Retry(f"{settings.host}: the connection was lost: {_short(str(error))}") from None
    except imaplib.IMAP4.error as error:
        if box is None or box.login_result is None:
            raise _no_entry(str(error)) from None
        raise Retry(f"{settings.host}: {_short(str(error))}") from None
    except OSError as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise Retry(f"{settings.host}: the connection was lost: {_short(reason)}") from None
    finally:
        if box is not None:
            with suppress(Exception):
                box.client.logout()
            with suppress(Exception):
                box.client.shutdown()  # which a lost connection's logout does not come to


@contextmanager
def unless_lost(said: str) -> Iterator[None]:
    """Part of a conversation that goes on beyond a block; whatever goes wrong is ``Retry`` in these words."""
    try:
        yield
    except (imaplib.IMAP4.error, ImapToolsError, OSError):
        raise Retry(said) from None


def _no_entry(said: str) -> Retry | Refused:
    if _LATER.search(said):
        return Retry(f"the server is busy: {_short(said)}")
    return Refused(f"user name or password is refused: {_short(said)}")


def _said(error: ImapToolsError) -> str:
    """The server's own words."""
    status_and_lines = getattr(error, "command_result", None)
    if not isinstance(status_and_lines, tuple) or len(status_and_lines) < 2:
        return str(error)
    lines = status_and_lines[1]
    return " ".join(
        line.decode("utf-8", "replace") if isinstance(line, bytes) else str(line)
        for line in (lines if isinstance(lines, list) else [lines])
    )


def _short(text: str) -> str:
    return " ".join(text.split())[:200]
