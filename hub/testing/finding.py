"""From a path or a name to a plugin with what the suites need besides: its imitations and specimens."""

from __future__ import annotations

import importlib
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.core.registry.loading import GROUP as PLUGINS
from hub.core.registry.loading import import_plugin, installed
from hub.lab.imitation import GROUP as IMITATIONS
from hub.lab.imitation import imitation_of
from hub.lab.specimens import GROUP as SPECIMENS
from hub.lab.specimens import specimen_of


@dataclass(frozen=True)
class Found:
    """One plugin. ``imitations`` and ``specimens`` are those of its own folder, by the kind's name."""

    plugin: Any
    version: str = ""
    imitations: Mapping[str, Any] = field(default_factory=dict)
    specimens: Mapping[str, Callable[[], Any]] = field(default_factory=dict)

    def imitation(self, kind: str) -> Any:
        """What makes the imitation of this tracker kind; raises ``LookupError`` where nobody does."""
        return self.imitations.get(kind) or imitation_of(kind)

    def specimen(self, kind: str) -> Any:
        """A new far side of this intake or channel; raises ``LookupError`` where nobody offers one."""
        return self.specimens[kind]() if kind in self.specimens else specimen_of(kind)


def find(target: str) -> list[Found]:
    """The plugins of a folder with a pyproject.toml, or the installed one of this name."""
    folder = Path(target)
    if (folder / "pyproject.toml").is_file():
        return _in_folder(folder.resolve())
    if folder.is_dir() or "/" in target:
        raise LookupError(f"{target} holds no pyproject.toml")
    return [Found(*import_plugin(target, installed()))]


def _in_folder(folder: Path) -> list[Found]:
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8")).get("project", {})
    points = project.get("entry-points", {})
    if not points.get(PLUGINS):
        raise LookupError(f'{folder} has no [project.entry-points."{PLUGINS}"]')
    for place in (folder / "src", folder):
        if place.is_dir() and str(place) not in sys.path:
            sys.path.insert(0, str(place))
    offered = {
        group: {name: _load(place) for name, place in points.get(group, {}).items()}
        for group in (PLUGINS, IMITATIONS, SPECIMENS)
    }
    return [
        Found(plugin, str(project.get("version", "")), offered[IMITATIONS], offered[SPECIMENS])
        for plugin in offered[PLUGINS].values()
    ]


def _load(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(importlib.import_module(module), attribute)
