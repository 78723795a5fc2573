"""Whatever the team keeps to itself, the customer's pages say none of it: generated notes, and none found."""

from __future__ import annotations

import datetime as dt
import html
import itertools
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from hub.app import Hub
from hub.core import history
from hub.core.conversation import comments
from hub.core.customers.models import Contact
from hub.core.evaluate import survey
from hub.core.files import attach
from hub.core.values import SYSTEM, Actor, TaskDraft
from hub.core.work.models import Goal, Need, ServiceRequest
from hub.core.work.public import make_link
from hub.core.work.requests import create_request
from hub.core.work.tasks import create_task

# Before a release ten thousand notes; with each change a few.
EACH = 25
EXAMPLES = 400 if "HUB_PROOF" in os.environ else 4
SEEN_BY_CUSTOMER = ("evaluate", "improve", "execute")
PERSON = Actor("person", 1, "administrator", "Wang Lei")
_numbers = itertools.count(1)
# How it is kept, and what stands before and after its mark.
Note = tuple[str, str, str]
Pages = Callable[[str, list[Note]], tuple[list[str], str, list[str]]]


class Notes:
    """Where people of the team, plugins and trackers leave words that are not for the customer."""

    def __init__(self, hub: Hub, session: Session, request: ServiceRequest) -> None:
        self.hub, self.session, self.request = hub, session, request
        self.now = hub.core.database.now()
        self.task = create_task(session, self.now, SYSTEM, request, TaskDraft("Step"))

    def internally(self, text: str) -> None:
        """A note of the team."""
        self._say(text, "internal")

    def of_tracker(self, text: str) -> None:
        """An internal comment that came over from a tracker."""
        self._say(text, "internal", source="GitHub", author_name=text[:120])

    def on_task(self, text: str) -> None:
        """A comment shared with a tracker, but not with the customer."""
        self._say(text, "public", task_id=self.task.id)

    def taken_back(self, text: str) -> None:
        """Said publicly by mistake, and taken back."""
        said = self._say(text, "public")
        comments.take_back(self.session, self.now, PERSON, said)

    def corrected(self, text: str) -> None:
        """Said publicly by mistake, and put into other words; the time line keeps the first ones."""
        said = self._say(text, "public")
        comments.edit(self.session, self.now, PERSON, said, "We are at it.")

    def as_task(self, text: str) -> None:
        """A task in the team's own words, with a label."""
        made = create_task(self.session, self.now, SYSTEM, self.request, TaskDraft(text[:200], text))
        made.labels = [text[:40]]

    def as_need(self, text: str) -> None:
        """What the customer has not said, and what shows it."""
        self.session.add(
            Need(request_id=self.request.id, kind="unspoken", text=text, evidence=text, created_at=self.now)
        )

    def as_goal(self, text: str) -> None:
        """How a goal was scored, and why."""
        self.session.add(Goal(request_id=self.request.id, text=text, note=text))

    def as_file(self, text: str) -> None:
        """The name of a file that is not public."""
        stored = self.hub.core.files.put(text.encode("utf-8", "replace"))
        attach(self.session, stored, text[:100], ("requests", self.request.id), PERSON, self.now)

    def in_history(self, text: str) -> None:
        """What an entry of the time line remembers."""
        history.record(
            self.session, self.now, PERSON, "request_edited", self.request, request_id=self.request.id,
            fields=[text], personal={"before": text},
        )  # fmt: skip

    def about_it(self, text: str) -> None:
        """Labels, and what plugins thought of it."""
        self.request.labels = [*self.request.labels, text[:40]]
        self.request.understood = {**self.request.understood, str(next(_numbers)): text}

    def _say(self, text: str, stream: str, **more: Any) -> Any:
        return comments.say(
            self.session, self.now, PERSON, request_id=self.request.id, text=text, stream=stream, **more
        )


WAYS = [name for name in vars(Notes) if not name.startswith("_")]
# Markup, mentions, control characters, right-to-left: whatever is put around the mark must not carry it out.
around = st.text(max_size=12) | st.sampled_from(
    [
        "@Ann ",
        "**",
        "<b>",
        "</div>",
        "{{ ",
        "[a](/t/",
        "`",
        "public: ",
        "> ",
        "\u202e",
        "\n\n",
        "\x00",
        "&amp;",
    ]
)
written = st.tuples(st.sampled_from(WAYS), around, around)


@pytest.fixture
def pages(hub: Hub, client: FlaskClient, signed_in: Callable[..., FlaskClient]) -> Pages:
    """Keeps notes about a fresh request and gives what its customer is shown then, and its mark."""
    signed_in("administrator")

    def read(stage: str, notes: list[Note]) -> tuple[list[str], str, list[str]]:
        database, shown = hub.core.database, f"shown{next(_numbers)}mark"
        with database.transaction() as session:
            now, contact = database.now(), Contact(name="Ann")
            request = create_request(session, now, SYSTEM, title="Printer jams", contact=contact)
            request.stage = "execute"
            keeping, marks = Notes(hub, session, request), []
            for way, before, after in notes:
                marks.append(f"kept{next(_numbers)}mark")
                getattr(keeping, way)(f"{before}{marks[-1]}{after}".replace("\x00", "\ufffd"))
            comments.say(session, now, PERSON, request_id=request.id, text=shown, stream="public")
            request.stage = stage
            token = make_link(session, now, request_id=request.id)
            instrument = hub.core.registry.instruments()[hub.core.settings.survey]
            asked = survey.ask(session, now, SYSTEM, request, instrument, dt.timedelta(days=14))
        found = [f"/t/{token}", f"/t/{token}?lang=zh", f"/t/{token}/result", f"/s/{asked}"]
        return [client.get(address).text for address in found], shown, marks

    return read


# Ten thousand take a while where others compute, too.
@pytest.mark.timeout(1800)
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(stage=st.sampled_from(SEEN_BY_CUSTOMER), notes=st.lists(written, min_size=EACH, max_size=EACH))
def test_the_customers_pages_leak_nothing(pages: Pages, stage: str, notes: list[Note]) -> None:
    texts, shown, marks = pages(stage, notes)
    assert shown in texts[0], "what is public is there, so the search would find the rest"
    for text in texts:
        said = text + html.unescape(text)
        assert [mark for mark in marks if mark in said] == []


def test_every_note_is_really_kept(hub: Hub, pages: Pages) -> None:
    _texts, _shown, marks = pages("execute", [(way, "", "") for way in WAYS])
    with closing(sqlite3.connect(str(hub.core.database.url.database))) as file:
        kept = "\n".join(file.iterdump())
    assert [way for way, mark in zip(WAYS, marks, strict=True) if mark not in kept] == []
