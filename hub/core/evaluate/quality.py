"""Quality samples: drawn by a repeatable lot, rated by somebody who did not do the work."""

from __future__ import annotations

import datetime as dt
import hashlib

from sqlalchemy.orm import Session

from hub.core import history
from hub.core.evaluate.models import QualitySample
from hub.core.rights import require
from hub.core.values import SYSTEM, Actor, Refusal
from hub.core.work.changes import text_within
from hub.core.work.models import ServiceRequest


def is_drawn(uid: str, seed: str, percent: int) -> bool:
    """Whether the lot falls on this request: a hash of its uid and the seed; anybody can repeat it."""
    number = int.from_bytes(hashlib.sha256(f"{seed}:{uid}".encode()).digest()[:8], "big")
    return number * 100 < percent << 64


def draw(session: Session, now: dt.datetime, request: ServiceRequest, seed: str, percent: int) -> bool:
    """Put the request into the sample where the lot falls on it."""
    if not is_drawn(request.uid, seed, percent):
        return False
    sample = QualitySample(request_id=request.id, drawn_at=now)
    session.add(sample)
    session.flush()
    history.record(
        session, now, SYSTEM, "quality_sampled", sample, request_id=request.id, seed=seed, percent=percent
    )
    return True


def rate(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    sample: QualitySample,
    request: ServiceRequest,
    rating: int,
    note: str = "",
) -> None:
    """Rate the quality of a sampled request, 1 to 5; nobody rates their own work."""
    require(actor, "rate_quality", request)
    if not 1 <= rating <= 5:
        raise Refusal("out_of_range", field="rating", least=1, most=5)
    if actor.id in {task.assignee_id for task in request.tasks}:
        raise Refusal("own_work", ref=request.ref)
    sample.rating, sample.note = rating, text_within(note, "note", 2000, required=False)
    sample.rated_by, sample.rated_at = actor.id, now
    history.record(session, now, actor, "quality_rated", sample, request_id=request.id, rating=rating)
