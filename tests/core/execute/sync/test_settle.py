"""What became of a write, where the far clock is coarse."""

from hub.core.execute.sync.fields import UNSET, Base, Clash, Declined, FieldState, Rule, Sent
from hub.core.execute.sync.plan import decide
from hub.core.execute.sync.settle import settle
from hub.core.execute.sync.settle_sets import KEPT
from hub.core.values import FarChange

OWNER = Rule("scalar")
SENDING = FieldState(Base("lin", "lin"), Sent("mei", "mei", "09:00:21"))


def told(*entries):
    return [FarChange("assignee", value, by, None, by != "hub", maybe) for value, by, maybe in entries]


def test_an_older_write_of_ours_is_not_taken_for_the_one_that_was_lost():
    """Both lie in the second of our look, which saw what the later of them left."""
    log = told(("mei", "hub", True), ("lin", "hub", True))
    state = settle(OWNER, SENDING, "lin", log, answered=False)
    assert state == FieldState(Base("lin", "lin"))
    assert decide(OWNER, "mei", "lin", state).there == "mei"


def test_who_went_back_after_our_write_is_heard_where_the_log_is_sure():
    log = told(("mei", "hub", False), ("lin", "jonas", False))
    state = settle(OWNER, SENDING, "lin", log, answered=False)
    assert state == FieldState(Base("mei", "mei"))
    assert decide(OWNER, "mei", "lin", state).here == "lin"


def test_what_came_after_the_value_we_saw_is_ours_even_in_that_second():
    log = told(("mei", "hub", True), ("lin", "jonas", True), ("mei", "hub", True))
    assert settle(OWNER, SENDING, "mei", log, answered=False) == FieldState(Base("mei", "mei"))


def test_an_older_write_of_ours_does_not_stand_for_one_that_was_answered_and_dropped():
    """Both lie in the second of our look; the tracker said yes and kept what we saw (11000173)."""
    log = told(("mei", "hub", True), ("lin", "hub", True))
    state = settle(OWNER, SENDING, "lin", log, answered=True)
    assert state == FieldState(Base("lin", "lin"), declined=Declined(KEPT, "mei"))


def test_who_may_have_gone_back_within_that_second_is_shown_beside_what_we_wrote():
    """Dropped, or taken back at once: nobody can tell, so that neither value is given up unseen."""
    log = told(("mei", "hub", True), ("lin", "jonas", True))
    state = settle(OWNER, SENDING, "lin", log, answered=True)
    assert state.declined == Declined(KEPT, "mei")


def test_a_write_with_an_answer_has_arrived():
    log = told(("lin", "jonas", True), ("mei", "hub", True), ("lin", "jonas", False))
    assert settle(OWNER, SENDING, "lin", log, answered=True) == FieldState(Base("mei", "mei"))


def test_a_step_on_our_way_that_somebody_else_took_is_their_word():
    """Reopened by somebody between our look and our step by open to done: no step of ours (7000607)."""
    walking = FieldState(Base("dropped", "closed"), Sent("done", "open", "1", "completed"))
    log = told(("open", "jonas", False))
    state = settle(OWNER, walking, "open", log, answered=True)
    assert state == FieldState(Base("dropped", "closed"))
    assert decide(OWNER, "done", "open", state).state.clash == Clash("both", "done", "open", "open")


def test_a_step_that_was_ours_is_gone_on_from():
    walking = FieldState(Base("dropped", "closed"), Sent("done", "open", "1", "completed"))
    log = told(("open", "hub", False))
    assert settle(OWNER, walking, "open", log, answered=True) == FieldState(Base(UNSET, "open"))


def test_who_leaves_our_step_and_comes_back_to_it_is_asked_before_we_go_on():
    """Our step, its answer lost; somebody took it back and then made the same step (13001138)."""
    walking = FieldState(Base("open", "To Do"), Sent("waiting", "In Progress", "1", "Blocked"))
    log = told(("In Progress", "hub", False), ("To Do", "lin", False), ("In Progress", "lin", False))
    state = settle(OWNER, walking, "In Progress", log, answered=False)
    assert state == FieldState(Base("open", "To Do"))
    clash = decide(OWNER, "waiting", "In Progress", state).state.clash
    assert clash == Clash("both", "waiting", "In Progress", "In Progress")
