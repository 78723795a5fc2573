"""What a customer writes on the tracking page becomes a comment, or a request that cites the old one."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from hub.core import history
from hub.core.conversation import comments
from hub.core.identify import ended
from hub.core.identify.intake import fitting
from hub.core.rights import require
from hub.core.values import SYSTEM
from hub.core.work.models import ServiceRequest
from hub.core.work.public import customer_of
from hub.core.work.requests import create_request


def take_answer(
    session: Session,
    now: dt.datetime,
    request: ServiceRequest,
    text: str,
    *,
    reopen_after: dt.timedelta,
    prefix: str = "SR",
) -> ServiceRequest:
    """Take in what the customer wrote on the tracking page; gives the request in which it stands now.

    It is a public comment, which opens a closed request again as an answer by mail does; where the
    request is over, it is a new one. Raises ``Refusal`` (required, too_long) with the field ``text``.
    """
    who = customer_of(request)
    require(who, "comment", request)
    text = comments.clean(text)
    if not ended.is_over(request, now, reopen_after):
        comments.say(
            session, now, who, request_id=request.id, text=text, stream="public", source=comments.PAGE
        )
        return request
    title, body = fitting(f"Re: {request.title.removeprefix('Re: ')}", text)
    new = create_request(
        session, now, who, title=title, body=body, contact=request.contact, customer=request.customer,
        source=comments.PAGE, language=request.language, prefix=prefix,
    )  # fmt: skip
    ended.cite(session, now, request, new)
    history.record(session, now, SYSTEM, "request_continues", new, request_id=new.id, ref=request.ref)
    return new
