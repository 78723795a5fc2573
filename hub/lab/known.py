"""What the engine knows of a field, as the oracle needs it to judge an edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hub.core.execute.sync.fields import UNSET, Base, FieldState
from hub.lab.oracle import HERE, same

if TYPE_CHECKING:
    from hub.lab.world import World


def agreed(world: World, name: str, place: int) -> list[Any]:
    """What this place and another are known to have said last: the base, and what is on its way.

    In the hub's words: one of several trackers speaks to the others by the hub, which has its word with
    each of them. A side that has not been asked yet said nothing so far.
    """
    said = []
    for link in range(len(world.fars)):
        at = link if link == place else HERE
        for one in _bases(world, link, name):
            value = one.here if at == HERE else one.there
            said.append(None if value is UNSET else world.oracle.ours(at, name, value))
    return said


def seen(world: World, place: int, name: str, value: Any) -> list[Any]:
    """In the hub's words: what both sides know to stand for this value of this place at the other one.

    They know it by the base, and by the look of the round under way where it found both to say the same.
    """
    if place == HERE:
        return _said_there(world, name, value)
    bases = _bases(world, place, name)
    found = [one.here for one in bases if one.there == value and one.here is not UNSET]
    looked = world.looked.get(place)
    if looked is not None and same(world.rules[place][name], looked[name], value):
        found.append(looked[name])
    # And by the hub what stands for it at another tracker, which may have one word for several of ours.
    return [*found, *(word for here in found for word in _said_there(world, name, here))]


def _said_there(world: World, name: str, value: Any) -> list[Any]:
    return [
        world.oracle.ours(link, name, one.there)
        for link in range(len(world.fars))
        for one in _bases(world, link, name)
        if one.here == value and one.there is not UNSET
    ]


def unsure(world: World, link: int, name: str) -> bool:
    """Whether the engine does not know what became of its last write."""
    return _state(world, link, name).sent is not None


def _bases(world: World, link: int, name: str) -> list[Base]:
    state = _state(world, link, name)
    whole = state.sent is not None and state.sent.goal is UNSET
    return [state.base, *([Base(state.sent.here, state.sent.there)] if state.sent and whole else [])]


def _state(world: World, link: int, name: str) -> FieldState:
    return world.side.store(link).look().states.get(name, FieldState())
