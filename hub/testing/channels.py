"""The suite for kinds of channels: told in both languages, and calm when the far side is away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NoReturn

import pytest

from hub.core.values import Channel, ChannelKind, Checked, Http, OutgoingMessage, Refused, Retry
from hub.testing.plugin import PluginSuite, assert_bilingual, assert_fits

MESSAGE = OutgoingMessage(
    id="<suite.1@hub.example>",
    at=dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC),
    to="li@acme.example",
    to_name="李华\r\nBcc: eve@evil.example",
    subject="问好\r\nBcc: eve@evil.example",
    text="您好\n",
    html="<p>您好</p>",
)


class Away(Http):
    """A way out on which every call ends with the same error."""

    def __init__(self, error: Retry | Refused) -> None:
        """``error`` is raised again and again."""
        self._error = error

    def send(self, method: str, url: str, **_more: Any) -> NoReturn:
        """Nothing answers."""
        raise self._error

    def connect(self, host: str, port: int, seconds: float | None = None) -> NoReturn:
        """Nothing answers."""
        raise self._error

    def tls(self) -> NoReturn:
        """It does not come to that."""
        raise self._error


class ChannelSuite(PluginSuite):
    """Subclass it and give the fixtures ``plugin`` and ``settings``; ``secrets`` if needed."""

    @pytest.fixture
    def settings(self) -> Mapping[str, Any]:
        """The connection's settings, as they come from the configuration."""
        raise NotImplementedError("give a fixture named settings")

    @pytest.fixture
    def secrets(self) -> Mapping[str, str]:
        """The connection's secrets."""
        return {}

    @pytest.fixture
    def kind(self, plugin: Any) -> ChannelKind:
        """The kind under test: the first one the plugin offers, checked like the hub checks it."""
        offered = plugin.execute_channels()
        assert_fits(offered, "execute_channels")
        kind: ChannelKind = offered[0]
        return kind

    def opened(
        self, kind: ChannelKind, settings: Mapping[str, Any], secrets: Mapping[str, str], http: Http
    ) -> Channel:
        """The channel over this way out."""
        return kind.open(kind.settings.model_validate(settings), secrets, http, {})

    def test_is_named_in_both_languages(self, kind: ChannelKind) -> None:
        """The page that offers the kind is read in either."""
        assert_bilingual(kind.title)

    @pytest.mark.parametrize("error", [Retry("nobody answers"), Refused("not public")])
    def test_says_that_the_far_side_is_away(
        self,
        kind: ChannelKind,
        settings: Mapping[str, Any],
        secrets: Mapping[str, str],
        error: Retry | Refused,
    ) -> None:
        """*Test connection* answers in both languages and raises nothing."""
        found = self.opened(kind, settings, secrets, Away(error)).check()
        assert isinstance(found, Checked)
        assert not found.ok
        assert_bilingual(found.text)
        assert error.reason in found.text.en

    @pytest.mark.parametrize("error", [Retry("nobody answers"), Refused("not public")])
    def test_blames_no_message_for_a_far_side_that_is_away(
        self,
        kind: ChannelKind,
        settings: Mapping[str, Any],
        secrets: Mapping[str, str],
        error: Retry | Refused,
    ) -> None:
        """What was never spoken of can still go later."""
        with pytest.raises(Retry):
            self.opened(kind, settings, secrets, Away(error)).send(MESSAGE)
