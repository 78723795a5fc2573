"""Static files under an address that changes with their content, so that browsers may keep them for ever."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import os
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import brotli
from flask import Flask, abort
from werkzeug.security import safe_join
from werkzeug.wrappers import Request, Response

from hub.web.guards import public
from hub.web.headers import SAFE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DOOR = "/static/"
FOLDER = Path(__file__).parent.parent / "static"
_FOLDER = str(FOLDER)


@dataclass(frozen=True)
class _File:
    """A file in memory, with what browsers take it as. They are few and small."""

    data: bytes
    version: str

    @cached_property
    def packed(self) -> dict[str, bytes]:
        """The content by its encoding, the smallest first; packed once, so as well as can be."""
        return {
            "br": brotli.compress(self.data),
            "gzip": gzip.compress(self.data, mtime=0),
            "identity": self.data,
        }


@lru_cache(maxsize=32)
def _read(path: str, _changed: int) -> _File:
    data = Path(path).read_bytes()
    return _File(data, hashlib.sha256(data).hexdigest()[:12])


def _file(filename: str) -> _File | None:
    """A static file; read again when it has changed."""
    path = safe_join(_FOLDER, filename)
    try:
        # Not by pathlib: every address of a static file comes by here.
        return _read(path, os.stat(path).st_mtime_ns) if path else None
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None


class Shelf:
    """Hands out static files before anything that only pages need.

    They are the same for everybody. An answer on which the session has left its ``Vary: Cookie`` is asked
    for again as soon as any cookie has changed, and a page waits for it.
    """

    def __init__(self, pages: WSGIApplication) -> None:
        """``pages`` answers everything else."""
        self._pages = pages

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ["PATH_INFO"]
        if path.startswith(DOOR) and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            found = _file(path[len(DOOR) :])
            if found is not None:
                return _answer(found, path, Request(environ))(environ, start_response)
        return self._pages(environ, start_response)


def _answer(found: _File, path: str, request: Request) -> Response:
    encoding = next(name for name in found.packed if name == "identity" or request.accept_encodings[name])
    data = found.packed[encoding]
    response = Response(data, mimetype=mimetypes.guess_type(path)[0] or "application/octet-stream")
    if encoding != "identity":
        response.content_encoding = encoding
    response.vary.add("Accept-Encoding")
    response.set_etag(f"{found.version}-{encoding}")
    fixed = request.args.get("v") == found.version
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if fixed else "no-cache"
    response.headers.update(SAFE)
    response.make_conditional(request)
    return response


def init_app(app: Flask) -> None:
    """Serve the static files and stamp their addresses."""
    app.add_url_rule(f"{DOOR}<path:filename>", endpoint="static", view_func=public(_nothing))
    app.url_defaults(_stamp)
    app.wsgi_app = Shelf(app.wsgi_app)  # type: ignore[method-assign]


def _stamp(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and (found := _file(values["filename"])):
        values.setdefault("v", found.version)


def _nothing(filename: str) -> Response:
    abort(404, filename)
