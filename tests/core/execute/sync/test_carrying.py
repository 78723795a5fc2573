"""Files carried by rounds, and logged time taken over: what goes wrong is shown and holds up nothing else."""

import datetime as dt

from hub.core.execute.sync.files import FileWay
from hub.core.values import FarWork, Refused, Retry


def board(pair):
    return pair.sandbox.board.shelf


def key(pair):
    return pair.item()["key"]


def there(pair):
    return {file["name"]: board(pair).read(file["id"])[1] for file in pair.item()["files"]}


def here(task):
    return {one.file.name: one.data for one in task.files}


def copies(pair):
    return list(pair.store.file_copies.values())


def breaking(pair, monkeypatch, name, error):
    """Let this method of the tracker raise."""

    def fail(*_args):
        raise error

    monkeypatch.setattr(pair.tracker, name, fail)


def test_files_go_both_ways_once(linked, task):
    task.attach("ours.txt", b"from here")
    board(linked).put(key(linked), "jonas", "theirs.bin", b"\x00from there")
    for _ in range(3):
        assert linked.round().state == "settled"
    assert there(linked) == here(task) == {"ours.txt": b"from here", "theirs.bin": b"\x00from there"}
    writes, version = linked.wire.writes, task.version
    linked.round()
    assert (linked.wire.writes, task.version) == (writes, version)


def test_names_that_would_break_a_form_arrive_whole(linked, task):
    name = 'a "b"; 照片\u00e9.png'
    task.attach(name, b"\r\n--x\r\n")
    linked.round()
    assert [len(data) for data in there(linked).values()] == [7]


def test_an_internal_file_never_leaves(linked, task):
    task.attach("secret.txt", b"SECRET", public=False)
    assert linked.round().state == "settled"
    assert there(linked) == {}
    assert copies(linked) == []


def test_a_lost_answer_makes_no_twin(linked, task):
    task.attach("once.txt", b"once")
    linked.sandbox.faults.next("lose_answer")
    assert linked.round().state == "waiting"
    assert linked.store.again is not None
    assert linked.round().state == "settled"
    assert there(linked) == {"once.txt": b"once"}
    assert len(task.files) == 1


def test_the_same_content_on_both_sides_is_one_file(linked, task):
    task.attach("a.txt", b"same")
    board(linked).put(key(linked), "jonas", "b.txt", b"same")
    linked.round()
    assert (list(there(linked)), list(here(task))) == (["b.txt"], ["a.txt"])


def test_a_file_taken_away_there_stays_here_and_says_so(linked, task):
    task.attach("a.txt", b"a")
    linked.round()
    board(linked).remove(linked.item()["files"][0]["id"], "jonas")
    assert linked.round().state == "settled"
    assert here(task) == {"a.txt": b"a"}
    assert [(one.state, one.reason) for one in copies(linked)] == [
        ("ended", {"id": "sync_file_deleted_there"})
    ]
    linked.round()
    assert there(linked) == {}


def test_one_that_cannot_be_read_is_shown_and_holds_up_no_other(linked, task, monkeypatch):
    board(linked).put(key(linked), "jonas", "bad.txt", b"bad")
    read = linked.tracker.read_file
    bad = str(linked.item()["files"][0]["id"])

    def broken(ref, file):
        if file == bad:
            raise Refused("not for you")
        return read(ref, file)

    monkeypatch.setattr(linked.tracker, "read_file", broken)
    board(linked).put(key(linked), "jonas", "good.txt", b"good!")
    task.attach("ours.txt", b"ours 1")
    task.edit(title="Another")
    assert linked.round().state == "refused"
    assert here(task) == {"ours.txt": b"ours 1", "good.txt": b"good!"}
    assert linked.item()["title"] == "Another"
    assert {one.name: one.reason for one in copies(linked) if one.state == "refused"} == {
        "bad.txt": {"id": "sync_file_unreadable", "text": "not for you"}
    }


def test_a_place_of_files_that_is_ill_holds_up_nothing_else(linked, task, monkeypatch):
    task.attach("ours.txt", b"ours")
    with monkeypatch.context() as patch:
        breaking(linked, patch, "add_file", Retry("the store of files is ill"))
        for times in (1, 2):
            task.edit(title=f"Another {times}")
            assert linked.round().state == "waiting"
            assert linked.item()["title"] == f"Another {times}"
            assert copies(linked)[0].tries == times
        assert linked.store.due_at is None
    assert linked.round().state == "settled"
    assert there(linked) == {"ours.txt": b"ours"}


def test_a_time_named_while_a_file_is_carried_holds_for_the_connection(linked, task, monkeypatch):
    task.attach("ours.txt", b"ours")
    breaking(linked, monkeypatch, "add_file", Retry("too many", dt.timedelta(minutes=7)))
    outcome = linked.round()
    assert outcome.due_at == linked.store.resting_until
    assert linked.store.resting_until is not None


def test_what_is_refused_there_is_not_tried_again(linked, task, monkeypatch):
    task.attach("ours.txt", b"ours")
    calls = []

    def refuse(*args):
        calls.append(args)
        raise Refused("no room")

    monkeypatch.setattr(linked.tracker, "add_file", refuse)
    for _ in range(3):
        assert linked.round().state == "refused"
    assert len(calls) == 1
    assert copies(linked)[0].reason == {"id": "sync_refused", "text": "no room"}


def test_bytes_that_are_not_what_was_announced_are_not_believed(linked, task, monkeypatch):
    """A sign-in page in the place of the file."""
    board(linked).put(key(linked), "jonas", "photo.png", b"\x89PNG")
    monkeypatch.setattr(linked.tracker, "read_file", lambda *_args: b"<html>sign in</html>")
    assert linked.round().state == "refused"
    assert task.files == []


def test_a_file_larger_than_the_limit_stays_and_the_rest_goes_on(linked, task):
    linked.files = FileWay("both", 10)
    task.attach("large.bin", b"x" * 11)
    task.attach("small.bin", b"x")
    board(linked).put(key(linked), "jonas", "theirs.bin", b"y" * 12)
    assert linked.round().state == "refused"
    assert list(there(linked)) == ["theirs.bin", "small.bin"]
    assert {one.name: one.reason["size"] for one in copies(linked) if one.reason} == {
        "large.bin": 11,
        "theirs.bin": 12,
    }


def test_time_logged_there_comes_over_and_follows_every_change(linked, task):
    first = board(linked).log_work(key(linked), "jonas", "2026-03-02", 30, "looked")
    second = board(linked).log_work(key(linked), "mei", "2026-03-03", 45)
    linked.round()
    assert linked.store.work == {
        str(first): FarWork(str(first), "jonas", dt.date(2026, 3, 2), 30, "looked"),
        str(second): FarWork(str(second), "mei", dt.date(2026, 3, 3), 45, ""),
    }
    board(linked).unlog_work(first, "jonas")
    linked.round()
    assert sum(work.minutes for work in linked.store.work.values()) == 45
    version = task.version
    linked.round()
    assert task.version == version


def test_a_novel_in_a_work_log_is_quoted_in_part_and_only_once(linked, task):
    board(linked).log_work(key(linked), "jonas", "2026-03-02", 10**9, "x" * 1000)
    linked.round()
    version = task.version
    linked.round()
    assert task.version == version
    (work,) = linked.store.work.values()
    assert (work.minutes, len(work.note)) == (365 * 24 * 60, 300)
