"""Every page: light and dark, wide and small, in both languages, and by keyboard alone."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Demo
from tests.browser.happened import let_happen
from tests.browser.look import faults
from tests.browser.visitor import PHONE, WIDE, Visitor, visitor

pytestmark = pytest.mark.browser

# Where a page is found: its address, the links that lead on to it, and what is added to the last one.
QUEUE, WORK = "/requests/?stage=identify", "/requests/?stage=execute"
ANSWERED = "/requests/?q=after nine in the morning"
REQUEST, TASK, TRACKER = r"(/requests/SR-\d+)", r"(/tasks/SR-\d+-\d+)", r'(/connections/\d+)">[^<]*Sandbox'
LOCALE = {"zh": "zh-CN", "en": "en"}
# The first one is made here.
BULK = "/bulk-edits/1"
PAGES: dict[str, tuple[str, ...]] = {
    "board": ("/",),
    "board-overdue": ("/?view=overdue",),
    "board-person": ("/?group=person",),
    "board-customer": ("/?group=customer&sort=longest",),
    "board-one": ("/?group=person&only=0",),
    "views": ("/views/",),
    "bell": ("/bell/",),
    "bell-unseen": ("/bell/unseen",),
    "health": ("/overview/",),
    "health-list": ("/overview/identify",),
    "coverage": ("/overview/coverage",),
    "inbox": ("/inbox",),
    "mails": ("/mails/",),
    "mail": ("/mails/", r"(/mails/\d+)"),
    "mail-of-request": (ANSWERED, REQUEST, r"(/mails/\d+)"),
    "mail-move": (ANSWERED, REQUEST, r"(/mails/\d+)", "+/moves/new"),
    "mine": ("/mine",),
    "requests": ("/requests/",),
    "requests-none": ("/requests/?q=nothing-of-this-name",),
    "search": ("/search/?q=登",),
    "search-none": ("/search/?q=nothing-of-this-name",),
    "search-empty": ("/search/",),
    "requests-found": ("/requests/?q=payroll",),
    "request-new": ("/requests/new",),
    "request-identify": (QUEUE, REQUEST),
    "request-linked": ("/connections/", TRACKER, TASK, REQUEST),
    "request-evaluate": ("/requests/?stage=evaluate", REQUEST),
    "request-improve": ("/requests/?stage=improve", REQUEST),
    "request-edit": (QUEUE, REQUEST, "+/edit"),
    "request-move": (QUEUE, REQUEST, "+/moves/new"),
    "comment-edit": ("/connections/", TRACKER, TASK, REQUEST, r"(/comments/\d+/edit)"),
    "bulk-edit": (BULK,),
    "task": (WORK, REQUEST, TASK),
    "task-linked": ("/connections/", TRACKER, TASK),
    "surveys": ("/surveys/",),
    "answers": ("/surveys/answers",),
    "improve": ("/improve/",),
    "improve-dismissed": ("/improve/?findings=dismissed",),
    "finding": ("/improve/", r"(/improve/findings/\d+)"),
    "plan": ("/improve/", r"(/improve/plans/\d+)"),
    "people": ("/people/",),
    "person": ("/people/", r"(/people/\d+)"),
    "person-edit": ("/people/", r"(/people/\d+)", "+/edit"),
    "person-new": ("/people/new",),
    "team-new": ("/teams/new",),
    "team-edit": ("/people/", r"(/teams/\d+/edit)"),
    "profile": ("/profile/",),
    "notices": ("/profile/notices/",),
    "customers": ("/customers/",),
    "customer": ("/customers/", r"(/customers/\d+)"),
    "customer-edit": ("/customers/", r"(/customers/\d+)", "+/edit"),
    "customer-new": ("/customers/new",),
    "contact-edit": ("/customers/", r"(/customers/\d+)", r"(/customers/contacts/\d+/edit)"),
    "connections": ("/connections/",),
    "connection-form": ("/connections/", r'(/connections/\d+)">[^<]*Skiff feedback'),
    "connection-tracker": ("/connections/", TRACKER),
    "connection-edit": ("/connections/", TRACKER, "+/edit"),
    "connection-setup": ("/connections/", TRACKER, "+/setup"),
    "connection-mapping": ("/connections/", TRACKER, "+/mapping"),
    "connection-import": ("/connections/", TRACKER, "+/imports/new"),
    "connection-links": ("/connections/", TRACKER, "+/links"),
    "connection-lab": ("/connections/", TRACKER, "+/lab"),
    "import-table": ("/connections/", TRACKER, "+/imports/new", r"(/imports/\d+)"),
    "connection-new": ("/connections/new",),
    "connection-webhook": ("/connections/new?kind=webhook",),
    "deliveries": ("/connections/", TRACKER, "+/deliveries"),
    "delivery": ("/connections/", TRACKER, "+/deliveries", r"(/deliveries/\d+)"),
    "conflicts": ("/conflicts",),
    "conflict": ("/conflicts", r"(/conflicts/\d+)"),
    "runs": ("/connections/", TRACKER, "+/runs"),
    "run": ("/connections/", TRACKER, "+/runs", r"(/runs/\d+)"),
    "outbox": ("/outbox/",),
    "outbox-mail": ("/outbox/", r"(/outbox/\d+)"),
    "plugins": ("/plugins/",),
    "settings": ("/settings/",),
    "guide": ("/guide/",),
    "audit": ("/settings/audit",),
    "categories": ("/settings/categories/",),
    "category-new": ("/settings/categories/new",),
    "category-edit": ("/settings/categories/", r"(/settings/categories/\d+/edit)"),
    "styleguide": ("/styleguide/",),
    "styleguide-pieces": ("/styleguide/pieces",),
    "styleguide-public": ("/styleguide/public",),
    "sandbox": ("/sandbox/",),
    "sandbox-item": ("/sandbox/", r"(/sandbox/items/SBX-\d+)"),
}
# Pages of people who are not signed in, and others that need a hub of their own: where they are looked at.
LOOKED_AT_ELSEWHERE = {
    "public_forms.show": "test_public.py",
    "public_forms.thanks": "test_public.py",
    "sessions.new": "test_public.py",
    "setup.new": "test_public.py",
    "surveys_public.show": "test_public.py",
    "surveys_public.thanks": "test_public.py",
    "tracking.result": "test_public.py",
    "tracking.show": "test_public.py",
    "unsubscribe.show": "test_public.py",
}
VARIANTS = {
    "zh-light": ("zh", "light", WIDE),
    "en-light": ("en", "light", WIDE),
    "zh-dark": ("zh", "dark", WIDE),
    "zh-mobile": ("zh", "light", PHONE),
    "en-dark": ("en", "dark", WIDE),
    "en-mobile": ("en", "light", PHONE),
    "zh-dark-mobile": ("zh", "dark", PHONE),
    "en-dark-mobile": ("en", "dark", PHONE),
}


def looked_at() -> Iterator[Any]:
    """All pages in Chinese and light, and each in one of the other variants, another one each day.

    Before a release every page in every variant.
    """
    today, everything = dt.datetime.now(dt.UTC).toordinal(), "HUB_PROOF" in os.environ
    first, *others = VARIANTS
    for turn, variant in enumerate([first, *others]):
        for number, name in enumerate(PAGES):
            if variant == first or everything or (number + turn + today) % len(others) == 0:
                yield pytest.param(variant, name, id=f"{variant}-{name}")


@pytest.fixture(scope="module")
def account(demo: Demo, chromium: Any) -> Any:
    """The cookies of somebody who has signed in."""
    with visitor(chromium, demo.address, "zh") as staff:
        staff.sign_in(demo.email, demo.password)
        return staff.context.storage_state()


@pytest.fixture(scope="module")
def operated(demo: Demo, chromium: Any, account: Any) -> None:
    """Somebody has looked what lies in the sandbox, had the lab try a mapping, and said something."""
    with visitor(chromium, demo.address, "zh", name="operated", state=account) as staff:
        _choose_language(staff)
        connection = address_of(staff, "connection-tracker")
        staff.go(f"{connection}/imports/new")
        staff.page.locator('input[value="links"]').check()
        staff.send(staff.button("Preview"))
        staff.appears(staff.button("Do it as shown"))
        staff.go(f"{connection}/mapping")
        staff.page.locator("#policy_due").select_option("there")
        staff.send(staff.button("Save the mapping"))
        staff.go(f"{connection}/lab")
        staff.send(staff.button("Try the mapping"))
        staff.appears(staff.page.locator("ol.story"))
        ref = address_of(staff, "request-linked").rpartition("/")[2]
        _post(staff, f"/requests/{ref}/comments", text="看过了。Seen.", stream="internal")
        _post(staff, "/bulk-edits/", ref=ref, change="label", label="夜间 night", back="")
    let_happen(demo.folder)


def _choose_language(staff: Visitor) -> None:
    """A person's own language comes before the browser's, and others have signed in as the same person."""
    staff.go("/profile/")
    if not staff.page.locator(f'html[lang^="{staff.language}"]').count():
        staff.page.locator('button[name="language"]').click()
        expect(staff.page.locator("html")).to_have_attribute("lang", LOCALE[staff.language])


def _post(staff: Visitor, path: str, **fields: str) -> None:
    """Send a form as a page would that shows it."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', _text(staff, "/requests/new"))
    assert token
    answer = staff.context.request.post(
        f"{staff.address}{path}", form={"csrf_token": token[1], **fields}, headers={"Referer": staff.address}
    )
    assert answer.ok, f"{path}: {answer.status}"


@pytest.fixture(scope="module")
def reader(
    request: pytest.FixtureRequest, demo: Demo, chromium: Any, account: Any, operated: None
) -> Iterator[Visitor]:
    """Somebody signed in who reads in one of the variants."""
    language, theme, size = VARIANTS[request.param]
    with visitor(
        chromium, demo.address, language, theme=theme, size=size, name=f"page-{request.param}", state=account
    ) as staff:
        _choose_language(staff)
        # The sandbox, which has no accounts, asks for the language by itself.
        staff.go(f"/sandbox/?lang={language}")
        yield staff


def address_of(staff: Visitor, name: str) -> str:
    """Follow the links that lead to a page."""
    path, *links = PAGES[name]
    for link in links:
        if link.startswith("+"):
            path += link[1:]
            continue
        found = re.search(f'href="{link}' if link.startswith("(") else link, _text(staff, path))
        assert found, f"{path} has no link like {link}"
        path = found[1]
    return path


def _text(staff: Visitor, path: str) -> str:
    text: str = staff.context.request.get(f"{staff.address}{path}").text()
    return text


@pytest.mark.parametrize(("reader", "name"), list(looked_at()), indirect=["reader"])
def test_a_page_has_no_fault(reader: Visitor, name: str) -> None:
    found = faults(reader, path=address_of(reader, name))
    reader.shot(name)
    assert not found, "\n".join(found)


def test_every_page_of_the_navigation_is_looked_at(demo: Demo, chromium: Any, account: Any) -> None:
    with visitor(chromium, demo.address, "zh", state=account) as staff:
        staff.go("/")
        links = staff.page.locator("nav.side a")
        named = {one.get_attribute("href") for one in links.all()}
    assert len(named) >= 12
    assert named <= {path[0] for path in PAGES.values() if len(path) == 1}
