"""Settings that cannot be used: said at their field, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from hub.core.values import Refusal, Text

SHOWN = 80  # characters of what was typed
_NO_NUMBER = ("int_parsing", "int_type", "int_from_float", "float_parsing", "float_type", "finite_number")
_NO_CHOICE = ("literal_error", "enum", "bool_parsing", "bool_type")
_NO_ADDRESS = ("url_parsing", "url_scheme", "url_syntax_violation", "url_too_long", "url_type")
_LEAST, _MOST = ("greater_than_equal", "greater_than"), ("less_than_equal", "less_than")


class WrongSetting(ValueError):
    """Raised by the validator of a settings model: what is wrong and what to write, in both languages.

    ``field`` names the setting where the validator looks at several, so that the form shows it there.
    """

    def __init__(self, text: Text, field: str = "") -> None:
        """As an exception it reads in English, with the field before it."""
        super().__init__(f"{field}: {text.en}" if field else text.en)
        self.text, self.field = text, field


def refusal(error: ValidationError, model: type[BaseModel]) -> Refusal:
    """The first thing wrong, by field name; of what the models' library says itself, too."""
    first = error.errors(include_url=False)[0]
    place = ".".join(map(str, first["loc"]))
    known: Mapping[str, Any] = first.get("ctx", {})
    own = known.get("error")
    if isinstance(own, WrongSetting):
        return Refusal("setting_wrong", own.field or place or "settings", problem=own.text)
    message, values = _said(first["type"], first["input"], known)
    if message == "setting_unknown":
        values = {"name": place, "known": list(model.model_fields)}
    elif message == "setting_wrong":
        values = {"problem": first["msg"].removeprefix("Value error, ")}
    return Refusal(message, place or "settings", **values)


def _said(fault: str, given: Any, known: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    value = {"value": str(given)[:SHOWN]}
    if fault in ("missing", "string_too_short", "too_short") or (fault in _NO_ADDRESS and given == ""):
        return "required", {}
    if fault == "extra_forbidden":
        return "setting_unknown", {}
    if fault in _NO_NUMBER:
        return "not_a_number", value
    if fault in _NO_CHOICE:
        return "unknown_choice", value
    if fault in _NO_ADDRESS:
        return "not_an_address", value
    if fault in _LEAST:
        return "too_small", {"least": known.get("ge", known.get("gt"))}
    if fault in _MOST:
        return "too_large", {"most": known.get("le", known.get("lt"))}
    if fault == "string_too_long":
        return "too_long", {"most": known["max_length"], "length": len(given)}
    return "setting_wrong", {}
