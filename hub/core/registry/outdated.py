"""What a plugin uses that will go one day: told at the start and by ``hub plugin test``, never refused."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from hub.core import hookspecs
from hub.core.hookspecs import Deprecated

# Where plugins find everything; whoever imports from it has loaded it.
DOOR = "hub.sdk"


def outdated(plugin: Any) -> list[Deprecated]:
    """The deprecated hooks the plugin answers, and the deprecated names its modules import."""
    own = type(plugin).__module__.removesuffix(".plugin")
    modules = [
        vars(module)
        for name, module in list(sys.modules.items())
        if module is not None and (name == own or name.startswith(f"{own}."))
    ]
    return [
        one
        for one in hookspecs.DEPRECATED
        if _answers(plugin, one.name) or any(_imports(names, one.name) for names in modules)
    ]


def _answers(plugin: Any, hook: str) -> bool:
    return hasattr(hookspecs.HookSpecs, hook) and hasattr(plugin, hook)


def _imports(names: Mapping[str, Any], name: str) -> bool:
    there = getattr(sys.modules.get(DOOR), name, None)
    # By what it is, not by what it is called: it may have been imported under another name.
    return there is not None and any(one is there for one in names.values())
