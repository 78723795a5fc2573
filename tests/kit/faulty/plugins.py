"""Plugins that do not fit the hub at all."""

from __future__ import annotations

from typing import Any

from hub.core.values import Text as FromTheCore
from hub.sdk import Text, hookimpl
from tests.kit.making import Shelf, hooked

shelf = Shelf()
plugin = shelf.plugin


def good(self: Any, context: Any) -> Any:
    """A hook that answers nothing."""


@plugin("is for another hub")
def _() -> Any:
    made = hooked(identify_needs=good)
    made.api = ">=2,<3"
    return made


@plugin("has a title in Chinese only")
def _() -> Any:
    made = hooked(identify_needs=good)
    made.title = Text(zh="规则", en="")
    return made


@plugin("misspells a hook")
def _() -> Any:
    return hooked(identify_need=good)


@plugin("takes arguments that no hook gets")
def _() -> Any:
    return hooked(identify_needs=lambda self, context, session: None)


@plugin("forgets to mark a hook")
def _() -> Any:
    made: Any = hooked(identify_needs=good)
    type(made).assign_pick = lambda self, context: None
    return made


@plugin("has a name that no configuration can hold")
def _() -> Any:
    made = hooked(identify_needs=good)
    made.name = "My Plugin"
    return made


@plugin("comes in by the window: it imports hub.core")
def _() -> Any:
    class Window:
        name, api = "window", ">=1.0,<2"
        title = FromTheCore(zh="窗", en="Window")

        @hookimpl
        def identify_needs(self, context: Any) -> Any:
            """Nothing."""

    return Window()
