"""Many schedules over trackers alone and in pairs, and beside them what naive strategies make of them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from time import process_time
from typing import Any

from hub.core.execute.settings import SyncSettings
from hub.core.values import Text, TrackerKind
from hub.lab.imitation import Imitation, MakeImitation, imitation_of
from hub.lab.naive import STRATEGIES
from hub.lab.oracle import Counts
from hub.lab.pair import HandClock
from hub.lab.schedule import Schedule, make_schedule
from hub.lab.shrink import shrink
from hub.lab.side import DictSide
from hub.lab.story import tell
from hub.lab.world import START, Far, MakeSyncs, World, the_round

# One schedule in so many runs on real tables, and one in so many under each naive strategy.
REAL_EVERY, NAIVE_EVERY = 10, 20
# What is laid over the settings of an imitation, given what it would take by itself.
Mapped = Callable[[Imitation, SyncSettings], Mapping[str, Any]]


@dataclass
class Result:
    """What one tracker, or a pair through one task, gave; ``failed`` are the seeds."""

    trackers: tuple[str, ...]
    counts: Counts = field(default_factory=Counts)
    real: int = 0
    # What the schedules on dicts took of one core.
    dict_seconds: float = 0.0
    failed: list[int] = field(default_factory=list)
    naive: dict[str, Counts] = field(default_factory=dict)

    @property
    def schedules_per_s(self) -> float:
        """How many schedules on dicts a second of one core is enough for."""
        dicts = self.counts.schedules - self.real
        return round(dicts / self.dict_seconds, 1) if self.dict_seconds else 0.0


@dataclass(frozen=True)
class Failure:
    """The shortest story that still breaks the promise that the seed broke."""

    seed: int
    trackers: tuple[str, ...]
    broken: tuple[str, ...]
    story: tuple[Text, ...]


def cases(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Each tracker alone, and each two of them through one task; ``a+b`` is that one case and no other."""
    free = [name for name in names if "+" not in name]
    alone = [(name,) for name in dict.fromkeys(free)]
    named = [tuple(name.split("+")) for name in names if "+" in name]
    return list(dict.fromkeys([*alone, *combinations(free, 2), *named]))


class Bench:
    """The imitations of one case, made once and made new by each schedule."""

    def __init__(
        self,
        trackers: Sequence[str],
        kinds: Mapping[str, TrackerKind],
        imitated: Callable[[str], MakeImitation] = imitation_of,
        mapped: Mapped = lambda imitation, settings: {},
    ) -> None:
        """``kinds`` are what the plugins offer; raises ``LookupError`` for what nobody offers.

        ``mapped`` gives settings that are to be tried in place of the imitation's own.
        """
        self.clock = HandClock()
        self._imitated, self._mapped = imitated, mapped
        self.fars = [self._far(name, kinds) for name in trackers]
        self.quirks = [far.imitation.quirks for far in self.fars]

    def _far(self, name: str, kinds: Mapping[str, TrackerKind]) -> Far:
        imitation = self._imitated(name)(self.clock)
        if name not in kinds:
            raise LookupError(f"no enabled plugin offers the tracker {name}")
        people = dict(enumerate(imitation.accounts[:3], DictSide.people[0]))
        wanted = {**imitation.settings, "people_map": people}
        model = kinds[name].settings
        if not issubclass(model, SyncSettings):
            raise LookupError(f"the settings of {name} are no SyncSettings")
        settings = model.model_validate(wanted)
        settings = model.model_validate({**wanted, **self._mapped(imitation, settings)})
        return Far(name, imitation, kinds[name], settings)

    def schedule(self, seed: int) -> Schedule:
        """The schedule of this seed for these trackers."""
        return make_schedule(seed, self.quirks)

    def play(self, schedule: Schedule, make: MakeSyncs = the_round) -> Counts:
        """On dicts."""
        return World(schedule, self.fars, self.clock, make=make).play()

    def close(self) -> None:
        """Give the imitations back."""
        for far in self.fars:
            far.imitation.close()


def run_case(
    trackers: tuple[str, ...],
    kinds: Mapping[str, TrackerKind],
    schedules: int,
    seed: int,
    tick: Callable[[int], None] = lambda done: None,
    imitated: Callable[[str], MakeImitation] = imitation_of,
) -> Result:
    """So many schedules from this seed on; ``tick`` is told of each."""
    result = Result(trackers)
    with ExitStack() as stack:
        bench = stack.enter_context(closing(Bench(trackers, kinds, imitated)))
        play_real = on_tables(bench, stack) if schedules >= REAL_EVERY else bench.play
        for number in range(schedules):
            schedule = bench.schedule(seed * 1_000_003 + number)
            is_real = number % REAL_EVERY == REAL_EVERY - 1
            began = process_time()
            counts = play_real(schedule) if is_real else bench.play(schedule)
            result.real += is_real
            result.dict_seconds += 0.0 if is_real else process_time() - began
            result.counts.add(counts)
            if counts.failed:
                result.failed.append(schedule.seed)
            if number % NAIVE_EVERY == 0:
                for name, strategy in STRATEGIES.items():
                    result.naive.setdefault(name, Counts()).add(bench.play(schedule, strategy))
            tick(1)
    return result


def on_tables(bench: Bench, stack: ExitStack) -> Callable[[Schedule], Counts]:
    """Plays like the bench, on SQLite with the hub's own tables, verbs and jobs; ``stack`` ends the hub."""
    # Here, since it brings Alembic along.
    from hub.lab.real import RealHub, RealSide

    folder = stack.enter_context(tempfile.TemporaryDirectory())
    hub = stack.enter_context(closing(RealHub(Path(folder), bench.clock)))

    def play(schedule: Schedule) -> Counts:
        def side(_world: World, refs: tuple[str | None, ...]) -> RealSide:
            return RealSide(hub, bench.fars, refs, START)

        return World(schedule, bench.fars, bench.clock, side, hub.syncs).play()

    return play


def shortest(
    result: Result,
    kinds: Mapping[str, TrackerKind],
    most: int = 3,
    imitated: Callable[[str], MakeImitation] = imitation_of,
) -> Iterator[Failure]:
    """The shortest stories of the first failures."""
    with closing(Bench(result.trackers, kinds, imitated)) as bench:
        for seed in result.failed[:most]:
            # What fails on real tables only is found by its seed, and played there again.
            if found := shortened(bench.play, bench.schedule(seed), result.trackers):
                yield found


def replay(
    trackers: tuple[str, ...], kinds: Mapping[str, TrackerKind], seed: int, *, real: bool, short: bool
) -> tuple[Counts, Sequence[Text]]:
    """One schedule of one case by itself, and its story: the shortest that fails, where that is wanted."""
    with ExitStack() as stack:
        bench = stack.enter_context(closing(Bench(trackers, kinds)))
        play, schedule = on_tables(bench, stack) if real else bench.play, bench.schedule(seed)
        counts = play(schedule)
        small = shortened(play, schedule, trackers) if short else None
        return counts, small.story if small else tell(schedule, trackers)


def shortened(
    play: Callable[[Schedule], Counts], schedule: Schedule, trackers: tuple[str, ...]
) -> Failure | None:
    """The shortest story that breaks one of the promises that this one breaks."""
    if not (broken := names_of(play(schedule).stories)):
        return None
    small = shrink(schedule, lambda one: bool(broken & names_of(play(one).stories)))
    return Failure(schedule.seed, trackers, tuple(play(small).stories), tuple(tell(small, trackers)))


def names_of(stories: Iterable[str]) -> set[str]:
    """The promises that these stories break."""
    return {story.partition(":")[0] for story in stories}
