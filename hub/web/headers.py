"""The headers every answer carries."""

from __future__ import annotations

import re
import secrets

from flask import Flask, Response, g, request

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
# What keeps a browser from taking an answer for something else than it is.
SAFE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def init_app(app: Flask) -> None:
    """Number each request and send the headers with each answer."""
    app.before_request(_number)
    app.after_request(_protect)


def _number() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def _protect(response: Response) -> Response:
    headers = response.headers
    for name, value in SAFE.items():
        headers.setdefault(name, value)
    # A page and its fragment share an address: caches must keep them apart.
    response.vary.add("HX-Request")
    if "request_id" in g:
        headers["X-Request-Id"] = g.request_id
    # Pages show what this person may see now.
    headers.setdefault("Cache-Control", "no-store" if "Set-Cookie" in headers else "private, no-cache")
    return response
