"""Somebody in front of the browser: reads one language, and keeps what the browser complained about."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, StorageState, expect

from hub.render import Reader
from hub.render.translations import translations

SHOTS = Path(__file__).parent.parent / "screenshots"
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
WIDE, PHONE = (1456, 900), (390, 844)
PATIENCE = 40
# What the browser says of every refused form, although nothing is wrong with it.
REFUSED = re.compile(r"status of (409|410|422)|Response Status Error Code (409|422)")


@dataclass
class Visitor:
    """One browser window with its own cookies."""

    context: BrowserContext
    page: Page
    address: str
    language: str
    script: bool = True
    name: str = ""
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.on("page", self._listen)
        self.context.on("request", self._follow)
        self._listen(self.page)

    def _listen(self, page: Page) -> None:
        page.on("console", lambda said: self._complain(page, said))
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))

    def _complain(self, page: Page, said: Any) -> None:
        # Whoever opens a page looks at its status; here it is about what the page loads and does.
        if said.type == "error" and said.location["url"] != page.url and not REFUSED.search(said.text):
            self.errors.append(f"{page.url}: {said.text}")

    def _follow(self, request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host not in (None, "127.0.0.1"):
            self.strangers.append(request.url)

    def say(self, message: str, **values: object) -> str:
        """A text of the pages as this visitor reads it."""
        text = translations(self.language).gettext(message)
        return text % values if values else text

    def stage(self, key: str) -> str:
        """The name of a stage as this visitor reads it."""
        return Reader.of(self.language, None, dt.datetime.now(dt.UTC)).stage(key)

    def go(self, path: str) -> int:
        """Open an address of the hub; gives the status."""
        answer = self.page.goto(path if "://" in path else f"{self.address}{path}")
        assert answer is not None
        return answer.status

    def button(self, message: str, within: Locator | None = None, **values: object) -> Locator:
        """The button of this text."""
        return (within or self.page.locator("body")).get_by_role(
            "button", name=self.say(message, **values), exact=True
        )

    def label(self, message: str, within: Locator | None = None) -> Locator:
        """The field of this label; the star of a needed one is not part of its name."""
        name = re.compile(rf"^\s*{re.escape(self.say(message))}\s*\*?\s*$")
        return (within or self.page.locator("body")).get_by_label(name)

    def send(self, button: Locator) -> int:
        """Press a button that posts, and wait for the answer; gives its status."""
        with self.page.expect_response(lambda answer: answer.request.method == "POST") as answer:
            button.click()
        status = int(answer.value.status)
        self.page.wait_for_load_state()
        return status

    def appears(self, locator: Locator, page: Page | None = None) -> Locator:
        """Wait until it is there: by itself where there is a script, else by reloading the page."""
        if self.script and page is None:
            expect(locator.first).to_be_visible(timeout=PATIENCE * 1000)
            return locator
        page = page or self.page
        end = time.monotonic() + PATIENCE
        while not locator.first.is_visible():
            assert time.monotonic() < end, f"{locator} did not appear on {page.url}"
            page.wait_for_timeout(300)
            page.reload()
        return locator

    def walk_to(self, selector: str, most: int = 60) -> None:
        """Press Tab until this has the focus, as somebody without a mouse does."""
        for _ in range(most):
            if self.page.locator(selector).and_(self.page.locator(":focus")).count():
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead to {selector} on {self.page.url}")

    def shot(self, station: str, *, page: Page | None = None) -> None:
        """Keep a picture of this station."""
        SHOTS.mkdir(exist_ok=True)
        # Hiding the caret would write styles into the page, which its policy forbids.
        (page or self.page).screenshot(
            path=SHOTS / f"{self.name}-{station}.png", full_page=True, caret="initial"
        )

    def sign_in(self, email: str, password: str) -> None:
        """Sign in on the page that asks for it."""
        if not self.page.url.startswith(f"{self.address}/sign-in"):
            self.go("/sign-in")
        self.label("E-mail").fill(email)
        self.label("Password").fill(password)
        self.send(self.button("Sign in"))
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def has_no_complaint(self) -> None:
        """The console stayed silent, and nobody outside was asked."""
        assert not self.errors, "\n".join(self.errors)
        assert not self.strangers, "\n".join(self.strangers)


@contextmanager
def visitor(
    browser: Browser,
    address: str,
    language: str,
    *,
    script: bool = True,
    size: tuple[int, int] = WIDE,
    theme: str = "light",
    name: str = "",
    state: StorageState | None = None,
) -> Iterator[Visitor]:
    """A fresh visitor, who leaves without having seen an error."""
    context = browser.new_context(
        locale=LOCALES[language],
        java_script_enabled=script,
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        storage_state=state,
    )
    context.set_default_timeout(20_000)
    try:
        someone = Visitor(context, context.new_page(), address, language, script, name)
        yield someone
        someone.has_no_complaint()
    finally:
        context.close()
