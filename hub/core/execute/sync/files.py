"""What a round has to do for the files of both sides: a pure function of both and what is remembered.

Files are a set that only grows: a file is known by the digest of its content here, by its reference there,
and a copy joins both. One that was taken away on a side stays on the other, and its copy says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from hub.core.execute.sync.fields import Direction
from hub.core.values import FarFile

FileState = Literal["waiting", "copied", "ended", "refused"]
TOO_LARGE = "sync_file_too_large"
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class FileWay:
    """Which way files go over a connection, and how many bytes one may have."""

    direction: Direction = "both"
    most: int = 5 * MB


@dataclass(frozen=True, slots=True)
class OurFile:
    """A file here that may leave, by the digest of its content."""

    sha256: str
    name: str
    size: int
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class FileCopy:
    """One file on both sides, written down before the call that carries it.

    One from here has its ``sha256`` from the start and gets its ``far_ref``; one from there the other way
    round. ``tries`` counts the calls that were not answered.
    """

    origin: Literal["here", "there"]
    name: str
    size: int
    sha256: str | None = None
    far_ref: str | None = None
    state: FileState = "waiting"
    reason: Mapping[str, Any] | None = None
    tries: int = 0

    @property
    def key(self) -> str:
        """What names it among the copies of its origin."""
        return str(self.sha256 if self.origin == "here" else self.far_ref)


@dataclass(frozen=True, slots=True)
class FilePlan:
    """What to write down, what to read from there, and then what to send there."""

    keep: tuple[FileCopy, ...] = ()
    fetch: tuple[FileCopy, ...] = ()
    send: tuple[FileCopy, ...] = ()


def plan_files(
    ours: Collection[OurFile], theirs: Collection[FarFile], copies: Collection[FileCopy], way: FileWay
) -> FilePlan:
    """Compare the files of both sides with their copies."""
    if way.direction == "off":
        return FilePlan()
    known = {copy.far_ref: copy for copy in copies if copy.far_ref}
    on_their_way = [copy for copy in copies if copy.state == "waiting" and copy.far_ref is None]
    come = way.direction != "out"
    # What we sent without an answer may be one of those nobody has looked into yet.
    sizes = {copy.size for copy in on_their_way}
    arriving = [
        known.get(file.ref) or FileCopy("there", file.name, file.size, far_ref=file.ref)
        for file in theirs
        if (come or file.size in sizes) and _unread(known.get(file.ref), way)
    ]
    there = {file.ref for file in theirs}
    ended = [
        replace(copy, state="ended", reason={"id": "sync_file_deleted_there"})
        for ref, copy in known.items()
        if ref not in there and copy.state != "ended"
    ]
    fetch, large = _within(arriving, way.most)
    leaving = _leaving(ours, copies, on_their_way, way) if way.direction != "in" else []
    send, stay = _within(leaving, way.most)
    # Both sides may hold the same already: what is as long as one of ours is looked into first.
    unread = {copy.size for copy in fetch}
    return FilePlan(
        (*ended, *large, *stay), tuple(fetch), tuple(copy for copy in send if copy.size not in unread)
    )


def _unread(copy: FileCopy | None, way: FileWay) -> bool:
    if copy is None:
        return True
    return copy.sha256 is None and (copy.state == "waiting" or _fits_now(copy, way))


def _fits_now(copy: FileCopy, way: FileWay) -> bool:
    return copy.reason is not None and copy.reason["id"] == TOO_LARGE and copy.size <= way.most


def _leaving(
    ours: Collection[OurFile], copies: Collection[FileCopy], on_their_way: list[FileCopy], way: FileWay
) -> list[FileCopy]:
    copied = {copy.sha256 for copy in copies}
    again = [copy for copy in copies if copy.origin == "here" and _fits_now(copy, way)]
    held = {file.sha256 for file in ours}
    fresh = {
        file.sha256: FileCopy("here", file.name, file.size, file.sha256)
        for file in ours
        if file.sha256 not in copied
    }
    # What was taken away here meanwhile is not sent any more.
    return [copy for copy in (*on_their_way, *again) if copy.sha256 in held] + list(fresh.values())


def _within(copies: list[FileCopy], most: int) -> tuple[list[FileCopy], list[FileCopy]]:
    """Those that may be carried, and those that are larger, with the reason."""
    small = [copy for copy in copies if copy.size <= most]
    return small, [too_large(copy, most) for copy in copies if copy.size > most]


def too_large(copy: FileCopy, most: int) -> FileCopy:
    """The copy of a file that stays where it is for its size."""
    return replace(copy, state="refused", reason={"id": TOO_LARGE, "size": copy.size, "most": most})
