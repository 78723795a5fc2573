"""A mailbox whose server says when mail comes (RFC 2177)."""

from __future__ import annotations

from contextlib import ExitStack

from hub.plugins.email.imap import Box, signed_in, unless_lost
from hub.plugins.email.settings import MailboxSettings
from hub.sdk import Http, Retry

LOST = "the connection on which the server tells of new mail was lost"


class Idle:
    """One conversation that waits for the server to speak."""

    def __init__(self, conversation: ExitStack, box: Box) -> None:
        """``conversation`` ends with ``close``."""
        self._conversation, self._box = conversation, box

    def fileno(self) -> int:
        """What a selector waits for."""
        return int(self._box.client.sock.fileno())

    def heard(self) -> bool:
        """Whether what the server says is that mail has come; raises ``Retry`` where it hangs up."""
        with unless_lost(LOST):
            said = self._box.idle.poll(0)
            # Readable, and nothing to read: that is how a closed connection looks.
            if not said or not all(line.startswith(b"*") for line in said):
                raise Retry(LOST)
        if any(line.upper().startswith(b"* BYE") for line in said):
            raise Retry(LOST)
        return any(line.upper().rstrip().endswith(b" EXISTS") for line in said)

    def renew(self) -> None:
        """Begin anew before the server's patience ends."""
        with unless_lost(LOST):
            self._box.idle.stop()  # type: ignore[no-untyped-call]
            self._box.idle.start()  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Hang up, without waiting for the server."""
        self._box.client.shutdown()
        self._conversation.close()


def listen(settings: MailboxSettings, secret: str, http: Http) -> Idle | None:
    """Wait for what the server says of a folder, or None where it says nothing by itself."""
    with ExitStack() as stack:
        box = stack.enter_context(signed_in(settings, secret, http, settings.folder))
        if not box.offers(b"IDLE"):
            return None
        box.idle.start()  # type: ignore[no-untyped-call]
        return Idle(stack.pop_all(), box)
