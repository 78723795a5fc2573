"""Files and logged time in the lab: what people do with them, and what became of it at the end."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, cast

from hub.core.execute.sync.besides import FILES, WORKLOGS
from hub.core.values import FarItem
from hub.lab.imitation import HoldsFiles, HoldsWork
from hub.lab.oracle import HERE

if TYPE_CHECKING:
    from hub.lab.schedule import Step
    from hub.lab.world import World

NAMES = ("notes.txt", "照片 1.png", 'a "b"; c.txt')
# So few contents that both sides have the same now and then.
CONTENTS = 4


class Papers:
    """What people have put where, of one schedule."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.put: Counter[tuple[int, bytes]] = Counter()
        self.taken: set[bytes] = set()

    def owed(self) -> set[tuple[int, bytes]]:
        """Which contents, put at which place, must stand here; not those taken away there again."""
        return {(place, data) for place, data in self.put if data not in self.taken}


def act_here(world: World, step: Step) -> None:
    """A person in the hub puts a file to the task; a hidden one must never leave."""
    if step.what not in ("attach", "hide"):
        return
    public, number = step.what == "attach", step.value
    data = f"paper {number % CONTENTS}" if public else f"SECRET paper {number}"
    world.side.attach(NAMES[number % len(NAMES)], data.encode(), public=public)
    if public:
        world.papers.put[HERE, data.encode()] += 1
        world.counts.changes += 1


def act_there(world: World, step: Step, item: FarItem) -> None:
    """A person at a tracker does something with its files or its time."""
    imitation, capabilities = world.fars[step.link].imitation, world.trackers[step.link].capabilities
    who, number = imitation.accounts[step.value % 3], step.value
    if step.what in ("attach", "detach") and FILES in capabilities:
        held = cast(HoldsFiles, imitation)
        if step.what == "attach":
            data = f"paper {number % CONTENTS}".encode()
            held.attach(item.ref, who, NAMES[number % len(NAMES)], data)
            world.papers.put[step.link, data] += 1
            world.counts.changes += 1
        elif item.files:
            chosen = item.files[number % len(item.files)]
            world.papers.taken.add(held.bytes_of(item.ref, chosen.ref))
            held.detach(item.ref, chosen.ref, who)
    elif step.what in ("work", "unlog") and WORKLOGS in capabilities:
        logged = cast(HoldsWork, imitation)
        if step.what == "work":
            logged.log_work(item.ref, who, 15 + number % 60)
        elif item.worklogs:
            logged.unlog_work(item.ref, item.worklogs[number % len(item.worklogs)].ref, who)


def judge_papers(world: World) -> None:
    """None lost, none twice, each known to its copy."""
    here = Counter(world.side.files())
    for data, count in here.items():
        if (doubled := count - world.papers.put[HERE, data] - 1) > 0:
            world.counts.fail("twins", f"{doubled + 1} times {data!r} came here", doubled)
    for link in range(len(world.fars)):
        item = world.see(link)
        if item is None:
            continue
        if FILES in world.trackers[link].capabilities:
            _files(world, link, item, here)
        if WORKLOGS in world.trackers[link].capabilities:
            world.counts.places += 1
            if set(world.side.store(link).worklogs()) == {work.ref for work in item.worklogs}:
                world.counts.settled += 1
            else:
                world.counts.stories.append(
                    f"settled: time logged at tracker {link + 1} is not the same here"
                )


def _files(world: World, link: int, item: FarItem, here: Counter[bytes]) -> None:
    held = cast(HoldsFiles, world.fars[link].imitation)
    there = Counter(held.bytes_of(item.ref, file.ref) for file in item.files)
    copies = world.side.store(link).files().copies
    shown = {copy.sha256 for copy in copies if copy.state in ("ended", "refused")}
    for place, data in world.papers.owed():
        if place == link and data not in here:
            world.counts.fail("lost", f"file {data!r}, put at tracker {link + 1}, did not come here")
    for data, count in there.items():
        if (sent := count - world.papers.put[link, data]) > 1:
            world.counts.fail("twins", f"{data!r} was sent to tracker {link + 1} {sent} times", sent - 1)
    known = {copy.far_ref for copy in copies if copy.state != "waiting"}
    apart = [repr(file.name) for file in item.files if file.ref not in known]
    apart += [repr(data) for data in here if data not in there and sha256(data).hexdigest() not in shown]
    world.counts.places += len(item.files) + len(here)
    world.counts.settled += len(item.files) + len(here) - len(apart)
    if apart:
        world.counts.stories.append(f"settled: {', '.join(apart)} not the same at tracker {link + 1}")
