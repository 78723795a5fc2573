"""@name in a comment, by keyboard: offered as one types, and no more than an offer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Demo
from tests.browser.look import faults
from tests.browser.visitor import visitor

pytestmark = pytest.mark.browser


def test_a_name_is_completed_by_keyboard(demo: Demo, chromium: Any) -> None:
    with visitor(chromium, demo.address, "zh", name="names") as staff:
        staff.sign_in(demo.email, demo.password)
        page, keys = staff.page, staff.page.keyboard
        # The account keeps the language that another test has chosen for it.
        if not page.locator('html[lang^="zh"]').count():
            page.locator('button[name="language"]').click()
            expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
        staff.go("/requests/?stage=execute")
        page.locator('main a[href^="/requests/SR-"]').first.click()
        page.wait_for_url(re.compile(r"/requests/SR-\d+$"))
        field, offered = page.locator("#comment-text"), page.locator("#comment-text-names [role=option]")
        staff.walk_to("#comment-text", most=250)
        keys.type("请 @hxm")
        expect(offered).to_have_count(1)
        expect(offered).to_contain_text("何小满")
        expect(field).to_have_attribute("aria-activedescendant", offered.get_attribute("id") or "")
        assert faults(staff) == []
        staff.shot("offered")
        keys.press("Enter")
        expect(field).to_have_value("请 @何小满 He Xiaoman ")
        expect(offered).to_have_count(0)
        keys.type("看一下 @")
        expect(offered.nth(1)).to_be_visible()
        keys.press("ArrowDown")
        expect(offered.nth(1)).to_have_attribute("aria-selected", "true")
        keys.press("ArrowUp")
        keys.press("Escape")
        expect(offered).to_have_count(0)
        # Mail addresses call nobody, and who writes the whole name is not asked.
        keys.press("Backspace")
        keys.type("a@b")
        expect(offered).to_have_count(0)
        staff.send(staff.button("Comment"))
        said = page.locator("#request-conversation li").last
        expect(said).to_contain_text("@何小满 He Xiaoman 看一下 a@b")
        staff.has_no_complaint()
