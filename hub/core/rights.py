"""Who may do what: one table. Pages and API both ask ``may``; nobody decides elsewhere."""

from __future__ import annotations

from typing import Any

from hub.core.values import Actor, Refusal

VIEWER = {
    "see_requests",
    "see_people",
    "see_improvement",
    "see_customers",
    "see_evaluation",
    "see_health",
    "edit_own_profile",
    "save_view",
}
MEMBER = VIEWER | {
    "share_view",
    "create_request",
    "edit_request",
    "move_request",
    "move_mail",
    "comment",
    "comment_internally",
    "create_task",
    "edit_task",
    "assign_task",
    "link_task",
    "resolve_conflict",
    "score_goal",
    "invite_survey",
    "log_time",
    "see_plugins",
    "see_settings",
}
MANAGER = MEMBER | {
    "drop_request",
    "edit_people",
    "edit_customers",
    "edit_catalogue",
    "manage_plans",
    "rate_quality",
    "tidy_views",
    "see_unseen",
    "see_connections",
    "undo_run",
    "see_outbox",
    "edit_outbox",
    "see_audit",
}
ADMINISTRATOR = MANAGER | {
    "edit_connections",
    "import_items",
    "replay_delivery",
    "edit_plugins",
    "rerun_job",
    "edit_accounts",
    "set_up",
}
# A contact acts only through a link that names one request: the thing must be that request.
CONTACT = {"see_public_request", "comment", "answer_survey", "judge_result"}

TABLE: dict[str, set[str]] = {
    "administrator": ADMINISTRATOR,
    "manager": MANAGER,
    "member": MEMBER,
    "viewer": VIEWER,
    "contact": CONTACT,
}
VERBS = frozenset().union(*TABLE.values())


def may(actor: Actor, verb: str, thing: Any = None) -> bool:
    """May this actor do this (to this thing)? The hub itself may do everything."""
    if verb not in VERBS:
        raise ValueError(f"unknown verb {verb!r}: add it to the table in rights.py")
    if actor.role == "contact" or actor.kind == "contact":
        mine = actor.id is not None and getattr(thing, "contact_id", None) == actor.id
        return mine and verb in CONTACT
    if actor.role == "system":
        return actor.kind != "person"
    return verb in TABLE.get(actor.role, set())


def require(actor: Actor, verb: str, thing: Any = None) -> None:
    """Refuse what the actor may not do."""
    if not may(actor, verb, thing):
        raise Refusal("not_allowed", verb=verb)
