"""No title that a person wrote is lost: it stands on a side, is shown, or somebody who saw it went on."""

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.lab.memory import MemoryStore, MemoryTask
from tests.core.execute.sync.conftest import make_pair

steps = st.lists(
    st.sampled_from(["here", "there", "between", "round", "unavailable", "lose_answer", "change_nothing"]),
    min_size=4,
    max_size=20,
)


class People:
    """Writes a new title at each call, and knows which titles nobody has replaced knowingly."""

    def __init__(self, task, pair):
        self.task = task
        self.pair = pair
        self.written = 0
        self.owed = set()

    def write(self, side):
        self.written += 1
        title = f"{side} {self.written}"
        if side == "here":
            self.owed.discard(self.task.title)
            self.task.edit(title=title)
        else:
            self.owed.discard(self.pair.item()["title"])
            self.pair.sandbox.board.change(self.pair.item()["key"], "jonas", {"title": title})
        self.owed.add(title)


@settings(max_examples=200, deadline=None)
@given(schedule=steps)
def test_every_title_somebody_wrote_stands_or_is_shown(schedule):
    task = MemoryTask("Start", assignee=1)
    pair = make_pair(MemoryStore(task))
    pair.round()
    people = People(task, pair)
    for step in schedule:
        if step in ("here", "there"):
            people.write(step)
        elif step == "between":
            pair.sandbox.faults.before_next_write(lambda: people.write("there"))
        elif step == "round":
            pair.round()
        else:
            pair.sandbox.faults.next(step)
    pair.sandbox.faults.clear()
    for _ in range(2):
        pair.round()
    clash = pair.store.states["title"].clash
    shown = {clash.here, clash.there, clash.far_now} if clash else set()
    stands = {task.title, pair.item()["title"]}
    assert people.owed <= stands | shown
    if clash is None and pair.store.states["title"].declined is None:
        assert len(stands) == 1
    pair.close()
