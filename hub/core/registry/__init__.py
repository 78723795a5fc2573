"""The plugins that run here: loads them, asks them with types, and puts a failing one aside."""

from __future__ import annotations

import datetime as dt
import logging
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import pluggy

from hub.core.database import Database
from hub.core.hookspecs import PROJECT, Deprecated, HookSpecs
from hub.core.registry.answers import asked_of, misfit, promised
from hub.core.registry.calls import Caller, Late
from hub.core.registry.checklist import Checklist, place_of, read
from hub.core.registry.health import WELL, Health, PluginHealth
from hub.core.registry.loading import check_plugin, import_plugin, installed
from hub.core.registry.outdated import outdated
from hub.core.values import (
    ChannelKind,
    Instrument,
    Kind,
    Refusal,
    SourceKind,
    SurveysContext,
    Text,
    TrackerKind,
)

__all__ = ["PluginHealth", "PluginState", "Registry", "installed"]

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PluginState:
    """One loaded plugin as the plugins page shows it; ``outdated`` is what it uses and will go one day."""

    name: str
    version: str
    title: Text
    api: str
    hooks: tuple[str, ...]
    in_a_row: int
    total: int
    last_error: str
    last_failed_at: dt.datetime | None
    aside_since: dt.datetime | None
    checklist: Checklist | None = None
    outdated: tuple[Deprecated, ...] = ()


@dataclass(frozen=True, slots=True)
class _Loaded:
    name: str
    version: str
    title: Text
    api: str
    hooks: dict[str, Callable[..., Any]]
    checklist: Checklist | None
    outdated: tuple[Deprecated, ...]


class WrongAnswer(Exception):
    """The plugin answered with something of another type."""


class Registry:
    """Asks every plugin in the configured order, one by one, and goes on without those that fail.

    Nothing may be asked inside ``database.transaction()``, nor in a callback of ``after_commit``,
    which still runs in there: a slow plugin would hold the database.
    """

    def __init__(self, database: Database, *, budget_s: float = 2.0, aside_after: int = 5) -> None:
        """One answer may take ``budget_s``; ``aside_after`` failures in a row put a plugin aside."""
        self._database = database
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(HookSpecs)
        self._caller = Caller(budget_s, most_late=aside_after)
        self._health = Health(database, aside_after)
        self._plugins: dict[str, _Loaded] = {}
        self._sources: dict[str, SourceKind] = {}
        self._trackers: dict[str, TrackerKind] = {}
        self._channels: dict[str, ChannelKind] = {}
        self._instruments: dict[str, Instrument] = {}

    # ---- loading ----

    def load(self, names: Iterable[str]) -> None:
        """Load these plugins; their order is the asking order. Refuses by name what does not fit."""
        found = installed()
        for name in names:
            plugin, version = import_plugin(name, found)
            self.add(plugin, version)

    def add(self, plugin: Any, version: str = "") -> None:
        """Take in one plugin object, to be asked after those that are here."""
        check_plugin(plugin)
        if plugin.name in self._plugins:
            raise Refusal("plugin_twice", name=plugin.name)
        used = tuple(outdated(plugin))
        for one in used:
            log.warning("plugin %s: %s", plugin.name, one)
        self._manager.register(plugin, plugin.name)
        self._manager.check_pending()
        # pluggy asks the last registered first and obeys tryfirst: the order here is our own.
        hooks = {
            caller.name: implementation.function
            for caller in self._manager.get_hookcallers(plugin) or ()
            for implementation in caller.get_hookimpls()
            if implementation.plugin is plugin
        }
        loaded = _Loaded(plugin.name, version, plugin.title, plugin.api, hooks, read(place_of(plugin)), used)
        self._collect(loaded, "identify_sources", self._sources, lambda kind: kind.name)
        self._collect(loaded, "execute_trackers", self._trackers, lambda kind: kind.name)
        self._collect(loaded, "execute_channels", self._channels, lambda kind: kind.name)
        self._collect(loaded, "evaluate_surveys", self._instruments, lambda kind: kind.key, SurveysContext())
        self._plugins[loaded.name] = loaded

    def _collect(
        self, loaded: _Loaded, hook: str, known: dict[str, T], key: Callable[[T], str], *context: object
    ) -> None:
        if hook not in loaded.hooks:
            return
        try:
            offered = cast(Sequence[T], self._call(loaded, hook, *context) or ())
        except Exception as error:
            raise Refusal("plugin_kinds", name=loaded.name, hook=hook, error=_told(error)) from error
        for kind in offered:
            # A connection row names its kind alone: all kinds share one name space.
            taken = known if known is self._instruments else self.kinds()
            if key(kind) in taken:
                raise Refusal("plugin_kind_twice", name=loaded.name, kind=key(kind), hook=hook)
            known[key(kind)] = kind

    def sources(self) -> dict[str, SourceKind]:
        """The kinds of intake on offer, by name."""
        return dict(self._sources)

    def trackers(self) -> dict[str, TrackerKind]:
        """The kinds of outside trackers on offer, by name."""
        return dict(self._trackers)

    def channels(self) -> dict[str, ChannelKind]:
        """The kinds of channels on offer, by name."""
        return dict(self._channels)

    def kinds(self) -> dict[str, Kind]:
        """The kinds of all connections on offer, by name."""
        return {**self._sources, **self._trackers, **self._channels}

    def instruments(self) -> dict[str, Instrument]:
        """The survey instruments on offer, by key."""
        return dict(self._instruments)

    # ---- asking ----

    def ask_one(self, hook: str, context: object) -> Any:
        """The first answer that is not None, in the configured order; a sequence comes as a tuple."""
        _expect(hook, "one")
        answers = (self._try(loaded, hook, context) for loaded in self._willing(hook))
        return next((answer for answer in answers if answer is not None), None)

    def ask_all(self, hook: str, context: object) -> list[Any]:
        """Everything that was answered, in the configured order, in one list."""
        _expect(hook, "all")
        answers = [self._try(loaded, hook, context) for loaded in self._willing(hook)]
        return [thing for answer in answers if answer is not None for thing in answer]

    def tell(self, hook: str, context: object) -> None:
        """Let every plugin know; nothing is answered."""
        _expect(hook, "told")
        for loaded in self._willing(hook):
            self._try(loaded, hook, context)

    def versions(self, *hooks: str) -> str:
        """Names and versions of the plugins these questions go to now: what a kept decision records."""
        names = {loaded.name: loaded.version for hook in hooks for loaded in self._willing(hook)}
        return ", ".join(f"{name} {version}".strip() for name, version in names.items())

    def _willing(self, hook: str) -> list[_Loaded]:
        if self._database.inside_transaction():
            raise RuntimeError(f"{hook} asked inside a database transaction")
        return [
            loaded
            for loaded in self._plugins.values()
            if hook in loaded.hooks and not self._health.is_aside(loaded.name)
        ]

    def _try(self, loaded: _Loaded, hook: str, context: object) -> Any:
        try:
            answer = self._call(loaded, hook, context)
        except Exception as error:  # noqa: BLE001 - whatever a plugin raises, the stage goes on
            log.warning("plugin %s failed in %s: %s", loaded.name, hook, _told(error))
            self._health.failed(loaded.name, f"{hook}: {_told(error)}")
            return None
        self._health.worked(loaded.name)
        return answer

    def _call(self, loaded: _Loaded, hook: str, *context: object) -> Any:
        answer = self._caller.call(loaded.name, lambda: loaded.hooks[hook](*context))
        if answer is None or asked_of(hook) == "told":
            return None
        complaint = misfit(answer, promised(hook))
        if complaint:
            raise WrongAnswer(complaint)
        return tuple(answer) if isinstance(answer, list) else answer

    # ---- health ----

    def plugins(self) -> tuple[PluginState, ...]:
        """Every loaded plugin with its hooks and its health, in the configured order."""
        health = self._health.read()
        states = []
        for loaded in self._plugins.values():
            known = health.get(loaded.name, WELL)
            states.append(
                PluginState(
                    loaded.name,
                    loaded.version,
                    loaded.title,
                    loaded.api,
                    tuple(loaded.hooks),
                    known.in_a_row,
                    known.total,
                    known.last_error,
                    known.last_failed_at,
                    known.aside_since,
                    loaded.checklist,
                    loaded.outdated,
                )
            )
        return tuple(states)

    def restore(self, name: str) -> None:
        """Ask a plugin again that was put aside."""
        if name not in self._plugins:
            raise Refusal("plugin_unknown", name=name, installed=", ".join(self._plugins))
        self._health.restore(name)


def _expect(hook: str, kind: str) -> None:
    if asked_of(hook) != kind:
        raise TypeError(f"{hook} is for {asked_of(hook)}, not for {kind}")


def _told(error: Exception) -> str:
    if isinstance(error, Late | WrongAnswer):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__}: {error} ({frames[-1].filename}:{frames[-1].lineno})"
