"""A fresh hub, from its first page to a closed request: counted clicks and fields (P96)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import hub_of
from tests.browser.look import faults
from tests.browser.visitor import PHONE, WIDE, Visitor, visitor

pytestmark = pytest.mark.browser

MOST = 25
ADMIN = {"name": "张丽", "email": "zhang.li@example.com", "password": "a long password"}
ASKED = {
    "title": "请为新同事开通账号", "outcome": "能够登录", "name": "李华", "email": "li.hua@example.com",
}  # fmt: skip


class Hands:
    """What somebody does to a page, each thing counted."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def fill(self, field: Locator, text: str) -> None:
        """Type into a field."""
        field.fill(text)
        self.done.append(f"fill {text}")

    def choose(self, field: Locator, value: str) -> None:
        """Choose in a list."""
        field.select_option(value)
        self.done.append(f"choose {value}")

    def click(self, target: Locator) -> None:
        """Press a button or follow a link."""
        text = target.inner_text().strip()
        target.click()
        self.done.append(f"click {text}")


def begin(staff: Visitor, hands: Hands) -> None:
    """Make the administrator on the first page."""
    staff.go("/")
    for name, text in ADMIN.items():
        hands.fill(staff.page.locator(f'[name="{name}"]'), text)
    staff.page.wait_for_url("**/setup")
    hands.click(staff.button("Begin"))
    staff.page.wait_for_url("**/guide/")


def step(staff: Visitor, name: str) -> Locator:
    """The step one stands at."""
    return staff.appears(staff.page.locator(f'#step-{name}[aria-current="step"]'))


@pytest.mark.process("P96")
def test_a_fresh_install_reaches_a_closed_request(
    tmp_path: Path, chromium: Any, record_property: Callable[[str, object], None]
) -> None:
    hands = Hands()
    with hub_of(tmp_path, "run") as (address, _log), visitor(chromium, address, "zh", name="setup") as staff:
        page = staff.page
        begin(staff, hands)
        staff.shot("1-organisation")
        hands.click(staff.button("This is right", step(staff, "organisation")))
        hands.click(staff.button("Skip", step(staff, "people")))
        hands.click(staff.button("This is right", step(staff, "calendar")))
        look_around(staff)
        hands.click(step(staff, "category").get_by_role("link", name=staff.say("Make a category")))
        hands.click(staff.button("Save"))
        hands.click(step(staff, "intake").get_by_role("link", name=staff.say("Make a public form")))
        hands.click(staff.button("Connect"))
        hands.click(staff.button("Skip", step(staff, "tracker")))
        staff.shot("2-request")
        ask(staff, hands, step(staff, "request"))
        arrived = step(staff, "request").locator('a[href^="/requests/"]')
        hands.click(staff.appears(arrived))
        tasks = page.locator("#request-tasks")
        for press in ("Start", "Done"):
            hands.click(staff.appears(staff.button(press, tasks)))
        goals = staff.appears(page.locator("#request-goals select[name=result]"))
        hands.choose(goals, "met")
        hands.click(staff.button("Score", page.locator("#request-goals")))
        onward = staff.say("Move on to “%(stage)s”", stage=staff.stage("improve"))
        hands.click(staff.appears(page.get_by_role("button", name=onward)))
        staff.appears(page.locator("#request-way", has_text=staff.say("This request has ended.")))
        staff.go("/guide/")
        expect(page.locator("main")).to_contain_text(staff.say("done"))
        assert faults(staff, path="/guide/") == []
        staff.shot("3-over")
        staff.go("/")
        expect(page.locator('main a[href="/guide/"]')).to_have_count(0)
    record_property("counted", f"{len(hands.done)} interactions from a fresh install to a closed request")
    assert len(hands.done) <= MOST, hands.done


def ask(staff: Visitor, hands: Hands, here: Locator) -> None:
    """Send the first request by the form, as a customer does."""
    with staff.context.expect_page() as opened:
        hands.click(here.get_by_role("link", name=staff.say("Open the form")))
    form = opened.value
    for name, text in ASKED.items():
        hands.fill(form.locator(f'main [name="{name}"]'), text)
    hands.choose(form.locator('main [name="category"]'), "general")
    hands.click(staff.button("Send", form.locator("main")))
    form.wait_for_url("**/thanks")
    form.close()


def look_around(staff: Visitor) -> None:
    """Leave in the middle: the start page has the line, the page stands where it was left, in each dress."""
    staff.go("/")
    line = staff.page.locator('main a[href="/guide/"]')
    expect(line).to_be_visible()
    assert faults(staff, path="/") == []
    staff.shot("4-line")
    for language, theme, size in (("en", "light", WIDE), ("zh", "dark", WIDE), ("zh", "light", PHONE)):
        with visitor(
            staff.context.browser,
            staff.address,
            language,
            theme=theme,
            size=size,
            name=f"setup-{language}-{theme}-{size[0]}",
            state=staff.context.storage_state(),
        ) as other:
            other.go("/guide/")
            # A person's own language comes before the browser's.
            if not other.page.locator(f'html[lang^="{language}"]').count():
                other.page.locator('button[name="language"]').click()
                other.page.wait_for_load_state()
            assert faults(other, path="/guide/") == []
            other.shot("guide")
    staff.go("/guide/")
    step(staff, "category")
    staff.walk_to('#step-category button[value="skipped"]')
