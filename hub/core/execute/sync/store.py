"""What a round needs from where links are kept; fulfilled by the tables and, in the lab, by dicts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from hub.core.execute.sync.fields import Fields, FieldStates
from hub.core.execute.sync.files import FileCopy, FileState, OurFile
from hub.core.execute.sync.plan import Decided
from hub.core.values import FarComment, FarParent, FarWork

LinkState = Literal["gone", "refused", "conflict", "waiting", "paused", "settled"]
LINK_STATES: tuple[LinkState, ...] = ("gone", "refused", "conflict", "waiting", "paused", "settled")
Origin = Literal["here", "there"]
CopyState = Literal["sending", "copied", "ended", "refused"]
Reason = Mapping[str, Any]
# The reason of a link that waits although the far side is well: we hold ourselves back.
HELD = "sync_held"


@dataclass(frozen=True, slots=True)
class OurComment:
    """A comment here. An internal one leaves only to a tracker that declares a private stream."""

    id: int
    author: str
    text: str
    deleted: bool = False
    internal: bool = False


@dataclass(frozen=True, slots=True)
class CommentCopy:
    """One comment on both sides. Written before the far call, so ``far_ref`` may still be unknown.

    ``origin`` is the side on which it was written; ``text_there`` is None until it was read back.
    """

    comment_id: int
    mark: str
    origin: Origin
    far_ref: str | None = None
    text_here: str = ""
    text_there: str | None = None
    state: CopyState = "sending"
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """Our side of a link at one moment. ``version`` guards writing; it moves with every change here."""

    ref: str | None
    mark: str
    creating_since: dt.datetime | None
    paused: bool
    attempts: int
    version: int
    fields: Fields
    states: FieldStates
    comments: tuple[OurComment, ...] = ()
    copies: tuple[CommentCopy, ...] = ()


@dataclass(frozen=True, slots=True)
class Files:
    """The files here that may leave, and the copies of all that went either way."""

    ours: tuple[OurFile, ...] = ()
    copies: tuple[FileCopy, ...] = ()


class Stale(Exception):
    """Somebody has decided about a field of the link since it was looked at: look again."""


class Store(Protocol):
    """One link's memory and our side of it. Each call is one short transaction.

    What keeps states raises ``Stale``, and keeps none, where they were worked out from an older look.
    ``rest``, ``wait`` and ``stop`` are a round's last word.
    """

    def look(self) -> Look:
        """Read our side and everything remembered."""
        ...

    def write_here(
        self, version: int, changes: Fields, states: FieldStates, decided: Mapping[str, Decided]
    ) -> bool:
        """Write what came from there, with what to remember; False where our side has moved on."""
        ...

    def changed_at(self, field: str) -> dt.datetime | None:
        """When this field was last changed here; None where nobody knows."""
        ...

    def remember(self, states: FieldStates, decided: Mapping[str, Decided]) -> None:
        """Keep the state of these fields."""
        ...

    def creating(self, states: FieldStates, since: dt.datetime) -> None:
        """Say that we are about to make the far item."""
        ...

    def found(self, ref: str) -> None:
        """Keep the far reference: made, found again or moved."""
        ...

    def comment_here(self, comment: FarComment) -> None:
        """Take over a comment from there, together with its copy row; again changes nothing."""
        ...

    def edit_here(self, copy: CommentCopy, text: str) -> None:
        """Change our comment to the text that came from there and keep the copy row."""
        ...

    def delete_here(self, copy: CommentCopy) -> None:
        """Mark our comment as deleted and keep the copy row."""
        ...

    def keep_copy(self, copy: CommentCopy) -> None:
        """Write or renew a copy row."""
        ...

    def files(self) -> Files:
        """Read the files of our side and their copies; asked where the far side can hold files."""
        ...

    def file_here(self, copy: FileCopy, data: bytes) -> None:
        """Take over a file from there together with its copy; again changes nothing."""
        ...

    def file_bytes(self, sha256: str) -> bytes:
        """The bytes of a file here; ``Refusal`` where they are gone."""
        ...

    def keep_file(self, copy: FileCopy) -> None:
        """Write or renew a copy of a file; another one of the same far file gives way."""
        ...

    def worklogs(self) -> Mapping[str, FarWork]:
        """The time that came from there, by its reference."""
        ...

    def keep_worklogs(self, worklogs: Collection[FarWork]) -> None:
        """Take over the time logged there as it is now: added, changed, taken away."""
        ...

    def rest(
        self,
        states: FieldStates,
        decided: Mapping[str, Decided],
        url: str | None,
        at: dt.datetime,
        again: dt.timedelta | None = None,
        parent: FarParent | None = None,
    ) -> LinkState:
        """End of a round that reached its end: keep these states, and show the worst of all.

        ``again``: a file waits; look again after this time, or earlier for any other reason. ``parent`` is
        what the item is a part of there.
        """
        ...

    def wait(self, state: LinkState, reason: Reason, due_at: dt.datetime, resting: bool = False) -> None:
        """The far side cannot be asked now: look again when due; an attempt counts where it is ill.

        ``resting``: the far side named the time, so that its other links wait as well.
        """
        ...

    def stop(self, state: LinkState, reason: Reason) -> None:
        """The link as a whole is gone, refused or paused."""
        ...


def worst(
    states: FieldStates,
    copies: Iterable[CommentCopy] = (),
    otherwise: LinkState = "settled",
    files: Iterable[FileState] = (),
) -> LinkState:
    """The state a link shows: the worst of what is remembered about it."""
    files = set(files)
    if (
        any(state.declined for state in states.values())
        or any(copy.state == "refused" for copy in copies)
        or "refused" in files
    ):
        return "refused"
    if any(state.clash for state in states.values()):
        return "conflict"
    return "waiting" if "waiting" in files else otherwise
