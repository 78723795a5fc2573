"""Static files under an address that changes with their content, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request
from werkzeug.security import safe_join

from hub.web.guards import public

FOLDER = Path(__file__).parent.parent / "static"


@lru_cache(maxsize=32)
def _read(path: str, _changed: int) -> tuple[bytes, str]:
    data = Path(path).read_bytes()
    return data, hashlib.sha256(data).hexdigest()[:12]


def _file(filename: str) -> tuple[bytes, str] | None:
    """Content and version of a static file; read again when it has changed."""
    path = safe_join(str(FOLDER), filename)
    try:
        return _read(path, Path(path).stat().st_mtime_ns) if path else None
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None


def init_app(app: Flask) -> None:
    """Serve the static files and stamp their addresses."""
    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=public(_serve))
    app.url_defaults(_stamp)


def _stamp(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and (found := _file(values["filename"])):
        values.setdefault("v", found[1])


def _serve(filename: str) -> Response:
    found = _file(filename)
    if found is None:
        abort(404)
    data, version = found
    # From memory rather than as a stream: few and small, and a stream is not compressed for everybody.
    response = Response(data, mimetype=mimetypes.guess_type(filename)[0] or "application/octet-stream")
    response.set_etag(version)
    fixed = request.args.get("v") == version
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if fixed else "no-cache"
    response.make_conditional(request)
    return response
