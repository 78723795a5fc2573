"""A tracker as its plugin made it, with what it must not do kept from the hub: throwing, hanging, lying.

Whatever a plugin's bug is, it ends as ``Refused`` or ``Retry``: shown where it happened, and nobody else's.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from hub.core.registry.calls import Caller, Late
from hub.core.values import CANONICAL_FIELDS, FarChange, FarItem, Gone, MovedTo, Refused, Retry

log = logging.getLogger(__name__)
T = TypeVar("T")
# Many pages of a slow tracker take their time; what has not come back by then does not.
LONGEST_S = 120.0
# What looks at a delivery alone: it calls nobody.
PURE = ("verify", "hints")


class Guarded:
    """Fulfils ``Tracker`` by asking a plugin's object."""

    def __init__(self, tracker: Any, name: str, caller: Caller) -> None:
        """``name`` is of the connection: one that hangs is asked no more, and no other suffers."""
        self._tracker, self._name, self._caller = tracker, name, caller

    @property
    def capabilities(self) -> frozenset[str]:
        """What it says it can do; nothing where it says it wrongly."""
        said: Any = getattr(self._tracker, "capabilities", None)
        return said if isinstance(said, frozenset) else frozenset()

    @property
    def find_lag(self) -> dt.timedelta:
        """How long a new item may be missing from what ``find`` sees."""
        said = getattr(self._tracker, "find_lag", None)
        return said if isinstance(said, dt.timedelta) else dt.timedelta(0)

    def ensure_hook(self, url: str) -> None:
        """See ``Hooks``."""
        self._asked("ensure_hook", url)

    def redeliver(self, url: str, cursor: str | None) -> Any:
        """See ``Hooks``."""
        return self._asked("redeliver", url, cursor)

    def __getattr__(self, name: str) -> Any:
        """The plugin's own methods, guarded."""
        if name.startswith("_"):
            raise AttributeError(name)
        if name in PURE:
            return getattr(self._tracker, name)
        return lambda *args: self._asked(name, *args)

    def _asked(self, name: str, *args: Any) -> Any:
        try:
            given = self._in_time(lambda: getattr(self._tracker, name)(*args))
        except (Retry, Refused):
            raise
        except Late as late:
            raise Retry(f"the plugin does not come back from {name}: {late}") from None
        except Exception as bug:
            log.warning("%s: the plugin failed in %s", self._name, name, exc_info=True)
            raise Refused(f"the plugin failed in {name}: {type(bug).__name__}: {bug}"[:500]) from None
        if odd := CHECKS[name](given, *args) if name in CHECKS else "":
            raise Refused(f"the plugin gave {odd} for {name}"[:500])
        return given

    def _in_time(self, function: Callable[[], T]) -> T:
        """The function's answer, or its exception as it was raised."""

        def run() -> tuple[T | None, BaseException | None]:
            try:
                return function(), None
            except SystemExit:
                return None, RuntimeError("it wanted to end the hub")
            except BaseException as error:  # noqa: BLE001 - it is raised again where it is awaited
                return None, error

        given, error = self._caller.call(self._name, run)
        if error is not None:
            raise error
        return given  # type: ignore[return-value] # without an error it is the function's


# What is odd about an answer to these arguments, in words; empty where it is one.


def _text(given: Any, *_args: Any) -> str:
    return "" if isinstance(given, str) and given else _kind(given)


def _maybe_text(given: Any, *_args: Any) -> str:
    return "" if given is None else _text(given)


def _item(given: Any, ref: str) -> str:
    if isinstance(given, Gone):
        return ""
    if isinstance(given, MovedTo):
        return _text(given.ref) if given.ref != ref else "the same reference as a new one"
    if not isinstance(given, FarItem):
        return _kind(given)
    if given.ref != ref:
        return f"the item {given.ref} instead of {ref}"
    if not isinstance(given.fields, Mapping):
        return f"{_kind(given.fields)} as fields"
    return next(
        (f"{_kind(value)} as {name}" for name, value in given.fields.items() if _odd(name, value)), ""
    )


def _odd(name: str, value: Any) -> bool:
    if name not in CANONICAL_FIELDS:
        return False
    if name == "labels":
        return not (isinstance(value, frozenset) and all(isinstance(one, str) for one in value))
    if name == "estimate":
        return not (value is None or (isinstance(value, int) and not isinstance(value, bool)))
    if name in ("title", "body"):
        return not isinstance(value, str)
    return not (value is None or isinstance(value, str))


def _changes(given: Any, *_args: Any) -> str:
    if not isinstance(given, Sequence) or isinstance(given, str):
        return _kind(given)
    return next((_kind(one) for one in given if not isinstance(one, FarChange)), "")


def _listed(given: Any, *_args: Any) -> str:
    if not (isinstance(given, tuple) and len(given) == 2):
        return _kind(given)
    refs, cursor = given
    if odd := _refs(refs):
        return f"{odd} as references"
    return _maybe_text(cursor)


def _moves(given: Any, *_args: Any) -> str:
    if given is None:
        return ""
    if not isinstance(given, Mapping):
        return _kind(given)
    return next((f"{_kind(ends)} as what may follow" for ends in given.values() if _refs(ends)), "")


def _refs(given: Any) -> str:
    known = isinstance(given, Sequence) and not isinstance(given, str)
    return "" if known and all(isinstance(one, str) for one in given) else _kind(given)


def _bytes(given: Any, *_args: Any) -> str:
    return "" if isinstance(given, bytes) else _kind(given)


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"


CHECKS: Mapping[str, Callable[..., str]] = {
    "fetch": _item,
    "create": _text,
    "find": _maybe_text,
    "history": _changes,
    "add_comment": _text,
    "add_note": _text,
    "add_file": _text,
    "read_file": _bytes,
    "changed_since": _listed,
    "scan": _listed,
    "transitions": _moves,
}
