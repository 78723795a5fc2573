"""A tracker, its imitation and the wire between them, as the suite lays them out for each check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from uuid_utils import uuid7

from hub.core.execute.settings import SyncSettings
from hub.core.execute.sync.besides import FILES
from hub.core.execute.sync.walk import Walk
from hub.core.values import OPTIONAL_FIELDS, FarItem, OutgoingFile, SetChange, Tracker, TrackerKind
from hub.lab.imitation import HoldsFiles, Imitation
from hub.lab.pair import HandClock
from hub.testing.areas import exempt
from hub.testing.wires import SpyWire, through

TITLE, BODY = "Printer on fire", "It burns.\n\nSince noon."
SAID_HERE, SAID_THERE = "Said in the hub.", "Said over there."

FILE = OutgoingFile('照片 "1".png', "image/png", b"\x89PNG\r\n\x1a\n--\r\n\x00")

# A feed that was silent so often has told what it has to tell.
SILENT = 4

# One method of a tracker, called with what was laid out.
Deed = Callable[[Tracker], Any]


@dataclass(frozen=True)
class Laid:
    """An item with one comment of each side."""

    ref: str
    mark: str
    ours: str
    theirs: str
    version: str
    # A file of theirs, where the tracker holds files.
    file: str = ""


class Desk:
    """One imitation, connected."""

    def __init__(self, kind: TrackerKind, imitation: Imitation, clock: HandClock) -> None:
        """``clock`` is the imitation's."""
        self.kind, self.imitation, self.clock = kind, imitation, clock
        self.wire = SpyWire(imitation.application, clock)
        settings = kind.settings.model_validate(
            {**imitation.settings, "people_map": dict(enumerate(imitation.accounts[:3], 1))}
        )
        assert isinstance(settings, SyncSettings), "the settings of a tracker are SyncSettings"
        self.settings = settings

    def tracker(self) -> Tracker:
        """The connection, opened anew: as after a restart of the hub."""
        return self.kind.open(self.settings, self.imitation.secrets, self.wire, {})

    def offering(self, tracker: Tracker, field: str) -> None:
        """Skip the check where this field is not kept in step there."""
        offered = field not in OPTIONAL_FIELDS or field in tracker.capabilities
        if field not in self.imitation.fields or not offered:
            exempt(field)

    def state(self, ours: str = "open") -> str:
        """The far state that is written for one of ours."""
        return self.settings.status_map[ours][0]

    def mark(self) -> str:
        """A fresh mark, of this desk's time: a UUIDv7 tells when it was made."""
        return str(uuid7(int(self.clock.now().timestamp())))

    def item(self, tracker: Tracker, title: str = TITLE, **fields: Any) -> tuple[str, str]:
        """A new item of the hub's: its reference and its mark."""
        mark = self.mark()
        values = {
            "title": title,
            "body": BODY,
            "status": self.state(),
            "assignee": None,
            "labels": frozenset(),
            **fields,
        }
        self.clock.forward(seconds=60)
        return tracker.create(values, mark), mark

    def lay(self) -> Laid:
        """Begin anew, with an item and a comment of each side."""
        self.wire.instead = through
        self.imitation.reset()
        tracker = self.tracker()
        ref, mark = self.item(tracker)
        ours = tracker.add_comment(ref, SAID_HERE, self.mark())
        theirs = self.imitation.say(ref, self.imitation.accounts[0], SAID_THERE)
        file = ""
        if FILES in tracker.capabilities:
            held = cast(HoldsFiles, self.imitation)
            file = held.attach(ref, self.imitation.accounts[0], FILE.name, FILE.data)
        item = self.fetched(tracker, ref)
        self.wire.calls.clear()
        return Laid(ref, mark, ours, theirs, item.version, file)

    def fetched(self, tracker: Tracker, ref: str) -> FarItem:
        """The item as the plugin reads it."""
        found = tracker.fetch(ref)
        assert isinstance(found, FarItem), f"fetch({ref!r}) gave {found!r} for an item that is there"
        return found

    def reach(self, tracker: Tracker, ref: str, state: str) -> None:
        """Write a state as the core does: a step, a look, and the next step."""
        walk, step = Walk(tracker), ""
        while step != state:
            step = walk.step(self.fetched(tracker, ref), state)
            tracker.update(ref, {"status": step})

    def seen(self, ref: str) -> FarItem:
        """The item as it really is."""
        found = self.imitation.see(ref)
        assert found is not None, f"{ref!r} is not there"
        return found

    def same(self, field: str, one: Any, other: Any) -> bool:
        """Whether two values mean the same there."""
        return bool(self.settings.kept(field, one) == self.settings.kept(field, other))

    def deeds(self, laid: Laid, capabilities: frozenset[str]) -> Iterator[tuple[str, Deed]]:
        """Every method that calls the far side, ``check`` apart, as it is called with what was laid."""
        ref, mark = laid.ref, self.mark()
        fields: Mapping[str, Any] = {
            "title": "Another",
            "body": BODY,
            "status": self.state(),
            "assignee": None,
            "labels": frozenset(),
        }
        labels = SetChange(frozenset({"red"}), frozenset())
        yield "catalogue", lambda tracker: tracker.catalogue()
        yield "fetch", lambda tracker: tracker.fetch(ref)
        yield "find", lambda tracker: tracker.find(laid.mark)
        yield "changed_since", lambda tracker: tracker.changed_since(None)
        if "scan" in capabilities:
            yield "scan", lambda tracker: tracker.scan(None)  # type: ignore[attr-defined]
        yield "create", lambda tracker: tracker.create(fields, mark)
        if "title" in self.imitation.fields:
            yield "update(title)", lambda tracker: tracker.update(ref, {"title": "Renamed"})
        if "labels" in self.imitation.fields:
            yield "update(labels)", lambda tracker: tracker.update(ref, {"labels": labels})
        yield "add_comment", lambda tracker: tracker.add_comment(ref, "More.", mark)
        if "private-notes" in capabilities:
            yield "add_note", lambda tracker: tracker.add_note(ref, "More.", mark)  # type: ignore[attr-defined]
        if "history" in capabilities:
            yield "history", lambda tracker: tracker.history(ref, laid.version)
        if "edit-comment" in capabilities:
            yield "edit_comment", lambda tracker: tracker.edit_comment(ref, laid.ours, "Changed.", mark)
        if "delete-comment" in capabilities:
            yield "delete_comment", lambda tracker: tracker.delete_comment(ref, laid.ours)
        if FILES in capabilities:
            yield "add_file", lambda tracker: tracker.add_file(ref, FILE)  # type: ignore[attr-defined]
            yield "read_file", lambda tracker: tracker.read_file(ref, laid.file)  # type: ignore[attr-defined]


def drained(desk: Desk, tracker: Tracker, cursor: str | None, most: int = 60) -> tuple[list[str], str | None]:
    """What the feed tells from a cursor on, until it is silent; some feeds read a page at a time."""
    told: list[str] = []
    silent = 0
    for _ in range(most):
        refs, following = tracker.changed_since(cursor)
        desk.clock.forward(seconds=1)
        told += refs
        silent = 0 if refs else silent + 1
        if following == cursor or silent == SILENT:
            break
        cursor = following
    return told, cursor


def near(at: dt.datetime | None, now: dt.datetime) -> bool:
    """Whether a time may be one of these minutes: it has a zone, and is not hours away."""
    return at is None or (at.tzinfo is not None and abs(at - now) <= dt.timedelta(minutes=30))
