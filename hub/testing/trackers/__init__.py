"""The suite for kinds of trackers: contract, reading, writing, manners, trust, and the lab."""

from __future__ import annotations

from contextlib import closing

from hub.core.values import TrackerKind
from hub.lab.imitation import MakeImitation
from hub.lab.oracle import Counts
from hub.lab.report import figures, missed
from hub.lab.runs import Bench
from hub.testing.areas import area
from hub.testing.trackers.oddities import Oddities
from hub.testing.trackers.paging import Paging
from hub.testing.trackers.papers import Papers
from hub.testing.trackers.reading import Reading
from hub.testing.trackers.trust import Trust
from hub.testing.trackers.writing import Writing

__all__ = ["TrackerSuite"]


class TrackerSuite(Reading, Writing, Papers, Paging, Oddities, Trust):
    """Subclass it and give a fixture ``plugin``; ``make_imitation`` where no entry point names one."""

    # Schedules of the lab: enough to catch what is wrong each time; ``hub lab sync`` plays more.
    schedules = 12

    @area("lab")
    def test_settles_in_the_lab(self, kind: TrackerKind, make_imitation: MakeImitation) -> None:
        """People on both sides, faults on the wire: nothing lost, doubled, leaked or left open."""
        with closing(Bench([kind.name], {kind.name: kind}, lambda _name: make_imitation)) as bench:
            counts = Counts()
            for seed in range(self.schedules):
                counts.add(bench.play(bench.schedule(seed)))
        wrong = missed(figures(counts))
        assert wrong == [], f"{', '.join(wrong)}: {'; '.join(counts.stories[:3])}"
