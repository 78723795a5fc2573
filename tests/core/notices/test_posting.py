"""Handing rooms their messages: within their limits, and at most once, whatever happens on the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from hub.core.connections import manage
from hub.core.notices import desk, posting, sending
from hub.core.notices.models import Notice
from hub.core.values import SYSTEM
from hub.core.workflow import Core, chores
from hub.lab.chat.dingtalk import TOKEN as TOKEN_THERE
from hub.lab.chat.dingtalk import ImitatedDingTalk
from hub.lab.chat.feishu import TOKEN, ImitatedFeishu
from hub.lab.chat.slack import ImitatedSlack
from hub.lab.chat.wecom import ImitatedWeCom
from tests.core.conftest import at_once
from tests.core.notices.hall import Hall


@pytest.fixture
def hall(core: Core) -> Iterator[Hall]:
    with ExitStack() as stack:
        yield Hall(core, stack)


@pytest.fixture
def robot(hall: Hall) -> ImitatedFeishu:
    return ImitatedFeishu(hall.clock.now)


def test_few_go_one_by_one_and_more_as_one(hall: Hall, robot: ImitatedFeishu) -> None:
    room = hall.connect(robot, "feishu", digest_above=3)
    hall.happen(3)
    assert hall.tell(room) == 3
    assert len(robot.texts) == 3
    hall.happen(21)
    assert hall.tell(room) == 21
    assert len(robot.texts) == 4
    assert robot.texts[-1].count("New request") == 21
    assert hall.states() == ["sent"] * 24


def test_a_minute_has_so_many_messages_over_all_processes(hall: Hall, robot: ImitatedFeishu) -> None:
    robot.most = 10
    room = hall.connect(robot, "feishu", per_minute=10, digest_above=50)
    hall.happen(14)
    assert hall.tell(room) == 10
    hall.again()  # another process, or a restart
    assert hall.tell(room) == 0
    assert hall.states().count("waiting") == 4
    assert hall.room(room).failures == 0
    hall.clock.advance(seconds=63)
    assert hall.tell(room) == 4
    assert robot.breaches == 0
    assert len(robot.texts) == 14


def test_two_groups_at_one_address_share_its_minute(hall: Hall, robot: ImitatedFeishu) -> None:
    first = hall.connect(robot, "feishu", per_minute=3, digest_above=50)
    with hall.database.transaction() as session:
        row = hall.room(first)
        second = manage.create(
            session, hall.database.now(), SYSTEM, hall.core.registry, hall.core.opener.keys, name="again",
            kind="feishu", settings=row.settings,
            secrets=hall.core.opener.keys.open(row.sealed_secrets or ""),
        ).id  # fmt: skip
    hall.happen(2)
    assert (hall.tell(first), hall.tell(second)) == (2, 1)


def test_nothing_goes_at_full_and_half_hours(hall: Hall, robot: ImitatedFeishu) -> None:
    room = hall.connect(robot, "feishu")
    for minute in (0, 30):
        hall.clock.set(hall.clock.now().replace(minute=minute, second=20))
        hall.happen()
        assert hall.tell(room) == 0
        hall.clock.advance(seconds=41)
        assert hall.tell(room) == 1


@pytest.mark.parametrize("mood", ["html", "empty", "large", "list", "no code", "broken"])
def test_what_may_have_arrived_is_not_sent_again(hall: Hall, robot: ImitatedFeishu, mood: str) -> None:
    room = hall.connect(robot, "feishu")
    robot.moods = [mood]
    hall.happen(3)
    hall.tell_all(room)
    assert hall.states() == ["unclear", "sent", "sent"]
    refs = [text.split()[2] for text in robot.texts]
    assert len(refs) == len(set(refs)) == (2 if mood == "html" else 3)
    assert (hall.notices()[0].reason or {})["id"] == "notice_unclear"


@pytest.mark.parametrize("mood", ["busy", "moved", "not found"])
def test_what_was_not_taken_goes_later(hall: Hall, robot: ImitatedFeishu, mood: str) -> None:
    room = hall.connect(robot, "feishu")
    robot.moods = [mood]
    hall.happen(3)
    hall.tell_all(room, 1800)
    assert hall.states() == ["sent"] * 3
    assert len(robot.texts) == 3


def test_an_ill_robot_takes_no_digest_with_it(hall: Hall, robot: ImitatedFeishu) -> None:
    room = hall.connect(robot, "feishu", digest_above=1)
    robot.moods = ["busy", "broken", "empty"]
    hall.happen(30)
    hall.tell(room)  # the digest meets "busy", and waits
    assert hall.states() == ["waiting"] * 30
    hall.tell_all(room)
    assert sorted(hall.states()) == ["sent"] * 28 + ["unclear"] * 2


def test_a_worker_that_dies_on_the_way_leaves_it_unclear(
    hall: Hall, robot: ImitatedFeishu, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = hall.connect(robot, "feishu", digest_above=2)
    hall.happen(4)
    with monkeypatch.context() as patch:
        patch.setattr(posting, "Ended", _Died)
        with pytest.raises(SystemExit):
            hall.tell(room)
    assert (len(robot.texts), hall.states()) == (1, ["sending"] * 4)
    hall.again()
    hall.happen()
    assert hall.tell(room) == 1
    assert hall.states() == ["unclear"] * 4 + ["sent"]
    assert len(robot.texts) == 2


class _Died(posting.Ended):
    def settled(self, *_args: object) -> bool:
        raise SystemExit


def test_two_workers_at_once_tell_nothing_twice(hall: Hall, robot: ImitatedFeishu) -> None:
    room = hall.connect(robot, "feishu", digest_above=50)
    hall.happen(8)
    at_once(*[lambda: hall.tell(room)] * 3)
    hall.tell_all(room, 60)
    refs = [text.split()[2] for text in robot.texts]
    assert len(refs) == len(set(refs)) == 8


def test_a_wrong_set_up_turns_the_connection_off_and_loses_nothing(hall: Hall, robot: ImitatedFeishu) -> None:
    room = hall.connect(robot, "feishu")
    robot.codes = [19021]
    hall.happen(2)
    hall.tell_all(room, 60)
    assert hall.states() == ["waiting"] * 2
    assert robot.texts == []
    with hall.database.transaction() as session:
        row = hall.room(room)
        manage.change(
            session, hall.database.now(), SYSTEM, hall.core.registry, hall.core.opener.keys,
            session.get_one(type(row), room), paused=False,
        )  # fmt: skip
    assert sending.promise_due(hall.database) == 1
    hall.tell_all(room, 60)
    assert hall.states() == ["sent"] * 2


def test_what_nobody_could_send_for_a_day_is_no_news(hall: Hall, robot: ImitatedFeishu) -> None:
    room = hall.connect(robot, "feishu")
    hall.happen()
    hall.clock.advance(days=1, minutes=1)
    hall.happen()
    assert hall.tell(room) == 1
    assert hall.states() == ["failed", "sent"]


def test_one_that_is_refused_keeps_nobody_back(hall: Hall, robot: ImitatedFeishu) -> None:
    room = hall.connect(robot, "feishu")
    robot.codes = [9499, 4711]
    hall.happen(4)
    hall.tell_all(room)
    assert hall.states() == ["failed", "sent", "sent", "sent"]


def test_a_person_may_send_what_is_unclear_again(hall: Hall, robot: ImitatedFeishu) -> None:
    room = hall.connect(robot, "feishu")
    robot.moods = ["html"]
    hall.happen()
    hall.tell(room)
    hall.clock.advance(minutes=5)
    hall.do(desk.send_again, hall.manager, hall.notices()[0])
    assert hall.tell(room) == 1
    assert hall.states() == ["sent"]


def test_no_secret_is_kept_in_what_is_shown(
    hall: Hall, robot: ImitatedFeishu, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "hub")
    room = hall.connect(robot, "feishu", digest_above=50)
    robot.moods = ["broken", "busy", "html", "not found", "moved"]
    robot.codes = [4711, 9499, 19001]
    hall.happen(9)
    hall.tell_all(room, 3600)
    shown = [str(row.reason) + str(row.answer) for row in hall.notices()]
    found = hall.room(room)
    shown += [str(found.last_error), str(found.state), repr(hall.core.opener.channel(room)), caplog.text]
    assert found.last_error
    assert not [text for text in shown if TOKEN in text]


def test_a_test_message_is_sent_also_to_a_room_that_is_off(hall: Hall, robot: ImitatedFeishu) -> None:
    room = hall.connect(robot, "feishu")
    robot.codes = [19022]
    chores.try_room(hall.core, room)
    assert hall.room(room).state[manage.CHECKED]["ok"] is False
    chores.try_room(hall.core, room)
    assert hall.room(room).state[manage.CHECKED]["ok"] is True
    assert len(robot.texts) == 1
    assert hall.notices(Notice.connection_id == room) == []


def test_a_robot_that_is_away_is_asked_more_and_more_seldom(hall: Hall, robot: ImitatedFeishu) -> None:
    room = hall.connect(robot, "feishu")
    robot.codes = [4711] * 1000
    hall.happen()
    hall.tell_all(room, 6 * 3600, 20)
    assert 5 < 1000 - len(robot.codes) < 25
    assert hall.room(room).breaker_until is not None
    assert hall.states() == ["waiting"]
    assert hall.notices()[0].created_at > hall.database.now() - dt.timedelta(days=1)


def test_a_mute_of_ten_minutes_is_waited_out_and_nothing_is_lost(hall: Hall) -> None:
    robot = ImitatedDingTalk(hall.clock.now)
    room = hall.connect(robot, "dingtalk", per_minute=20, digest_above=50)
    robot.most = 3  # somebody else uses the robot, too
    hall.happen(5)
    assert hall.tell(room) == 3
    muted_at = hall.clock.now()
    assert hall.states() == ["sent"] * 3 + ["waiting"] * 2
    hall.happen(60)
    hall.again()
    robot.most = 20
    hall.tell_all(room, 599)
    assert robot.breaches == 1
    assert len(robot.texts) == 3
    hall.tell_all(room, 300)
    assert hall.clock.now() > muted_at + dt.timedelta(minutes=10)
    assert hall.states() == ["sent"] * 65
    assert robot.breaches == 1
    assert len(robot.texts) == 5  # one goes ahead, then all the others together


def test_a_storm_never_breaks_the_limit_of_a_robot(hall: Hall) -> None:
    robot = ImitatedDingTalk(hall.clock.now)
    room = hall.connect(robot, "dingtalk", digest_above=1)
    for _second in range(120):
        hall.happen()
        hall.tell(room)
        hall.clock.advance(seconds=1)
    hall.tell_all(room, 120)
    assert robot.breaches == 0
    assert hall.states() == ["sent"] * 120
    assert sum(text.count("New request") for text in robot.texts) == 120


def test_what_does_not_fit_is_cut_and_its_number_told(hall: Hall) -> None:
    robot = ImitatedWeCom(hall.clock.now)
    room = hall.connect(robot, "wecom", language="zh")
    hall.happen(40, "打印机卡纸")
    assert hall.tell(room) == 40
    (text,) = robot.texts
    assert text.startswith("40 条通知")
    assert text.endswith("…")
    assert robot.refusals == []


def test_retry_after_holds_for_every_process(hall: Hall) -> None:
    robot = ImitatedSlack(hall.clock.now)
    room = hall.connect(robot, "slack")
    robot.codes = [429]
    hall.happen(2)
    assert hall.tell(room) == 0
    hall.again()
    hall.clock.advance(seconds=20)
    assert hall.tell(room) == 0
    hall.clock.advance(seconds=11)
    assert hall.tell(room) == 2
    assert robot.breaches == 0


def test_no_token_of_a_query_is_kept_in_what_is_shown(hall: Hall, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "hub")
    robot = ImitatedDingTalk(hall.clock.now)
    room = hall.connect(robot, "dingtalk", digest_above=50)
    robot.moods = ["broken", "busy", "html"]
    robot.codes = [4711, "sign"]
    hall.happen(6)
    hall.tell_all(room, 3600)
    found = hall.room(room)
    shown = [str(row.reason) + str(row.answer) for row in hall.notices()]
    shown += [str(found.last_error), str(found.state), caplog.text]
    assert found.paused
    assert not [text for text in shown if TOKEN_THERE in text or robot.key in text or "sign=" in text]
