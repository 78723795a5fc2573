"""The sandbox as the lab plays with it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from standardwebhooks import Webhook

from hub.core.database import Clock, new_uuid
from hub.core.values import (
    CANONICAL_FIELDS,
    DeliveryValue,
    FarComment,
    FarFile,
    FarItem,
    FarWork,
    Refused,
)
from hub.lab.sandbox import SandboxTracker
from hub.lab.sandbox.board import PEOPLE, STATES, NotThere
from hub.lab.sandbox.checked import Wrong

SECRET = "whsec_" + "c2FuZGJveC1zZWNyZXQtb2YtMjQtYnl0ZXM="
WORDS = {"body": "text"}


class SandboxImitation:
    """Fulfils ``hub.lab.imitation.Imitation`` over the sandbox's own board."""

    settings: Mapping[str, Any] = MappingProxyType({"base_url": "http://sandbox.invalid/"})
    secrets: Mapping[str, str] = MappingProxyType({"hook_secret": SECRET})
    accounts = tuple(PEOPLE)
    states = STATES
    fields = CANONICAL_FIELDS
    logged = fields
    quirks = frozenset({"silent", "skew"})
    breaches = 0
    # Its hooks carry a signed time.
    expires = True

    def __init__(self, clock: Clock) -> None:
        """``clock`` gives the time; the sandbox's own may go wrong."""
        self._clock = clock
        self._off = dt.timedelta(0)
        self._changed: list[str] = []
        self._sandbox = SandboxTracker(clock=self)
        self._board = self._sandbox.board
        self._board.changed = self._changed.append
        self.application = self._sandbox.app

    def now(self) -> dt.datetime:
        """The sandbox's own clock."""
        return self._clock.now() + self._off

    def reset(self) -> None:
        """Forget every item, fault and delivery."""
        self.heal()
        self._board.forget()
        self._changed.clear()

    def see(self, ref: str) -> FarItem | None:
        """The item in the words of the plugin's ``fetch``."""
        try:
            item = self._board.item(ref)
        except NotThere as gone:
            return self.see(gone.moved_to) if gone.moved_to else None
        values = {name: item[WORDS.get(name, name)] for name in self.fields}
        values["labels"] = frozenset(item["labels"])
        comments = tuple(
            FarComment(str(one["id"]), one["author"], one["text"], mark=one["external_id"])
            for one in item["comments"]
        )
        files = tuple(FarFile(str(one["id"]), one["name"], one["size"]) for one in item["files"])
        work = tuple(
            FarWork(
                str(one["id"]), one["author"], dt.date.fromisoformat(one["day"]), one["minutes"], one["note"]
            )
            for one in item["work"]
        )
        version = str(item["revision"])
        return FarItem(item["key"], "", values, version, comments, files=files, worklogs=work)

    def items(self) -> list[str]:
        """The keys of all items."""
        return [item["key"] for item in self._board.items()]

    def edit(self, ref: str, who: str, field: str, value: Any) -> None:
        """Somebody changes one field."""
        change = value
        if field == "labels":
            before = set(self._board.item(ref)["labels"])
            change = {"add": sorted(value - before), "remove": sorted(before - value)}
        try:
            self._board.change(ref, who, {WORDS.get(field, field): change})
        except Wrong as wrong:
            raise Refused(wrong.reason, [field]) from None

    def say(self, ref: str, who: str, text: str) -> str:
        """Somebody comments."""
        return str(self._board.add_comment(ref, who, text)["id"])

    def edit_comment(self, ref: str, comment: str, who: str, text: str) -> None:
        """Somebody changes a comment."""
        self._board.edit_comment(int(comment), who, text)

    def delete_comment(self, ref: str, comment: str, who: str) -> None:
        """Somebody takes a comment away."""
        self._board.delete_comment(int(comment), who)

    def attach(self, ref: str, who: str, name: str, data: bytes) -> str:
        """Somebody puts a file to the item."""
        return str(self._board.shelf.put(ref, who, name, data))

    def detach(self, ref: str, file: str, who: str) -> None:
        """Somebody takes a file away."""
        self._board.shelf.remove(int(file), who)

    def bytes_of(self, ref: str, file: str) -> bytes:
        """What a file holds."""
        return self._board.shelf.read(int(file))[1]

    def log_work(self, ref: str, who: str, minutes: int) -> str:
        """Somebody logs time."""
        return str(self._board.shelf.log_work(ref, who, self._clock.now().date().isoformat(), minutes))

    def unlog_work(self, ref: str, work: str, who: str) -> None:
        """Somebody takes back time they logged."""
        self._board.shelf.unlog_work(int(work), who)

    def delete(self, ref: str) -> None:
        """Somebody deletes the item."""
        self._board.delete(ref)

    def move(self, ref: str) -> str:
        """Somebody gives the item another key."""
        self._board.move(ref, f"MOVED-{ref}")
        return f"MOVED-{ref}"

    def deliveries(self) -> list[DeliveryValue]:
        """One signed hint for each change."""
        changed, self._changed[:] = list(self._changed), []
        return [self._delivery(key) for key in changed]

    def _delivery(self, key: str) -> DeliveryValue:
        at, message = self._clock.now(), f"msg_{new_uuid()}"
        body = json.dumps({"type": "item.changed", "item": key})
        headers = {
            "webhook-id": message,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(SECRET).sign(message, at, body),
        }
        return DeliveryValue(message, headers, body.encode(), at)

    def ail(self, quirk: str) -> None:
        """``silent``: the next write changes nothing; ``skew``: the clock is two minutes behind."""
        if quirk == "silent":
            self._sandbox.faults.next("change_nothing")
        elif quirk == "skew":
            self._off = dt.timedelta(minutes=-2)

    def heal(self) -> None:
        """Work as one should."""
        self._sandbox.faults.clear()
        self._off = dt.timedelta(0)

    def close(self) -> None:
        """Give the memory back."""
        self._sandbox.close()
