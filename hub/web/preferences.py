"""Language and theme, kept in cookies; works without JavaScript."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, request
from sqlalchemy import update
from werkzeug.wrappers import Response

from hub.core.directory.models import Person
from hub.render import LANGUAGES
from hub.web import context
from hub.web.guards import public

blueprint = Blueprint("preferences", __name__)
_YEAR = 365 * 24 * 3600
_CHOICES = {"language": LANGUAGES, "theme": context.THEMES}


def local(address: str | None) -> str:
    """An address of this hub to go back to; anything else becomes the start page."""
    parts = urlsplit((address or "").replace("\\", "/"))
    if parts.netloc and parts.netloc != request.host:
        return "/"
    path = "/" + parts.path.lstrip("/")
    return f"{path}?{parts.query}" if parts.query else path


@blueprint.post("/preferences")
@public
def save() -> Response:
    """Remember a language or a theme and go back."""
    response: Response = redirect(local(request.form.get("next") or request.referrer), 303)
    for name, choices in _CHOICES.items():
        if (value := request.form.get(name)) in choices:
            # A person's own language comes before the cookie, so it has to follow.
            if name == "language" and (someone := context.person()):
                with context.core().database.transaction() as session:
                    session.execute(
                        update(Person).where(Person.id == someone.person.id).values(language=value)
                    )
            response.set_cookie(name, value, max_age=_YEAR, samesite="Lax", secure=request.is_secure)
    return response
