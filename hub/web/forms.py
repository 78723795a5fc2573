"""The base of every form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable
from functools import cache, lru_cache
from typing import Any, TypeVar, cast

from babel.support import NullTranslations, Translations
from flask import Flask, current_app
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.routing import IntegerConverter, Map
from wtforms import DateField, Field
from wtforms.i18n import messages_path
from wtforms.validators import ValidationError

from hub.core.values import Refusal
from hub.web import context

# What a column of row numbers holds.
LARGEST_ROW = 2**63 - 1
# Far enough for every plan, and near enough that the next day is still a day in every zone.
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2200, 12, 31)
# So many drawings are kept of one form: a page draws each of its fields in one or two ways.
MOST_DRAWN = 64


def row_number(text: str | None) -> int | None:
    """The row number or version that was typed or sent, or none where it is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None


class RowNumber(IntegerConverter):
    """The ``int`` of an address: a number no row can have leads nowhere."""

    def __init__(self, url_map: Map, **options: Any) -> None:
        super().__init__(url_map, **{"max": LARGEST_ROW, **options})


class DayField(DateField):  # type: ignore[misc]  # wtforms has no types
    """A day that can be reckoned with."""

    def pre_validate(self, form: Form) -> None:
        """Refuse days that are no plan but a slip."""
        if self.data is not None and not FIRST_DAY <= self.data <= LAST_DAY:
            raise ValidationError(_("Choose a day between 1900 and 2200."))


@cache
def _messages(language: str) -> NullTranslations:
    return Translations.load(messages_path(), [language], domain="wtforms")


def init_app(app: Flask) -> None:
    """Let templates draw fresh forms once: field by field, or a part of the page with several."""
    app.jinja_env.globals.update(drawn=drawn, drawn_part=drawn_part)


class _Messages:
    """What the library itself says, in the reader's language; it would read its catalogue for every page."""

    def gettext(self, message: str) -> str:
        """One of its messages."""
        return _messages(context.reader().language).gettext(message)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """One of its messages with a number."""
        return _messages(context.reader().language).ngettext(one, many, number)


class Form(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A form with a forgery token, whose own messages speak the reader's language."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """How its fields are drawn."""

        # Only of fresh forms: what was drawn of their fields.
        drawn: dict[Hashable, Markup] | None = None

        def get_translations(self, form: FlaskForm) -> _Messages:
            """The messages of the library."""
            return _Messages()

        def render_field(self, field: Field, render_kw: dict[str, Any]) -> Markup:
            """A field as HTML; one of a fresh form is drawn once."""
            wanted = (field.id, *render_kw.items())
            return _drawn(field, wanted, lambda: super(Form.Meta, self).render_field(field, render_kw))

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal of the core at the field it names, or above the form."""
        text = context.sentence(refusal)
        field: Field | None = self._fields.get(refusal.field or "")
        if field is None:
            self.form_errors.append(text)
        else:
            field.errors = [*field.errors, text]


AForm = TypeVar("AForm", bound=Form)


def fresh(kind: type[AForm], *offered: tuple[str, Iterable[tuple[int, str]]], **values: Hashable) -> AForm:
    """A form to be shown in which nobody has written yet, with these values and choices of its fields.

    It is the same for all who read its language, so it is made once and drawn once, and nobody may
    change it. A page has half a dozen of them, and they were a fifth of its time.
    """
    choices = tuple((name, tuple(rows)) for name, rows in offered)
    of: Any = kind
    return cast(AForm, _fresh(of, context.reader().language, choices, tuple(values.items())))


@lru_cache(maxsize=128)
def _fresh(kind: Any, _language: str, offered: Any, values: Any) -> Form:
    # Its token would be that of whoever came first; pages write their own.
    form: Form = kind(formdata=None, meta={"csrf": False, "drawn": {}}, **dict(values))
    for name, rows in offered:
        form[name].offer(rows)
    return form


def drawn(macro: Callable[..., Markup], field: Field, help: str, around: dict[str, Any]) -> Markup:
    """What a template's macro makes of a field; of a fresh form's field, what it made the first time."""
    return _drawn(field, (field.id, help, "", *around.items()), lambda: macro(field, help, **around))


def drawn_part(template: str, form: Form) -> Markup:
    """What a template makes of this form and nothing else; of a fresh form, what it made the first time."""
    part = current_app.jinja_env.get_template(template)
    return _drawn(form, template, lambda: Markup(part.render(form=form)))


def _drawn(field: Field | Form, wanted: Hashable, draw: Callable[[], Markup]) -> Markup:
    kept: dict[Hashable, Markup] | None = field.meta.drawn
    if kept is None:
        return draw()
    if (found := kept.get(wanted)) is None:
        found = draw()
        if len(kept) < MOST_DRAWN:
            kept[wanted] = found
    return found
