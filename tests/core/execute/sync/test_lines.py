from hypothesis import given
from hypothesis import strategies as st

from hub.core.execute.sync.lines import merge_lines

texts = st.lists(st.sampled_from("abcd"), max_size=7).map("\n".join)


def test_merges_edits_of_different_lines():
    base = "one\ntwo\nthree\nfour\nfive"
    ours, theirs = base.replace("one", "ONE"), base.replace("five", "FIVE")
    assert merge_lines(base, ours, theirs) == "ONE\ntwo\nthree\nfour\nFIVE"


def test_clashes_where_the_same_line_was_edited():
    assert merge_lines("a\nb\nc", "a\nX\nc", "a\nY\nc") is None


def test_clashes_where_both_insert_at_the_same_place():
    assert merge_lines("a\nb", "a\nours\nb", "a\ntheirs\nb") is None


@given(texts, texts, texts)
def test_merging_does_not_depend_on_the_side(base, ours, theirs):
    assert merge_lines(base, ours, theirs) == merge_lines(base, theirs, ours)


@given(texts, texts)
def test_a_side_that_did_not_change_takes_the_other(base, ours):
    assert merge_lines(base, ours, base) == ours
    assert merge_lines(base, ours, ours) == ours


@given(st.lists(st.integers(0, 9), min_size=3, max_size=6, unique=True), st.data())
def test_never_drops_an_inserted_line(numbers, data):
    lines = [f"line {number}" for number in numbers]
    here, there = (data.draw(st.integers(0, len(lines))) for _ in range(2))
    ours = [*lines[:here], "from here", *lines[here:]]
    theirs = [*lines[:there], "from there", *lines[there:]]
    merged = merge_lines("\n".join(lines), "\n".join(ours), "\n".join(theirs))
    if here == there:
        assert merged is None
    else:
        assert merged is not None
        assert {"from here", "from there", *lines} == set(merged.split("\n"))


@given(texts, texts, texts)
def test_merging_the_merged_text_again_changes_nothing(base, ours, theirs):
    merged = merge_lines(base, ours, theirs)
    if merged is not None:
        assert merge_lines(theirs, merged, theirs) == merged
