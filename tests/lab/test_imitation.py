"""Each imitation keeps what the lab is promised."""

from importlib.metadata import entry_points

import pytest

from hub.core.registry.loading import installed
from hub.core.values import FarItem, SetChange
from hub.lab.imitation import GROUP, imitation_of
from hub.lab.pair import HandClock
from hub.lab.wire import Wire

KINDS = sorted({point.name for point in entry_points(group=GROUP)})


def test_an_imitation_nobody_offers_is_named():
    with pytest.raises(LookupError, match="abacus"):
        imitation_of("abacus")


class Bench:
    """An imitation and its plugin on a quiet wire."""

    def __init__(self, kind):
        self.clock = HandClock()
        self.imitation = imitation_of(kind)(self.clock)
        self.imitation.reset()
        plugins = [point.load() for point in installed().values()]
        kinds = {k.name: k for p in plugins if hasattr(p, "execute_trackers") for k in p.execute_trackers()}
        offered = kinds[kind]
        accounts = self.imitation.accounts
        people = dict(enumerate(accounts[:3], 1))
        self.settings = offered.settings.model_validate({**self.imitation.settings, "people_map": people})
        self.wire = Wire(self.imitation.application)
        self.tracker = offered.open(self.settings, self.imitation.secrets, self.wire, {})
        self.values = {
            "title": "Printer",
            "body": "one\n\ntwo",
            "status": self.settings.status_map["open"][0],
            "assignee": accounts[0],
            "labels": frozenset({"a"}),
            "priority": next((names[0] for names in self.settings.priority_map.values()), None),
            "due": "2026-05-04",
            "estimate": 90,
        }

    def make(self):
        values = {name: self.values[name] for name in self.imitation.fields if name in self.values}
        return self.tracker.create(values, "0192f0c0-0000-7000-8000-000000000001")


@pytest.fixture(params=KINDS)
def bench(request):
    bench = Bench(request.param)
    yield bench
    bench.imitation.close()


def same(bench, ref):
    seen, read = bench.imitation.see(ref), bench.tracker.fetch(ref)
    assert isinstance(read, FarItem)
    assert dict(seen.fields) == {name: read.fields[name] for name in seen.fields}
    assert [(c.ref, c.text, c.mark) for c in seen.comments] == [
        (c.ref, c.text, c.mark) for c in read.comments
    ]
    return seen


def test_the_lab_sees_what_the_plugin_reads(bench):
    ref = bench.make()
    assert bench.imitation.items() == [ref]
    same(bench, ref)
    bench.imitation.edit(ref, bench.imitation.accounts[1], "title", "Printer burns")
    bench.imitation.edit(ref, bench.imitation.accounts[1], "body", "one\n\nthree\n\ntwo")
    if "labels" in bench.imitation.fields:
        bench.imitation.edit(ref, bench.imitation.accounts[1], "labels", frozenset({"b"}))
    if "estimate" in bench.imitation.fields:
        bench.imitation.edit(ref, bench.imitation.accounts[1], "estimate", None)
        bench.imitation.edit(ref, bench.imitation.accounts[1], "due", None)
    said = bench.imitation.say(ref, bench.imitation.accounts[1], "hello\n\nthere")
    seen = same(bench, ref)
    assert seen.fields["title"] == "Printer burns"
    assert [comment.ref for comment in seen.comments] == [said]
    bench.tracker.update(ref, {"title": "Quenched"})
    if "labels" in bench.imitation.fields:
        bench.tracker.update(ref, {"labels": SetChange(frozenset({"c"}), frozenset({"b"}))})
    assert same(bench, ref).fields["title"] == "Quenched"


def test_hooks_are_genuine_and_name_the_item(bench):
    ref = bench.make()
    bench.imitation.edit(ref, bench.imitation.accounts[1], "title", "Printer burns")
    told = bench.imitation.deliveries()
    assert told, "an edit is told"
    assert bench.imitation.deliveries() == []
    assert all(bench.tracker.verify(one) for one in told)
    assert ref in {hint.ref for one in told for hint in bench.tracker.hints(one)}


def test_forgets_everything(bench):
    ref = bench.make()
    bench.imitation.reset()
    assert (bench.imitation.items(), bench.imitation.see(ref), bench.imitation.deliveries()) == ([], None, [])


def test_a_moved_item_is_followed_and_a_deleted_one_is_gone(bench):
    ref = bench.make()
    moved = bench.imitation.move(ref)
    assert bench.imitation.see(ref).ref == moved
    bench.imitation.delete(moved)
    assert bench.imitation.see(moved) is None
    assert not isinstance(bench.tracker.fetch(moved), FarItem)
