"""A form drawn from a kind's settings model and the names of its secrets."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from flask_babel import lazy_gettext as _l
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from wtforms import BooleanField, Field, HiddenField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from hub.core.connections.manage import MAX_NAME
from hub.core.values import Kind, Refusal
from hub.web import context, lines
from hub.web.forms import Form

# Settings may be called anything, "name" too: their fields say that they are settings.
SETTING, SECRET = "setting_", "secret_"


class ConnectionForm(Form):
    """The part that every kind has."""

    name = StringField(_l("Name of the connection"), [InputRequired(), Length(max=MAX_NAME)])
    version = HiddenField()

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal at the setting it names, also where it names a part of one."""
        first = (refusal.field or "").partition(".")[0]
        if SETTING + first in self._fields:
            refusal = Refusal(refusal.message, SETTING + first, **refusal.values)
        super().refuse(refusal)


def form_of(kind: Kind, settings: Mapping[str, Any] | None = None) -> ConnectionForm:
    """The form of a kind, filled with these settings or the model's own defaults."""
    drawn: dict[str, Any] = {}
    for name, info in kind.settings.model_fields.items():
        drawn[SETTING + name] = _field(name, info, (settings or {}).get(name, _default(info)))
    for name in kind.secrets:
        drawn[SECRET + name] = PasswordField(_said(name), render_kw={"autocomplete": "new-password"})
    return type("DrawnForm", (ConnectionForm,), drawn)()  # type: ignore[no-any-return]


def fields_of(form: ConnectionForm, kind: Kind) -> list[Field]:
    """The fields of settings and secrets, those first that have no default."""
    settings = sorted(kind.settings.model_fields.items(), key=lambda item: not item[1].is_required())
    names = [SETTING + name for name, _info in settings] + [SECRET + name for name in kind.secrets]
    return [form[name] for name in names]


def settings_of(form: ConnectionForm, kind: Kind) -> dict[str, Any]:
    """What was typed, in the shapes of the model; the model itself judges it."""
    typed: dict[str, Any] = {}
    for name, info in kind.settings.model_fields.items():
        field = SETTING + name
        data = form[field].data
        if _is(info, dict):
            typed[name] = _pairs(data, info, field)
        elif _is(info, list, tuple, set, frozenset):
            typed[name] = lines.words(data)
        elif data in ("", None) and type(None) in get_args(info.annotation):
            typed[name] = None
        else:
            typed[name] = data.replace("\r\n", "\n") if isinstance(data, str) else data
    return typed


def stored(kind: Kind, settings: Mapping[str, Any]) -> dict[str, str]:
    """Stored settings as their fields show them."""
    shown = {}
    for name, info in kind.settings.model_fields.items():
        value = settings.get(name, _default(info))
        if _is(info, dict):
            value = lines.written(value or {})
        elif _is(info, list, tuple, set, frozenset):
            value = "\n".join(map(str, value or ()))
        shown[SETTING + name] = "" if value is None else str(value)
    return shown


def secrets_of(form: ConnectionForm, kind: Kind) -> dict[str, str]:
    """The secrets that were typed; an empty field keeps what is stored."""
    return {name: form[SECRET + name].data for name in kind.secrets if form[SECRET + name].data}


def suggestion(kind: Kind) -> str | None:
    """A strong secret to use, where the kind wants one that both sides are told."""
    if {"secret", "hook_secret"} & set(kind.secrets):  # a client secret is given by the other side
        return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    return None


def _field(name: str, info: FieldInfo, value: Any) -> Any:
    label, about = _said(info.title or name), info.description and context.reader().say(info.description)
    options = {"label": label, "description": about or "", "default": value}
    if choices := _choices(info):
        return SelectField(
            choices=[SelectChoice(choice, context.reader().say(choice)) for choice in choices], **options
        )
    if info.annotation is bool:
        return BooleanField(**options)
    if _is(info, dict):
        return TextAreaField(**{**options, "default": lines.written(value or {})})
    if _is(info, list, tuple, set, frozenset):
        return TextAreaField(**{**options, "default": "\n".join(map(str, value or ()))})
    extra = info.json_schema_extra
    if isinstance(extra, dict) and extra.get("format") == "textarea":
        return TextAreaField(**options)
    return StringField(**options)


def _said(name: str) -> str:
    """A title as its plugin wrote it, in the reader's language where the catalogue knows it."""
    readable = name if " " in name or name[:1].isupper() else name.replace("_", " ").capitalize()
    return context.reader().say(readable)


def _default(info: FieldInfo) -> Any:
    value = info.get_default(call_default_factory=True) if not info.is_required() else None
    return None if value is PydanticUndefined else value


def _choices(info: FieldInfo) -> tuple[str, ...]:
    return get_args(info.annotation) if get_origin(info.annotation) is Literal else ()


def _is(info: FieldInfo, *shapes: type) -> bool:
    found = info.annotation
    parts: Sequence[Any] = get_args(found) if get_origin(found) in (Union, UnionType) else (found,)
    return any((get_origin(part) or part) in shapes for part in parts)


def _pairs(text: str | None, info: FieldInfo, field: str) -> dict[str, Any]:
    pairs = lines.read(text, field)
    value = (get_args(info.annotation) or (str, str))[1]
    listed = get_origin(value) in (list, tuple, set, frozenset)
    return {key: lines.words(text) for key, text in pairs.items()} if listed else dict(pairs)
