"""Signed links to the public files of a task, for people at a tracker that takes no files."""

from __future__ import annotations

import datetime as dt
import hmac
import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from hub.core.connections.secrets import KeyRing
from hub.core.execute.sync.file_notes import Note
from hub.core.execute.sync.file_tables import may_leave
from hub.core.execute.sync.files import MB, OurFile
from hub.core.files import Attachment, StoredFile
from hub.core.values import Refusal, Text

PURPOSE = "file link"
LASTS = dt.timedelta(days=90)
_TOKEN = re.compile(
    r"(?P<said>(?P<link>\d{1,18})-(?P<end>\d{6,7})-(?P<file>[0-9a-f]{16}))-(?P<mark>[a-z2-7]{26})"
)
# The address stands between angle brackets, so that every converter knows where it ends.
_SAID = Text(
    zh="文件 `{name}`（{size}）：\n\n<{url}>\n\n链接有效至 {day}。",
    en="File `{name}` ({size}):\n\n<{url}>\n\nThe link works until {day}.",
)


@dataclass(frozen=True)
class Sharing:
    """Makes the links and knows them again: good for one file of one linked task, until a day.

    ``public_url`` is where the links lead; ``language`` is that of the house.
    """

    keys: KeyRing
    public_url: str
    language: str = "zh"

    def note_of(self, link_id: int, now: dt.datetime) -> Note:
        """What is said there of a file of this link's task."""
        end = (now + LASTS).date()

        def note(file: OurFile) -> str:
            said = f"{link_id}-{end.toordinal()}-{file.sha256[:16]}"
            url = f"{self.public_url.rstrip('/')}/d/{said}-{self.keys.mark(PURPOSE, said)}"
            # A name in a code span means nothing but itself: no mention, no reference to another item.
            name, text = " ".join(file.name.replace("`", "'").split()), _SAID.within(self.language)
            return text.format(name=name, size=_size(file.size), url=url, day=end.isoformat())

        return note

    def opened(self, session: Session, token: str, now: dt.datetime) -> tuple[Attachment, StoredFile]:
        """The file of a link, as long as it may leave; refuses a link that is not ours or has ended."""
        found = _TOKEN.fullmatch(token)
        if not found or not hmac.compare_digest(found["mark"], self.keys.mark(PURPOSE, found["said"])):
            raise Refusal("link_unknown")
        if now.date().toordinal() > int(found["end"]):
            raise Refusal("link_expired")
        for attachment, stored in may_leave(session, int(found["link"])):
            if stored.sha256.startswith(found["file"]):
                return attachment, stored
        raise Refusal("link_unknown")


def _size(size: int) -> str:
    return f"{size / MB:.1f} MB" if size >= MB else f"{max(size / 1000, 0.1):.1f} kB"
