"""What an imitation of a tracker offers to the lab, and how the lab finds it.

An imitation is a WSGI application that behaves like the real tracker, quirks included, and three doors
that the real one lacks: its people act without HTTP, the lab looks inside, and the lab makes it ill.
It is found by an entry point of the group ``hub.imitations`` whose name is the tracker kind's::

    [project.entry-points."hub.imitations"]
    sandbox = "hub.lab.sandbox.imitation:SandboxImitation"

The lab calls that object with a clock and gets an ``Imitation``. For thirty schedules a second:
keep everything in memory, make the application once and let ``reset`` forget its contents, start no
thread and open no socket, take the time from the clock alone.

The lab itself drops, doubles, shuffles and delays deliveries, answers 429 and 5xx in the tracker's
stead (before or after the effect), loses answers, ends the hub between two calls and lets people edit
right before a write. Only what no wire can imitate is a quirk of the imitation.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Protocol

from hub.core.database import Clock
from hub.core.registry.loading import import_plugin, installed
from hub.core.values import DeliveryValue, FarItem, TrackerKind

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

GROUP = "hub.imitations"


class Imitation(Protocol):
    """One tracker in memory. Texts in the lab are paragraphs of plain words with an empty line between."""

    # What the plugin's client calls; the address in ``settings`` leads nowhere else.
    application: WSGIApplication
    # The settings and secrets of a connection to it; the lab adds ``people_map``.
    settings: Mapping[str, Any]
    secrets: Mapping[str, str]
    # Accounts of its people: four or more. The first three have a person in the hub, the last has none.
    accounts: tuple[str, ...]
    # The states its people choose from, in the words of the plugin's ``fetch``.
    states: tuple[str, ...]
    # The canonical fields its people can change; priorities are those of the kind's own map.
    fields: tuple[str, ...]
    # Of these, the ones whose changes its change log tells.
    logged: tuple[str, ...]
    # Names of its own faults, for ``ail``: ``silent`` (the next write is answered well and changes
    # nothing), ``lag`` (new items are missing from lists for less than the plugin's ``find_lag``),
    # ``skew`` (its clock goes wrong by minutes), or any other. An unknown one is never asked for.
    quirks: frozenset[str]
    # How often its own rate limits were broken since ``reset``.
    breaches: int

    def reset(self) -> None:
        """Forget every item, fault and delivery: a schedule begins."""
        ...

    def see(self, ref: str) -> FarItem | None:
        """The item as the plugin's ``fetch`` would give it, or None where it is gone; follows a move."""
        ...

    def items(self) -> list[str]:
        """The references of all items that are there, each once."""
        ...

    def edit(self, ref: str, who: str, field: str, value: Any) -> None:
        """Somebody there changes one field. ``value`` is in the words of ``fetch``; labels come whole.

        Raises ``Refused`` where its people could not do that either (a state that cannot be reached).
        """
        ...

    def say(self, ref: str, who: str, text: str) -> str:
        """Somebody there comments; gives the comment's reference as ``fetch`` would."""
        ...

    def edit_comment(self, ref: str, comment: str, who: str, text: str) -> None:
        """Somebody there changes a comment."""
        ...

    def delete_comment(self, ref: str, comment: str, who: str) -> None:
        """Somebody there takes a comment away."""
        ...

    def delete(self, ref: str) -> None:
        """Somebody there deletes the item."""
        ...

    def move(self, ref: str) -> str:
        """Somebody there moves or renames the item; gives its new reference, or the old one if it cannot."""
        ...

    def deliveries(self) -> list[DeliveryValue]:
        """The signed hooks it has sent since the last call, oldest first."""
        ...

    def ail(self, quirk: str) -> None:
        """Show one of its quirks: at the next call, or from now on until ``heal``."""
        ...

    def heal(self) -> None:
        """End every quirk: from now on it works as it should."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class Untold(Protocol):
    """What an imitation has besides where neither feed nor hook tells of everything."""

    # Of ``edit`` (a comment is changed) and ``take_back``: what only a look at the item shows.
    untold: frozenset[str]


class HoldsFiles(Protocol):
    """What an imitation has besides where the plugin has the capability ``files``."""

    def attach(self, ref: str, who: str, name: str, data: bytes) -> str:
        """Somebody there puts a file to the item; gives its reference as ``fetch`` would."""
        ...

    def detach(self, ref: str, file: str, who: str) -> None:
        """Somebody there takes a file away."""
        ...

    def bytes_of(self, ref: str, file: str) -> bytes:
        """What a file of the item holds."""
        ...


class HoldsWork(Protocol):
    """What an imitation has besides where the plugin has the capability ``worklogs``."""

    def log_work(self, ref: str, who: str, minutes: int) -> str:
        """Somebody there logs time of today; gives the entry's reference as ``fetch`` would."""
        ...

    def unlog_work(self, ref: str, work: str, who: str) -> None:
        """Somebody there takes back what they logged."""
        ...


class MakeImitation(Protocol):
    """What the entry point names."""

    def __call__(self, clock: Clock) -> Imitation:
        """A new imitation that takes its time from this clock."""
        ...


def imitation_of(kind: str) -> MakeImitation:
    """The imitation of this tracker kind; raises ``LookupError`` where nobody offers one."""
    found = {point.name: point for point in entry_points(group=GROUP)}
    if kind not in found:
        raise LookupError(f"nobody offers an imitation of {kind}; there are: {', '.join(sorted(found))}")
    make: MakeImitation = found[kind].load()
    return make


def tracker_kinds() -> dict[str, TrackerKind]:
    """What the installed plugins offer; the lab needs no configuration and asks none."""
    found = installed()
    plugins = [import_plugin(name, found)[0] for name in found]
    offering = [plugin for plugin in plugins if hasattr(plugin, "execute_trackers")]
    return {kind.name: kind for plugin in offering for kind in plugin.execute_trackers()}
