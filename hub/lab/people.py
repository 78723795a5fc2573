"""What people do in the lab, on our side and on the far side, each time telling the oracle."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from hub.core.values import PRIORITIES, TASK_STATES, FarItem, Refused
from hub.lab import known, papers
from hub.lab.oracle import HERE
from hub.lab.schedule import PAPERS, Step

if TYPE_CHECKING:
    from hub.lab.world import World

DAY = dt.date(2026, 1, 1)
LABELS = ("red", "green", "blue", "grey")


def act_here(world: World, step: Step) -> None:
    """A person in the hub does something; what the hub would refuse does not happen."""
    side, number = world.side, step.value
    if step.what == "note":
        side.say(f"SECRET {number}", internal=True)
    elif step.what == "say":
        side.say(f"said here {number}.")
        world.oracle.said(HERE, f"said here {number}.")
        world.counts.changes += 1
    elif step.what in ("edit", "take_back"):
        _comment_here(world, step)
    elif step.what in PAPERS:
        papers.act_here(world, step)
    else:
        before = side.fields()
        side.edit(
            step.what, _value(step.what, before[step.what], number, TASK_STATES, side.people, PRIORITIES)
        )
        after = side.fields()
        for name in before:
            if name != step.what and before[name] != after[name]:
                world.oracle.coupled(name, before[name])
        back = known.agreed(world, step.what, HERE)
        seen = known.seen(world, HERE, step.what, before[step.what])
        world.oracle.wrote(HERE, step.what, before[step.what], after[step.what], back=back, seen=seen)
        world.counts.changes += before[step.what] != after[step.what]


def _comment_here(world: World, step: Step) -> None:
    mine = [one for one in world.side.comments() if not one.deleted and one.text.startswith("said here")]
    if not mine:
        return
    chosen = mine[step.value % len(mine)]
    world.counts.changes += 1
    if step.what == "edit":
        text = f"said here {step.value}."
        world.side.edit_comment(chosen.id, text)
        world.oracle.said(HERE, text, chosen.text)
    else:
        world.side.take_back(chosen.id)
        world.oracle.taken_back(chosen.text)


def act_there(world: World, step: Step) -> None:
    """A person at a tracker does something; what the tracker would refuse does not happen."""
    item, far = world.see(step.link), world.fars[step.link].imitation
    if item is None:
        return
    who = far.accounts[step.value % 3]
    during = step.link in world.running
    if step.what == "delete":
        far.delete(item.ref)
    elif step.what == "move":
        far.move(item.ref)
        world.strayed.add(step.link)
    elif step.what == "say":
        far.say(item.ref, who, f"said there {step.value}.")
        world.oracle.said(step.link, f"said there {step.value}.")
        world.counts.changes += 1
    elif step.what in ("edit", "take_back"):
        _comment_there(world, step, item, who, during=during)
    elif step.what in PAPERS:
        papers.act_there(world, step, item)
    elif step.what in far.fields:
        old = item.fields[step.what]
        levels = [name for names in world.fars[step.link].settings.priority_map.values() for name in names]
        if step.what == "priority" and not levels:
            return  # a mapping without priorities: nobody there has a word for one
        new = _value(step.what, old, step.value, far.states, far.accounts, tuple(levels))
        try:
            far.edit(item.ref, who, step.what, new)
        except Refused:
            return
        now = far.see(item.ref)
        if now is not None:
            unsure = during or known.unsure(world, step.link, step.what)
            back = known.agreed(world, step.what, step.link)
            seen = known.seen(world, step.link, step.what, old)
            said = now.fields[step.what]
            world.oracle.wrote(step.link, step.what, old, said, during=unsure, back=back, seen=seen)
            world.counts.changes += old != now.fields[step.what]


def _comment_there(world: World, step: Step, item: FarItem, who: str, *, during: bool) -> None:
    theirs = [one for one in item.comments if one.text.startswith("said there")]
    if not theirs:
        return
    chosen, far = theirs[step.value % len(theirs)], world.fars[step.link].imitation
    world.counts.changes += 1
    if step.what in getattr(far, "untold", ()):
        world.unheard.add(step.link)
    if step.what == "edit":
        text = f"said there {step.value}."
        far.edit_comment(item.ref, chosen.ref, who, text)
        world.oracle.said(step.link, text, chosen.text, during=during)
    else:
        far.delete_comment(item.ref, chosen.ref, who)
        world.oracle.taken_back(chosen.text)


def _value(
    field: str,
    old: Any,
    number: int,
    states: tuple[str, ...],
    people: tuple[Any, ...],
    levels: tuple[Any, ...],
) -> Any:
    if field == "title":
        return f"Title {number}"
    if field == "body":
        return _text(old or "", number)
    if field == "status":
        return states[number % len(states)]
    if field == "assignee":
        return None if number % 7 == 0 else people[number % len(people)]
    if field == "priority":
        return levels[number % len(levels)]
    if field == "due":
        return None if number % 7 == 0 else (DAY + dt.timedelta(days=number)).isoformat()
    if field == "estimate":
        return None if number % 7 == 0 else number * 15
    return old ^ {LABELS[number % len(LABELS)]}


def _text(old: str, number: int) -> str:
    """One paragraph changed, one added at the end, or one added in the middle."""
    paragraphs = old.split("\n\n")
    if number % 3 == 0:
        paragraphs[number % len(paragraphs)] = f"Changed {number}."
    elif number % 3 == 1:
        paragraphs.append(f"Added {number}.")
    else:
        paragraphs.insert(number % len(paragraphs), f"Inserted {number}.")
    return "\n\n".join(paragraphs)
