"""The web: one blueprint per noun, put together here."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from hub import render
from hub.web import context, errors, forms, guards, headers, htmx, inbound, sessions, setup, statics

if TYPE_CHECKING:
    from hub.core.workflow import Core

# Each is a module of this package with a ``blueprint``; the order is the order of registration.
PAGES: tuple[str, ...] = (
    "health",
    "sessions",
    "setup",
    "preferences",
    "board",
    "views",
    "moves",
    "inbox",
    "mine",
    "bell",
    "requests",
    "requests.bulk",
    "names",
    "search",
    "stages",
    "states",
    "tasks",
    "links",
    "conflicts",
    "comments",
    "mails",
    "mail_moves",
    "needs",
    "goals",
    "files",
    "shared",
    "time_entries",
    "invitations",
    "samples",
    "public_forms",
    "tracking",
    "surveys_public",
    "unsubscribe",
    "connections",
    "connections.console",
    "connections.imports",
    "connections.lab",
    "connections.mapping",
    "connections.walk",
    "outbox",
    "deliveries",
    "runs",
    "plugins",
    "people",
    "absences",
    "teams",
    "notices",
    "profile",
    "customers",
    "categories",
    "settings",
    "guide",
    "overview",
    "surveys",
    "improve",
    "findings",
    "plans",
)
# Only where nobody works: with --demo, and in debug mode.
DEMO_PAGES: tuple[str, ...] = ("styleguide", "sandbox")


def create_app(
    core: Core,
    *,
    secret_key: str,
    public_url: str | None = None,
    demo: bool = False,
    facts: Mapping[str, str] | None = None,
    proxies: int = 0,
) -> Flask:
    """The web application over a core. ``facts`` of the configuration are shown to people as they are.

    ``proxies`` is how many trusted ones stand before it: whose word on the visitor's address is believed.
    """
    app = Flask("hub", template_folder=str(render.TEMPLATES), static_folder=None)
    app.config.update(
        SECRET_KEY=secret_key,
        SESSION_COOKIE_NAME="hub_session",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=(public_url or "").startswith("https://"),
        # The largest upload plus its form; connections have a limit of their own.
        MAX_CONTENT_LENGTH=26 * 2**20,
        MAX_FORM_MEMORY_SIZE=2 * 2**20,
        PUBLIC_URL=public_url,
        DEMO=demo,
        FACTS=dict(facts or {}),
    )
    app.extensions["hub"] = core
    app.jinja_environment = context.Templates
    app.url_map.converters["int"] = forms.RowNumber
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for part in (htmx, headers, guards, context, forms, setup, sessions, statics, errors):
        part.init_app(app)
    for name in (*PAGES, *(DEMO_PAGES if demo or app.debug else ())):
        app.register_blueprint(import_module(f"hub.web.{name}").blueprint)
    app.wsgi_app = inbound.Lane(core, app.wsgi_app)  # type: ignore[method-assign]
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    return app
