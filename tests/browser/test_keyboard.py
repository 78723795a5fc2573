"""What can be done by mouse on the road can be done by keyboard: not one click here."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Demo
from tests.browser.visitor import Visitor, visitor

pytestmark = pytest.mark.browser
# The demonstration's answered request, and the mail that came as an answer.
ANSWERED = "/requests/?q=after nine in the morning"
MAIL, MOVE = "li.to-public .letter", 'a[href$="/moves/new"]'


def test_a_request_is_made_moved_and_talked_about_by_keyboard(demo: Demo, chromium: Any) -> None:
    with visitor(chromium, demo.address, "en", name="keyboard") as staff:
        sign_in(staff, demo)
        if staff.page.locator("html[lang=zh-CN]").count():
            staff.walk_to('button[name="language"]')
            staff.page.keyboard.press("Enter")
            expect(staff.page.locator("html")).to_have_attribute("lang", "en")
        ref = make_a_request(staff)
        be_refused_by_the_select(staff, ref)
        talk_in_the_pane(staff, ref)


def test_a_mail_is_moved_to_another_request_and_put_back_by_keyboard(demo: Demo, chromium: Any) -> None:
    with visitor(chromium, demo.address, "en", name="keyboard-mail") as staff:
        sign_in(staff, demo)
        page, keys = staff.page, staff.page.keyboard
        staff.go(ANSWERED)
        staff.walk_to('main a[href^="/requests/SR-"]', most=80)
        keys.press("Enter")
        page.wait_for_url(re.compile(r"/requests/SR-\d+$"))
        staff.walk_to(f"{MAIL} {MOVE}", most=200)
        keys.press("Enter")
        # The form comes with the focus in its only field, and Escape takes it away again.
        field = page.locator(f'{MAIL} input[name="to"]')
        expect(field).to_be_focused()
        keys.press("Escape")
        expect(field).to_have_count(0)
        staff.walk_to(f"{MAIL} {MOVE}", most=200)
        keys.press("Enter")
        expect(field).to_be_focused()
        keys.type("no such request")
        keys.press("Enter")
        expect(page.locator(f"{MAIL} .error").first).to_be_visible()
        expect(field).to_have_value("no such request")
        staff.shot("refused")
        other = page.locator(f"{MAIL} datalist option").first.get_attribute("value")
        assert other is not None
        staff.walk_to(f'{MAIL} input[name="to"]', most=200)
        keys.press("ControlOrMeta+a")
        keys.type(other)
        keys.press("Enter")
        expect(page.locator(".toast")).to_contain_text(other.partition(" ")[0])
        expect(page.locator(MAIL)).to_have_count(0)
        staff.shot("moved")
        staff.walk_to(".toast button", most=250)
        keys.press("Enter")
        expect(page.locator(MAIL)).to_have_count(1)


def test_a_triage_and_a_state_are_taken_back_by_keyboard(demo: Demo, chromium: Any) -> None:
    with visitor(chromium, demo.address, "en", name="keyboard-undo") as staff:
        sign_in(staff, demo)
        page, keys = staff.page, staff.page.keyboard
        staff.go("/inbox")
        entry = page.locator("main [id^=inbox-]").first.get_attribute("id")
        assert entry is not None
        there_and_back(staff, f"#{entry} select[name=priority]", f"#{entry} form button", ("1", "2"))
        # One of the demonstration's own, whose task has an owner: others of its neighbours are made by tests.
        staff.go("/requests/?stage=execute&state=open&q=New export format for partners")
        staff.walk_to('main a[href^="/requests/SR-"]', most=80)
        keys.press("Enter")
        page.wait_for_url(re.compile(r"/requests/SR-\d+$"))
        ref = page.url.rpartition("/")[2]
        staff.go(f"/tasks/{ref}-1")
        there_and_back(staff, "#set-state", "#task-detail form:has(#set-state) button", ("doing", "open"))


def there_and_back(staff: Visitor, select: str, button: str, options: tuple[str, str]) -> None:
    """Choose the first of the options that is not chosen yet, save, and undo it from the toast."""
    page, keys = staff.page, staff.page.keyboard
    field = page.locator(select)
    staff.walk_to(select, most=200)
    was = field.input_value()
    chosen = next(option for option in options if option != was)
    keys.press("Home")
    for _ in range(8):
        if field.input_value() != chosen:
            keys.press("ArrowDown")
    staff.walk_to(button)
    keys.press("Enter")
    toast = page.locator(".toast form button")
    expect(toast).to_have_count(1)
    expect(field).to_have_value(chosen)
    staff.shot("undo")
    keys.press("Tab")
    keys.press("u")
    expect(field).to_have_value(was)


def sign_in(staff: Visitor, demo: Demo) -> None:
    """The first field has the focus already."""
    keys = staff.page.keyboard
    staff.go("/sign-in")
    # The browser gives it with the first picture, which may come after the page has loaded.
    expect(staff.page.locator('input[name="email"]')).to_be_focused()
    keys.type(demo.email)
    keys.press("Tab")
    keys.type(demo.password)
    keys.press("Enter")
    staff.page.wait_for_url(f"{staff.address}/")


def make_a_request(staff: Visitor) -> str:
    """``c`` opens the form, Enter in a field sends it; gives the reference."""
    keys = staff.page.keyboard
    keys.press("c")
    staff.page.wait_for_url("**/requests/new*")
    expect(staff.page.locator('input[name="title"]')).to_be_focused()
    keys.type("Made without a mouse")
    keys.press("Enter")
    heading = staff.page.get_by_role("heading", level=1, name="Made without a mouse")
    expect(heading).to_be_visible()
    return staff.page.url.rpartition("/")[2]


def be_refused_by_the_select(staff: Visitor, ref: str) -> None:
    """``j`` goes from card to card, ``m`` opens the select; the refusal says what is open."""
    page, keys = staff.page, staff.page.keyboard
    staff.go("/")
    step_to(staff, ref)
    keys.press("m")
    choice = page.locator(f'#move-{ref} select[name="stage"]')
    expect(choice).to_be_focused()
    keys.type("Assign")
    keys.press("Tab")
    keys.press("Enter")
    expect(page.locator(".toast.bad")).to_contain_text(ref)
    staff.shot("refused")
    expect(page.locator(f"#cards-identify #card-{ref}")).to_be_visible()


def step_to(staff: Visitor, ref: str) -> None:
    """Press ``j`` until the card has the focus."""
    for _ in range(40):
        staff.page.keyboard.press("j")
        if staff.page.locator(f"#card-{ref} a.title:focus").count():
            return
    raise AssertionError(f"j does not lead to {ref}")


def talk_in_the_pane(staff: Visitor, ref: str) -> None:
    """Enter opens the card beside the board; Tab leads to the comment, whose answer stays in place."""
    page, keys = staff.page, staff.page.keyboard
    staff.go("/")
    step_to(staff, ref)
    keys.press("Enter")
    pane = page.locator("#pane")
    expect(pane.get_by_role("heading", level=1)).to_have_text("Made without a mouse")
    staff.walk_to("#comment-text", most=200)
    keys.type("Said without a mouse.")
    staff.walk_to("#pane form .primary")
    keys.press("Enter")
    expect(pane.locator("#request-conversation")).to_contain_text("Said without a mouse.")
    staff.shot("pane")
