"""What stands before every view: forgery protection, rate limits, compression."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, request
from flask_compress import Compress
from flask_limiter import Limiter
from flask_wtf import CSRFProtect

from hub.web.throttle import SCHEME

View = TypeVar("View", bound=Callable[..., Any])


def _who() -> str:
    return request.remote_addr or "unknown"


# Modules with views that answer signed messages say `csrf.exempt(blueprint)`; sign-in and public
# pages say `@limiter.limit("10 per minute")`.
csrf = CSRFProtect()
limiter = Limiter(_who, storage_uri=f"{SCHEME}://", strategy="fixed-window", headers_enabled=False)
_compress = Compress()


def public(view: View) -> View:
    """Mark a view that needs no sign-in."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def init_app(app: Flask) -> None:
    """Put the guards before the application."""
    # As long as the session, so that a text half written yesterday can still be sent.
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    app.config.setdefault("COMPRESS_ALGORITHM", ["br", "gzip"])
    app.config.setdefault("COMPRESS_BR_LEVEL", 4)
    app.config.setdefault("COMPRESS_LEVEL", 4)
    csrf.init_app(app)
    limiter.init_app(app)
    _compress.init_app(app)
