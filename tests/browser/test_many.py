"""Many requests at once: picked, changed and taken back by keyboard; and a view kept under a name."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Demo
from tests.browser.visitor import PHONE, visitor

pytestmark = pytest.mark.browser


def test_rows_are_picked_changed_and_taken_back_by_keyboard(demo: Demo, chromium: Any) -> None:
    with visitor(chromium, demo.address, "zh", name="many") as staff:
        staff.sign_in(demo.email, demo.password)
        page, keys = staff.page, staff.page.keyboard
        staff.go("/requests/?stage=execute")
        bar = page.locator("#bulk")
        expect(bar).to_be_hidden()
        for key in ("j", "x", "j", "x"):
            keys.press(key)
        expect(page.locator("[data-picked]")).to_have_text("2")
        staff.shot("picked")
        keys.press("b")
        expect(page.locator("#bulk-change")).to_be_focused()
        page.locator("#bulk-change").select_option("label")
        expect(page.locator("#bulk-label")).to_be_visible()
        expect(page.locator("#bulk-person")).to_be_hidden()
        page.locator("#bulk-label").focus()
        keys.type("批量")
        keys.press("Enter")
        page.wait_for_url("**edit=*")
        expect(page.locator("tbody .chip", has_text="批量")).to_have_count(2)
        staff.shot("changed")
        staff.button("Undo", page.locator(".result")).press("Enter")
        page.wait_for_load_state()
        expect(page.locator("tbody .chip", has_text="批量")).to_have_count(0)


def test_the_box_in_the_head_picks_the_page(demo: Demo, chromium: Any) -> None:
    with visitor(chromium, demo.address, "en", name="head") as staff:
        staff.sign_in(demo.email, demo.password)
        staff.go("/requests/?stage=evaluate")
        boxes = staff.page.locator("tbody [type=checkbox]")
        staff.page.locator("thead [type=checkbox]").check()
        expect(staff.page.locator("tbody [type=checkbox]:checked")).to_have_count(boxes.count())
        boxes.nth(1).uncheck()
        boxes.nth(3).click(modifiers=["Shift"])
        expect(staff.page.locator("[data-picked]")).to_have_text(str(boxes.count() - 3))


def test_a_view_is_saved_from_the_board_and_found_again(demo: Demo, chromium: Any) -> None:
    with visitor(chromium, demo.address, "en", name="views") as staff:
        staff.sign_in(demo.email, demo.password)
        page, keys = staff.page, staff.page.keyboard
        staff.go("/?group=customer")
        keys.press("v")
        page.locator("#view-name").focus()
        keys.type("By customer")
        staff.shot("menu")
        keys.press("Enter")
        expect(page.locator(".toast.ok")).to_have_text(staff.say("The view is saved."))
        staff.go("/")
        keys.press("v")
        page.get_by_role("link", name="By customer").press("Enter")
        page.wait_for_url("**group=customer")


def test_the_rows_of_a_phone_are_cards_that_are_picked_without_moving_sideways(
    demo: Demo, chromium: Any
) -> None:
    with visitor(chromium, demo.address, "en", size=PHONE, name="phone-rows") as staff:
        staff.sign_in(demo.email, demo.password)
        staff.go("/requests/?stage=execute")
        region = staff.page.locator(".scroll")
        assert region.evaluate("it => it.scrollWidth - it.clientWidth") <= 0
        # Drawn as a card, and still read as a row of a table: what is not shown is no column, either.
        heads = region.get_by_role("columnheader").all_inner_texts()
        assert heads[1:] == [
            staff.say(name) for name in ("Number", "Title", "Stage", "Customer", "Owner", "Wanted by")
        ]
        card = region.locator("tbody tr").first
        parts = [card, *card.get_by_role("cell").all()[1:4]]
        outer, number, title, stage = (part.bounding_box() or {} for part in parts)
        assert number["x"] + number["width"] <= title["x"]
        assert title["x"] + title["width"] <= outer["x"] + outer["width"] <= PHONE[0]
        assert title["y"] < number["y"] + number["height"] <= stage["y"]
        box = card.get_by_role("checkbox")
        box.check()
        expect(staff.page.locator("[data-picked]")).to_have_text("1")
        staff.shot("picked")


@pytest.mark.parametrize(("path", "menus"), [("/", 3), ("/requests/", 1)])
def test_every_menu_opens_within_a_phone(demo: Demo, chromium: Any, path: str, menus: int) -> None:
    with visitor(chromium, demo.address, "zh", size=PHONE, name="phone") as staff:
        staff.sign_in(demo.email, demo.password)
        staff.go(path)
        found = staff.page.locator(".bar .menu")
        assert found.count() == menus
        for menu in found.all():
            menu.locator("summary").click()
            box = menu.locator(".panel").bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= PHONE[0]
        staff.shot("menu" + path.strip("/"))


def test_the_search_grows_over_the_bar_of_a_phone(demo: Demo, chromium: Any) -> None:
    with visitor(chromium, demo.address, "zh", name="phone-search", size=PHONE) as staff:
        staff.sign_in(demo.email, demo.password)
        staff.go("/")
        box = staff.page.locator(".find input")
        staff.shot("closed")
        narrow = box.bounding_box()
        box.focus()
        staff.page.keyboard.type("报")
        expect(staff.page.locator("#found li").first).to_be_visible()
        staff.shot("open")
        wide = box.bounding_box()
        assert narrow
        assert wide
        assert narrow["width"] < 40
        assert wide["width"] > 300
