"""From a schedule that fails to the shortest story that still fails, told in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hub.lab.schedule import Schedule, Step

FAULTS = {
    "too_many": "the tracker answers 429 and asks for seven seconds of quiet",
    "unavailable": "the tracker answers 503 and does nothing",
    "after_effect": "the tracker does what it was asked and answers 502",
    "lost": "the tracker does what it was asked and its answer is lost",
    "crash": "the hub is killed before the call",
    "crash_after": "the hub is killed after the call took effect",
    "crash_store": "the hub is killed before it writes down what it did",
    "second": "a second worker is given the same link",
    "between": "somebody there edits between the hub's look and its write",
    "between_here": "somebody in the hub edits while the round is under way",
    "silent": "the tracker answers well and changes nothing",
    "lag": "new items are missing from the tracker's lists for a while",
    "skew": "the tracker's clock goes wrong",
}
HOOKS = {
    "dropped": "Half of the next hooks are lost.",
    "doubled": "The next hooks come twice.",
    "shuffled": "The next hooks come in the wrong order.",
    "late": "The next hooks come late.",
}
DONE = {
    "say": "comments",
    "edit": "changes a comment",
    "take_back": "takes a comment back",
    "note": "leaves an internal note",
    "delete": "deletes the item",
    "move": "moves the item",
    "attach": "puts a file there",
    "hide": "puts an internal file there",
    "detach": "takes a file away",
    "work": "logs time",
    "unlog": "takes logged time back",
}


def shrink(schedule: Schedule, fails: Callable[[Schedule], bool]) -> Schedule:
    """Take out steps, many at a time and then one by one, as long as it still fails."""
    steps, size = list(schedule.steps), max(len(schedule.steps) // 2, 1)
    while size:
        at, cut = 0, False
        while at < len(steps):
            fewer = [*steps[:at], *steps[at + size :]]
            if fails(replace(schedule, steps=tuple(fewer))):
                steps, cut = fewer, True
            else:
                at += size
        size = size if cut and size == 1 else size // 2
    return replace(schedule, steps=tuple(steps))


def tell(schedule: Schedule, kinds: tuple[str, ...]) -> list[str]:
    """The story, a sentence a step."""
    story = [
        f"The item at tracker {link + 1} ({kind}) {'was there before' if old else 'is made by the hub'}."
        for link, (kind, old) in enumerate(zip(kinds, schedule.existing, strict=True))
    ]
    return [*story, *(_sentence(step) for step in schedule.steps)]


def _sentence(step: Step) -> str:
    where = f"tracker {step.link + 1}"
    if step.kind == "work":
        return "The hub does what is due."
    if step.kind == "sweep":
        return f"The hub asks {where} what has changed."
    if step.kind == "hooks":
        return f"{HOOKS[step.what]} ({where})"
    if step.kind == "fault":
        what = FAULTS.get(step.what, step.what)
        return f"After {step.after} more calls {what} ({where}, {step.value})."
    who = "Somebody in the hub" if step.kind == "here" else f"Somebody at {where}"
    return f"{who} {DONE.get(step.what, f'changes {step.what}')} ({step.value})."
