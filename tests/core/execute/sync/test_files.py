"""Files of both sides: none lost, none twice, and one that cannot be carried holds up no other."""

from dataclasses import replace
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from hub.core.execute.sync.files import MB, TOO_LARGE, FileCopy, FileWay, OurFile, plan_files
from hub.core.values import FarFile

BOTH, OUT, IN, OFF = (FileWay(way, 100) for way in ("both", "out", "in", "off"))
contents = st.lists(st.sampled_from(["a", "b", "bb", "cc", "large" * 30]), max_size=5)


def digest(content):
    return sha256(content.encode()).hexdigest()


def our(content, name="a.txt"):
    return OurFile(digest(content), name, len(content))


class Sides:
    """Both sides and the copies, carried out by an honest far side."""

    def __init__(self, here, there, way=BOTH):
        self.here = {digest(one): one for one in here}
        self.there = {f"r{number}": one for number, one in enumerate(there)}
        self.copies = {}
        self.way = way

    def plan(self):
        ours = [our(one) for one in self.here.values()]
        theirs = [FarFile(ref, "a.txt", len(one)) for ref, one in self.there.items()]
        return plan_files(ours, theirs, self.copies.values(), self.way)

    def settle(self):
        for _ in range(4):
            planned = self.plan()
            for copy in planned.keep:
                self.copies[copy.origin, copy.key] = copy
            for copy in planned.fetch:
                content = self.there[copy.far_ref]
                self.here.setdefault(digest(content), content)
                come = replace(copy, sha256=digest(content), state="copied")
                self.copies[come.origin, come.key] = come
            for copy in planned.send:
                ref = f"s{len(self.there)}"
                self.there[ref] = self.here[copy.sha256]
                self.copies[copy.origin, copy.key] = replace(copy, far_ref=ref, state="copied")
        return self


@given(contents, contents)
def test_both_sides_end_with_every_content_that_fits(here, there):
    sides = Sides(here, there).settle()
    small = {one for one in [*here, *there] if len(one) <= 100}
    assert small <= set(sides.here.values())
    assert small <= set(sides.there.values())


@given(contents, contents)
def test_nothing_is_sent_that_is_there_already(here, there):
    sides = Sides(here, there).settle()
    sent = [one for ref, one in sides.there.items() if ref.startswith("s")]
    assert len(sent) == len(set(sent))
    assert not set(sent) & set(there)


@given(contents, contents)
def test_what_is_settled_has_nothing_to_do(here, there):
    sides = Sides(here, there).settle()
    planned = sides.plan()
    assert (planned.fetch, planned.send, planned.keep) == ((), (), ())


@given(contents, contents)
def test_the_order_of_the_files_does_not_matter(here, there):
    one, other = Sides(here, there).settle(), Sides(here[::-1], there[::-1]).settle()
    assert set(one.here.values()) == set(other.here.values())
    assert sorted(one.there.values()) == sorted(other.there.values())


@given(contents, contents)
def test_files_come_and_go_alike_seen_from_either_side(here, there):
    """Each content once on the far side, so that a far reference is a content as ours is."""
    here, there = list(dict.fromkeys(here)), list(dict.fromkeys(there))
    one, other = Sides(here, there).settle(), Sides(there, here).settle()
    assert set(one.here.values()) == set(other.there.values())
    assert set(one.there.values()) == set(other.here.values())


@given(contents, contents, contents)
def test_what_was_taken_away_on_a_side_stays_on_the_other(here, there, gone):
    sides = Sides(here, there).settle()
    held = dict(sides.here)
    sides.there = {ref: one for ref, one in sides.there.items() if one not in gone}
    kept = dict(sides.there)
    sides.settle()
    assert sides.here == held
    assert sides.there == kept
    for copy in sides.copies.values():
        assert copy.far_ref is None or (copy.state == "ended") == (copy.far_ref not in kept)


@given(contents, contents)
def test_a_file_that_is_too_large_is_shown_and_stays(here, there):
    sides = Sides(here, there).settle()
    for copy in sides.copies.values():
        assert (copy.size > 100) == (copy.state == "refused")
        assert copy.state != "refused" or copy.reason["id"] == TOO_LARGE


def test_a_larger_limit_lets_what_was_too_large_pass():
    sides = Sides(["large" * 30], ["huge" * 30]).settle()
    sides.way = FileWay("both", MB)
    sides.settle()
    assert set(sides.here.values()) == set(sides.there.values()) == {"large" * 30, "huge" * 30}


def test_one_way_is_one_way():
    out = Sides(["a"], ["b"], OUT).settle()
    assert (set(out.here.values()), set(out.there.values())) == ({"a"}, {"a", "b"})
    come = Sides(["a"], ["b"], IN).settle()
    assert (set(come.here.values()), set(come.there.values())) == ({"a", "b"}, {"b"})
    off = Sides(["a"], ["b"], OFF).settle()
    assert (off.copies, set(off.here.values()), set(off.there.values())) == ({}, {"a"}, {"b"})


def test_what_has_the_length_of_one_that_nobody_looked_into_waits_for_it():
    waiting = FileCopy("here", "a.txt", 1, digest("a"))
    planned = plan_files([our("a"), our("bb")], [FarFile("r1", "a.txt", 1)], [waiting], BOTH)
    assert [copy.far_ref for copy in planned.fetch] == ["r1"]
    assert [copy.sha256 for copy in planned.send] == [digest("bb")]


def test_where_files_only_go_out_what_may_be_ours_is_looked_into():
    waiting = FileCopy("here", "a.txt", 1, digest("a"))
    planned = plan_files([our("a")], [FarFile("r1", "a.txt", 1), FarFile("r2", "b.txt", 2)], [waiting], OUT)
    assert [copy.far_ref for copy in planned.fetch] == ["r1"]


def test_what_was_taken_away_here_before_it_could_go_is_not_sent():
    assert plan_files([], [], [FileCopy("here", "a.txt", 1, digest("a"))], BOTH).send == ()
