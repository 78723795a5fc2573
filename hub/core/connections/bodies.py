"""The raw body of a delivery: in its row, or among the files where it is large.

A database copies what it is given twice or three times, and writes a row whole when one word of it
changes: a mail of 25 MB cost 160 MB of memory and 75 MB of writing on its way through the row.
"""

from __future__ import annotations

from hub.core.connections.models import Delivery
from hub.core.files import FileStore, Stored

# Larger bodies, in bytes, lie among the files.
LARGE = 1024 * 1024


def put_aside(files: FileStore, body: bytes) -> tuple[bytes, Stored | None]:
    """What of a body stands in its row, and where the rest lies; call it before the transaction."""
    return (b"", files.put(body)) if len(body) > LARGE else (body, None)


def whole(files: FileStore, body: bytes, sha256: str | None) -> bytes:
    """The body of a delivery as it came; refuses where its file is gone."""
    if sha256 is None:
        return body
    with files.open(sha256) as file:
        return file.read()


def beginning(files: FileStore, delivery: Delivery, most: int) -> bytes:
    """The first ``most`` bytes of a delivery's body."""
    if delivery.body_sha256 is None:
        return delivery.body[:most]
    with files.open(delivery.body_sha256) as file:
        return file.read(most)
