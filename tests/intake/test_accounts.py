"""Accounts as servers have them: access tokens, and one that is refused, which is said and asked seldom."""

from __future__ import annotations

from hub.core.connections import collecting
from hub.core.connections.watching import Watcher
from hub.core.work.models import ServiceRequest
from hub.core.workflow import chores
from tests.intake.conftest import Mailroom, connect, only_dovecot
from tests.intake.dovecot import ACCESS_TOKEN, Server
from tests.intake.messages import mail
from tests.intake.proxy import breaking
from tests.plugins.far import serving
from tests.token_desk import REFRESH_TOKEN, TokenDesk

STEP, DAY = 10, 24 * 60  # minutes


def test_a_mailbox_is_read_with_an_access_token(mailroom: Mailroom, imap: Server) -> None:
    only_dovecot(imap, "takes no access tokens")
    imap.put(mail(1, "one", b"1"))
    box = connect(mailroom, imap, ACCESS_TOKEN, sign_in="xoauth2")
    chores.check_connection(mailroom.core, box)
    assert mailroom.health(box).state[chores.CHECKED]["ok"]
    assert mailroom.collect(box) == 1
    assert mailroom.count(ServiceRequest) == 1


def test_an_access_token_that_ran_out_is_said_and_never_shown(mailroom: Mailroom, imap: Server) -> None:
    only_dovecot(imap, "takes no access tokens")
    box = connect(mailroom, imap, "ya29.expired", sign_in="xoauth2")
    chores.check_connection(mailroom.core, box)
    found = mailroom.health(box).state[chores.CHECKED]
    assert (found["ok"], "is refused" in found["text"]["en"]) == (False, True)
    assert mailroom.collect(box) == 0
    row = mailroom.health(box)
    assert row.breaker_until is not None
    assert row.breaker_until >= mailroom.database.now() + collecting.REFUSED
    assert "ya29" not in f"{row.last_error} {row.state}"


def test_access_tokens_are_got_and_renewed_by_the_hub(mailroom: Mailroom, imap: Server) -> None:
    only_dovecot(imap, "takes no access tokens")
    desk = TokenDesk(["ya29.taken-back", ACCESS_TOKEN])
    with serving(desk.application) as address:
        box = connect(mailroom, imap, REFRESH_TOKEN, token_url=f"{address}/token", **desk.settings)
        chores.check_connection(mailroom.core, box)
        assert not mailroom.health(box).state[chores.CHECKED]["ok"]
        chores.check_connection(mailroom.core, box)
        assert mailroom.health(box).state[chores.CHECKED]["ok"]
        for number in (1, 2):
            imap.put(mail(number, f"number {number}", b"words"))
            assert mailroom.collect(box) == 1
    assert [given["grant_type"] for given in desk.asked] == ["refresh_token"] * 2
    assert "ya29" not in f"{mailroom.health(box).last_error} {mailroom.health(box).state}"


def test_a_refused_account_is_asked_a_few_times_a_day(mailroom: Mailroom, imap: Server) -> None:
    opened: list[object] = []
    with breaking(imap, opened=opened) as (behind, _cut):
        box = connect(mailroom, behind, "wrong")
        chores.check_connection(mailroom.core, box)
        tests = len(opened)
        assert (tests, mailroom.health(box).state[chores.CHECKED]["ok"]) == (1, False)
        watcher = Watcher(mailroom.database, mailroom.core.opener)
        asked = []
        for minute in range(0, DAY, STEP):
            before = len(opened)
            watcher.look()
            if collecting.collect_due(mailroom.database, mailroom.core.opener):
                mailroom.collect(box)
            asked += [minute] * (len(opened) - before)
            mailroom.clock.advance(minutes=STEP)
    assert len([minute for minute in asked if minute < 60]) <= 4
    assert len(asked) <= 10
    assert "password" in (mailroom.health(box).last_error or "")
