"""Answers of the far side that are not as documented, seen where a plugin reads them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from hub.core.values import Refused

P = ParamSpec("P")
T = TypeVar("T")


def reads(method: Callable[P, T]) -> Callable[P, T]:
    """Let a method that reads answers refuse one of another shape: missing names, other types.

    A reader that checks each name would say the same in ten times as many lines.
    """

    @wraps(method)
    def read(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(*args, **kwargs)
        except (TypeError, KeyError, ValueError, AttributeError, IndexError) as odd:
            told = f"{type(odd).__name__}: {odd}"[:200]
            raise Refused(f"the tracker's answer is not as documented ({told})") from odd

    return read
