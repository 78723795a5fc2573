"""Who may do what, row by row."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from hub.core.rights import TABLE, VERBS, may, require
from hub.core.values import SYSTEM, Actor, Refusal

ROLES = ("viewer", "member", "manager", "administrator")


def people(*roles: str) -> list[Actor]:
    return [Actor("person", 7, role, "Wang") for role in roles]


# The first role that may; every role after it may, too.
FROM = {
    "viewer": [
        "see_requests", "see_people", "see_improvement", "see_customers", "see_evaluation",
        "edit_own_profile", "save_view", "see_health",
    ],
    "member": [
        "create_request", "edit_request", "move_request", "comment", "comment_internally", "create_task",
        "edit_task", "assign_task", "link_task", "resolve_conflict", "score_goal", "invite_survey",
        "log_time", "see_plugins", "see_settings", "move_mail", "share_view",
    ],
    "manager": [
        "drop_request", "edit_people", "edit_customers", "edit_catalogue", "manage_plans", "rate_quality",
        "see_connections", "see_audit", "see_outbox", "edit_outbox", "undo_run", "tidy_views", "see_unseen",
    ],
    "administrator": [
        "edit_connections", "import_items", "replay_delivery", "edit_plugins", "rerun_job", "edit_accounts",
        "set_up",
    ],
}  # fmt: skip
CONTACT = {"see_public_request", "comment", "answer_survey", "judge_result"}


@pytest.mark.parametrize(("role", "verb"), [(role, verb) for role, verbs in FROM.items() for verb in verbs])
def test_a_verb_begins_with_one_role_and_holds_for_those_above(role: str, verb: str) -> None:
    first = ROLES.index(role)
    allowed = [may(actor, verb) for actor in people(*ROLES)]
    assert allowed == [False] * first + [True] * (len(ROLES) - first)


def test_every_verb_of_the_table_is_checked_here() -> None:
    assert {verb for verbs in FROM.values() for verb in verbs} | CONTACT == VERBS
    assert set(TABLE) == {*ROLES, "contact"}


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_a_contact_acts_on_its_own_request_only(verb: str) -> None:
    contact = Actor("contact", 5, "contact", "Li Hua")
    own, foreign = SimpleNamespace(contact_id=5), SimpleNamespace(contact_id=6)
    assert may(contact, verb, own) == (verb in CONTACT)
    assert not may(contact, verb, foreign)
    assert not may(contact, verb)


def test_nobody_in_particular_owns_no_request_without_a_contact() -> None:
    assert not may(Actor("contact", None, "contact"), "comment", SimpleNamespace(contact_id=None))


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_the_hub_and_its_connections_may_everything_but_no_person_by_default(verb: str) -> None:
    assert may(SYSTEM, verb)
    assert may(Actor("connection", 3, "system", "Shop"), verb)
    assert not may(Actor("person", 7), verb)
    assert not may(Actor("contact", 7), verb, SimpleNamespace(contact_id=8))


def test_an_unknown_role_may_nothing_and_an_unknown_verb_is_a_bug() -> None:
    assert not any(may(Actor("person", 7, "owner"), verb) for verb in VERBS)
    with pytest.raises(ValueError, match="fly"):
        may(SYSTEM, "fly")


def test_a_refusal_names_the_verb() -> None:
    with pytest.raises(Refusal) as caught:
        require(people("viewer")[0], "edit_task")
    assert (caught.value.message, caught.value.values) == ("not_allowed", {"verb": "edit_task"})
