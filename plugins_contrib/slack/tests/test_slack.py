"""Slack's webhook: the suite for channels, and what only this one wants."""

import datetime as dt
import json
from typing import Any

import pytest
import slack

from hub.sdk import Off, OutgoingMessage, Refused, Retry, Unclear
from hub.testing import ChannelSpecimen, ChannelSuite, SpyWire

AT = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
MESSAGE = OutgoingMessage("1", AT, "", "VPN", "")


class TestSlack(ChannelSuite):
    """The common suite, and the webhook's own ways."""

    @pytest.fixture
    def plugin(self) -> Any:
        """The plugin."""
        return slack.plugin

    def test_makes_links_of_links_and_calls_nobody(
        self, channel: Any, wire: SpyWire, specimen: ChannelSpecimen
    ) -> None:
        """Three characters are escaped, and nothing else."""
        text = "<!channel> <@U1> & SR-1 https://hub.example/requests/SR-1?a=1&b=2"
        channel.send(OutgoingMessage("1", AT, "", text, ""))
        said = json.loads(wire.calls[-1].body)["text"]
        assert said.endswith("&amp; SR-1 <https://hub.example/requests/SR-1?a=1&amp;b=2>")
        assert specimen.received() == [text]

    @pytest.mark.parametrize(
        "word", ["no_service", "channel_not_found", "channel_is_archived", "action_prohibited", "no_team"]
    )
    def test_is_turned_off_where_the_channel_is_gone(
        self, channel: Any, specimen: ChannelSpecimen, word: str
    ) -> None:
        """With a sentence in both languages that says what to do."""
        specimen.codes = [word]  # type: ignore[attr-defined]
        with pytest.raises(Off) as off:
            channel.send(MESSAGE)
        assert off.value.text.zh != off.value.text.en

    def test_blames_a_message_for_itself(self, channel: Any, specimen: ChannelSpecimen) -> None:
        """The next one goes."""
        specimen.codes = ["invalid_payload"]  # type: ignore[attr-defined]
        with pytest.raises(Refused):
            channel.send(MESSAGE)
        channel.send(MESSAGE)

    def test_waits_as_long_as_it_is_told(self, channel: Any, specimen: ChannelSpecimen) -> None:
        """Retry-After holds for all that goes there."""
        specimen.codes = [429]  # type: ignore[attr-defined]
        with pytest.raises(Retry) as retry:
            channel.send(MESSAGE)
        assert retry.value.after == dt.timedelta(seconds=30)

    @pytest.mark.parametrize("mood", ["html", "empty", "large"])
    def test_takes_nonsense_for_neither_yes_nor_no(
        self, channel: Any, specimen: ChannelSpecimen, mood: str
    ) -> None:
        """Only the word ``ok`` is a yes."""
        specimen.moods = [mood]  # type: ignore[attr-defined]
        with pytest.raises(Unclear):
            channel.send(MESSAGE)
