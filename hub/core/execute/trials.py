"""Trying a mapping in the lab: asked for here, played by a worker, which alone knows the lab."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.connections.models import Connection
from hub.core.execute.models import Trial
from hub.core.execute.settings import SyncSettings
from hub.core.jobs import promise
from hub.core.rights import require
from hub.core.values import Actor, Refusal

TRY = "try_mapping"
# How many schedules somebody may ask for: more are for the command line (hub lab sync).
SIZES = (30, 100, 300)
# So many trials of a connection are kept.
KEPT = 5
# What of a connection's settings is tried; the people are the lab's own.
TRIED = ("directions", "policies", "status_map", "read_as", "priority_map", "default_person")


def begin(session: Session, now: dt.datetime, actor: Actor, connection: Connection, wanted: int) -> Trial:
    """Have the lab play so many schedules on this connection's mapping; nothing goes to the tracker."""
    require(actor, "edit_connections", connection)
    if connection.family != "tracker":
        raise Refusal("not_a_tracker", field="connection", name=connection.name)
    if wanted not in SIZES:
        raise Refusal("unknown_choice", field="wanted", value=wanted)
    # Held, so that of two who begin at once the second sees the first.
    session.refresh(connection, ["version"], with_for_update=True)
    earlier = latest(session, connection.id)
    if earlier is not None and earlier.state == "running":
        raise Refusal("trial_at_work", name=connection.name)
    settings = SyncSettings.part_of(connection.settings).model_dump(mode="json")
    trial = Trial(
        connection_id=connection.id, wanted=wanted, mapping={name: settings[name] for name in TRIED},
        by_id=actor.id if actor.kind == "person" else None, at=now,
    )  # fmt: skip
    session.add(trial)
    session.flush()
    kept = select(Trial.id).where(Trial.connection_id == connection.id).order_by(Trial.id.desc()).limit(KEPT)
    ids = session.scalars(kept).all()
    session.execute(delete(Trial).where(Trial.connection_id == connection.id, Trial.id.not_in(ids)))
    history.record(session, now, actor, "mapping_tried", connection, schedules=wanted)
    promise_step(session, trial)
    return trial


def promise_step(session: Session, trial: Trial) -> None:
    """Promise the next few schedules."""
    promise(session, TRY, f"trial:{trial.connection_id}", trial.id)


def cancel(session: Session, now: dt.datetime, actor: Actor, trial: Trial) -> None:
    """Stop it; what was played stands."""
    require(actor, "edit_connections", trial.connection)
    if trial.state == "running":
        trial.state, trial.ended_at = "cancelled", now


def latest(session: Session, connection_id: int) -> Trial | None:
    """The last trial of a connection's mapping."""
    mine = select(Trial).where(Trial.connection_id == connection_id)
    return session.scalars(mine.order_by(Trial.id.desc()).limit(1)).first()
