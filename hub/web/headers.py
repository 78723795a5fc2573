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
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    # A page and its fragment share an address: caches must keep them apart.
    response.vary.add("HX-Request")
    if "request_id" in g:
        headers["X-Request-Id"] = g.request_id
    if request.endpoint != "static":
        # Pages show what this person may see now.
        headers.setdefault("Cache-Control", "no-store" if "Set-Cookie" in headers else "private, no-cache")
    return response
