"""One event in a room's words: numbers, people of the team, and titles without what is the customer's."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from sqlalchemy.orm import Session

from hub.core.directory.models import Person
from hub.core.notices.models import Notice
from hub.core.notices.office import Office
from hub.core.work.models import ServiceRequest, Task

LONGEST_TITLE = 80
HIDDEN = "…"
_MAIL = re.compile(r"[^\s@<>,;:()]+@[^\s@<>,;:()]+\.[^\s@<>,;:()]+")
# What is dialled: an optional plus, and seven digits or more with what people put in between.
_NUMBER = re.compile(r"(?<![\w-])\+?\d(?:[ ()./-]?\d){6,}(?![\w-])")


def line(session: Session, office: Office, notice: Notice, *, titles: bool = True) -> dict[str, Any]:
    """What one notice says in a room: numbers, a title without addresses, and people of the team."""
    request = session.get_one(ServiceRequest, notice.request_id)
    task = session.get(Task, notice.task_id) if notice.task_id else None
    person = session.get(Person, notice.values.get("after") or notice.values.get("person") or 0)
    due = notice.values.get("due")
    path = f"/tasks/{task.ref}" if task else f"/requests/{request.ref}"
    return {
        "event": notice.template,
        "ref": task.ref if task else request.ref,
        "title": harmless(request, (task or request).title) if titles else "",
        "who": person.name if person else "",
        "score": notice.values.get("score"),
        "due": dt.date.fromisoformat(due) if due else None,
        "url": office.url(path) if office.public_url else "",
    }


def harmless(request: ServiceRequest, title: str) -> str:
    """A title without what leads to the customer: mail addresses, telephone numbers, the contact's name."""
    if request.contact is not None and len(request.contact.name.strip()) > 1:
        title = title.replace(request.contact.name.strip(), HIDDEN)
    title = " ".join(_NUMBER.sub(HIDDEN, _MAIL.sub(HIDDEN, title)).split())
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"
