"""A mail server that does not take our account is asked seldom, and what waits goes when it does."""

from __future__ import annotations

from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.notices import sending
from hub.core.values import SYSTEM
from hub.core.workflow import chores
from tests.core.notices.conftest import Bureau
from tests.post_office import PASSWORD, USER, open_office

STEP, DAY = 10, 24 * 60  # minutes


def test_a_wrong_password_is_said_tried_seldom_and_holds_nothing_up_for_good(bureau: Bureau) -> None:
    with open_office(sign_in=True) as office:
        bureau.office = office
        post = bureau.connect("wrong", username=USER)
        chores.check_connection(bureau.core, post)
        found = bureau.get(Connection, post).state[manage.CHECKED]
        assert (found["ok"], "user name or password is refused" in found["text"]["en"]) == (False, True)
        for number in range(20):
            bureau.draft(str(number), email=f"c{number}@acme.example")
        tried = []
        for minute in range(0, DAY, STEP):
            before = len(office.sign_ins)
            sending.promise_due(bureau.database)
            bureau.deliver()
            tried += [minute] * (len(office.sign_ins) > before)
            bureau.clock.advance(minutes=STEP)
        # Twenty mails wait, and the server is asked as often as if it were one.
        assert len([minute for minute in tried if minute < 60]) <= 5
        assert len(tried) <= 40
        assert len([minute for minute in tried if minute >= DAY - 120]) <= 4
        row = bureau.get(Connection, post)
        assert "user name or password is refused" in (row.last_error or "")
        assert {state for _, state in bureau.states()} == {"waiting"}
        bureau.do(
            manage.change, SYSTEM, bureau.core.registry, bureau.core.opener.keys, row,
            secrets={"password": PASSWORD},
        )  # fmt: skip
        bureau.clock.advance(hours=2)
        assert bureau.deliver() == 20
        assert len(office.taken) == 20
