"""What a check looks after: the rows of a plugin's checklist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import pytest

F = TypeVar("F", bound=Callable[..., Any])

# In the order of the checklist.
AREAS = (
    "contract",
    "texts",
    "purity",
    "time",
    "genuine",
    "reading",
    "writing",
    "paging",
    "retries",
    "secrets",
    "privacy",
    "restart",
    "lab",
)


def area(name: str) -> Callable[[F], F]:
    """The check counts for this row of the checklist; one without a mark counts for ``contract``."""
    if name not in AREAS:
        raise ValueError(f"{name} is none of {', '.join(AREAS)}")

    def mark(check: F) -> F:
        check.hub_area = name  # type: ignore[attr-defined]
        return check

    return mark


def exempt(capability: str) -> NoReturn:
    """Skip a check because the plugin does not offer this; there is no other reason to skip."""
    pytest.skip(capability)
