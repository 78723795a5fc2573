"""What a tracker plugin reads is what stands there: fields, comments, times, what is gone or moved."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hub.core.execute.settings import SyncSettings
from hub.core.registry.answers import misfit
from hub.core.values import (
    CANONICAL_FIELDS,
    OPTIONAL_FIELDS,
    Catalogue,
    Checked,
    FarItem,
    Gone,
    Hooks,
    MovedTo,
    Refused,
    Steps,
    Tracker,
    TrackerKind,
)
from hub.testing.areas import area, exempt
from hub.testing.plugin import assert_bilingual
from hub.testing.trackers.base import OnTheDesk
from hub.testing.trackers.desk import SAID_HERE, SAID_THERE, Desk, Laid, near

CAPABILITIES = {
    "history",
    "edit-comment",
    "delete-comment",
    "private-notes",
    "hooks",
    "scan",
    "transitions",
    "files",
    "worklogs",
    *OPTIONAL_FIELDS,
}


class Reading(OnTheDesk):
    """The contract, and reading."""

    @area("texts")
    def test_titles_the_kind_and_its_limits_in_both_languages(self, kind: TrackerKind) -> None:
        """The page that offers the kind is read in either."""
        assert_bilingual((kind.title, kind.limits))

    def test_extends_the_settings_of_all_trackers(self, kind: TrackerKind) -> None:
        """How states and people map is asked in the same words everywhere."""
        assert issubclass(kind.settings, SyncSettings)

    def test_names_capabilities_that_exist_and_keeps_them(self, tracker: Tracker) -> None:
        """What is offered is there; a misspelt name would switch something off in silence."""
        assert tracker.capabilities <= CAPABILITIES, f"unknown: {set(tracker.capabilities) - CAPABILITIES}"
        assert isinstance(tracker.find_lag, dt.timedelta)
        assert tracker.find_lag >= dt.timedelta(0)
        assert "hooks" not in tracker.capabilities or isinstance(tracker, Hooks)
        assert "transitions" not in tracker.capabilities or isinstance(tracker, Steps)
        assert "private-notes" not in tracker.capabilities or callable(getattr(tracker, "add_note", None))

    @area("texts")
    def test_says_in_both_languages_that_all_is_well(self, tracker: Tracker) -> None:
        """*Test connection* with good settings."""
        checked = tracker.check()
        assert isinstance(checked, Checked)
        assert checked.ok, f"check() says {checked.text.en!r} where all is well"
        assert_bilingual(checked.text)

    def test_knows_states_and_people_for_the_mapping(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """The states the connection maps are among them."""
        catalogue = tracker.catalogue()
        assert misfit(catalogue, Catalogue) is None, misfit(catalogue, Catalogue)
        mapped = {name for names in desk.settings.status_map.values() for name in names}
        assert mapped & set(catalogue.states), f"none of {sorted(mapped)} is in the catalogue"

    def test_answers_with_values_of_the_promised_types(
        self, desk: Desk, tracker: Tracker, laid: Laid
    ) -> None:
        """Texts are texts, labels a frozenset, the owner an account or None."""
        item = desk.fetched(tracker, laid.ref)
        assert misfit(item, FarItem) is None, misfit(item, FarItem)
        assert item.ref == laid.ref
        assert item.version, "a version is needed: it says whether something changed"
        assert set(item.fields) <= set(CANONICAL_FIELDS), f"unknown: {set(item.fields)}"
        assert {"title", "body", "status"} <= set(item.fields)
        types: dict[str, Any] = {"labels": frozenset, "assignee": str | None, "priority": str | None}
        types |= {"due": str | None, "estimate": int | None}
        for name, value in item.fields.items():
            assert isinstance(value, types.get(name, str)), f"{name} is {value!r}"
        assert all(isinstance(one, str) for one in item.fields.get("labels", ()))

    @area("reading")
    @pytest.mark.parametrize("field", CANONICAL_FIELDS)
    def test_reads_what_people_wrote_there(
        self, desk: Desk, tracker: Tracker, laid: Laid, field: str
    ) -> None:
        """Each field, as the tracker's own people left it."""
        desk.offering(tracker, field)
        who, before = desk.imitation.accounts[0], desk.fetched(tracker, laid.ref)
        for value in _values(desk, field):
            try:
                desk.imitation.edit(laid.ref, who, field, value)
            except Refused:
                continue  # a state that cannot be reached from where it is
            desk.clock.forward(seconds=2)
            item, seen = desk.fetched(tracker, laid.ref), desk.seen(laid.ref)
            assert desk.same(field, item.fields[field], seen.fields[field]), (
                f"{field} is {seen.fields[field]!r} there, and was read as {item.fields[field]!r}"
            )
        assert desk.fetched(tracker, laid.ref).version != before.version, "the version did not change"

    @area("reading")
    def test_reads_every_comment_with_its_author(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """Oldest first, ours with its mark, theirs without one."""
        said = desk.fetched(tracker, laid.ref).comments
        assert [one.ref for one in said] == [laid.ours, laid.theirs]
        assert SAID_HERE in said[0].text
        assert said[0].mark, "our mark was not found in our comment"
        assert said[1].text.strip() == SAID_THERE
        assert said[1].mark is None
        assert said[1].author

    @area("reading")
    def test_does_not_show_a_comment_that_was_taken_away(
        self, desk: Desk, tracker: Tracker, laid: Laid
    ) -> None:
        """Whatever the tracker leaves in its place."""
        desk.imitation.delete_comment(laid.ref, laid.theirs, desk.imitation.accounts[0])
        assert laid.theirs not in [one.ref for one in desk.fetched(tracker, laid.ref).comments]

    @area("reading")
    def test_reads_times_with_their_zone(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """A time without one, or in the machine's own, is hours wrong."""
        for comment in desk.fetched(tracker, laid.ref).comments:
            assert near(comment.at, desk.clock.now()), f"said at {comment.at}, it is {desk.clock.now()}"

    @area("reading")
    def test_says_that_a_deleted_item_is_gone(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """And neither raises nor shows what is left of it."""
        desk.imitation.delete(laid.ref)
        desk.clock.forward(minutes=10)
        found = tracker.fetch(laid.ref)
        assert isinstance(found, Gone), f"a deleted item was read as {found!r}"
        assert found.reason

    @area("reading")
    def test_follows_an_item_that_was_moved(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """To its new reference, if it has another one now."""
        ref = desk.imitation.move(laid.ref)
        found = tracker.fetch(laid.ref)
        if ref == laid.ref:
            assert isinstance(found, FarItem)
        else:
            assert found == MovedTo(ref), f"an item that was moved to {ref} was read as {found!r}"

    @area("reading")
    def test_does_not_know_an_item_that_never_was(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """``Gone`` or ``Refused``, whatever was typed as a reference."""
        for ref in ("999999999", "nothing like a reference", "ü/../?x=1#y"):
            try:
                found: object = tracker.fetch(ref)
            except Refused as no:
                found = no
            assert isinstance(found, Gone | Refused), f"{ref!r} was read as {found!r}"

    @area("reading")
    def test_tells_who_changed_what(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """With the value as ``fetch`` gives it; only after the version that was read."""
        if "history" not in tracker.capabilities:
            exempt("history")
        before = desk.fetched(tracker, laid.ref)
        desk.clock.forward(seconds=5)
        desk.imitation.edit(laid.ref, desk.imitation.accounts[1], "title", "Title by Jonas")
        changes = [one for one in tracker.history(laid.ref, before.version) if one.field == "title"]
        assert [one.value for one in changes] == ["Title by Jonas"]
        assert changes[0].author, "nobody is named"
        assert near(changes[0].at, desk.clock.now()), f"changed at {changes[0].at}"
        for title in ("Second title", "Third title"):
            after = desk.fetched(tracker, laid.ref).version
            desk.clock.forward(seconds=5)
            desk.imitation.edit(laid.ref, desk.imitation.accounts[1], "title", title)
        again = [one.value for one in tracker.history(laid.ref, after) if one.field == "title"]
        # A coarse clock may bring the change before the last look once more, and no older one.
        assert again[-1:] == ["Third title"]
        assert "Title by Jonas" not in again, "what was read long ago is told again"

    @area("reading")
    def test_knows_its_own_change_among_others(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """What our own account wrote is nobody else's: it would be shown as a conflict with ourselves."""
        if "history" not in tracker.capabilities:
            exempt("history")
        tracker.update(laid.ref, {"title": "Title by the hub"})
        ours = [one for one in tracker.history(laid.ref, laid.version) if one.value == "Title by the hub"]
        assert not [one for one in ours if one.foreign], "our own change is told as somebody else's"


def _values(desk: Desk, field: str) -> list[Any]:
    accounts = desk.imitation.accounts
    values: dict[str, list[Any]] = {
        "title": ["打印机着火了", 'Quotes "and" <tags> & more', "x" * 120],
        "body": ["一段。\n\nAnother paragraph.", "One line with <tags> & more"],
        "status": list(desk.imitation.states),
        "assignee": [accounts[0], accounts[1], None],
        "labels": [frozenset({"red"}), frozenset({"red", "green"}), frozenset({"green"})],
        "priority": [*desk.settings.priority_map.get(1, ()), *desk.settings.priority_map.get(4, ())],
        "due": ["2026-03-20", "2026-12-31", None],
        "estimate": [90, 30, None],
    }
    return values[field]
