"""From a name in the configuration to a plugin that fits this hub, or a refusal that says why not."""

from __future__ import annotations

import difflib
import inspect
import operator
import re
import traceback
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from hub.core.hookspecs import API, PROJECT, HookSpecs
from hub.core.values import Refusal, Text

GROUP = "hub.plugins"
MANAGER = pluggy.PluginManager(PROJECT)
COMPARE = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


def installed() -> dict[str, EntryPoint]:
    """The plugins this Python knows, by name; installed is not enabled."""
    return {point.name: point for point in entry_points(group=GROUP)}


def import_plugin(name: str, found: dict[str, EntryPoint]) -> tuple[Any, str]:
    """The plugin object behind a name and the version of its distribution."""
    if name not in found:
        raise Refusal("plugin_unknown", name=name, installed=", ".join(sorted(found)))
    try:
        plugin = found[name].load()
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
        raise Refusal("plugin_import", name=name, place=_place(error), error=problem) from error
    if getattr(plugin, "name", None) != name:
        raise Refusal("plugin_attribute", name=name, attribute="name")
    distribution = found[name].dist
    return plugin, distribution.version if distribution else ""


def _place(error: Exception) -> str:
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<frozen") and "importlib" not in frame.filename
    ]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else str(error)


def check_plugin(plugin: Any) -> None:
    """Refuse a plugin that lacks an attribute, wants another API or has a hook that cannot work."""
    name = getattr(plugin, "name", None)
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise Refusal("plugin_attribute", name=str(name or plugin), attribute="name")
    title = getattr(plugin, "title", None)
    if not isinstance(title, Text) or not (title.zh and title.en):
        raise Refusal("plugin_attribute", name=name, attribute="title")
    wanted = getattr(plugin, "api", None)
    if not isinstance(wanted, str) or not within(API, wanted):
        raise Refusal("plugin_api", name=name, wanted=str(wanted), api=API)
    hooks = [_check_hook(name, plugin, attribute) for attribute in dir(plugin)]
    if not any(hooks):
        raise Refusal("plugin_without_hooks", name=name)


def within(version: str, wanted: str) -> bool:
    """Whether a version lies in a range such as ``>=1.0,<2``; a range nobody can read holds nothing."""
    have = _numbers(version)
    for part in wanted.split(","):
        found = re.fullmatch(r"\s*(==|!=|>=|<=|>|<)\s*(\d+(?:\.\d+)*)\s*", part)
        if not found or not COMPARE[found[1]](have, _numbers(found[2])):
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    parts = [int(part) for part in version.split(".")]
    return tuple(parts + [0] * (3 - len(parts)))


def _check_hook(name: str, plugin: Any, attribute: str) -> bool:
    if attribute.startswith("__"):
        return False
    options = MANAGER.parse_hookimpl_opts(plugin, attribute)
    hook = (options and options["specname"]) or attribute
    spec = getattr(HookSpecs, hook, None)
    if options is None:
        if spec is not None:
            raise Refusal("plugin_hook_unmarked", name=name, hook=hook)
        return False
    if spec is None:
        raise Refusal("plugin_hook_unknown", name=name, hook=hook, meant=_nearest(hook))
    method = getattr(plugin, attribute)
    given, wanted = _arguments(method), _arguments(spec)[1:]
    async_method = inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method)
    if given != wanted or options["wrapper"] or options["hookwrapper"] or async_method:
        raise Refusal("plugin_signature", name=name, hook=hook, wanted=f"{hook}({', '.join(wanted)})")
    return True


def _arguments(function: Any) -> Sequence[str]:
    return list(inspect.signature(function).parameters)


def _nearest(hook: str) -> str:
    known = [name for name in vars(HookSpecs) if not name.startswith("_")]
    return next(iter(difflib.get_close_matches(hook, known, n=1)), ", ".join(known))
