"""The connection is lost while somebody saves: what they typed is still there, and goes when it is back."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Demo
from tests.browser.visitor import PHONE, visitor

pytestmark = pytest.mark.browser
TEXT = "打到一半的说明：断网时也要留住。\nHalf a thought, kept."


def test_what_was_typed_survives_a_lost_connection(demo: Demo, chromium: Any) -> None:
    with visitor(chromium, demo.address, "zh", name="lost", size=PHONE) as staff:
        staff.sign_in(demo.email, demo.password)
        page, offline = staff.page, staff.say("The hub cannot be reached. Nothing was saved.")
        # A form that leaves its page.
        staff.go("/requests/new")
        page.locator('[name="title"]').fill("断网")
        page.locator('[name="body"]').fill(TEXT)
        staff.context.set_offline(True)
        staff.button("Open the request").click()
        expect(page.locator(".toast.bad", has_text=offline)).to_be_visible()
        expect(page.locator('[name="body"]')).to_have_value(TEXT)
        staff.shot("form")
        staff.context.set_offline(False)
        staff.button("Open the request").click()
        page.wait_for_url("**/requests/SR-*")
        expect(page.locator("#request-text .prose")).to_contain_text("Half a thought, kept.")
        # And one that stays in its place.
        page.locator("#comment-text").fill(TEXT)
        staff.context.set_offline(True)
        staff.button("Comment").click()
        expect(page.locator(".toast.bad", has_text=offline)).to_be_visible()
        expect(page.locator("#comment-text")).to_have_value(TEXT)
        staff.context.set_offline(False)
        staff.button("Comment").click()
        expect(page.locator("#request-conversation")).to_contain_text("Half a thought, kept.")
        expect(page.locator("#comment-text")).to_have_value("")
        # That nobody was reachable, the browser says in its own words, too.
        told = ("ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest")
        staff.errors[:] = [one for one in staff.errors if not any(words in one for words in told)]
