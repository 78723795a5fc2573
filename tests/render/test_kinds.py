"""What the connections in the box are asked is asked in Chinese, too."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest

from hub.config.settings import BOX
from hub.render.translations import translations
from hub.sdk import ChannelKind, SourceKind, TrackerKind

Kind = SourceKind | TrackerKind | ChannelKind
# Names of protocols are the same in every language.
NAMES = {"API", "tls", "starttls", "xoauth2", "oauth2"}
ROOT = Path(__file__).parents[2]
# The file that starts the hub is read by administrators, in English; these are asked in the browser.
MODELS = [
    path
    for folder in ("hub/plugins", "hub/core", "plugins_contrib")
    for path in sorted((ROOT / folder).rglob("settings.py"))
]


def kinds() -> list[Kind]:
    """Every kind that the plugins in the box offer."""
    found: list[Kind] = []
    for point in entry_points(group="hub.plugins"):
        plugin = point.load() if point.name in BOX else None
        for hook in ("identify_sources", "execute_trackers", "execute_channels"):
            found += getattr(plugin, hook, tuple)()
    return found


def words_of(kind: Kind) -> set[str]:
    """Titles, descriptions and choices, as the form shows them."""
    words = set()
    for name, info in kind.settings.model_fields.items():
        title = info.title or name
        words.add(title if " " in title or title[:1].isupper() else title.replace("_", " ").capitalize())
        words.add(info.description or "")
        if get_origin(info.annotation) is Literal:
            words.update(map(str, get_args(info.annotation)))
    words.update(name.replace("_", " ").capitalize() for name in kind.secrets)
    return words - {""} - NAMES


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)
def test_every_setting_of_a_connection_is_asked_in_chinese(kind: Kind) -> None:
    chinese = translations("zh").gettext
    assert sorted(word for word in words_of(kind) if chinese(word) == word) == []


@pytest.mark.parametrize("path", MODELS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_setting_may_not_be_is_said_in_both_languages(path: Path) -> None:
    assert "raise ValueError" not in path.read_text(encoding="utf-8"), "raise WrongSetting instead"
