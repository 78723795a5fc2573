"""The base of every form."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.routing import IntegerConverter, Map
from wtforms import DateField, Field
from wtforms.validators import ValidationError

from hub.core.values import Refusal
from hub.web import context

# What a column of row numbers holds.
LARGEST_ROW = 2**63 - 1
# Far enough for every plan, and near enough that the next day is still a day in every zone.
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2200, 12, 31)


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


class Form(FlaskForm):  # type: ignore[misc]  # flask_wtf has no types
    """A form with a forgery token, whose own messages speak the reader's language."""

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal of the core at the field it names, or above the form."""
        text = context.sentence(refusal)
        field: Field | None = self._fields.get(refusal.field or "")
        if field is None:
            self.form_errors.append(text)
        else:
            field.errors = [*field.errors, text]
