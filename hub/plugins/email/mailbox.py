"""A mailbox as a source: what came since the last look, raw; read only when it is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hub.plugins.email.idle import Idle, listen
from hub.plugins.email.imap import Box, signed_in
from hub.plugins.email.reading import draft_of
from hub.plugins.email.settings import MailboxSettings
from hub.plugins.email.sign_in import Credential
from hub.sdk import Arrived, Checked, Collected, DeliveryValue, Draft, Http, Refused, Retry, Text

# One batch is one transaction and lies in memory whole; what is too large goes alone.
MOST_TOGETHER, MOST_BYTES = 100, 1024 * 1024
SIZES_AT_ONCE = 5000
BEGINNING = 256 * 1024
CUT = "x-hub-size"
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class Mailbox:
    """One folder of one account."""

    def __init__(self, settings: MailboxSettings, credential: Credential, http: Http) -> None:
        """``http`` opens the connections."""
        self._settings, self._credential, self._http = settings, credential, http

    def verify(self, delivery: DeliveryValue) -> bool:
        """Nobody can post into a mailbox by the hub's public address."""
        return False

    def check(self) -> Checked:
        """Sign in and look at the folders; nothing is changed."""
        settings = self._settings
        try:
            with signed_in(settings, self._credential, self._http, settings.folder) as box:
                missing = [
                    name
                    for name in (settings.done_folder, settings.large_folder)
                    if name and not box.folder.exists(name)
                ]
                count = len(box.sizes(1, "*"))
        except (Retry, Refused) as error:
            return Checked(
                False, Text(zh=f"不能读取邮箱：{error.reason}", en=f"Cannot read the mailbox: {error.reason}")
            )
        if missing:
            return Checked(
                False,
                Text(zh=f"邮箱里没有文件夹“{missing[0]}”。", en=f"The mailbox has no folder “{missing[0]}”."),
            )
        return Checked(
            True,
            Text(
                zh=f"可以读取邮箱，现有 {count} 封邮件。",
                en=f"The mailbox can be read; it holds {count} mails.",
            ),
        )

    def collect(self, cursor: Mapping[str, Any], since: dt.date) -> Iterator[Collected]:
        """What came since the cursor: ``{"validity": …, "uid": …}`` (RFC 3501, 2.3.1.1)."""
        settings = self._settings
        with signed_in(settings, self._credential, self._http, settings.folder) as box:
            status = box.folder.status(settings.folder, ["UIDVALIDITY", "UIDNEXT"])
            validity, ends = status["UIDVALIDITY"], status["UIDNEXT"]
            last = int(cursor.get("uid", 0))
            if cursor and cursor.get("validity") != validity:
                # The numbers mean nothing any more; those who came before are known by their Message-ID.
                last = _before(box, since)
            while last + 1 < ends:
                until = min(last + SIZES_AT_ONCE, ends - 1)
                for uids in _batches(box.sizes(last + 1, until)):
                    yield from self._fetched(box, validity, uids)
                last = until
                yield Collected((), {"validity": validity, "uid": last})

    def watch(self) -> Idle | None:
        """Hear of new mail at once, where the server can say it and the settings want it."""
        return listen(self._settings, self._credential, self._http) if self._settings.idle else None

    def _fetched(self, box: Box, validity: int, uids: list[tuple[int, int]]) -> Iterator[Collected]:
        largest = self._settings.largest_mb * 1024 * 1024
        ended = [uid for uid, _ in uids]
        cursor = {"validity": validity, "uid": ended[-1]}
        if len(uids) == 1 and uids[0][1] > largest:
            uid, size = uids[0]
            beginning = b"".join(
                raw for part in ("[HEADER]", f"[TEXT]<0.{BEGINNING}>") for _, raw in box.raw([uid], part)
            )
            yield Collected((Arrived(_key(validity, uid), beginning, {CUT: str(size)}),), cursor)
            return self._tidy(box, ended, self._settings.large_folder)
        yield Collected(tuple(Arrived(_key(validity, uid), raw) for uid, raw in box.raw(ended)), cursor)
        # The hub has it now, or it would not have asked for more.
        return self._tidy(box, ended, self._settings.done_folder)

    def _tidy(self, box: Box, uids: list[int], folder: str) -> None:
        if folder:
            box.move([str(uid) for uid in uids], folder, chunks=MOST_TOGETHER)

    def drafts(self, delivery: DeliveryValue) -> Iterable[Draft]:
        """The one draft in a mail."""
        size = delivery.headers.get(CUT, "")
        yield draft_of(
            delivery.body, delivery.key, delivery.key, self._settings.authserv_id,
            int(size) if size.isascii() and size.isdigit() else 0,
        )  # fmt: skip


def _key(validity: int, uid: int) -> str:
    return f"{validity:010}.{uid:010}"


def _before(box: Box, since: dt.date) -> int:
    """The uid before the first mail of that day."""
    _, answer = box.client.uid("SEARCH", f"SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}")
    found = [int(uid) for uid in (answer[0] or b"").split()]
    return min(found) - 1 if found else 0


def _batches(sizes: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    batch: list[tuple[int, int]] = []
    together = 0
    for uid, size in sizes:
        if batch and (len(batch) >= MOST_TOGETHER or together + size > MOST_BYTES):
            yield batch
            batch, together = [], 0
        batch.append((uid, size))
        together += size
    if batch:
        yield batch
