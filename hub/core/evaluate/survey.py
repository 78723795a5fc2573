"""The request's satisfaction survey: who is asked, and when nobody needs to be."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.rights import require
from hub.core.surveys.invitations import invite
from hub.core.surveys.models import SurveyAnswer, SurveyInvitation
from hub.core.values import Actor, Instrument
from hub.core.work.models import ServiceRequest


def invitation_of(session: Session, request_id: int) -> SurveyInvitation | None:
    """The request's one invitation, if it has been made."""
    return session.scalars(select(SurveyInvitation).where(SurveyInvitation.request_id == request_id)).first()


def answer_of(session: Session, request_id: int) -> SurveyAnswer | None:
    """The customer's answer, if there is one."""
    return session.scalars(select(SurveyAnswer).where(SurveyAnswer.request_id == request_id)).first()


def ask(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    request: ServiceRequest,
    instrument: Instrument,
    lifetime: dt.timedelta,
) -> str | None:
    """Invite the request's contact; gives the link's token, or None where there is nobody to ask."""
    require(actor, "invite_survey", request)
    if request.contact_id is None:
        return None
    _, token = invite(
        session,
        now,
        actor,
        request_id=request.id,
        contact_id=request.contact_id,
        instrument=instrument,
        lifetime=lifetime,
    )
    return token


def is_settled(session: Session, now: dt.datetime, request: ServiceRequest) -> bool:
    """Whether the survey no longer holds the request: answered, expired, or nobody to ask."""
    if request.contact_id is None:
        return True
    invitation = invitation_of(session, request.id)
    if invitation is None:
        return False
    return invitation.answered_at is not None or invitation.expires_at <= now
