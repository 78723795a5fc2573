"""A mailbox whose server says when mail comes (RFC 2177)."""

from __future__ import annotations

import ssl
from contextlib import ExitStack

from hub.plugins.email.imap import Box, signed_in, unless_lost
from hub.plugins.email.settings import MailboxSettings
from hub.plugins.email.sign_in import Credential
from hub.sdk import Http, Retry

LOST = "the connection on which the server tells of new mail was lost"
# A server that says so much without ending a line does not speak IMAP.
LONGEST_LINE = 65536


class Idle:
    """One conversation that waits for the server to speak."""

    def __init__(self, conversation: ExitStack, box: Box) -> None:
        """``conversation`` ends with ``close``."""
        self._conversation, self._box, self._begun = conversation, box, b""

    def fileno(self) -> int:
        """What a selector waits for."""
        return int(self._box.client.sock.fileno())

    def heard(self) -> bool:
        """Whether what the server says is that mail has come; raises ``Retry`` where it hangs up."""
        with unless_lost(LOST):
            said = self._lines()
        if not all(line.startswith(b"*") for line in said) or any(
            line.upper().startswith(b"* BYE") for line in said
        ):
            raise Retry(LOST)
        return any(line.upper().rstrip().endswith(b" EXISTS") for line in said)

    def renew(self) -> None:
        """Begin anew before the server's patience ends."""
        with unless_lost(LOST):
            self._begun = b""
            self._box.idle.stop()  # type: ignore[no-untyped-call]
            self._box.idle.start()  # type: ignore[no-untyped-call]

    def _lines(self) -> list[bytes]:
        """The lines that came to their end: networks cut them anywhere, so the rest of one is waited for.

        ``imaplib`` takes a line that has only begun for a broken connection.
        """
        sock = self._box.client.sock
        patience = sock.gettimeout()
        sock.settimeout(0)
        try:
            while len(self._begun) < LONGEST_LINE:
                came = sock.recv(LONGEST_LINE)
                if not came:
                    raise Retry(LOST)
                self._begun += came
        except (BlockingIOError, ssl.SSLWantReadError):
            *said, self._begun = self._begun.split(b"\r\n")
            return said
        finally:
            sock.settimeout(patience)
        raise Retry(LOST)

    def close(self) -> None:
        """Hang up, without waiting for the server."""
        self._box.client.shutdown()
        self._conversation.close()


def listen(settings: MailboxSettings, credential: Credential, http: Http) -> Idle | None:
    """Wait for what the server says of a folder, or None where it says nothing by itself."""
    with ExitStack() as stack:
        box = stack.enter_context(signed_in(settings, credential, http, settings.folder))
        if not box.offers(b"IDLE"):
            return None
        box.idle.start()  # type: ignore[no-untyped-call]
        return Idle(stack.pop_all(), box)
