"""A customer and a member of staff walk a request through all five stages in the browser."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Demo
from tests.browser.visitor import Visitor, visitor

pytestmark = pytest.mark.browser

FORM = "Skiff feedback"
# Tasks of this category are kept in the sandbox, too.
CATEGORY = {"zh": "产品缺陷", "en": "Product defects"}
# Live in one language, by plain forms in the other; before a release live in both.
WAYS = [("zh", True), ("en", False), *([("en", True)] if "HUB_PROOF" in os.environ else [])]
WANTED = "2031-05-14"
TEXTS = {
    "zh": {
        "title": "手机端列表在旋转屏幕后变空白",
        "body": "旋转屏幕后列表一片空白，需要重新进入页面。",
        "name": "郑可心",
        "goal": "旋转一百次，列表始终完整",
        "there": "旋转后列表空白（沙箱中改）",
        "here": "旋转屏幕后列表空白（此处改）",
        "said": "已在测试机上复现。",
        "note": "客户已经不耐烦了，请优先。",
        "answered": "已找到原因：布局缓存。",
        "thought": "两周才有结果，太慢了。",
        "plan": "界面问题三天内给出修复日期",
    },
    "en": {
        "title": "The list on the phone turns blank after a rotation",
        "body": "After a rotation the list stays blank until the page is opened again.",
        "name": "Ada Winter",
        "goal": "A hundred rotations, and the list is whole each time",
        "there": "List blank after rotation (changed in the sandbox)",
        "here": "List blank after rotation (changed here)",
        "said": "Seen on our test phone.",
        "note": "The customer is losing patience; take this first.",
        "answered": "Found it: a stale layout cache.",
        "thought": "Two weeks for this is too slow.",
        "plan": "A date for every display fault within three days",
    },
}


@dataclass
class Walk:
    """Both people, and what they know of the request."""

    staff: Visitor
    customer: Visitor
    texts: dict[str, str]
    ref: str = ""
    tracking: str = ""

    def card(self) -> Locator:
        """The request's card on the board."""
        return self.staff.page.locator(f"#card-{self.ref}")

    def open_request(self) -> None:
        """Open the request's page."""
        assert self.staff.go(f"/requests/{self.ref}") == 200

    def stands_in(self, stage: str) -> None:
        """Wait until the stage bar of the request's page has come to this stage."""
        name = re.compile(f"^{re.escape(self.staff.stage(stage))}$")
        current = self.staff.page.locator('#request-head .stages [aria-current="step"]')
        self.staff.appears(current.filter(has_text=name))


@pytest.mark.process("P2")
@pytest.mark.process("P7")
@pytest.mark.process("P28")
@pytest.mark.process("P103")
@pytest.mark.parametrize(("language", "script"), WAYS)
def test_a_request_walks_the_road_in_the_browser(
    demo: Demo, chromium: Any, language: str, script: bool
) -> None:
    name = f"road-{language}" + ("" if script else "-plain")
    with (
        visitor(chromium, demo.address, language, script=script, name=name) as staff,
        visitor(chromium, demo.address, language, script=script, name=name) as customer,
    ):
        walk = Walk(staff, customer, TEXTS[language])
        sign_in_and_choose(walk, demo)
        ask_by_the_form(walk, find_the_form(walk))
        be_refused_on_the_board(walk)
        understand_in_the_inbox(walk)
        read_the_reasons(walk)
        edit_on_both_sides(walk)
        talk_on_both_sides(walk)
        finish_the_task(walk)
        score_the_goal(walk)
        answer_the_survey(walk)
        plan_the_improvement(walk)


def sign_in_and_choose(walk: Walk, demo: Demo) -> None:
    """Sign in, switch the language there and back, and the theme."""
    staff, page = walk.staff, walk.staff.page
    staff.go("/")
    staff.shot("01-sign-in")
    staff.sign_in(demo.email, demo.password)
    html, switch = page.locator("html"), page.locator('button[name="language"]')
    lang = {"zh": "zh-CN", "en": "en"}
    other = "en" if html.get_attribute("lang") == "zh-CN" else "zh"
    switch.click()
    expect(html).to_have_attribute("lang", lang[other])
    if other != staff.language:
        switch.click()
    expect(html).to_have_attribute("lang", lang[staff.language])
    theme = page.get_by_role("button", name=staff.say("Light or dark"))
    for chosen in ("dark", "light"):
        if chosen == "dark" or staff.script:
            theme.click()
        else:
            page.locator('button[name="theme"][value="light"]').click()
        expect(html).to_have_attribute("data-theme", chosen)
        staff.shot(f"02-board-{chosen}")


def find_the_form(walk: Walk) -> str:
    """The form's public address stands on its connection's page."""
    staff, page = walk.staff, walk.staff.page
    page.locator("nav.side").get_by_text(staff.say("Connections")).first.click()
    page.get_by_role("link", name=FORM).click()
    address = page.locator("code", has_text="/f/").inner_text()
    staff.shot("03-connection")
    return address


def ask_by_the_form(walk: Walk, address: str) -> None:
    """A form with a hole is refused with its text kept; the whole one gives a tracking link."""
    customer, page, texts = walk.customer, walk.customer.page, walk.texts
    assert customer.go(address) == 200
    customer.shot("04-form")
    for name in ("title", "body", "name"):
        page.locator(f'main [name="{name}"]').fill(texts[name])
    customer.send(customer.button("Send"))
    expect(page.locator("#email-error")).to_be_visible()
    expect(page.locator('[name="body"]')).to_have_value(texts["body"])
    customer.shot("05-form-refused")
    page.locator('[name="wanted_by"]').fill(WANTED)
    page.locator('[name="email"]').fill("keke@skiff-users.example")
    customer.send(customer.button("Send"))
    link = page.locator('a[href*="/t/"]')
    walk.tracking = link.inner_text()
    customer.shot("06-thanks")
    link.click()
    # This page lives without any script: whoever waits reloads it.
    customer.appears(page.get_by_role("heading", level=1, name=texts["title"]), page)
    walk.ref = re.findall(r"\bSR-\d+\b", page.locator("main").inner_text())[0]
    expect(page.locator("main")).to_contain_text(WANTED)
    customer.shot("07-tracking")


def be_refused_on_the_board(walk: Walk) -> None:
    """Dragged on while points are open: the refusal names one, and the card goes back."""
    staff, page = walk.staff, walk.staff.page
    staff.go("/")
    target = page.locator("#cards-assign")
    said = staff.say("Before %(ref)s can go on: %(points)s", ref=walk.ref, points="")
    staff.appears(walk.card())
    if staff.script:
        walk.card().drag_to(target)
        toast = page.locator(".toast.bad")
        expect(toast).to_contain_text(said)
        staff.shot("08-board-refused")
    else:
        walk.card().locator(".move-link").click()
        page.locator('main select[name="stage"]').select_option("assign")
        staff.send(staff.button("Move"))
        expect(page.locator("main")).to_contain_text(said)
        staff.shot("08-board-refused")
        staff.go("/")
    expect(page.locator(f"#cards-identify #card-{walk.ref}")).to_be_visible()
    expect(page.locator(f"#cards-assign #card-{walk.ref}")).to_have_count(0)


def understand_in_the_inbox(walk: Walk) -> None:
    """With a category alone it stays; with a goal, too, it goes on by itself."""
    staff, page = walk.staff, walk.staff.page
    staff.go("/inbox")
    entry = page.locator(f"#inbox-{walk.ref}")
    expect(entry).to_be_visible()
    staff.shot("09-inbox")
    choice = entry.locator('select[name="category"]')
    choice.select_option(label=choice.locator("option", has_text=CATEGORY[staff.language]).inner_text())
    points = entry.locator(".chip.warn")
    expect(points).to_have_count(2)
    staff.send(staff.button("Save", entry))
    expect(points).to_have_count(1)
    entry.locator('[name="goal"]').fill(walk.texts["goal"])
    staff.send(staff.button("Save", entry))
    walk.open_request()
    walk.stands_in("execute")


def read_the_reasons(walk: Walk) -> None:
    """The task says who takes it, and why not somebody else."""
    staff, page = walk.staff, walk.staff.page
    open_the_task(walk)
    decision = page.locator("#task-detail .decision")
    staff_chosen = decision.locator("strong").first.inner_text()
    decision.locator("summary").first.click()
    rows = decision.locator("tbody tr")
    expect(rows.first).to_contain_text(staff_chosen)
    expect(rows.first.locator("td").nth(3)).to_contain_text("+")
    staff.shot("10-decision")


def open_the_task(walk: Walk) -> None:
    """Open the request's only task: below the list, or as a page where there is no script."""
    walk.open_request()
    walk.staff.appears(walk.staff.page.locator("#request-tasks .tasks a")).click()
    expect(walk.staff.page.locator("#task-detail .decision")).to_be_visible()


def edit_on_both_sides(walk: Walk) -> None:
    """Changed in the sandbox it arrives here without a reload, changed here it arrives there."""
    staff, page, texts = walk.staff, walk.staff.page, walk.texts
    walk.open_request()
    link = staff.appears(page.locator('#request-links a[target="_blank"]'))
    staff.appears(page.locator("#request-links .chip.ok"))
    page.evaluate("window.unbroken = true")
    far = _opened(staff, link)
    far.locator("#title").fill(texts["there"])
    far.locator("#status").select_option("doing")
    far.locator("#item button").click()
    staff.appears(page.locator("#request-tasks a", has_text=texts["there"]))
    if staff.script:
        assert page.evaluate("window.unbroken")
    staff.shot("11-changed-there")
    open_the_task(walk)
    page.locator("#task-detail details", has=page.locator("#edit-title")).locator("summary").click()
    page.locator("#edit-title").fill(texts["here"])
    staff.send(staff.button("Save", page.locator("#task-detail")))
    staff.appears(far.get_by_role("heading", level=1, name=texts["here"]), far)
    staff.shot("12-sandbox", page=far)
    far.close()


def _opened(staff: Visitor, link: Locator) -> Page:
    with staff.context.expect_page() as opened:
        link.first.click()
    opened.value.wait_for_load_state()
    return opened.value


def talk_on_both_sides(walk: Walk) -> None:
    """A public comment on the task goes there, an answer comes from there; no note reaches the customer."""
    staff, page, texts = walk.staff, walk.staff.page, walk.texts
    walk.open_request()
    page.locator("#comment-text").fill(texts["said"])
    page.locator("#stream-public").check()
    page.locator("#comment-task").select_option(index=1)
    staff.send(staff.button("Comment"))
    expect(page.locator("#request-conversation")).to_contain_text(texts["said"])
    far = _opened(staff, page.locator('#request-links a[target="_blank"]'))
    staff.appears(far.locator("textarea", has_text=texts["said"]), far)
    far.locator("#new-text").fill(texts["answered"])
    far.locator("#new-comment button").click()
    # A page that is closed while it is on its way to the next one may hang for ever.
    expect(far.locator("textarea", has_text=texts["answered"])).to_be_visible()
    far.close()
    staff.appears(page.locator("#request-conversation", has_text=texts["answered"]))
    page.locator("#comment-text").fill(texts["note"])
    page.locator("#stream-internal").check()
    staff.send(staff.button("Comment"))
    expect(page.locator("#request-conversation")).to_contain_text(texts["note"])
    expect(page.locator("#request-facts")).to_contain_text(WANTED)
    staff.shot("13-conversation")
    walk.customer.go(walk.tracking)
    told = walk.customer.page.locator("main")
    expect(told).to_contain_text(WANTED)
    expect(told).not_to_contain_text(texts["note"])


def finish_the_task(walk: Walk) -> None:
    """Done here: the request goes on to evaluation."""
    staff, page = walk.staff, walk.staff.page
    walk.open_request()
    staff.send(staff.button("Done", page.locator("#request-tasks")))
    walk.stands_in("evaluate")
    staff.shot("14-evaluate")


def score_the_goal(walk: Walk) -> None:
    """The goal of stage 1 gets its result."""
    staff, page = walk.staff, walk.staff.page
    goals = page.locator("#request-goals")
    goals.locator('select[name="result"]').select_option("met")
    staff.send(staff.button("Score", goals))
    expect(goals.locator(".chip.ok")).to_be_visible()


def answer_the_survey(walk: Walk) -> None:
    """Looking at the survey changes nothing; one answer counts, a second is turned away."""
    staff, customer, page = walk.staff, walk.customer, walk.customer.page
    customer.go(walk.tracking)
    customer.send(customer.button("Answer the survey"))
    address = page.url
    for _ in range(2):
        assert customer.go(address) == 200
    customer.shot("15-survey")
    assert walk.staff.page.locator("#request-evaluation .said").count() == 0
    page.locator('input[name="satisfaction"][value="2"]').check()
    page.locator('[name="comment"]').fill(walk.texts["thought"])
    customer.send(customer.button("Send"))
    page.wait_for_url("**/s/thanks")
    customer.shot("16-survey-thanks")
    assert customer.go(address) == 410
    walk.open_request()
    expect(staff.page.locator("#request-evaluation .said")).to_have_text(walk.texts["thought"])
    walk.stands_in("improve")


def plan_the_improvement(walk: Walk) -> None:
    """The low score is one finding, the finding a plan, the started plan a request; the first one closes."""
    staff, page = walk.staff, walk.staff.page
    staff.go("/improve/")
    finding = page.get_by_role("link", name=re.compile(rf"{walk.ref}\b.*2"))
    staff.appears(finding, page)
    staff.send(staff.button("Look for findings now"))
    staff.appears(staff.button("Look for findings now").and_(page.locator(":enabled")), page)
    expect(page.locator("#lane-findings ~ article", has_text=re.compile(rf"{walk.ref}\b"))).to_have_count(1)
    staff.shot("17-improve")
    finding.first.click()
    page.locator('[name="title"]').fill(walk.texts["plan"])
    page.locator('[name="start"]').uncheck()
    staff.shot("18-finding")
    staff.send(staff.button("Make the plan"))
    page.locator('[name="open_request"]').check()
    staff.send(staff.button("Start the plan"))
    found = page.locator("dl.kv a[href*='/improve/findings/']")
    expect(found).to_contain_text(walk.ref)
    circle = page.get_by_role("link", name=re.compile(r"^SR-\d+$"))
    expect(circle).to_be_visible()
    staff.shot("19-plan")
    found.click()
    page.get_by_role("link", name=walk.texts["plan"]).click()
    circle.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(walk.texts["plan"])
    walk.open_request()
    staff.appears(page.locator("#request-way", has_text=staff.say("This request has ended.")))
    staff.shot("20-closed")
    walk.customer.go(walk.tracking)
    walk.customer.shot("21-tracking-closed")
