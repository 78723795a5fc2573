"""Jinja and Babel for pages, mails and messages, in a given language and zone."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from hub.render.markdown import is_long, markdown
from hub.render.reader import LANGUAGES, Reader
from hub.render.refusals import SENTENCES, explain
from hub.render.translations import translations

__all__ = [
    "LANGUAGES",
    "SENTENCES",
    "TEMPLATES",
    "Reader",
    "explain",
    "install",
    "markdown",
    "render",
    "translations",
]

# Each is a method of Reader.
FILTERS = ("text", "stage", "datetime", "short", "date", "age", "span", "number", "percent", "money", "when")
TEMPLATES = Path(__file__).parent.parent / "templates"
_reader: ContextVar[Reader] = ContextVar("reader")


def install(env: Environment, reader: Callable[[], Reader]) -> None:
    """Give templates the filters that depend on who reads."""
    for name in FILTERS:
        env.filters[name] = _filter(name, reader)
    env.filters["markdown"] = markdown
    env.tests["long"] = is_long
    env.tests["overdue"] = lambda value: reader().is_overdue(value)


def _filter(name: str, reader: Callable[[], Reader]) -> Callable[..., Any]:
    # Filters that take the context are not worked out when the template is compiled: a constant
    # such as {{ "assign"|stage }} would keep the language of the first reader.
    @pass_context
    def filtered(_context: Context, *values: Any) -> Any:
        return getattr(reader(), name)(*values)

    return filtered


@lru_cache(maxsize=1)
def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: name is None or not name.endswith(".txt"),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    install(env, _reader.get)
    env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        gettext=lambda message: translations(_reader.get().language).gettext(message),
        ngettext=lambda one, many, n: translations(_reader.get().language).ngettext(one, many, n),
        newstyle=True,
    )
    return env


def render(template: str, reader: Reader, **values: Any) -> str:
    """Render a template outside of a web request: a mail, a message, a document."""
    token = _reader.set(reader)
    try:
        return _environment().get_template(template).render(reader=reader, **values)
    finally:
        _reader.reset(token)
