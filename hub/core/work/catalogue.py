"""Verbs on the catalogue: the kinds of service work there are."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.connections.models import Connection
from hub.core.directory.models import Team
from hub.core.rights import require
from hub.core.values import Actor, Refusal
from hub.core.work.models import Category

MAX_TITLE, MAX_SKILL, MAX_KEYWORDS, MAX_KEYWORD = 120, 40, 100, 60
MOST_HOURS = 10_000
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def save_category(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    category: Category | None,
    *,
    key: str,
    zh: str,
    en: str,
    skill: str = "",
    team_id: int | None = None,
    keywords: Iterable[str] = (),
    hours: float | None = None,
    tracker_id: int | None = None,
    active: bool = True,
) -> Category:
    """Make a category or change it; its key, by which forms and webhooks name it, stays."""
    require(actor, "edit_catalogue", category)
    made = category is None
    if category is None:
        category = Category(key=_new_key(session, key))
    words = list(dict.fromkeys(word.strip() for word in keywords if word.strip()))
    if len(words) > MAX_KEYWORDS:
        raise Refusal("too_many", field="keywords", most=MAX_KEYWORDS)
    for field, text, most in (
        ("zh", zh, MAX_TITLE), ("en", en, MAX_TITLE), ("skill", skill, MAX_SKILL),
        *(("keywords", word, MAX_KEYWORD) for word in words),
    ):  # fmt: skip
        if len(text.strip()) > most:
            raise Refusal("too_long", field=field, most=most, length=len(text.strip()))
    if not zh.strip() and not en.strip():
        raise Refusal("required", field="zh")
    if hours is not None and not 0 < hours <= MOST_HOURS:
        raise Refusal("out_of_range", field="hours", least=0, most=MOST_HOURS)
    if team_id is not None and session.get(Team, team_id) is None:
        raise Refusal("unknown_choice", field="team", value=team_id)
    if tracker_id is not None:
        tracker = session.get(Connection, tracker_id)
        if tracker is None or tracker.family != "tracker":
            raise Refusal("not_a_tracker", field="tracker", name=tracker.name if tracker else tracker_id)
    category.title = {"zh": zh.strip(), "en": en.strip()}
    category.skill, category.team_id, category.tracker_id = skill.strip() or None, team_id, tracker_id
    category.keywords, category.hours, category.active = words, hours, active
    # Only now: whatever is asked above would write a half-made row first.
    session.add(category)
    session.flush()
    history.record(session, now, actor, "category_made" if made else "category_changed", category)
    return category


def _new_key(session: Session, key: str) -> str:
    key = key.strip().lower()
    if not key:
        raise Refusal("required", field="key")
    if not _KEY.fullmatch(key):
        raise Refusal("key_shape", field="key", value=key[:60])
    if session.scalar(select(func.count()).where(Category.key == key)):
        raise Refusal("name_taken", field="key", name=key)
    return key
