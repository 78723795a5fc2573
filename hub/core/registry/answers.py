"""Whether an answer of a plugin has the type its hook promises, down to the last element."""

from __future__ import annotations

import datetime as dt
import math
import re
import types
from collections import abc
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hub.core.hookspecs import HookSpecs


@cache
def promised(hook: str) -> Any:
    """The type a hook answers with, leaving out None; NoneType for a hook that is only told."""
    hint = get_type_hints(getattr(HookSpecs, hook))["return"]
    kept = [part for part in get_args(hint) if part is not types.NoneType]
    return kept[0] if get_origin(hint) in (Union, types.UnionType) else hint


def asked_of(hook: str) -> Literal["one", "all", "told"]:
    """How this hook is asked: the first answer of one plugin, all answers, or no answer at all."""
    if promised(hook) is types.NoneType:
        return "told"
    return "one" if getattr(HookSpecs, hook).hub_spec["firstresult"] else "all"


@cache
def _field_types(kind: type) -> dict[str, Any]:
    # values.py names pydantic only for the type checker, so the name is brought along here.
    from pydantic import BaseModel

    return get_type_hints(kind, localns={"BaseModel": BaseModel})


def misfit(value: object, wanted: Any, place: str = "answer") -> str | None:
    """Where and how the value differs from the wanted type; None when it fits."""
    origin, args = get_origin(wanted), get_args(wanted)
    if origin in (Union, types.UnionType):
        if any(misfit(value, option) is None for option in args):
            return None
        same = [option for option in args if option is type(value)]
        return misfit(value, same[0], place) if same else _wrong(value, wanted, place)
    if isinstance(value, list | tuple) and origin in (abc.Sequence, tuple):
        return _wrong_element(value, origin, args, place)
    if isinstance(value, abc.Mapping) and origin is abc.Mapping:
        return _first(misfit(item, args[1], f"{place}[{key!r}]") for key, item in value.items())
    if isinstance(wanted, type) and is_dataclass(wanted) and isinstance(value, wanted):
        hints = _field_types(wanted)
        return _first(
            misfit(getattr(value, item.name), hints[item.name], f"{place}.{item.name}")
            for item in fields(wanted)
        )
    return None if _is_a(value, wanted, origin, args) else _wrong(value, wanted, place)


def _is_a(value: object, wanted: Any, origin: Any, args: tuple[Any, ...]) -> bool:
    if wanted is Any:
        return True
    if origin in (abc.Sequence, tuple, abc.Mapping):
        return False  # the right ones have been looked into; what is left is a text or the like
    if origin is Literal:
        return value in args
    if origin is type:
        return isinstance(value, type) and issubclass(value, args[0])
    if origin is abc.Callable:
        return callable(value)
    if wanted is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if wanted is dt.date:
        # A datetime is a date to Python, but the two cannot be compared.
        return isinstance(value, dt.date) and not isinstance(value, dt.datetime)
    return isinstance(value, origin or wanted)


def _wrong_element(value: abc.Sequence[object], origin: Any, args: tuple[Any, ...], place: str) -> str | None:
    if origin is abc.Sequence or args[-1] is Ellipsis:
        return _first(misfit(item, args[0], f"{place}[{index}]") for index, item in enumerate(value))
    if len(value) != len(args):
        return f"{place}: {len(args)} elements wanted, {len(value)} given"
    pairs = enumerate(zip(value, args, strict=True))
    return _first(misfit(item, kind, f"{place}[{index}]") for index, (item, kind) in pairs)


def _first(complaints: abc.Iterable[str | None]) -> str | None:
    return next((complaint for complaint in complaints if complaint), None)


def _wrong(value: object, wanted: Any, place: str) -> str:
    plain = isinstance(wanted, type) and not get_args(wanted)
    name = wanted.__name__ if plain else re.sub(r"(\w+\.)+", "", str(wanted))
    return f"{place}: {name} wanted, {type(value).__name__} {value!r:.80} given"
