"""The end of a schedule: is everything agreed or shown, is anything lost, doubled, leaked or answered?"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from hub.core.execute.sync.store import Look
from hub.core.values import FarItem
from hub.lab.oracle import HERE, same
from hub.lab.papers import judge_papers

if TYPE_CHECKING:
    from hub.lab.world import World

# How often all hooks are told again at the end: our own echo, many times over.
ECHOES = 2


def judge(world: World) -> None:
    """Count what this schedule broke."""
    for link in range(len(world.fars)):
        _settled(world, link)
        _twins(world, link)
    _lost(world)
    if world.carries:
        judge_papers(world)
    for story in world.oracle.false:
        world.counts.fail("false_conflicts", story)
    world.counts.writes = sum(tracker.writes for tracker in world.trackers)
    world.counts.writes += sum(store.writes for store in world.stores)
    # A change is owed to every other place; making the items is one change for each.
    world.counts.changes = (world.counts.changes + 1) * len(world.fars)
    _echoes(world)
    _leaks(world)
    for link, line in enumerate(world.lines):
        if broken := line.breaches + world.fars[link].imitation.breaches:
            world.counts.fail(
                "breaches", f"tracker {link + 1}: {broken} calls before it allowed them", broken
            )


def _settled(world: World, link: int) -> None:
    """(a): each field agreed, or shown; each comment on both sides, or its copy says why not."""
    look, item, counts = world.side.store(link).look(), world.see(link), world.counts
    state = world.side.state(link)
    if item is None:
        counts.places += 1
        if state in ("gone", "refused"):
            counts.settled += 1
        else:
            counts.stories.append(f"settled: tracker {link + 1} has no item, and the link does not say so")
        return
    for name, rule in world.rules[link].items():
        if name not in item.fields or rule.direction == "off":
            continue
        counts.places += 1
        counts.fields_of[world.fars[link].kind] += 1
        known = look.states.get(name)
        shown = known is not None and bool(known.clash or known.declined)
        counts.unsettled_shown[world.fars[link].kind] += shown
        here, there = look.fields[name], item.fields[name]
        if shown or same(rule, here, there) or rule.direction != "both":
            counts.settled += 1
        else:
            apart = f"{here!r} here and {there!r} at tracker {link + 1}"
            counts.stories.append(f"settled: {name} is {apart}, and nothing is shown: {known}")
    _settled_comments(world, link, look, item)


def _settled_comments(world: World, link: int, look: Look, item: FarItem) -> None:
    copies = {copy.comment_id: copy for copy in look.copies}
    theirs = {comment.ref: comment for comment in item.comments}
    for ours in look.comments:
        if ours.internal:
            continue
        world.counts.places += 1
        copy = copies.get(ours.id)
        there = theirs.get(copy.far_ref or "") if copy else None
        explained = copy is not None and bool(copy.reason or copy.state in ("ended", "refused"))
        if (
            explained
            or (ours.deleted and there is None)
            or (there and not ours.deleted and ours.text in there.text)
        ):
            world.counts.settled += 1
        else:
            world.counts.stories.append(
                f"settled: comment {ours.text!r} is not the same at tracker {link + 1}"
            )
    known = {copy.far_ref for copy in look.copies}
    for comment in item.comments:
        world.counts.places += 1
        if comment.ref in known:
            world.counts.settled += 1
        else:
            world.counts.stories.append(f"settled: {comment.text!r} at tracker {link + 1} did not arrive")


def _lost(world: World) -> None:
    places = [place for at in (HERE, *range(len(world.fars))) if (place := world.place(at))]
    shown = []
    gone = {link for link in range(len(world.fars)) if world.see(link) is None}
    for link in range(len(world.fars)):
        states = world.side.store(link).look().states
        shown.append({name: _values(world, link, name, state) for name, state in states.items()})
    for one in world.oracle.lost(places, shown):
        if one.place in gone:
            continue  # it went with the item it was written on
        unlogged = one.place != HERE and one.field not in _logged(world, one.place)
        where = "here" if one.place == HERE else f"at tracker {one.place + 1}"
        if one.back:
            world.counts.back += 1
        elif _by_rule(world, one.field):
            world.counts.overruled += 1
        elif one.covered and unlogged:
            world.counts.window += 1
        else:
            world.counts.fail("lost", f"{one.field} {one.value!r}, written {where}, stands nowhere")


def _by_rule(world: World, field: str) -> bool:
    """Whether somebody has said in a connection that one side's word holds there."""
    found = [rules[field] for rules in world.rules if field in rules]
    return any(rule.policy != "ask" or rule.direction != "both" for rule in found)


def _logged(world: World, place: int) -> tuple[str, ...]:
    """The fields whose changes the engine can look up: none where the plugin reads no change log."""
    reads = "history" in world.trackers[place].capabilities
    return world.fars[place].imitation.logged if reads else ()


def _values(world: World, link: int, name: str, state: Any) -> list[Any]:
    values = []
    if state.clash is not None:
        values += [state.clash.here]
        values += [world.oracle.ours(link, name, v) for v in (state.clash.there, state.clash.far_now)]
    if state.declined is not None:
        values += [state.declined.value, world.oracle.ours(link, name, state.declined.value)]
    return values


def _twins(world: World, link: int) -> None:
    """(d): one item for the link, one comment for each comment."""
    imitation = world.fars[link].imitation
    made = len(imitation.items())
    if made > 1:
        world.counts.fail("twins", f"{made} items at tracker {link + 1}", made - 1)
    item = world.see(link)
    texts = Counter(comment.text for comment in item.comments) if item else Counter[str]()
    if link == 0:
        said = (one.text for one in world.side.comments() if not one.deleted)
        texts.update(f"here: {text}" for text in said)
    for text, count in texts.items():
        if count > 1:
            world.counts.fail("twins", f"{count} times {text!r} at tracker {link + 1}", count - 1)


def _echoes(world: World) -> None:
    """(c): every hook told again, in any order, and nothing is written on either side."""
    before = _written(world)
    for _ in range(ECHOES):
        for link, post in enumerate(world.posts):
            again = list(post.every)
            world.schedule_chance.shuffle(again)
            if world.ref(link) in post.read(again):
                world.side.hint(link)
        world.settle()
    if (written := _written(world) - before) > 0:
        world.counts.fail("echoes", f"{written} writes in answer to our own echo", written)


def _written(world: World) -> int:
    there, here = (tracker.writes for tracker in world.trackers), (store.writes for store in world.stores)
    return sum(there) + sum(here)


def _leaks(world: World) -> None:
    """(e): no internal note ever went over a wire, or stands in the open where there is a private stream."""
    for link, line in enumerate(world.lines):
        if "private-notes" in world.trackers[link].capabilities:
            item = world.see(link)
            if item and any("SECRET" in one.text and not one.internal for one in item.comments):
                world.counts.fail("leaks", f"an internal note is public at tracker {link + 1}")
            continue
        for body in line.bodies:
            text = body.decode(errors="replace") if isinstance(body, bytes) else json.dumps(body)
            if "SECRET" in text:
                world.counts.fail("leaks", f"an internal note went to tracker {link + 1}")
