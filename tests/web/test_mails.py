"""Mails on the request page, those that belong to none, and moving one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from hub.app import Hub
from hub.core.connections import manage
from hub.core.connections.letterbox import Letter, store
from hub.core.conversation.models import Comment, Mail
from hub.core.database import Database
from hub.core.history import HistoryEntry
from hub.core.values import SYSTEM
from hub.core.work import findable
from hub.core.work.models import ServiceRequest
from hub.core.workflow import chores

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://localhost/"}
HEAD = "From: Li Hua <li@acme.example>\r\nTo: support@hub.example\r\n"
PLAIN = "Content-Type: text/plain; charset=utf-8"
QUOTING = "It is broken.\r\n\r\nOn Sat, 21 Nov 2026 at 09:00, Hub wrote:\r\n> the quoted words\r\n"


class Post:
    """Brings mails into the hub as its mailbox would."""

    def __init__(self, hub: Hub) -> None:
        self.core, self.database, self._number = hub.core, hub.core.database, 0
        with self.database.transaction() as session:
            self.box = manage.create(
                session, self.database.now(), SYSTEM, self.core.registry, self.core.opener.keys,
                name="support", kind="mailbox", settings={"host": "imap.example.org", "username": "s"},
                secrets={"password": "x"},
            ).id  # fmt: skip

    def bring(self, subject: str, body: str = "words", *headers: str) -> Mail:
        """Let a mail in; gives its row."""
        self._number += 1
        kind = () if any(line.startswith("Content-Type") for line in headers) else (PLAIN,)
        lines = "".join(f"{line}\r\n" for line in (*headers, *kind))
        raw = f"{HEAD}Message-ID: <m{self._number}@acme.example>\r\nSubject: {subject}\r\n{lines}\r\n{body}"
        with self.database.transaction() as session:
            store(session, Letter(self.box, str(self._number), {}, raw.encode(), self.database.now()))
        chores.read_deliveries(self.core, self.box)
        with self.database.reading() as session:
            return session.scalars(select(Mail).order_by(Mail.id.desc()).limit(1)).one()

    def ref(self, mail: Mail | int) -> str | None:
        """The request at which a mail lies."""
        number = mail if isinstance(mail, int) else mail.id
        with self.database.reading() as session:
            query = select(ServiceRequest.ref).join(Mail, Mail.request_id == ServiceRequest.id)
            return session.scalar(query.where(Mail.id == number))


@pytest.fixture
def post(hub: Hub) -> Post:
    return Post(hub)


def verbs(database: Database, ref: str) -> list[str]:
    with database.reading() as session:
        row = session.scalars(select(ServiceRequest).where(ServiceRequest.ref == ref)).one()
        query = select(HistoryEntry.verb).where(HistoryEntry.request_id == row.id).order_by(HistoryEntry.id)
        return list(session.scalars(query))


def get(database: Database, model: Any, number: int) -> Any:
    with database.reading() as session:
        return session.get_one(model, number)


def part(page: str, name: str) -> str:
    """One section of the page."""
    return page.partition(f'id="{name}"')[2].partition("</section>")[0]


@pytest.fixture
def talk(post: Post, signed_in: Callable[..., FlaskClient]) -> tuple[str, str, Mail, FlaskClient]:
    """Two requests by mail, an answer to the first with a file and a quote, and somebody who reads it."""
    browser = signed_in("member")
    first, second = post.bring("The printer is broken"), post.bring("The door is stuck")
    answer = post.bring("Re: The printer is broken", QUOTING, "In-Reply-To: <m1@acme.example>")
    return post.ref(first) or "", post.ref(second) or "", answer, browser


def test_the_page_says_who_wrote_and_why_it_is_here(talk: Any) -> None:
    first, _second, answer, browser = talk
    page = browser.get(f"/requests/{first}").text
    assert "opened this request" in page
    assert "here because it answers a mail of this request" in page
    assert "li@acme.example" in page
    assert "It is broken." in page and "the quoted words" not in page
    assert "Show the quoted text, too" in page
    text = browser.get(f"/mails/{answer.id}", headers=HTMX).text
    assert "&gt; the quoted words" in text and "<html" not in text
    whole = browser.get(f"/mails/{answer.id}").text
    assert "&gt; the quoted words" in whole and "Move to another request" in whole


def test_warnings_and_files_stand_at_the_mail(post: Post, signed_in: Callable[..., FlaskClient]) -> None:
    opened = post.bring("Help")
    body = (
        "--=b\r\nContent-Type: text/plain\r\n\r\nsee the file\r\n"
        "--=b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename=plan.png\r\n\r\n"
        "x\r\n--=b--"
    )
    post.bring(
        "Re: Help", body, 'Content-Type: multipart/mixed; boundary="=b"', "In-Reply-To: <m1@acme.example>",
        "Cc: hub+r-sr-1-1-aaaaaaaaaaaaaaaa@hub.example",
    )  # fmt: skip
    page = signed_in("member").get(f"/requests/{post.ref(opened)}").text
    assert "The mark in the address is not one of ours" in page
    assert "plan.png" in part(page, "request-conversation")


def test_machines_are_shown_where_they_belong(post: Post, signed_in: Callable[..., FlaskClient]) -> None:
    opened = post.bring("Help")
    post.bring(
        "Automatic reply: away", "I am away", "Auto-Submitted: auto-replied", "In-Reply-To: <m1@acme.example>"
    )
    page = signed_in("member").get(f"/requests/{post.ref(opened)}").text
    assert "Automatic reply: away" in page and "automatic answer" in page
    assert "I am away" not in page


def test_a_comment_moves_with_its_words_and_back(talk: Any, hub: Hub, post: Post) -> None:
    first, second, answer, browser = talk
    form = browser.get(f"/mails/{answer.id}/moves/new?page={first}", headers=HTMX).text
    assert f'<option value="{second}">The door is stuck</option>' in form and "<html" not in form
    assert f'value="{first}"' not in re.findall(r"<option[^>]*>", form)
    data = {"to": second, "before": first, "page": first}
    done = browser.post(f"/mails/{answer.id}/moves", data=data, headers=HTMX)
    assert done.status_code == 200 and f"The mail is at {second} now." in done.text
    assert (
        "It is broken." not in done.text.partition('id="request-conversation"')[2].partition("</section>")[0]
    )
    assert post.ref(answer) == second
    assert "It is broken." in browser.get(f"/requests/{second}").text
    assert "mail_moved" in verbs(hub.core.database, first)
    assert "mail_moved_here" in verbs(hub.core.database, second)
    undo = re.search(r'hx-post="(/mails/[^"]+)" hx-swap="none"', done.text)
    assert undo
    assert browser.post(undo[1].replace("&amp;", "&"), headers=HTMX).status_code == 200
    assert post.ref(answer) == first
    assert "It is broken." in browser.get(f"/requests/{first}").text


def test_works_without_script_and_says_where_the_mail_is(talk: Any, post: Post) -> None:
    first, second, answer, browser = talk
    assert "Where" not in browser.get(f"/mails/{answer.id}/moves/new").text
    done = browser.post(f"/mails/{answer.id}/moves", data={"to": second.lower(), "before": first})
    assert (done.status_code, done.location) == (303, f"/requests/{second}")
    assert f"The mail is at {second} now." in browser.get(done.location).text
    assert post.ref(answer) == second


def test_a_long_mail_is_folded_on_its_page_and_open_where_it_was_asked_for(talk: Any, post: Post) -> None:
    *_, browser = talk
    mail = post.bring("Log", "\r\n".join(f"line {number}" for number in range(200)))
    page = browser.get(f"/mails/{mail.id}").text
    assert '<details class="prose long"><summary' in page and "line 199" in page
    fragment = browser.get(f"/mails/{mail.id}", headers=HTMX).text
    assert '<details class="prose long" open><summary' in fragment and "line 199" in fragment


def test_what_opened_a_request_takes_everything_along(talk: Any, hub: Hub, post: Post) -> None:
    first, second, answer, browser = talk
    opening = get(hub.core.database, Mail, 1)
    assert f"{first} is dropped" in browser.get(f"/mails/{opening.id}/moves/new", headers=HTMX).text
    done = browser.post(
        f"/mails/{opening.id}/moves", data={"to": second, "before": first, "page": first}, headers=HTMX
    )
    assert done.headers["HX-Redirect"] == f"/requests/{second}"
    assert post.ref(opening) == post.ref(answer) == second
    assert "Dropped: → " + second in browser.get(f"/requests/{first}").text


def test_an_answer_becomes_a_request_of_its_own(talk: Any, hub: Hub, post: Post) -> None:
    first, _second, answer, browser = talk
    done = browser.post(f"/mails/{answer.id}/moves", data={"new": "1", "before": first})
    ref = post.ref(answer)
    assert done.location == f"/requests/{ref}" and ref not in (first, None)
    page = browser.get(done.location).text
    assert "opened this request" in page and "It is broken." in page and "Li Hua" in page
    with hub.core.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Comment)) == 0
    assert "mail_moved" in verbs(hub.core.database, first)
    # And back: it becomes a comment again, and the request that was made too much is dropped.
    browser.post(f"/mails/{answer.id}/moves", data={"to": first, "before": ref})
    assert post.ref(answer) == first
    assert "It is broken." in browser.get(f"/requests/{first}").text


def test_what_is_kept_is_listed_with_its_reason_and_can_be_put_to_a_request(
    post: Post, hub: Hub, signed_in: Callable[..., FlaskClient]
) -> None:
    browser = signed_in("member")
    opened = post.bring("Help")
    ref = post.ref(opened)
    assert "mails of seven days" not in browser.get("/inbox").text
    mail = post.bring("自动回复: 其实是一个请求", "请看这里", "Auto-Submitted: auto-replied")
    assert mail.request_id is None
    assert "mails of seven days that became no request" in browser.get("/inbox").text
    listed = browser.get("/mails/").text
    assert "其实是一个请求" in listed and "A machine answered to nothing that is known here." in listed
    assert "其实是一个请求" in browser.get(f"/mails/?connection={post.box}").text
    assert "请看这里" in browser.get(f"/mails/{mail.id}").text
    done = browser.post(f"/mails/{mail.id}/moves", data={"to": ref, "before": ""})
    assert done.location == f"/requests/{ref}"
    page = browser.get(done.location).text
    assert "请看这里" in page and "put here by hand" in page and "put a kept mail here" in page
    assert "其实是一个请求" not in browser.get("/mails/").text
    other = post.bring("Automatic reply: no", "one of its own", "Auto-Submitted: auto-replied")
    done = browser.post(f"/mails/{other.id}/moves", data={"new": "1", "before": ""})
    assert "one of its own" in browser.get(done.location).text


def test_choices_follow_what_is_typed(talk: Any, hub: Hub) -> None:
    _first, second, answer, browser = talk
    findable.catch_up(hub.core.database)
    named = browser.get(f"/mails/{answer.id}/suggestions?to={second}", headers=HTMX).text
    assert re.findall(r'value="([^"]+)"', named) == [second]
    found = browser.get(f"/mails/{answer.id}/suggestions?to=door", headers=HTMX).text
    assert re.findall(r'value="([^"]+)"', found) == [second]


@pytest.mark.parametrize(
    ("to", "says"),
    [("", "This is needed."), ("SR-999", "There is no request “SR-999”."), ("<b>", "There is no request")],
)
def test_a_wrong_target_is_said_at_the_field_and_kept(talk: Any, post: Post, to: str, says: str) -> None:
    first, _second, answer, browser = talk
    data = {"to": to, "before": first, "page": first}
    for headers in (HTMX, {}):
        again = browser.post(f"/mails/{answer.id}/moves", data=data, headers=headers)
        assert again.status_code == 422 and says in again.text
        assert f'id="mail-{answer.id}-to-error"' in again.text
        assert to != "SR-999" or f'value="{to}"' in again.text
    assert post.ref(answer) == first


def test_a_mail_that_was_moved_meanwhile_stays_there(talk: Any, post: Post) -> None:
    first, second, answer, browser = talk
    browser.post(f"/mails/{answer.id}/moves", data={"to": second, "before": first})
    again = browser.post(f"/mails/{answer.id}/moves", data={"to": first, "before": first})
    assert again.status_code == 422 and f"it is at {second} now" in again.text
    same = browser.post(f"/mails/{answer.id}/moves", data={"to": second, "before": second})
    assert same.status_code == 422 and f"This mail is at {second} already." in same.text


def test_a_viewer_reads_and_moves_nothing(
    talk: Any, post: Post, signed_in: Callable[..., FlaskClient]
) -> None:
    first, second, answer, _browser = talk
    viewer = signed_in("viewer", "Ann")
    assert "Move to another request" not in viewer.get(f"/requests/{first}").text
    assert viewer.get(f"/mails/{answer.id}").status_code == 200
    assert viewer.get(f"/mails/{answer.id}/moves/new").status_code == 403
    assert viewer.post(f"/mails/{answer.id}/moves", data={"to": second}).status_code == 403
    assert post.ref(answer) == first
    assert viewer.get("/mails/4711").status_code == 404


def test_ten_mails_cost_no_more_queries_than_one(talk: Any, hub: Hub, post: Post) -> None:
    first, _second, _answer, browser = talk
    asked: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    counts = []
    for _ in range(2):
        browser.get(f"/requests/{first}")
        event.listen(hub.core.database.reader_engine, "before_cursor_execute", note)
        browser.get(f"/requests/{first}")
        event.remove(hub.core.database.reader_engine, "before_cursor_execute", note)
        counts.append(len(asked))
        asked.clear()
        for _ in range(9):
            post.bring("Re: x", QUOTING, "In-Reply-To: <m1@acme.example>")
    assert counts[0] == counts[1] > 0
