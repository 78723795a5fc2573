"""Saved views: addresses of the board and the list under a name, one's own or shared with the team."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload

from hub.core import history
from hub.core.directory.models import SavedView
from hub.core.directory.profiles import clean_name
from hub.core.rights import may, require
from hub.core.values import Actor, Refusal

PAGES = ("board", "requests")
MAX_NAME, MAX_QUERY, MOST = 60, 500, 50


def save_view(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    *,
    page: str,
    name: str,
    query: str,
    shared: bool = False,
) -> SavedView:
    """Keep an address under a name; one's own view of that name gets the new address.

    Raises ``Refusal``: required and too_long (name), too_many (more than 50 views of one person).
    """
    require(actor, "save_view")
    if shared:
        require(actor, "share_view")
    if page not in PAGES:
        raise Refusal("unknown_choice", value=page[:40])
    if len(query) > MAX_QUERY:
        raise Refusal("too_long", field="name", most=MAX_QUERY, length=len(query))
    name = clean_name(name, MAX_NAME)
    mine = SavedView.person_id == actor.id
    view = session.scalars(
        select(SavedView).where(mine, SavedView.page == page, SavedView.name == name)
    ).first()
    if view is None:
        if (session.scalar(select(func.count()).where(mine)) or 0) >= MOST:
            raise Refusal("too_many", field="name", most=MOST)
        view = SavedView(person_id=actor.id, page=page, name=name)
        session.add(view)
    view.query, view.shared = query, shared
    session.flush()
    history.record(session, now, actor, "view_saved", view, page=page, shared=shared, personal={"name": name})
    return view


def change_view(
    session: Session, now: dt.datetime, actor: Actor, view: SavedView, *, name: str, shared: bool
) -> None:
    """Rename one's own view, share it or take it back."""
    require(actor, "save_view")
    if view.person_id != actor.id:
        raise Refusal("not_found")
    if shared and not view.shared:
        require(actor, "share_view")
    name = clean_name(name, MAX_NAME)
    taken = select(func.count()).where(
        SavedView.person_id == actor.id,
        SavedView.page == view.page,
        SavedView.name == name,
        SavedView.id != view.id,
    )
    if session.scalar(taken):
        raise Refusal("name_taken", field="name", name=name)
    if (view.name, view.shared) == (name, shared):
        return
    view.name, view.shared = name, shared
    history.record(
        session, now, actor, "view_saved", view, page=view.page, shared=shared, personal={"name": name}
    )


def drop_view(session: Session, now: dt.datetime, actor: Actor, view: SavedView) -> None:
    """Forget a view: one's own, or as a manager one that was shared."""
    require(actor, "save_view")
    if view.person_id != actor.id and not (view.shared and may(actor, "tidy_views")):
        raise Refusal("not_found")
    history.record(session, now, actor, "view_dropped", view, page=view.page, personal={"name": view.name})
    session.delete(view)


_mine = SavedView.person_id == bindparam("me")
_OFFERED = (
    select(SavedView)
    .where(or_(_mine, SavedView.shared))
    .order_by(_mine.desc(), SavedView.name, SavedView.id)
    .options(joinedload(SavedView.person))
)
_OFFERED_ON = _OFFERED.where(SavedView.page == bindparam("page"))


def offered(session: Session, actor: Actor, page: str | None = None) -> list[SavedView]:
    """One's own views and those the team shares, one's own first, by name."""
    wanted, about = (_OFFERED, {}) if page is None else (_OFFERED_ON, {"page": page})
    return list(session.scalars(wanted, {"me": actor.id, **about}))
