"""Is a call pure? Watches it for the network, files, processes, the clock and chance.

Two of Python's own watchmen do it, so that nothing is replaced and ``from time import time`` helps
nobody: audit events tell of sockets, files and processes, the profiler tells of every C function.
"""

from __future__ import annotations

import datetime as dt
import gc
import random
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")

OUTSIDE = (
    "socket.",
    "subprocess.",
    "os.system",
    "os.fork",
    "os.exec",
    "os.spawn",
    "os.posix_spawn",
    "urllib.",
)
FILES = ("open", "os.listdir", "os.scandir", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "shutil.")
# What of the module "time" reads no clock.
TIMELESS = {"strftime", "strptime", "asctime", "ctime", "mktime"}
CLOCK_READERS = {"now", "utcnow", "today"}

_watching = threading.local()


class Impure(AssertionError):
    """The call reached for something that its context did not bring."""


def _audit(event: str, _args: tuple[Any, ...]) -> None:
    if getattr(_watching, "on", False) and event.startswith(OUTSIDE + FILES):
        raise Impure(f"a pure hook must not use {event}")


# A hook of this kind cannot be taken away again; it looks at one flag and does nothing else.
sys.addaudithook(_audit)


def _profile(_frame: FrameType, event: str, called: Any) -> None:
    if event == "c_call" and (what := _forbidden(called)):
        if _watching.clock and what != "time.sleep" and not what.startswith("chance"):
            return
        raise Impure(f"a pure hook must not use {what}")


def _forbidden(called: Any) -> str | None:
    owner, name = getattr(called, "__self__", None), getattr(called, "__name__", "")
    if getattr(owner, "__name__", "") == "time" and name not in TIMELESS:
        return f"time.{name}"
    if isinstance(owner, type) and issubclass(owner, dt.date) and name in CLOCK_READERS:
        return f"{owner.__name__}.{name}"
    if owner is random._inst or name in ("urandom", "getrandom"):
        return f"chance ({name})"
    return None


@contextmanager
def watched(*, clock: bool = False) -> Iterator[None]:
    """Raise ``Impure`` for what this thread reaches for inside the block; a ``clock`` may be read."""
    before, collecting = sys.getprofile(), gc.isenabled()
    # A garbage collection would run other people's finalisers inside the block.
    gc.disable()
    _watching.on, _watching.clock = True, clock
    sys.setprofile(_profile)
    try:
        yield
    finally:
        sys.setprofile(before)
        _watching.on = False
        if collecting:
            gc.enable()


@contextmanager
def unwatched() -> Iterator[None]:
    """Let a block inside a watched one do what it likes: it is not the plugin's."""
    on, profile = getattr(_watching, "on", False), sys.getprofile()
    _watching.on = False
    sys.setprofile(None)
    try:
        yield
    finally:
        _watching.on = on
        sys.setprofile(profile)


def assert_pure(function: Callable[..., T], *arguments: Any) -> T:
    """Call twice: watched the second time, and with the same answer. Gives the answer.

    The first call is not watched, so that a late import may read its file.
    """
    first = function(*arguments)
    with watched():
        second = function(*arguments)
    assert first == second, f"the same input gave {first!r} and then {second!r}"
    return second
