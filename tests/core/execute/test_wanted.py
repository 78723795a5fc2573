"""A mapping that cannot work is refused at its choice; one that can is stored as it was chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from hub.core.execute.misfits import misfits, reachable
from hub.core.execute.settings import SyncSettings
from hub.core.execute.sync.mapping import rules
from hub.core.execute.wanted import Wanted
from hub.core.values import CANONICAL_FIELDS, TASK_STATES, Catalogue

FAR = ("To Do", "In Progress", "Blocked", "Done", "Cancelled")
URGENCY = {1: ["Highest"], 2: ["High"], 3: ["Medium"], 4: ["Low", "Lowest"]}
THERE = Catalogue(FAR, (("mei", "Mei"), ("jonas", "Jonas")))
GOOD = Wanted(
    directions=dict.fromkeys(CANONICAL_FIELDS, "both"),
    policies=dict.fromkeys(CANONICAL_FIELDS, "ask"),
    written=dict(zip(TASK_STATES, FAR, strict=True)),
    read=dict(zip(FAR, TASK_STATES, strict=True)),
    people={1: "mei"},
)


def refused(catalogue: Catalogue = THERE, **changes: Any) -> dict[str | None, str]:
    """Where and why a mapping that differs from the good one in this is refused."""
    return {no.field: no.message for no in misfits(replace(GOOD, **changes), catalogue, {1, 2})}


def test_takes_a_mapping_that_can_work() -> None:
    assert refused() == {}


def test_refuses_a_direction_the_tracker_cannot_do() -> None:
    there = replace(THERE, fields={"labels": "in"})
    assert refused(there) == {"direction.labels": "mapping_way_closed"}
    assert refused(there, directions={**GOOD.directions, "labels": "in"}) == {}


def test_refuses_to_make_items_without_a_field_they_need() -> None:
    inward = {**GOOD.directions, "title": "in"}
    assert refused(directions=inward) == {"direction.title": "mapping_field_needed"}
    # Where nothing goes out, nothing is made there.
    assert refused(directions=dict.fromkeys(CANONICAL_FIELDS, "in")) == {}


def test_refuses_a_state_that_is_not_there_or_not_chosen() -> None:
    written = {**GOOD.written, "done": "Closed", "dropped": ""}
    assert refused(written=written) == {
        "written.done": "mapping_no_such_state", "written.dropped": "mapping_state_missing",
    }  # fmt: skip


def test_a_tracker_that_cannot_list_its_states_may_have_others() -> None:
    written = {**GOOD.written, "done": "Closed"}
    assert refused(replace(THERE, closed=False), written=written) == {}


def test_refuses_a_state_no_way_leads_to() -> None:
    moves = {"": ("To Do",), "To Do": ("In Progress", "Cancelled"), "In Progress": ("Blocked", "To Do")}
    assert refused(replace(THERE, moves=moves)) == {"written.done": "mapping_unreachable"}


def test_a_way_may_have_five_steps_and_no_more() -> None:
    chain = {"": ("0",)} | {str(n): (str(n + 1),) for n in range(9)}
    assert reachable(chain, "5")
    assert not reachable(chain, "6")


def test_two_states_on_one_need_a_word_on_what_comes_back() -> None:
    written = {**GOOD.written, "waiting": "In Progress"}
    read = {**GOOD.read, "In Progress": ""}
    assert refused(written=written, read=read) == {"read.In Progress": "mapping_state_shared"}
    assert refused(written=written) == {}
    # Out alone nothing comes back.
    out = {**GOOD.directions, "status": "out"}
    assert refused(written=written, read=read, directions=out) == {}


def test_refuses_what_would_come_back_as_something_else() -> None:
    assert refused(read={**GOOD.read, "Done": "doing"}) == {"read.Done": "mapping_state_crossed"}


def test_refuses_to_read_states_where_none_stands_for_one() -> None:
    inward = {**GOOD.directions, "status": "in"}
    assert refused(directions=inward, written={}, read={}) == {"direction.status": "mapping_nothing_read"}


def test_refuses_unknown_shared_and_missing_people() -> None:
    assert refused(people={1: "nobody", 2: "mei"}) == {"person.1": "mapping_no_such_account"}
    assert refused(people={1: "mei", 2: "mei"}) == {"person.2": "mapping_account_taken"}
    assert refused(default_person=9) == {"default_person": "mapping_no_such_person"}
    assert refused(default_person=2) == {}


def test_the_default_person_stands_for_unknown_accounts() -> None:
    rule = rules(SyncSettings(**replace(GOOD, default_person=2).settings(), priority_map=URGENCY))["assignee"]
    assert (rule.inward("mei"), rule.inward("stranger"), rule.inward(None)) == (1, 2, None)


@st.composite
def choices(draw: st.DrawFn) -> Wanted:
    """Any mapping, with what is read mostly chosen among what is written."""
    written = {state: draw(st.sampled_from(FAR)) for state in TASK_STATES}
    read = {}
    for far in FAR:
        writers = [state for state, name in written.items() if name == far]
        read[far] = draw(st.sampled_from(["", *(writers or TASK_STATES)]))
    return Wanted(
        {name: draw(st.sampled_from(["both", "out", "in", "off"])) for name in CANONICAL_FIELDS},
        {name: draw(st.sampled_from(["ask", "here", "there"])) for name in CANONICAL_FIELDS},
        written,
        read,
        draw(st.dictionaries(st.sampled_from([1, 2]), st.sampled_from(["", "mei", "jonas"]))),
        draw(st.sampled_from([None, 1, 2])),
    )


@given(choices())
def test_what_is_taken_means_in_a_round_what_was_chosen(wanted: Wanted) -> None:
    assume(not misfits(wanted, THERE, {1, 2}))
    settings = SyncSettings(**wanted.settings(), priority_map=URGENCY)
    status = rules(settings)["status"]
    if wanted.directions["status"] in ("both", "out"):
        assert {state: status.outward(state) for state in TASK_STATES} == dict(wanted.written)
    if wanted.directions["status"] == "both":
        # What goes out comes back as itself, or as the one that was chosen among those who share the word.
        for state, far in wanted.written.items():
            assert status.inward(far) == (wanted.read.get(far) or state)
    elif wanted.directions["status"] == "in":
        for far, state in wanted.read.items():
            if state:
                assert status.inward(far) == state
    assert {name: rule.direction for name, rule in rules(settings).items()} == dict(wanted.directions)
