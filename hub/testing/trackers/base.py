"""What every part of the tracker suite is given."""

from __future__ import annotations

from typing import Any

import pytest

from hub.core.values import Tracker, TrackerKind
from hub.lab.imitation import Imitation, MakeImitation, imitation_of
from hub.lab.pair import HandClock
from hub.testing.plugin import PluginSuite, assert_fits
from hub.testing.trackers.desk import Desk, Laid

# Imitations that were made in this run, each with its clock.
STANDING = pytest.StashKey[dict[MakeImitation, tuple[HandClock, Imitation]]]()


class OnTheDesk(PluginSuite):
    """Gives the fixtures; ``plugin`` is the author's, ``make_imitation`` an entry point's or theirs."""

    @pytest.fixture
    def kind(self, plugin: Any) -> TrackerKind:
        """The kind under test: the first one the plugin offers, checked like the hub checks it."""
        offered = plugin.execute_trackers()
        assert_fits(offered, "execute_trackers")
        kind: TrackerKind = offered[0]
        return kind

    @pytest.fixture
    def make_imitation(self, kind: TrackerKind) -> MakeImitation:
        """What makes the imitation of the tracker: by default the entry point of the kind's name."""
        return imitation_of(kind.name)

    @pytest.fixture
    def imitation(self, request: pytest.FixtureRequest, make_imitation: MakeImitation) -> Imitation:
        """The tracker's imitation, with nothing in it; it stands for all checks, as it takes time to make."""
        standing = request.session.stash.setdefault(STANDING, {})
        if make_imitation not in standing:
            clock = HandClock()
            standing[make_imitation] = clock, make_imitation(clock)
            request.session.addfinalizer(standing[make_imitation][1].close)
        imitation: Imitation
        self.clock, imitation = standing[make_imitation]
        imitation.reset()
        return imitation

    @pytest.fixture
    def desk(self, kind: TrackerKind, imitation: Imitation) -> Desk:
        """Kind, imitation and wire."""
        return Desk(kind, imitation, self.clock)

    @pytest.fixture
    def laid(self, desk: Desk) -> Laid:
        """An item with one comment of each side."""
        return desk.lay()

    @pytest.fixture
    def tracker(self, desk: Desk) -> Tracker:
        """An open connection."""
        return desk.tracker()
