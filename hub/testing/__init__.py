"""The door for plugin tests: subclass a suite, give a fixture, done. Needs ``service-hub[testing]``."""

import pytest

pytest.register_assert_rewrite(
    "hub.testing.plugin",
    "hub.testing.rules",
    "hub.testing.sources",
    "hub.testing.surveys",
    "hub.testing.advice",
    "hub.testing.channels",
)

from hub.testing.advice import AdviceSuite  # noqa: E402 - assertions are rewritten at the import
from hub.testing.channels import ChannelSuite  # noqa: E402
from hub.testing.plugin import PluginSuite, assert_bilingual, assert_fits  # noqa: E402
from hub.testing.pure import Impure, assert_pure, watched  # noqa: E402
from hub.testing.rules import RuleSuite  # noqa: E402
from hub.testing.sources import SourceSuite  # noqa: E402
from hub.testing.surveys import SurveySuite  # noqa: E402

__all__ = [
    "AdviceSuite",
    "ChannelSuite",
    "Impure",
    "PluginSuite",
    "RuleSuite",
    "SourceSuite",
    "SurveySuite",
    "assert_bilingual",
    "assert_fits",
    "assert_pure",
    "watched",
]
