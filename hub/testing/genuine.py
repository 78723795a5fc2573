"""Deliveries that are not genuine any more, and whether a signature is compared as it should be."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import FrameType
from typing import Any

from hub.core.values import DeliveryValue


def tampered(delivery: DeliveryValue) -> Iterator[tuple[str, DeliveryValue]]:
    """The same delivery with its ``body`` or ``headers`` changed, each a reason not to believe it."""
    body = delivery.body
    for place in sorted({0, len(body) // 2, len(body) - 1} if body else ()):
        yield "body", replace(delivery, body=body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :])
    yield "body", replace(delivery, body=body + b" ")
    yield "body", replace(delivery, body=b"")
    for other in _same_meaning(body):
        yield "body", replace(delivery, body=other)
    yield "headers", replace(delivery, headers={})
    garbage = ("", "x", "sha256=", "v1,", "none", "none,", "none=", "ü" * 20, "0" * 64, "9" * 400)
    for text in garbage:
        yield "headers", replace(delivery, headers=dict.fromkeys(delivery.headers, text))
        for name in delivery.headers if text.startswith(("none", "sha")) else ():
            # One header alone: who proves a delivery may not say how it is proved.
            if delivery.headers[name] != text and "signature" in name:
                yield "headers", replace(delivery, headers={**delivery.headers, name: text})


def _same_meaning(body: bytes) -> Iterator[bytes]:
    """Other bytes that parse to the same: a signature over what was parsed would take them."""
    try:
        value = json.loads(body)
    except ValueError:
        return
    for options in ({"indent": 1}, {"separators": (" ,", ": ")}):
        text = json.dumps(value, **options).encode()
        if text != body:
            yield text


def compares_in_constant_time(verify: Callable[[DeliveryValue], bool], delivery: DeliveryValue) -> bool:
    """Whether ``hmac.compare_digest`` is called on the way to a yes."""
    called: set[str] = set()

    def note(_frame: FrameType, event: str, what: Any) -> None:
        if event == "c_call":
            called.add(getattr(what, "__name__", ""))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        verify(delivery)
    finally:
        sys.setprofile(before)
    return "compare_digest" in called or "_compare_digest" in called
