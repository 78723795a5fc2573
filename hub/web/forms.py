"""The base of every form."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import Field

from hub.core.values import Refusal
from hub.web import context


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
