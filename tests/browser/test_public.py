"""The pages for people outside, and the first run: without fault, and usable without a mouse."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from hub.core.connections.secrets import KeyRing
from hub.core.notices import consent
from hub.core.notices.office import Office
from tests.browser.conftest import Demo, hub_of
from tests.browser.look import faults
from tests.browser.visitor import PHONE, WIDE, Visitor, visitor

pytestmark = pytest.mark.browser

VARIANTS = {
    "zh-light": ("zh", "light", WIDE),
    "en-light": ("en", "light", WIDE),
    "zh-dark": ("zh", "dark", WIDE),
    "en-mobile": ("en", "light", PHONE),
}


def _today() -> list[str]:
    first, *others = VARIANTS
    if "HUB_PROOF" in os.environ:
        return [first, *others]
    return [first, others[dt.datetime.now(dt.UTC).toordinal() % len(others)]]


@pytest.fixture
def outsider(request: pytest.FixtureRequest, demo: Demo, chromium: Any) -> Iterator[Visitor]:
    """Somebody who has not signed in."""
    language, theme, size = VARIANTS[request.param]
    name = f"public-{request.param}"
    with visitor(chromium, demo.address, language, theme=theme, size=size, name=name) as someone:
        yield someone


@pytest.fixture(scope="module")
def links(demo: Demo, chromium: Any) -> dict[str, str]:
    """The secret addresses of a request in evaluation, and the form's, as staff find them."""
    found = {}
    with visitor(chromium, demo.address, "zh", script=False) as staff:
        staff.sign_in(demo.email, demo.password)
        if staff.page.locator("html[lang=en]").count():
            staff.page.locator('button[name="language"]').click()
        for name, button in (("tracking", "Make a tracking link"), ("survey", "Make a fresh survey link")):
            staff.go("/requests/?stage=evaluate")
            staff.page.locator('main a[href*="/requests/SR-"]').first.click()
            staff.send(staff.button(button))
            found[name] = staff.page.locator(".note.ok .wrap").inner_text()
        staff.go("/connections/")
        staff.page.get_by_role("link", name="Starbridge service desk").click()
        found["form"] = staff.page.locator("code", has_text="/f/").inner_text()
    return found


@pytest.mark.parametrize("outsider", _today(), indirect=True)
def test_the_page_that_ends_the_mails_has_no_fault(outsider: Visitor, demo: Demo) -> None:
    page = outsider.page
    mark = Office(KeyRing.load(demo.folder, {})).mark(consent.PURPOSE, "c1")
    found = {"wanted": faults(outsider, path=f"/u/c1-{mark}")}
    outsider.shot("mails-wanted")
    outsider.walk_to('button[name="mails"]')
    page.keyboard.press("Enter")
    expect(page.locator('button[name="mails"][value="1"]')).to_be_visible()
    found["unwanted"] = faults(outsider)
    outsider.shot("mails-unwanted")
    # The next reader, in another look, finds the page as it was.
    outsider.send(page.locator('button[name="mails"]'))
    assert {name: said for name, said in found.items() if said} == {}


@pytest.mark.parametrize("outsider", _today(), indirect=True)
def test_the_pages_for_people_outside_have_no_fault(outsider: Visitor, links: dict[str, str]) -> None:
    page = outsider.page
    found = {"form": faults(outsider, path=links["form"])}
    outsider.send(outsider.button("Send"))
    found["form-refused"] = faults(outsider)
    outsider.shot("form-refused")
    for name in ("tracking", "survey"):
        found[name] = faults(outsider, path=links[name])
        outsider.shot(name)
    found["result"] = faults(outsider, path=f"{links['tracking']}/result")
    outsider.walk_to('input[name="verdict"]')
    page.locator("main form").evaluate("form => form.noValidate = true")
    outsider.send(outsider.button("Send"))
    expect(page.locator("#verdict-error")).to_be_visible()
    found["result-refused"] = faults(outsider)
    outsider.shot("result")
    outsider.go(links["survey"])
    outsider.send(outsider.button("Send"))
    expect(page.locator("#satisfaction-error")).to_be_visible()
    found["survey-refused"] = faults(outsider)
    found["survey-thanks"] = faults(outsider, path="/s/thanks")
    found["sign-in"] = faults(outsider, path="/sign-in")
    outsider.shot("sign-in")
    found["nothing"] = faults(outsider, 404, path="/t/nobody-knows-this-address")
    outsider.shot("nothing")
    assert {name: said for name, said in found.items() if said} == {}


@pytest.mark.parametrize("outsider", ["zh-light"], indirect=True)
def test_a_form_is_sent_without_a_mouse(outsider: Visitor, links: dict[str, str]) -> None:
    page = outsider.page
    outsider.go(links["form"])
    texts = {
        "title": "键盘提交的请求",
        "body": "没有使用鼠标。",
        "name": "尹安",
        "email": "yin@outside.example",
    }
    for name, text in texts.items():
        outsider.walk_to(f'[name="{name}"]')
        page.keyboard.type(text)
    outsider.walk_to('button[type="submit"]')
    page.keyboard.press("Enter")
    expect(page.locator('a[href*="/t/"]')).to_be_visible()


def test_the_first_run_makes_the_administrator(tmp_path: Path, chromium: Any) -> None:
    with hub_of(tmp_path, "run") as (address, _log), visitor(chromium, address, "zh", name="setup") as first:
        page = first.page
        first.go("/inbox")
        assert page.url.endswith("/setup")
        assert faults(first) == []
        first.shot("new")
        first.label("Name").fill("管理员")
        first.label("E-mail").fill("first@hub.example")
        first.label("Password").fill("短")
        page.locator("main form").evaluate("form => form.noValidate = true")
        assert first.send(first.button("Begin")) == 422
        assert faults(first) == []
        first.label("Password").fill("一个足够长的口令 2026")
        first.send(first.button("Begin"))
        page.wait_for_url(f"{address}/guide/")
        assert faults(first) == []
        assert faults(first, path="/") == []
        first.shot("board")
        for path in ("/inbox", "/requests/", "/improve/", "/connections/", "/people/", "/mine", "/surveys/"):
            assert faults(first, path=path) == [], path
            first.shot(path.strip("/"))
        assert first.go("/setup") == 404
