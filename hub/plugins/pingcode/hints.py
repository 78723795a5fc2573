"""Which items a message of PingCode Flow names. Its shape is up to the administrator: little is believed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hub.sdk import DeliveryValue, posted

NAMES = ("id", "short_id", "identifier")
INSIDE = ("work_item", "workitem", "idea", "ticket", "data", "payload", "object", "item")
DEEPEST, LONGEST = 4, 64


def refs(delivery: DeliveryValue) -> list[str]:
    """The references in a message, each once; raises ``Refused`` where it is no JSON."""
    return list(dict.fromkeys(_named(posted(delivery), DEEPEST)))


def _named(part: Any, depth: int) -> Iterator[str]:
    if isinstance(part, list) and depth:
        for one in part[:50]:
            yield from _named(one, depth - 1)
    if not isinstance(part, dict) or not depth:
        return
    own = (part.get(name) for name in NAMES)
    first = next((ref for ref in own if isinstance(ref, str) and 0 < len(ref) <= LONGEST), None)
    if first is not None:
        yield first
    for name in INSIDE:
        if name in part:
            yield from _named(part[name], depth - 1)
