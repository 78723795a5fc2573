"""The door for plugin tests: subclass a suite, give a fixture, done. Needs ``service-hub[testing]``."""

import pytest

pytest.register_assert_rewrite(
    *(
        f"hub.testing.{name}"
        for name in ("plugin", "rules", "sources", "surveys", "advice", "channels", "trackers")
    )
)

from hub.lab.imitation import Imitation  # noqa: E402 - assertions are rewritten at the import
from hub.lab.sandbox.imitation import SandboxImitation  # noqa: E402
from hub.lab.specimens import ChannelSpecimen, IntakeSpecimen, WebhookSpecimen  # noqa: E402
from hub.testing.advice import AdviceSuite  # noqa: E402
from hub.testing.areas import area, exempt  # noqa: E402
from hub.testing.channels import ChannelSuite  # noqa: E402
from hub.testing.plugin import PluginSuite, assert_bilingual, assert_fits  # noqa: E402
from hub.testing.pure import Impure, assert_pure, watched  # noqa: E402
from hub.testing.rules import RuleSuite  # noqa: E402
from hub.testing.sources import SourceSuite  # noqa: E402
from hub.testing.surveys import SurveySuite  # noqa: E402
from hub.testing.trackers import TrackerSuite  # noqa: E402
from hub.testing.wires import SpyWire  # noqa: E402

__all__ = [
    "AdviceSuite",
    "ChannelSpecimen",
    "ChannelSuite",
    "Imitation",
    "Impure",
    "IntakeSpecimen",
    "PluginSuite",
    "RuleSuite",
    "SandboxImitation",
    "SourceSuite",
    "SpyWire",
    "SurveySuite",
    "TrackerSuite",
    "WebhookSpecimen",
    "area",
    "assert_bilingual",
    "assert_fits",
    "assert_pure",
    "exempt",
    "watched",
]
