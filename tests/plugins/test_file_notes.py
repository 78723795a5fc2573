"""A file of ours at trackers that take none: their people find a link, and the hub knows it as its own."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

import pytest
from cryptography.fernet import Fernet

from hub.core.connections.secrets import KeyRing
from hub.core.execute.sync.mapping import rules
from hub.core.execute.sync.round import Round
from hub.core.execute.sync.sharing import Sharing
from hub.lab.imitation import imitation_of, tracker_kinds
from hub.lab.line import Line
from hub.lab.memory import MemoryStore, MemoryTask
from hub.lab.pair import HandClock

ADDRESS = "https://hub.example.org"


@pytest.mark.parametrize("kind", ["github", "pingcode"])
def test_a_link_stands_there_once_and_comes_back_as_nothing(kind: str) -> None:
    clock, offered = HandClock(), tracker_kinds()[kind]
    imitation = imitation_of(kind)(clock)
    settings: Any = offered.settings.model_validate(imitation.settings)
    tracker = offered.open(settings, imitation.secrets, Line(imitation.application, clock), {})
    task = MemoryTask("Printer", "It burns.")
    store = MemoryStore(task)
    note = Sharing(KeyRing([Fernet.generate_key().decode()]), ADDRESS, "en").note_of(7, clock.now())
    task.attach("photo @jonas #1.png", b"what the customer sent")
    for _ in range(4):
        outcome = Round(store, tracker, rules(settings), clock.now, Random(1), note=note).run()
        clock.forward(seconds=dt.timedelta(hours=1).total_seconds())
    assert outcome.state == "settled"
    seen = imitation.see(store.ref or "")
    assert seen is not None
    (comment,) = seen.comments
    assert f"{ADDRESS}/d/7-" in comment.text and "photo @jonas #1.png" in comment.text
    assert task.comments == {}
    assert [copy.state for copy in store.file_copies.values()] == ["copied"]
    imitation.close()
