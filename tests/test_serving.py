"""Serving: threads share one place for memory, and every way to serve sees to that first."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Callable

import pytest

from hub import serving
from hub.config import Config

# Four threads that live at once and take what Python does not hand out itself (more than 512 bytes).
COUNT = """
import ctypes, threading
{first}
together = threading.Barrier(5)
def take():
    held = bytes(4096)
    together.wait(30)
    together.wait(30)
threads = [threading.Thread(target=take) for _ in range(4)]
for thread in threads:
    thread.start()
together.wait(30)
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
together.wait(30)
"""


def places(first: str) -> int:
    """From how many places the threads of a fresh process take memory."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    environ.pop("GLIBC_TUNABLES", None)
    code = COUNT.format(first=first)
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, check=True)
    return done.stdout.count(b"<heap nr=")


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only glibc gives each thread a place of its own"
)
def test_threads_take_memory_from_one_place_once_it_is_shared() -> None:
    assert places("from hub import serving; serving._share_memory()") == 1
    # What it is for: without it each thread has its own.
    assert places("") > 1


class Begun(Exception):
    """The hub is being built."""


@pytest.mark.parametrize(
    "serve",
    [
        lambda: serving.run_all(Config(), {}),
        lambda: serving.run_web(Config(), {}),
        lambda: serving.run_work(Config(), {}, 1),
        serving.application,
    ],
    ids=["all", "web", "work", "application"],
)
def test_every_way_to_serve_shares_memory_before_there_are_threads(
    serve: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def build(*_given: object, **_more: object) -> None:
        done.append("built")
        raise Begun

    monkeypatch.setattr(serving, "_share_memory", lambda: done.append("shared"))
    monkeypatch.setattr(serving, "load", lambda *_given: Config())
    monkeypatch.setattr(serving.logs, "set_up", lambda *_given: None)
    monkeypatch.setattr(serving, "build", build)
    with pytest.raises(Begun):
        serve()
    assert done == ["shared", "built"]
