"""The board while it comes in: what stands there already does not move."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Route

from tests.browser.conftest import Demo
from tests.browser.visitor import visitor

pytestmark = pytest.mark.browser


def test_columns_stand_where_they_will_before_the_pane_is_there(demo: Demo, chromium: Any) -> None:
    def cut(route: Route) -> None:
        whole = route.fetch()
        begun, pane, _ = whole.text().partition('<aside class="pane"')
        assert pane
        route.fulfill(response=whole, body=begun)

    with visitor(chromium, demo.address, "en", name="board") as staff:
        staff.sign_in(demo.email, demo.password)
        column = staff.page.locator(".column.improve")
        staff.go("/")
        at_last = column.bounding_box()
        staff.page.route(f"{demo.address}/", cut)
        staff.page.goto(f"{demo.address}/")
        assert staff.page.locator("#pane").count() == 0
        assert column.bounding_box() == at_last
