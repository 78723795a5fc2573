"""Invite once, answer once. Opening the link changes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.connections.secrets import new_token, token_hash
from hub.core.surveys.models import SurveyAnswer, SurveyInvitation
from hub.core.values import Actor, Instrument, Refusal
from hub.core.work.changes import promise_look


def invite(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    *,
    request_id: int,
    contact_id: int | None,
    instrument: Instrument,
    lifetime: dt.timedelta,
) -> tuple[SurveyInvitation, str]:
    """Make the request's invitation, or give an open one a fresh link. Gives the token, once."""
    token = new_token()
    row = session.scalars(select(SurveyInvitation).where(SurveyInvitation.request_id == request_id)).first()
    if row is not None and row.answered_at is not None:
        raise Refusal("already_answered")
    if row is None:
        row = SurveyInvitation(request_id=request_id, contact_id=contact_id, created_at=now)
        session.add(row)
    row.instrument, row.instrument_version = instrument.key, instrument.version
    row.token_hash, row.expires_at = token_hash(token), now + lifetime
    session.flush()
    history.record(
        session, now, actor, "survey_invited", row, request_id=request_id, instrument=instrument.key
    )
    return row, token


def by_token(session: Session, token: str, now: dt.datetime, *, acting: bool = False) -> SurveyInvitation:
    """The invitation of a link; refuses an unknown, used or expired one.

    ``acting`` holds the row until the commit, so that two answers at once become one.
    """
    query = select(SurveyInvitation).where(SurveyInvitation.token_hash == token_hash(token))
    row = session.scalars(query.with_for_update() if acting else query).first()
    if row is None:
        raise Refusal("link_unknown")
    if row.answered_at is not None:
        raise Refusal("already_answered")
    if row.expires_at <= now:
        raise Refusal("link_expired")
    return row


def answer(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    invitation: SurveyInvitation,
    instrument: Instrument,
    answers: Mapping[str, Any],
) -> SurveyAnswer:
    """Store the one answer of an invitation and its score."""
    if invitation.answered_at is not None:
        raise Refusal("already_answered")
    invitation.answered_at = now
    row = SurveyAnswer(
        invitation_id=invitation.id,
        request_id=invitation.request_id,
        at=now,
        score=instrument.score(answers),
        answers=dict(answers),
    )
    session.add(row)
    session.flush()
    history.record(
        session, now, actor, "survey_answered", row, request_id=invitation.request_id, score=row.score
    )
    promise_look(session, invitation.request_id)
    return row
