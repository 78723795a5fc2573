"""What counts as lost: the oracle on its own, one story at a time."""

from hub.core.execute.sync.fields import Base, Clash, FieldState, Rule
from hub.lab.oracle import HERE, Oracle, Place

STATES = {"open": "open", "doing": "open", "done": "closed"}
RULES = {
    "title": Rule("scalar"),
    "labels": Rule("set"),
    "status": Rule("scalar", inward={"open": "open", "closed": "done"}.get, outward=STATES.get),
}
RED, NONE = frozenset({"red"}), frozenset()


def lost(oracle, here, there):
    places = [Place(here, ()), Place(there, ())]
    return [(one.field, one.value, one.back) for one in oracle.lost(places, [])]


def test_a_title_that_stands_nowhere_is_lost():
    oracle = Oracle((RULES,))
    oracle.wrote(HERE, "title", "a", "b", back=["a"])
    assert lost(oracle, {"title": "b"}, {"title": "a"}) == []
    assert lost(oracle, {"title": "a"}, {"title": "a"}) == [("title", "b", False)]


def test_who_goes_back_to_what_both_had_agreed_on_is_told_apart():
    oracle = Oracle((RULES,))
    oracle.wrote(HERE, "title", "a", "b", back=["a"])
    oracle.wrote(HERE, "title", "b", "a", back=["a"])
    assert lost(oracle, {"title": "c"}, {"title": "c"}) == [("title", "a", True)]
    oracle.wrote(HERE, "labels", RED, NONE, back=[RED])
    oracle.wrote(HERE, "labels", NONE, RED, back=[RED])
    assert lost(oracle, {"title": "a", "labels": NONE}, {"labels": NONE}) == [("labels", "red", True)]


def test_a_label_taken_away_that_nobody_added_again_is_lost_where_it_comes_back():
    oracle = Oracle((RULES,))
    oracle.wrote(HERE, "labels", RED, NONE, back=[RED])
    assert lost(oracle, {"labels": NONE}, {"labels": NONE}) == []
    assert lost(oracle, {"labels": RED}, {"labels": RED}) == [("labels", "red", False)]
    oracle.wrote(0, "labels", NONE, RED)
    assert lost(oracle, {"labels": RED}, {"labels": RED}) == []


def test_between_two_trackers_an_add_at_one_wins_over_the_others_removal():
    oracle = Oracle((RULES, RULES))
    oracle.wrote(0, "labels", NONE, RED)
    oracle.wrote(1, "labels", RED, NONE)
    assert lost(oracle, {"labels": RED}, {"labels": RED}) == []


def test_who_replaces_a_word_there_replaces_the_value_it_is_known_to_stand_for():
    oracle = Oracle((RULES,))
    oracle.wrote(HERE, "status", "open", "doing")
    oracle.wrote(0, "status", "open", "closed", seen=["doing"])
    assert lost(oracle, {"status": "done"}, {"status": "done"}) == []


def test_a_value_the_word_there_was_not_known_to_stand_for_is_still_owed():
    oracle = Oracle((RULES,))
    oracle.wrote(HERE, "status", "open", "doing")
    oracle.wrote(0, "status", "open", "closed", seen=["open"])
    assert lost(oracle, {"status": "done"}, {"status": "done"}) == [("status", "doing", False)]


def test_who_replaces_our_word_replaces_the_one_there_that_both_know_to_stand_for_it():
    """Somebody opened it there, we agreed that this is our doing, and it was dropped here (7000651)."""
    oracle = Oracle((RULES,))
    oracle.wrote(0, "status", "closed", "open")
    oracle.wrote(HERE, "status", "doing", "dropped", seen=["open"])
    assert lost(oracle, {"status": "dropped"}, {"status": "closed"}) == []


def test_who_takes_their_own_label_away_before_both_sides_ever_met_went_back():
    """What the other side had meanwhile added by itself comes over (7000739)."""
    oracle = Oracle((RULES,))
    oracle.wrote(0, "labels", NONE, RED, back=[None, None])
    oracle.wrote(HERE, "labels", NONE, RED, back=[None])
    oracle.wrote(HERE, "labels", RED, NONE, back=[None])
    assert lost(oracle, {"labels": RED}, {"labels": RED}) == [("labels", "red", True)]


def test_another_word_there_for_the_same_is_somebodys_change_and_may_clash():
    """From Low to Lowest there, both 4 to us, and to 2 here: nobody made that conflict up (23000114)."""
    levels = {"Low": 4, "Lowest": 4, "High": 2}
    shown = FieldState(Base(4, "Low"), clash=Clash("both", 2, "Lowest", "Lowest"))
    for there, found in (("Lowest", []), ("Low", [f"priority at tracker 1: {shown.clash}"])):
        oracle = Oracle(({"priority": Rule("scalar", inward=levels.get)},))
        oracle.wrote(0, "priority", "Low", there)
        oracle.wrote(HERE, "priority", 4, 2)
        oracle.look(0, {"priority": shown})
        assert oracle.false == found
        assert [one.value for one in oracle.owed] == [2]
