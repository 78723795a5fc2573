"""Three ways to sync that many tools have, for comparison: the oracle must see what they lose.

None has a base, a mark or a read-back. *Newest wins* carries the whole record from the side that
changed last. *Drop bot events* believes that what its own account did needs no look. *Delivery ids*
takes each change once by its number, and treats what it does not know by number as new.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hub.core.execute.sync.fields import FieldState, Unmapped
from hub.core.execute.sync.mapping import usable
from hub.core.execute.sync.store import Look
from hub.core.values import FarItem, Refused, Retry, SetChange

if TYPE_CHECKING:
    from hub.lab.world import World

# Trackers have such a limit, and it is what ends a loop of comments.
MOST_COMMENTS = 60
AGAIN = dt.timedelta(seconds=5)


class NewestWins:
    """Carries the whole record from the side that changed last."""

    # Files are nothing these strategies know: they are not counted against them.
    carries = False

    def __init__(self, world: World, link: int) -> None:
        """What it remembers of a link lies with the world."""
        self._store, self._tracker = world.stores[link], world.trackers[link]
        self._rules, self._now = usable(world.rules[link], self._tracker.capabilities), world.clock.now
        self.memory = world.memory.setdefault(link, {"sent": set(), "taken": set()})

    def run(self) -> None:
        """Once; an ill far side is asked again."""
        try:
            self._once()
        except (Retry, Refused) as ill:
            reason = {"id": "sync_ill", "text": ill.reason}
            self._store.wait("waiting", reason, self._now() + AGAIN)

    def _once(self) -> None:
        look: Look = self._store.look()
        ref = look.ref or self._make(look)
        far = self._tracker.fetch(ref)
        if not isinstance(far, FarItem):
            self._store.stop("gone", {"id": "sync_gone"})
            return
        if self.takes(far):
            self._take(look, far)
        look = self._store.look()
        if look.fields != self.memory.get("here") or self.memory.get("version") is None:
            self._push(look, far)
        self._say(self._store.look(), far)
        read = self._tracker.fetch(ref)
        self.memory["here"] = self._store.look().fields
        self.memory["version"] = read.version if isinstance(read, FarItem) else ""
        self._store.rest({}, {}, None, self._now())

    def takes(self, far: FarItem) -> bool:
        """Whether what stands there is news."""
        return self.memory.get("version") not in (None, far.version)

    def _make(self, look: Look) -> str:
        ref: str = self._tracker.create(self._outward(look.fields), look.mark)
        self._store.found(ref)
        return ref

    def _outward(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        told = {name: rule.outward(fields[name]) for name, rule in self._rules.items()}
        return {name: value for name, value in told.items() if not isinstance(value, Unmapped)}

    def _take(self, look: Look, far: FarItem) -> None:
        meant = {
            name: rule.inward(far.fields[name]) for name, rule in self._rules.items() if name in far.fields
        }
        changes = {name: value for name, value in meant.items() if not isinstance(value, Unmapped)}
        self._store.write_here(look.version, changes, {name: FieldState() for name in changes}, {})

    def _push(self, look: Look, far: FarItem) -> None:
        told = self._outward(look.fields)
        changes = {
            name: value for name, value in told.items() if name in far.fields and value != far.fields[name]
        }
        if "labels" in changes:
            new, old = changes["labels"], far.fields["labels"]
            changes["labels"] = SetChange(new - old, old - new)
        if changes:
            self._tracker.update(far.ref, changes)

    def _say(self, look: Look, far: FarItem) -> None:
        if len(far.comments) > MOST_COMMENTS:
            return
        for theirs in far.comments:
            if theirs.ref not in self.memory["taken"] and self.is_news(theirs.mark):
                self.memory["taken"].add(theirs.ref)
                self._store.comment_here(theirs)
        came = {copy.comment_id for copy in look.copies}
        for ours in look.comments:
            if ours.id in self.memory["sent"] or ours.internal or (ours.id in came and self.knows_its_own()):
                continue
            made = self._tracker.add_comment(far.ref, ours.text, look.mark)
            self.memory["sent"].add(ours.id)
            if self.knows_its_own():
                self.memory["taken"].add(made)

    def is_news(self, mark: str | None) -> bool:
        """Whether a comment there is somebody's."""
        return True

    def knows_its_own(self) -> bool:
        """Whether it keeps the numbers of what it wrote."""
        return True


class DropBotEvents(NewestWins):
    """Never looks at what its own account did last."""

    def takes(self, far: FarItem) -> bool:
        """The last change counts, and only if somebody else made it."""
        if "history" not in self._tracker.capabilities:
            return super().takes(far)
        log = self._tracker.history(far.ref, None)
        return (
            super().takes(far)
            and bool(log)
            and log[-1].author != self.memory.setdefault("bot", log[0].author)
        )

    def is_news(self, mark: str | None) -> bool:
        """What the account wrote is its own."""
        return mark is None


class DeliveryIds(NewestWins):
    """Takes every version once, and knows nothing by content."""

    def takes(self, far: FarItem) -> bool:
        """A version not seen before is news."""
        seen = self.memory.setdefault("versions", set())
        news = far.version not in seen
        seen.add(far.version)
        return news

    def knows_its_own(self) -> bool:
        """The number of the mirrored comment was thrown away."""
        return False


STRATEGIES = {"newest wins": NewestWins, "drop bot events": DropBotEvents, "delivery ids": DeliveryIds}
