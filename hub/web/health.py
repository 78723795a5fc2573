"""GET /healthz: what runs here and who answers, for monitors."""

from __future__ import annotations

import os
import platform
from typing import Any

from flask import Blueprint
from sqlalchemy import text

from hub import __version__
from hub.web.context import core
from hub.web.guards import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def show() -> tuple[dict[str, Any], int]:
    """Version, process, database, engine, plugins; 503 where the database does not answer."""
    hub = core()
    answer: dict[str, Any] = {
        "version": __version__,
        "process": f"{platform.node()}:{os.getpid()}",
        "database": hub.database.url.get_backend_name(),
        "engine": hub.jobs.engine,
        "plugins": {state.name: "aside" if state.aside_since else "well" for state in hub.registry.plugins()},
    }
    with hub.database.reading() as session:
        session.execute(text("SELECT 1"))
    return {"status": "ok", **answer}, 200
