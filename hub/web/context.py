"""What views and templates find around them: the core, the reader, the navigation."""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, current_app, g, request
from flask.templating import Environment
from flask_babel import Babel, Domain, refresh
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from hub import __version__
from hub.core.values import STAGES, Refusal
from hub.render import LANGUAGES, Reader, explain, install, translations
from hub.render.reader import N_

if TYPE_CHECKING:
    from babel.support import NullTranslations

    from hub.core.workflow import Core

# Endpoint, label, icon. What has no view yet is left out of the page.
NAVIGATION = (
    ("mine.index", N_("My work"), "check"),
    ("board.index", N_("Board"), "board"),
    ("inbox.index", N_("Inbox"), "inbox"),
    ("requests.index", N_("Requests"), "list"),
    ("overview.index", N_("Health"), "chart"),
    ("surveys.index", N_("Evaluation"), "star"),
    ("improve.index", N_("Improvement"), "chart"),
    ("people.index", N_("People"), "people"),
    ("customers.index", N_("Customers"), "building"),
    ("connections.index", N_("Connections"), "link"),
    ("plugins.index", N_("Plugins"), "plug"),
    ("settings.index", N_("Settings"), "gear"),
    ("sandbox.index", N_("Sandbox"), "sync"),
)
HTMX = {
    "allowEval": False,
    "includeIndicatorStyles": False,
    "historyRestoreAsHxRequest": False,
    "selfRequestsOnly": True,
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        # A refused form comes back with what was typed and why.
        {"code": "4(09|22)", "swap": True, "error": True},
        {"code": "...", "swap": False, "error": True},
    ],
}
THEMES = ("light", "dark")
# A page asks hundreds of times who reads it, and a proxy looks itself up at every touch.
_surroundings = g._get_current_object
# So many drawn parts are kept: a few for each language, theme and place in the navigation.
MOST_KEPT = 500


def _catalogue() -> NullTranslations:
    return translations(reader().language)


@lru_cache(maxsize=8192)
def _said(language: str, message: str) -> Markup:
    return Markup(translations(language).gettext(message))


def _text(message: str, /, **values: Any) -> Markup:
    """A text of the catalogue for templates: safe itself, its values escaped."""
    said = _said(reader().language, message)
    return said % values if values or "%" in said else said


def _texts(one: str, many: str, num: int, /, **values: Any) -> Markup:
    """The form of a text that fits a number, which it shows as ``num``."""
    return Markup(_catalogue().ngettext(one, many, num)) % {"num": num, **values}


class Templates(Environment):
    """Flask's templates, whose imports cost nothing: each part of a page imports the macros."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals themselves where a template adds none: to compare those is quick."""
        return super().make_globals(d) if d else self.globals


class _Catalogue(Domain):  # type: ignore[misc]  # flask_babel has no types
    """Flask-Babel on the catalogues of hub.render."""

    def get_translations(self) -> NullTranslations:
        """The translations for this request's reader."""
        return _catalogue()


def _once(template: str, /, **around: Any) -> Markup:
    """A part of a page that depends on the language and these values alone: drawn once, for everybody.

    Nothing that only some may see, and no forgery token, may stand in it.
    """
    drawn: dict[Any, Markup] = current_app.extensions["hub_kept"]
    key = (template, reader().language, request.script_root, *around.items())
    found = None if current_app.debug else drawn.get(key)
    if found is None:
        found = Markup(current_app.jinja_env.get_template(template).render(around))
        if len(drawn) < MOST_KEPT:
            drawn[key] = found
    return found


def _token() -> str:
    """The forgery token: asked for by every form of a page."""
    return cast("str", _surroundings().get("csrf_token") or generate_csrf())


def init_app(app: Flask) -> None:
    """Teach the application languages and templates their surroundings."""
    app.extensions["hub_kept"] = {}
    babel = Babel()
    babel.init_app(app, locale_selector=lambda: reader().language, timezone_selector=lambda: reader().zone)
    # Lazy translations and those of templates both ask the instance for its domain.
    babel.domain_instance = _Catalogue()
    # Flask-Babel's own way asks three objects a text, and Jinja's puts values even into a text that
    # takes none: too slow for pages of hundreds of texts.
    app.jinja_env.globals.update({"_": _text, "gettext": _text, "ngettext": _texts})
    install(app.jinja_env, reader)
    app.jinja_env.globals.update(
        STAGES=STAGES,
        LANGUAGES=LANGUAGES,
        version=__version__,
        htmx_config=Markup(json.dumps(HTMX)),  # in single quotes; it holds none
        exists=lambda endpoint: endpoint in current_app.view_functions,
        # For macros, which do not see the context of the page that imports them.
        reader_now=lambda: reader().now,
        reader_language=lambda: reader().language,
        once=_once,
        csrf_token=_token,
    )
    app.context_processor(
        lambda: {
            "reader": reader(),
            "person": person(),
            "theme": theme(),
            "navigation": navigation,
            "facts": current_app.config["FACTS"],
        }
    )


def core() -> Core:
    """The core this application stands on."""
    return cast("Core", current_app.extensions["hub"])


def person() -> Any | None:
    """The signed-in person, or None."""
    if not hasattr(current_app, "login_manager"):
        return None
    someone = current_user._get_current_object()
    return someone if someone.is_authenticated else None


def reader() -> Reader:
    """Who reads this page: by the person, then the cookie, then what the browser asks for."""
    around = _surroundings()
    found = around.get("reader")
    if found is None:
        someone = person()
        language = (
            getattr(someone, "language", None)
            or _known(request.cookies.get("language"), LANGUAGES)
            or request.accept_languages.best_match(LANGUAGES, default="en")
        )
        zone = getattr(someone, "time_zone", None) or request.cookies.get("zone")
        around.reader = found = Reader.of(language, zone, core().database.now())
    return cast("Reader", found)


def forget_reader() -> None:
    """Ask again who reads: after signing in or out."""
    g.pop("reader", None)
    refresh()


def forget_person() -> None:
    """Read on without asking who it is: for the error page when the database may be the error."""
    g.reader = Reader.of(
        _known(request.cookies.get("language"), LANGUAGES)
        or request.accept_languages.best_match(LANGUAGES, default="en"),
        None,
        core().database.now(),
    )


def theme() -> str:
    """The chosen theme, or nothing where the system decides."""
    return _known(request.cookies.get("theme"), THEMES) or ""


def navigation() -> tuple[tuple[str, str, str], ...]:
    """The entries of the side navigation whose pages exist."""
    return tuple(entry for entry in NAVIGATION if entry[0] in current_app.view_functions)


def sentence(refusal: Refusal) -> str:
    """What a refusal says to the reader."""
    return explain(refusal, reader())


def _known(value: str | None, choices: tuple[str, ...]) -> str | None:
    return value if value in choices else None
