from hypothesis import given
from hypothesis import strategies as st

from hub.core.execute.sync.fields import UNSET, Base, Clash, FieldState, Rule, Unmapped
from hub.core.execute.sync.plan import decide, plan

values = st.sampled_from(["", "a", "b", "c", "a\nb", "a\nb\nc", "x\na\nb", "a\nb\ny"])
sets = st.frozensets(st.sampled_from("abcd"), max_size=4)
kinds = st.sampled_from(["scalar", "text"])
scalar, text, members = Rule("scalar"), Rule("text"), Rule("set")


def mirrored(state):
    base = Base(state.base.there, state.base.here)
    clash = state.clash and Clash("both", state.clash.there, state.clash.here, state.clash.here)
    return FieldState(base, state.sent, state.declined, clash)


def after(rule, here, there, state):
    """Both sides and the memory once a plan is carried out by an honest far side."""
    for _ in range(3):
        step = decide(rule, here, there, state)
        state = step.state
        if step.here is not UNSET:
            here = step.here
        elif step.there is not UNSET:
            there = step.there
            state = FieldState(Base(here, there))
        else:
            break
    return here, there, state


@given(kinds, values, values, values, values)
def test_the_plan_is_the_same_seen_from_the_other_side(kind, here, there, base_here, base_there):
    rule = Rule(kind)
    state = FieldState(Base(base_here, base_there))
    one, other = decide(rule, here, there, state), decide(rule, there, here, mirrored(state))
    end_one, end_other = after(rule, here, there, state), after(rule, there, here, mirrored(state))
    assert (one.here is UNSET and one.there is UNSET) == (other.here is UNSET and other.there is UNSET)
    assert end_one[:2] == (end_other[1], end_other[0])
    assert (end_one[2].clash is None) == (end_other[2].clash is None)


@given(sets, sets, sets, sets)
def test_sets_merge_the_same_from_either_side(here, there, base_here, base_there):
    state = FieldState(Base(base_here, base_there))
    one, other = after(members, here, there, state), after(members, there, here, mirrored(state))
    assert one[:2] == (other[1], other[0])


@given(sets, sets, sets)
def test_sets_keep_what_either_side_added_and_drop_what_either_took(here, there, base):
    end_here, end_there, _ = after(members, here, there, FieldState(Base(base, base)))
    assert end_here == end_there == ((here | there) - (base - here) - (base - there))


@given(sets, st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from("abcd")), max_size=6))
def test_set_changes_commute(base, changes):
    here, there = set(base), set(base)
    for on_here, adding, member in changes:
        side = here if on_here else there
        (side.add if adding else side.discard)(member)
    at_once = after(members, frozenset(here), frozenset(there), FieldState(Base(base, base)))
    in_turn = after(members, frozenset(here), base, FieldState(Base(base, base)))
    shifted = (frozenset(in_turn[1]) | (frozenset(there) - base)) - (base - frozenset(there))
    in_turn = after(members, in_turn[0], shifted, in_turn[2])
    assert at_once[:2] == in_turn[:2]


@given(kinds, values, values)
def test_no_change_means_nothing_to_do(kind, here, there):
    step = decide(Rule(kind), here, there, FieldState(Base(here, there)))
    assert (step.here, step.there, step.state.clash) == (UNSET, UNSET, None)


@given(kinds, values, values, values, values)
def test_planning_the_planned_again_changes_nothing(kind, here, there, base_here, base_there):
    rule = Rule(kind)
    end_here, end_there, state = after(rule, here, there, FieldState(Base(base_here, base_there)))
    step = decide(rule, end_here, end_there, state)
    assert (step.here, step.there, step.state) == (UNSET, UNSET, state)


@given(values, values, values, values)
def test_never_drops_a_changed_side(here, there, base_here, base_there):
    end_here, end_there, state = after(scalar, here, there, FieldState(Base(base_here, base_there)))
    for changed, value in ((here != base_here, here), (there != base_there, there)):
        if changed:
            shown = {state.clash.here, state.clash.there} if state.clash else set()
            assert value in {end_here, end_there} | shown
    if here != base_here and there != base_there and here != there:
        assert state.clash == Clash("both", here, there, there)
        assert (end_here, end_there) == (here, there)


@given(values, values, values)
def test_never_drops_a_line_of_a_text(here, there, base):
    end_here, end_there, state = after(text, here, there, FieldState(Base(base, base)))
    if state.clash is None:
        added = (set(here.split("\n")) | set(there.split("\n"))) - set(base.split("\n"))
        assert end_here == end_there
        assert added <= set(end_here.split("\n")) | {""}


def test_our_own_echo_is_nothing_to_do():
    """The tracker trimmed what we wrote; its answer comes back as a hint."""
    state = FieldState(Base("text \r\n", "text"))
    step = decide(text, "text \r\n", "text", state)
    assert (step.here, step.there, step.state) == (UNSET, UNSET, state)


def test_a_conflict_stays_until_it_is_decided_even_if_one_side_goes_back():
    state = decide(scalar, "ours", "theirs", FieldState(Base("old", "old"))).state
    step = decide(scalar, "old", "theirs", state)
    assert step.here is UNSET
    assert step.state.clash == Clash("both", "old", "theirs", "theirs")


def test_a_conflict_ends_when_both_say_the_same():
    state = decide(scalar, "ours", "theirs", FieldState(Base("old", "old"))).state
    assert decide(scalar, "same", "same", state).state == FieldState(Base("same", "same"))


def test_a_policy_decides_and_keeps_the_other_value():
    step = decide(Rule("scalar", policy="there"), "ours", "theirs", FieldState(Base("old", "old")))
    assert step.here == "theirs"
    assert step.decided is not None
    assert (step.decided.winner, step.decided.clash.here) == ("there", "ours")
    step = decide(Rule("scalar", policy="here"), "ours", "theirs", FieldState(Base("old", "old")))
    assert (step.there, step.here) == ("ours", UNSET)


@given(values, values, values, values)
def test_a_field_that_only_goes_out_never_writes_here(here, there, base_here, base_there):
    step = decide(Rule("scalar", "out"), here, there, FieldState(Base(base_here, base_there)))
    assert step.here is UNSET


@given(values, values, values, values)
def test_a_field_that_only_comes_in_never_writes_there(here, there, base_here, base_there):
    step = decide(Rule("scalar", "in"), here, there, FieldState(Base(base_here, base_there)))
    assert step.there is UNSET


def test_a_field_that_is_off_is_left_alone():
    assert plan({"title": "a"}, {"title": "b"}, {}, {"title": Rule("scalar", "off")}).states == {}


def test_a_field_the_far_side_lacks_is_left_alone():
    assert plan({"title": "a"}, {}, {}, {"title": scalar}).there == {}


def test_an_unmapped_value_is_shown_and_not_written():
    rule = Rule("scalar", inward=lambda value: Unmapped("nobody_here", value))
    step = decide(rule, 1, "mei", FieldState(Base(1, "lin")))
    assert step.here is UNSET
    assert step.state.declined is not None
    assert step.state.declined.reason == {"id": "nobody_here", "value": "mei"}
    assert step.state.base == Base(1, "lin")


def test_two_far_states_that_mean_the_same_here_agree():
    rule = Rule("scalar", inward={"todo": "open", "review": "doing", "doing": "doing"}.get)
    step = decide(rule, "doing", "review", FieldState(Base("doing", "doing")))
    assert (step.here, step.there, step.state) == (UNSET, UNSET, FieldState(Base("doing", "review")))


def test_who_goes_between_two_far_states_that_mean_the_same_is_asked_where_we_change_meanwhile():
    """From Closed to Resolved there, both done to us, and doing here: neither covers the other unseen."""
    rule = Rule("scalar", inward={"Closed": "done", "Resolved": "done", "New": "doing"}.get)
    step = decide(rule, "doing", "Resolved", FieldState(Base("done", "Closed")))
    assert step.state.clash == Clash("both", "doing", "Resolved", "Resolved")
    assert (step.here, step.there) == (UNSET, UNSET)


def test_first_contact_fills_an_empty_side_and_asks_where_both_have_something():
    assert decide(scalar, "ours", "", FieldState()).there == "ours"
    assert decide(scalar, "", "theirs", FieldState()).here == "theirs"
    assert decide(scalar, "ours", "theirs", FieldState()).state.clash is not None


@given(values, values)
def test_what_a_tracker_began_with_is_taken_in_or_set_right_but_never_a_conflict(here, there):
    unsaid = FieldState(Base(None, UNSET))
    silent = decide(scalar, None, there, unsaid)
    assert (silent.here, silent.there, silent.state.clash) == (there, UNSET, None)
    spoken = decide(scalar, here, there, unsaid)
    assert spoken.here is UNSET and spoken.state.clash is None
    assert spoken.there == (UNSET if here == there else here)
