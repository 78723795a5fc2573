"""Plugins: what each answers, how well, and asking one again that was put aside."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.core import rights
from hub.render.words import AREAS, CHECKED
from hub.web.context import core
from hub.web.sessions import actor

blueprint = Blueprint("plugins", __name__, url_prefix="/plugins")


@blueprint.get("/")
def index() -> str:
    """Every enabled plugin with its hooks and health, in asking order."""
    rights.require(actor(), "see_plugins")
    words = {"areas": AREAS, "checked": CHECKED}
    return render_template("plugins/index.html", plugins=core().registry.plugins(), words=words)


@blueprint.post("/<name>/restore")
def restore(name: str) -> Response:
    """Ask a plugin again that was put aside."""
    rights.require(actor(), "edit_plugins")
    core().registry.restore(name)
    flash(_("The plugin is asked again."), "ok")
    return redirect(url_for("plugins.index"), 303)
