"""The lab's page: a mapping is tried by a worker, and figures and stories are shown in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from hub.app import Hub
from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.execute import trials
from hub.core.execute.models import Trial
from hub.core.values import SYSTEM
from hub.lab import trying

SignedIn = Callable[..., FlaskClient]


@pytest.fixture
def board(hub: Hub) -> Connection:
    return made(hub)


def made(hub: Hub, **settings: Any) -> Connection:
    database = hub.core.database
    with database.transaction() as session:
        return manage.create(
            session, database.now(), SYSTEM, hub.core.registry, hub.keys, name="Board", kind="sandbox",
            settings={"base_url": "http://127.0.0.1:9/sandbox/", **settings}, secrets={},
        )  # fmt: skip


def latest(hub: Hub, row: Connection) -> Trial:
    with hub.core.database.reading() as session:
        trial = trials.latest(session, row.id)
        assert trial is not None
        return trial


def play(hub: Hub, row: Connection) -> None:
    """What the worker does, until it has no more to do."""
    for _ in range(60):
        trial = latest(hub, row)
        if trial.state != "running":
            return
        trying.go_on(hub.core.database, hub.core.registry.kinds(), trial.id)
    raise AssertionError("it does not end")


def text_of(browser: FlaskClient, row: Connection) -> str:
    return browser.get(f"/connections/{row.id}/lab").get_data(as_text=True)


def test_a_mapping_is_tried_and_the_page_tells_the_figures(
    hub: Hub, board: Connection, signed_in: SignedIn
) -> None:
    browser = signed_in("administrator")
    assert "Not tried yet" in text_of(browser, board)
    answer = browser.post(f"/connections/{board.id}/lab", data={"wanted": "30"})
    assert (answer.status_code, answer.location) == (303, f"/connections/{board.id}/lab")
    assert hub.core.jobs.is_pending(trials.TRY, f"trial:{board.id}")
    page = text_of(browser, board)
    assert "Playing schedules" in page
    assert "0 of 30" in page
    twice = browser.post(f"/connections/{board.id}/lab", data={"wanted": "30"})
    assert twice.status_code == 422
    assert "at work on “Board” already" in twice.get_data(as_text=True)
    going = browser.get(f"/connections/{board.id}/lab/progress", headers={"HX-Request": "true"})
    assert going.status_code == 200
    play(hub, board)
    ended = browser.get(f"/connections/{board.id}/lab/progress", headers={"HX-Request": "true"})
    assert (ended.status_code, ended.headers["HX-Refresh"]) == (286, "true")
    trial = latest(hub, board)
    assert (trial.state, trial.played, trial.figures["schedules"]) == ("done", 30, 30)
    assert trial.figures["b_overruled"] == 0
    page = text_of(browser, board)
    assert "Every promise was kept." in page
    assert "edits lost without a trace" in page
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "zh"
    assert "所有承诺都已兑现" in text_of(browser, board)
    assert "story-" not in page


def test_the_shortest_story_tells_what_a_rule_overwrites_in_both_languages(
    hub: Hub, signed_in: SignedIn
) -> None:
    row = made(hub, policies={"title": "here", "due": "there"})
    browser = signed_in("administrator")
    browser.post(f"/connections/{row.id}/lab", data={"wanted": "30"})
    play(hub, row)
    trial = latest(hub, row)
    assert trial.figures["b_overruled"] > 0
    assert trial.figures["b_lost"] == 0
    (story,) = trial.stories
    assert story["name"] == "overruled"
    assert 2 <= len(story["steps"]) < 12
    page = text_of(browser, row)
    assert "The item at the tracker (Sandbox tracker)" in page
    assert "Somebody at the tracker (Sandbox tracker) changes" in page
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "zh"
    page = text_of(browser, row)
    assert "按此连接的规则，一边的改动被另一边覆盖" in page
    assert "有人在跟踪器（沙箱跟踪器）修改" in page


def test_a_trial_can_be_cancelled_and_what_was_played_stands(
    hub: Hub, board: Connection, signed_in: SignedIn
) -> None:
    browser = signed_in("administrator")
    assert browser.post(f"/connections/{board.id}/lab/cancel").status_code == 404
    browser.post(f"/connections/{board.id}/lab", data={"wanted": "300"})
    trial = latest(hub, board)
    trying.go_on(hub.core.database, hub.core.registry.kinds(), trial.id, step=0)
    assert browser.post(f"/connections/{board.id}/lab/cancel").status_code == 303
    # The step that was promised finds nothing to do.
    trying.go_on(hub.core.database, hub.core.registry.kinds(), trial.id, step=0)
    trial = latest(hub, board)
    assert (trial.state, trial.played) == ("cancelled", 1)
    assert "Figures" in text_of(browser, board)


@pytest.mark.parametrize("wanted", ["", "7", "-30", "9" * 30, "many"])
def test_only_sizes_that_are_offered_are_played(board: Connection, signed_in: SignedIn, wanted: str) -> None:
    answer = signed_in("administrator").post(f"/connections/{board.id}/lab", data={"wanted": wanted})
    assert answer.status_code == 422
    assert "is not one of the choices" in answer.get_data(as_text=True)


def test_a_mapping_changed_since_is_said_to_be_untried(
    hub: Hub, board: Connection, signed_in: SignedIn
) -> None:
    browser = signed_in("administrator")
    browser.post(f"/connections/{board.id}/lab", data={"wanted": "30"})
    browser.post(f"/connections/{board.id}/lab/cancel")
    assert "was changed after this trial" not in text_of(browser, board)
    database = hub.core.database
    with database.transaction() as session:
        held = session.get_one(Connection, board.id)
        settings = {**held.settings, "policies": {"title": "there"}}
        manage.change(session, database.now(), SYSTEM, hub.core.registry, hub.keys, held, settings=settings)
    assert "was changed after this trial" in text_of(browser, board)


def test_a_tracker_that_nobody_imitates_or_that_fails_is_an_answer(
    hub: Hub, board: Connection, signed_in: SignedIn
) -> None:
    browser = signed_in("administrator")

    def nobody(kind: str) -> Any:
        raise LookupError(kind)

    def broken(_kind: str) -> Any:
        return lambda _clock: 1 / 0

    for imitated, words in ((nobody, "Nobody offers an imitation of sandbox"), (broken, "ZeroDivisionError")):
        browser.post(f"/connections/{board.id}/lab", data={"wanted": "30"})
        trying.go_on(hub.core.database, hub.core.registry.kinds(), latest(hub, board).id, imitated)
        assert latest(hub, board).state == "failed"
        assert words in text_of(browser, board)


def test_viewers_look_and_only_administrators_try(hub: Hub, board: Connection, signed_in: SignedIn) -> None:
    manager = signed_in("manager", "Mia")
    assert 'name="wanted"' not in text_of(manager, board)
    assert manager.post(f"/connections/{board.id}/lab", data={"wanted": "30"}).status_code == 403
    assert signed_in("member").get(f"/connections/{board.id}/lab").status_code == 403
    form = hub.core.database
    with form.transaction() as session:
        row = manage.create(
            session, form.now(), SYSTEM, hub.core.registry, hub.keys, name="Desk", kind="form",
            settings={"title_zh": "表单", "title_en": "Form"}, secrets={},
        )  # fmt: skip
    assert manager.get(f"/connections/{row.id}/lab").status_code == 422


def test_a_few_trials_are_kept(hub: Hub, board: Connection, signed_in: SignedIn) -> None:
    browser = signed_in("administrator")
    for _ in range(trials.KEPT + 2):
        browser.post(f"/connections/{board.id}/lab", data={"wanted": "30"})
        browser.post(f"/connections/{board.id}/lab/cancel")
    with hub.core.database.reading() as session:
        assert session.query(Trial).count() == trials.KEPT
