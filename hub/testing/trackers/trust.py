"""Secrets stay where they belong, deliveries prove themselves, and nothing is kept in memory."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.values import DeliveryValue, FarItem, Hint, Refused, Retry, SetChange, Tracker
from hub.lab.imitation import Imitation, MakeImitation
from hub.lab.wire import Answer
from hub.testing.areas import area, exempt
from hub.testing.genuine import compares_in_constant_time, tampered
from hub.testing.pure import assert_pure
from hub.testing.rules import hypothetical
from hub.testing.sources import anything
from hub.testing.trackers.desk import Desk, Laid
from hub.testing.trackers.manners import NO, Manners
from hub.testing.wires import always

ELSEWHERE = "https://evil.example/steal"


class Trust(Manners):
    """Secrets, deliveries, restart."""

    @area("secrets")
    def test_shows_no_secret(self, desk: Desk, tracker: Tracker, caplog: pytest.LogCaptureFixture) -> None:
        """Not in a log, a repr, an address, a reason or an answer, whatever goes wrong."""
        caplog.set_level(logging.DEBUG)
        secrets = [one for one in desk.imitation.secrets.values() if len(one) >= 6]
        in_addresses = getattr(desk.imitation, "in_addresses", frozenset[str]())
        shown: list[tuple[str, str]] = []
        for name in ["check", *self.names(desk, tracker)]:
            for error in (None, Retry("busy"), Refused("no"), *NO.values()):
                deed = self.deed(desk, tracker, name)
                desk.wire.instead = always(error)
                opened = desk.tracker()
                try:
                    shown.append((name, repr(deed(opened))))
                except (Retry, Refused) as no:
                    shown.append((f"the reason of {name}", no.reason))
                shown += [("repr of the tracker", repr(opened)), ("its text", str(opened))]
                shown += [
                    ("an address", f"{call.url} {call.params}")
                    for call in desk.wire.calls
                    if not in_addresses
                ]
        shown += [("the log", record.getMessage()) for record in caplog.records]
        leaks = {where for where, text in shown for secret in secrets if secret in text}
        assert leaks == set(), f"a secret stands in {', '.join(sorted(leaks))}"

    @area("secrets")
    def test_puts_no_secret_into_an_address(self, desk: Desk) -> None:
        """Addresses are logged by everything on the way; only an API that knows no other way is exempt."""
        if named := getattr(desk.imitation, "in_addresses", frozenset[str]()):
            exempt(f"{', '.join(sorted(named))} in the address: the API knows no other way")

    @area("secrets")
    def test_carries_its_credential_to_no_other_host(self, desk: Desk, tracker: Tracker) -> None:
        """Neither a redirect nor a link to the next page leads it astray."""
        headers = {
            "Location": ELSEWHERE,
            "Link": f'<{ELSEWHERE}>; rel="next"',
            "Content-Type": "application/json",
        }
        body = json.dumps({"next": ELSEWHERE, "nextPage": ELSEWHERE, "url": ELSEWHERE}).encode()
        for name in self.names(desk, tracker):
            for status in (200, 301, 302, 307):
                deed = self.deed(desk, tracker, name)
                desk.wire.instead = always(Answer(status, headers, body))
                with suppress(Retry, Refused):
                    deed(desk.tracker())
                # Bytes may lie elsewhere, but nobody there needs to know who we are.
                bare = name == "read_file"
                led = [
                    call
                    for call in desk.wire.calls
                    if urlsplit(call.url).netloc == "evil.example" and not (bare and not call.headers)
                ]
                assert led == [], f"{name} followed an answer to another host"

    # ---- deliveries --------------------------------------------------------------------------

    @pytest.fixture
    def delivery(self, desk: Desk, laid: Laid) -> DeliveryValue:
        """What the tracker sends when people change the item."""
        desk.imitation.deliveries()
        desk.imitation.edit(laid.ref, desk.imitation.accounts[0], "title", "Changed")
        sent = desk.imitation.deliveries()
        if not sent:
            exempt("hooks")
        return sent[-1]

    @area("genuine")
    def test_believes_a_genuine_delivery_and_knows_its_item(
        self, tracker: Tracker, laid: Laid, delivery: DeliveryValue
    ) -> None:
        """By nothing but the delivery."""
        assert assert_pure(tracker.verify, delivery) is True
        assert laid.ref in [hint.ref for hint in tracker.hints(delivery)]

    @area("genuine")
    def test_believes_no_other(self, imitation: Imitation, tracker: Tracker, delivery: DeliveryValue) -> None:
        """A changed body, the same meaning in other bytes, no headers, garbage: no, and never an error."""
        signature = getattr(imitation, "signature", "body")
        if signature == "none":
            exempt("signed deliveries: the secret address is the proof")
        for kind, false in tampered(delivery):
            if signature == "token" and kind == "body":
                continue  # a bearer token says who sends, not what
            assert tracker.verify(false) is False, f"a delivery with {kind} changed was believed"

    @area("genuine")
    def test_compares_signatures_in_constant_time(
        self, imitation: Imitation, tracker: Tracker, delivery: DeliveryValue
    ) -> None:
        """Otherwise the time of the answer tells how much of a forged one was right."""
        if getattr(imitation, "signature", "body") == "none":
            exempt("signed deliveries: the secret address is the proof")
        assert compares_in_constant_time(tracker.verify, delivery), "the signature is compared by =="

    @area("genuine")
    def test_does_not_believe_what_was_signed_long_ago(
        self, imitation: Imitation, tracker: Tracker, delivery: DeliveryValue
    ) -> None:
        """Whoever has kept an old delivery cannot send it again; where the time is signed."""
        if not getattr(imitation, "expires", False):
            exempt("a signed time")
        late = replace(delivery, received_at=delivery.received_at + dt.timedelta(days=30))
        assert tracker.verify(late) is False, "a delivery was believed a month after its time"

    @area("genuine")
    def test_believes_nothing_without_a_secret(self, desk: Desk, delivery: DeliveryValue) -> None:
        """A connection whose hook secret was never set."""
        if getattr(desk.imitation, "signature", "body") != "body":
            exempt("signed deliveries: the secret address is the proof")
        without = dict.fromkeys(desk.imitation.secrets, "")
        assert desk.kind.open(desk.settings, without, desk.wire, {}).verify(delivery) is False

    @area("genuine")
    @given(body=st.binary(max_size=40) | anything.map(lambda value: json.dumps(value).encode()))
    @hypothetical
    def test_reads_hints_in_anything(self, tracker: Tracker, body: bytes) -> None:
        """A list of hints, perhaps empty, or ``Refused``; no other error leaves the plugin."""
        hints: Iterable[Any] = ()
        try:
            hints = list(tracker.hints(DeliveryValue("1", {}, body, self.clock.now())))
        except Refused as refused:
            assert refused.reason
        assert all(isinstance(hint, Hint) and isinstance(hint.ref, str) and hint.ref for hint in hints)

    # ---- restart -----------------------------------------------------------------------------

    @area("restart")
    def test_reads_again_what_changed_meanwhile(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """One connection, two looks: what was read before is not what stands there now."""
        desk.fetched(tracker, laid.ref)
        for title in ("Once", "Twice"):
            desk.clock.forward(seconds=2)
            desk.imitation.edit(laid.ref, desk.imitation.accounts[0], "title", title)
            assert desk.fetched(tracker, laid.ref).fields["title"] == title

    @area("restart")
    def test_goes_on_after_a_restart_with_nothing_in_memory(
        self, desk: Desk, tracker: Tracker, laid: Laid
    ) -> None:
        """A new object reads, writes and finds what the old one left."""
        desk.fetched(tracker, laid.ref)
        desk.tracker().update(laid.ref, {"title": "After the restart"})
        if "labels" in desk.imitation.fields:
            desk.tracker().update(laid.ref, {"labels": SetChange(frozenset({"red"}), frozenset())})
        desk.tracker().add_comment(laid.ref, "Still here.", laid.mark)
        item = desk.fetched(tracker, laid.ref)
        assert item.fields["title"] == "After the restart"
        assert len(item.comments) == 3

    @area("restart")
    def test_mixes_up_no_two_connections(
        self, desk: Desk, tracker: Tracker, laid: Laid, make_imitation: MakeImitation
    ) -> None:
        """Two of them in one process, with items of the same reference."""
        other = Desk(desk.kind, make_imitation(desk.clock), desk.clock)
        there = other.lay()
        other.imitation.edit(there.ref, other.imitation.accounts[0], "title", "Of the other one")
        second = other.tracker()
        for one, ref, table in (
            (second, there.ref, other),
            (tracker, laid.ref, desk),
            (second, there.ref, other),
        ):
            found = one.fetch(ref)
            assert isinstance(found, FarItem)
            assert found.fields["title"] == table.seen(ref).fields["title"]
        other.imitation.close()
