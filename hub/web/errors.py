"""Errors as pages, or as toasts where htmx asks, in the reader's language."""

from __future__ import annotations

from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from hub.core.values import Refusal
from hub.render.reader import N_
from hub.web import context, htmx

# Title, and what to do now.
PAGES = {
    400: (N_("This could not be understood"), N_("Go back, reload the page and try again.")),
    401: (N_("Please sign in"), N_("This page is for people of the team.")),
    403: (N_("Not allowed"), N_("You may not see this page. Ask an administrator if you should.")),
    404: (
        N_("Not found"),
        N_("There is nothing at this address. It may have moved, or the link is incomplete."),
    ),
    405: (N_("Not possible here"), N_("Go back, reload the page and try again.")),
    409: (
        N_("Somebody was faster"),
        N_("This was changed while you worked on it. Reload to see the present state."),
    ),
    410: (N_("No longer here"), N_("What was at this address has been taken away.")),
    413: (N_("Too large"), N_("Send a smaller file, or split the text.")),
    422: (N_("This cannot be done"), N_("Look at what you entered and try again.")),
    429: (N_("Too many attempts"), N_("Wait a few minutes and try again.")),
    500: (
        N_("Something went wrong"),
        N_("The error has been recorded. Try again; if it stays, tell an administrator."),
    ),
}
STATUS = {
    "not_allowed": 403,
    "not_found": 404,
    "link_unknown": 404,
    "link_expired": 410,
    "form_closed": 410,
    "version_conflict": 409,
    "already_answered": 409,
    "too_many_attempts": 429,
    "sign_in_failed": 401,
}


def init_app(app: Flask) -> None:
    """Answer errors and refusals."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _forged)


def answer(status: int, text: str | None = None) -> Response:
    """An error as page or toast; ``text`` replaces what the status says in general."""
    title, advice = PAGES.get(status) or PAGES[500 if status >= 500 else 400]
    if htmx.wants_fragment():
        body = render_template(
            "_toast.html", text=text or f"{_(title)}. {_(advice)}", tone="bad", undo=None, swap=False
        )
        return htmx.respond(body, status=status, retarget="#toasts", reswap="beforeend")
    page = render_template(
        "errors/error.html",
        status=status,
        title=_(title),
        text=text or _(advice),
        request_id=g.get("request_id"),
    )
    return make_response(page, status)


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:  # a redirect is raised, too
        return make_response(error.get_response())
    if error.code >= 500:
        context.forget_person()
    response = answer(error.code)
    for name, value in error.get_headers(request.environ):
        if name in ("Allow", "Retry-After", "WWW-Authenticate"):
            response.headers[name] = value
    return response


def _refused(refusal: Refusal) -> Response:
    return answer(STATUS.get(refusal.message, 422), context.sentence(refusal))


def _forged(_error: CSRFError) -> Response:
    return answer(400, _("This page was open for too long, or cookies are off. Reload it and try again."))
