"""A real hub with its demonstration, and real Chromium in front of it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conftest import skip_part

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--font-render-hinting=none",
]  # fmt: skip
PATIENCE = 240


@dataclass(frozen=True)
class Demo:
    """A running demonstration."""

    address: str
    email: str
    password: str
    folder: Path


def chromium_path() -> str | None:
    """Where Chromium is, by whatever name the system has it."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next((path for path in found if path), None)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """``hub run --demo`` as a user starts it, in a folder of its own."""
    folder = tmp_path_factory.mktemp("demo")
    with hub_of(folder, "run", "--demo") as (address, log):
        said = re.search(r"Sign in as (\S+) with the password (\S+)", log.read_text(encoding="utf-8"))
        assert said, log.read_text(encoding="utf-8")
        yield Demo(address, said[1], said[2], folder)


@contextmanager
def hub_of(folder: Path, *arguments: str) -> Iterator[tuple[str, Path]]:
    """A hub of its own process and folder; gives its address and its log."""
    if chromium_path() is None:
        skip_part("browser", "Chromium is not installed (as root: make browser)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {**os.environ, "HUB_DATA": str(folder), "HUB_PORT": str(port), "PYTHONUNBUFFERED": "1"}
    log = folder / "log.txt"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "hub", *arguments],
            env=environ, stdout=out, stderr=subprocess.STDOUT, cwd=folder,
        )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_healthy(address, process, log)
        yield address, log
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0, log.read_text(encoding="utf-8")[-2000:]


def _wait_until_healthy(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            if requests.get(f"{address}/healthz", timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.2)
    raise AssertionError(log.read_text(encoding="utf-8"))


# Not for the session: Playwright keeps an event loop in this thread, and others want one of their own.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for all tests; each test gets pages of its own."""
    path = chromium_path()
    if path is None:
        skip_part("browser", "Chromium is not installed (as root: make browser)")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield browser
        browser.close()
