"""The suite for kinds of channels: told in both languages, and calm when the far side is away."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from hub.core.notices.settings import ChannelSettings
from hub.core.registry.calls import Caller
from hub.core.values import Channel, ChannelKind, Checked, Http, OutgoingMessage, Refused, Retry, Sent
from hub.lab.pair import HandClock
from hub.lab.specimens import ChannelSpecimen, specimen_of
from hub.lab.wire import Answer
from hub.testing.areas import area, exempt
from hub.testing.away import Away
from hub.testing.plugin import BUDGET_S, PluginSuite, assert_bilingual, assert_fits
from hub.testing.pure import watched
from hub.testing.wires import SpyWire, always, from_call

MESSAGE = OutgoingMessage(
    id="<suite.1@hub.example>",
    at=dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC),
    to="li@acme.example",
    to_name="李华\r\nBcc: eve@evil.example",
    subject="问好\r\nBcc: eve@evil.example",
    text="您好\n",
    html="<p>您好</p>",
)


TRICKY = replace(MESSAGE, subject="问好", text='第一行 "quoted"\n\n第二行 <b> & more\n')
JSON = {"Content-Type": "application/json"}


class ChannelSuite(PluginSuite):
    """Subclass it and give a fixture ``plugin``.

    The far side comes from the entry point ``hub.specimens``; or give ``settings`` and ``secrets``.
    """

    @pytest.fixture
    def specimen(self, kind: ChannelKind) -> ChannelSpecimen | None:
        """The far side, where an entry point names one."""
        try:
            found: ChannelSpecimen = specimen_of(kind.name)
        except LookupError:
            return None
        return found

    @pytest.fixture
    def settings(self, specimen: ChannelSpecimen | None) -> Mapping[str, Any]:
        """The connection's settings, as they come from the configuration."""
        assert specimen is not None, "give a fixture named settings, or an entry point of hub.specimens"
        return specimen.settings

    @pytest.fixture
    def secrets(self, specimen: ChannelSpecimen | None) -> Mapping[str, str]:
        """The connection's secrets."""
        return specimen.secrets if specimen else {}

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

    @pytest.fixture
    def wire(self, specimen: ChannelSpecimen | None) -> SpyWire:
        """The way to the far side; exempt for a channel that speaks no HTTP."""
        if specimen is None or specimen.application is None:
            exempt("HTTP")
        return SpyWire(specimen.application, HandClock())

    @pytest.fixture
    def channel(
        self, kind: ChannelKind, settings: Mapping[str, Any], secrets: Mapping[str, str], wire: SpyWire
    ) -> Channel:
        """An open connection to the far side."""
        return self.opened(kind, settings, secrets, wire)

    @area("texts")
    def test_is_named_in_both_languages(self, kind: ChannelKind) -> None:
        """The page that offers the kind is read in either."""
        assert_bilingual(kind.title)

    @area("texts")
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

    @area("retries")
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

    def test_keeps_to_the_settings_of_all_channels(self, kind: ChannelKind) -> None:
        """How much an hour may go is asked in the same words everywhere."""
        assert issubclass(kind.settings, ChannelSettings)

    @area("texts")
    def test_says_in_both_languages_that_all_is_well(self, channel: Channel) -> None:
        """*Test connection*, without telling anybody anything."""
        checked = channel.check()
        assert checked.ok, checked.text.en
        assert_bilingual(checked.text)

    @area("writing")
    def test_hands_a_message_over_once(self, channel: Channel, specimen: ChannelSpecimen) -> None:
        """Subject and text arrive, whatever characters stand in them; ``check`` sends none."""
        channel.check()
        assert specimen.received() == [], "check() told somebody something"
        assert isinstance(channel.send(TRICKY), Sent)
        (arrived,) = specimen.received()
        assert "问好" in arrived
        assert all(one in arrived for one in ("第一行", '"quoted"', "<b>")), f"{arrived!r}"

    @area("writing")
    def test_says_that_a_long_message_was_cut(self, channel: Channel, specimen: ChannelSpecimen) -> None:
        """It arrives whole, or ends with an ellipsis, or is ``Refused``; never cut in silence."""
        with suppress(Refused):
            channel.send(replace(MESSAGE, subject="长", text="很长的一行。\n" * 4000 + "结束"))
        arrived = "".join(specimen.received())
        assert not arrived or "结束" in arrived or "…" in arrived, "a long message was cut in silence"

    @area("reading")
    def test_takes_no_error_for_success(
        self, channel: Channel, specimen: ChannelSpecimen, wire: SpyWire
    ) -> None:
        """An error with status 200, a sign-in page, a refusal: nobody was told, and it says so."""
        no = [Answer(200, JSON, body) for body in specimen.errors_with_200]
        no += [Answer(200, {"Content-Type": "text/html"}, b"<html>Please sign in</html>")]
        no += [Answer(status, JSON, b"{}") for status in (301, 400, 401, 403, 404)]
        for answer in no:
            wire.instead = always(answer)
            with pytest.raises((Retry, Refused)):
                channel.send(MESSAGE)
            assert channel.check() is not None

    @area("retries")
    def test_leaves_trying_again_to_the_hub(
        self, kind: ChannelKind, settings: Mapping[str, Any], secrets: Mapping[str, str], wire: SpyWire
    ) -> None:
        """Each call that meets a 429 ends it: with the far side's own time, and without another call."""
        self.opened(kind, settings, secrets, wire).send(MESSAGE)
        for number in range(len(wire.calls)):
            wire.calls.clear()
            after = dt.timedelta(seconds=17)
            wire.instead = from_call(number, Retry("too many", after))
            with pytest.raises(Retry) as retry:
                self.opened(kind, settings, secrets, wire).send(MESSAGE)
            assert retry.value.after == after, "the time for which it wants to be left alone is lost"
            assert len(wire.calls) == number + 1, "called again after a 429"

    @area("time")
    def test_neither_sleeps_nor_goes_out_by_itself(self, channel: Channel) -> None:
        """The second message is watched: no sleep, no socket, no file, no chance."""
        for is_watched in (False, True):

            def run(on: bool = is_watched) -> None:
                if not on:
                    channel.send(MESSAGE)
                    return
                with watched(clock=True):
                    channel.send(MESSAGE)

            Caller(BUDGET_S).call("channel", run)

    @area("secrets")
    def test_shows_no_secret(
        self, kind: ChannelKind, settings: Mapping[str, Any], secrets: Mapping[str, str],
        specimen: ChannelSpecimen, wire: SpyWire, caplog: pytest.LogCaptureFixture,
    ) -> None:  # fmt: skip
        """Not in a log, a repr, a reason, an answer or an address (unless the API knows no other way)."""
        caplog.set_level(logging.DEBUG)
        shown = []
        answers = (None, Retry("busy"), Refused("no"), Answer(200, JSON, b"{}"), Answer(403, JSON, b"{}"))
        for what in answers:
            wire.instead = always(what)
            channel = self.opened(kind, settings, secrets, wire)
            try:
                shown += [repr(channel), str(channel), channel.check().text.en, channel.send(MESSAGE).answer]
            except (Retry, Refused) as error:
                shown.append(error.reason)
        shown += [record.getMessage() for record in caplog.records]
        kept = [one for name, one in secrets.items() if name not in specimen.in_addresses]
        leaks = [text for text in shown for one in secrets.values() if one in text]
        leaks += [call.url for call in wire.calls for one in kept if one in f"{call.url} {call.params}"]
        assert leaks == [], "a secret is shown"
        if specimen.in_addresses:
            exempt(f"{', '.join(sorted(specimen.in_addresses))} in the address: the API knows no other way")
