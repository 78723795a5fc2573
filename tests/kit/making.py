"""Makes plugins with one defect each out of good ones: what is told in a sentence is all that is wrong."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from hub.core.values import FarComment, FarItem
from hub.lab.sandbox.imitation import SandboxImitation
from hub.lab.specimens import WebhookSpecimen
from hub.plugins import rules, satisfaction, webhook
from hub.plugins.sandbox import plugin as sandbox
from hub.plugins.sandbox.client import Client
from hub.scaffold import begin
from hub.sdk import FindingDraft, Text, hookimpl, reads
from hub.testing.finding import Found, find

WHY = Text(zh="因为", en="because")


@dataclass(frozen=True)
class Faulty:
    """A plugin and what is wrong with it, in a sentence."""

    sentence: str
    kind: str
    found: Callable[[], Found]


class Shelf:
    """Collects the faulty plugins of one file; each decorator takes the sentence."""

    def __init__(self) -> None:
        self.plugins: list[Faulty] = []

    def put(self, sentence: str, kind: str, found: Callable[[], Found]) -> None:
        assert sentence not in [one.sentence for one in self.plugins], sentence
        self.plugins.append(Faulty(sentence, kind, found))

    # ---- kinds of connections: a class with one method overridden ----

    def tracker(self, sentence: str, **kind: Any) -> Callable[[type], type]:
        """Over the sandbox's plugin. ``kind`` changes fields of the kind."""

        def keep(faulty: type) -> type:
            notes = issubclass(faulty, NotesTracker)
            self.put(sentence, "tracker", lambda: tracker_plugin(faulty, notes=notes, **kind))
            return faulty

        return keep

    def intake(self, sentence: str, **kind: Any) -> Callable[[type], type]:
        """Over the signed webhook."""

        def keep(faulty: type) -> type:
            self.put(sentence, "intake", lambda: intake_plugin(faulty, **kind))
            return faulty

        return keep

    def channel(self, sentence: str, **kind: Any) -> Callable[[Callable[[type], type]], None]:
        """Over the scaffold's chat robot; decorates a function from the good class to the faulty one."""

        def keep(spoil: Callable[[type], type]) -> None:
            self.put(sentence, "channel", lambda: channel_plugin(spoil(good_channel()), **kind))

        return keep

    # ---- hooks: a function with the hook's name ----

    def hook(self, sentence: str) -> Callable[[Callable[..., Any]], None]:
        """A plugin with this one hook; it is called like the function."""

        def keep(function: Callable[..., Any]) -> None:
            self.put(sentence, "hook", lambda: Found(hooked(**{function.__name__: function})))

        return keep

    def plugin(self, sentence: str) -> Callable[[Callable[[], Any]], None]:
        """The function gives the faulty plugin."""

        def keep(make: Callable[[], Any]) -> None:
            self.put(sentence, "plugin", lambda: Found(make()))

        return keep


def hooked(**hooks: Callable[..., Any]) -> Any:
    """A plugin object with these hooks and nothing wrong with it otherwise."""
    methods = {name: hookimpl(function) for name, function in hooks.items()}
    named = {"name": "faulty", "api": ">=1.0,<2", "title": Text(zh="有缺陷", en="Faulty")}
    # Its class claims to come from a module that enters by the door.
    return type("Faulty", (), {**named, **methods, "__module__": rules.__name__})()


# ---- trackers --------------------------------------------------------------------------------

PRIVATE = "private:"


class NotesImitation(SandboxImitation):
    """A sandbox with a private stream: comments whose external id begins with ``private:``."""

    def see(self, ref: str) -> FarItem | None:
        item = super().see(ref)
        if item is None:
            return None
        return replace(item, comments=tuple(_shown(one) for one in item.comments))


class NotesTracker(sandbox.SandboxTracker):
    """The sandbox's plugin with private notes."""

    capabilities = sandbox.SandboxTracker.capabilities | {"private-notes"}

    def add_note(self, ref: str, text: str, mark: str) -> str:
        return self.add_comment(ref, text, PRIVATE + mark)

    @reads
    def fetch(self, ref: str) -> Any:
        item = super().fetch(ref)
        if not isinstance(item, FarItem):
            return item
        return replace(item, comments=tuple(_shown(one) for one in item.comments))


def _shown(one: FarComment) -> FarComment:
    is_private = bool(one.mark and one.mark.startswith(PRIVATE))
    return replace(one, internal=is_private, mark=one.mark and one.mark.removeprefix(PRIVATE))


def tracker_plugin(tracker: type, *, notes: bool = False, **changes: Any) -> Found:
    """A plugin whose kind opens this class."""

    def open_it(settings: Any, secrets: Any, http: Any, state: Any) -> Any:
        opened = tracker(Client(http, str(settings.base_url)), secrets.get("hook_secret", ""))
        opened.settings, opened.http = settings, http
        return opened

    (kind,) = sandbox.plugin.execute_trackers()
    kind = replace(kind, **{"open": open_it, **changes})
    imitation = NotesImitation if notes else SandboxImitation
    return Found(hooked(execute_trackers=lambda self: [kind]), "1", {kind.name: imitation})


# ---- intake and channels ---------------------------------------------------------------------


def intake_plugin(source: type, **changes: Any) -> Found:
    """A plugin whose kind opens this class."""
    (kind,) = webhook.plugin.identify_sources()
    kind = replace(
        kind,
        **{"open": lambda settings, secrets, *_: source(settings, secrets.get("secret", "")), **changes},
    )
    plugin = hooked(identify_sources=lambda self: [kind])
    return Found(plugin, "1", specimens={kind.name: WebhookSpecimen})


@cache
def good_chat() -> Found:
    """The scaffold's channel."""
    (found,) = find(str(begin("kit-chat", "channel", Path(tempfile.mkdtemp(prefix="hub-kit-")))))
    return found


def good_channel() -> Any:
    """The class behind it."""
    (kind,) = good_chat().plugin.execute_channels()
    return kind.open


def channel_plugin(channel: type, **changes: Any) -> Found:
    """A plugin whose kind opens this class."""
    (kind,) = good_chat().plugin.execute_channels()
    kind = replace(kind, **{"open": channel, **changes})
    plugin = hooked(execute_channels=lambda self: [kind])
    return Found(plugin, "1", specimens=good_chat().specimens)


# ---- hooks -----------------------------------------------------------------------------------


def instrument(**changes: Any) -> Any:
    """A good survey instrument, changed."""
    (good,) = satisfaction.plugin.evaluate_surveys(None)
    return replace(good, **changes)


def finding(key: str, ids: tuple[int, ...], text: Text = WHY) -> FindingDraft:
    """A finding about these requests."""
    return FindingDraft(key, text, "score", 1.0, 2.0, ids)
