"""What a tracker plugin does with files and logged time, where it offers them."""

from __future__ import annotations

from typing import cast

import pytest

from hub.core.execute.sync.besides import FILES, WORKLOGS
from hub.core.values import KeepsFiles, OutgoingFile, Refused, Tracker
from hub.lab.imitation import HoldsFiles, HoldsWork
from hub.testing.areas import area, exempt
from hub.testing.trackers.base import OnTheDesk
from hub.testing.trackers.desk import FILE, Desk, Laid

DATA = bytes(range(256)) * 3


class Papers(OnTheDesk):
    """Files and work logs."""

    @area("writing")
    def test_carries_every_byte_of_a_file(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """There and back, whatever the bytes; its name is known again."""
        files = _files(tracker)
        ref = files.add_file(laid.ref, OutgoingFile("打印 机.bin", "application/octet-stream", DATA))
        held = cast(HoldsFiles, desk.imitation)
        assert held.bytes_of(laid.ref, ref) == DATA
        assert files.read_file(laid.ref, ref) == DATA
        named = {one.ref: one for one in desk.fetched(tracker, laid.ref).files}
        assert (named[ref].size, named[ref].name) == (len(DATA), "打印 机.bin")

    @area("reading")
    def test_names_the_files_of_others(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """With their true size; one that was taken away is named no more."""
        files = _files(tracker)
        assert [(one.ref, one.size) for one in desk.fetched(tracker, laid.ref).files] == [
            (laid.file, len(FILE.data))
        ]
        assert files.read_file(laid.ref, laid.file) == FILE.data
        held = cast(HoldsFiles, desk.imitation)
        held.detach(laid.ref, laid.file, desk.imitation.accounts[0])
        assert desk.fetched(tracker, laid.ref).files == ()
        with pytest.raises(Refused):
            files.read_file(laid.ref, laid.file)

    @area("reading")
    def test_names_all_time_that_was_logged(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """However much; what was taken back is named no more."""
        if WORKLOGS not in tracker.capabilities:
            exempt(WORKLOGS)
        logged, who = cast(HoldsWork, desk.imitation), desk.imitation.accounts[0]
        refs = [logged.log_work(laid.ref, who, 5 + number) for number in range(30)]
        told = {one.ref: one.minutes for one in desk.fetched(tracker, laid.ref).worklogs}
        assert told == {ref: 5 + number for number, ref in enumerate(refs)}
        logged.unlog_work(laid.ref, refs[0], who)
        assert refs[0] not in {one.ref for one in desk.fetched(tracker, laid.ref).worklogs}


def _files(tracker: Tracker) -> KeepsFiles:
    if FILES not in tracker.capabilities:
        exempt(FILES)
    return cast(KeepsFiles, tracker)
