"""The store of dicts and the store of tables answer alike, whatever people and faults do."""

from dataclasses import replace

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hub.core.conversation import comments
from hub.core.directory.models import Person
from hub.core.execute.sync import task_writer
from hub.core.execute.sync.fields import tidy
from hub.core.execute.sync.files import FileWay
from hub.core.execute.sync.tables import TableStore
from hub.core.work.attachments import attach_file
from hub.core.work.models import Task
from hub.core.work.tasks import assign_task, set_state
from hub.lab.memory import MemoryStore, MemoryTask
from tests.core.execute.sync.conftest import make_pair

TEXTS = [
    "It burns.\nSince noon.\nThird floor.",
    "It burns.\r\nSince noon.\r\nFloor 3. ",
    "Cold\nSince noon.",
    "",
]
PAPERS = [b"one", b"two", b"large" * 5]
STATES = ["open", "doing", "waiting", "done", "dropped"]

here = st.one_of(
    st.tuples(st.just("title"), st.sampled_from(["One", "Two", "Three "])),
    st.tuples(st.just("body"), st.sampled_from(TEXTS)),
    st.tuples(st.just("status"), st.sampled_from(STATES)),
    st.tuples(st.just("assignee"), st.sampled_from([0, 1, None])),
    st.tuples(st.just("labels"), st.frozensets(st.sampled_from("abc"))),
    st.tuples(st.just("priority"), st.sampled_from([None, 1, 2])),
    st.tuples(st.just("due"), st.sampled_from([None, "2026-05-04", "2026-05-05"])),
    st.tuples(st.just("estimate"), st.sampled_from([None, 50, 90])),
    st.tuples(st.just("say"), st.sampled_from(["hello", "a\nb "])),
    st.tuples(st.just("edit"), st.sampled_from(["changed", "again"])),
    st.tuples(st.just("take_back"), st.none()),
    st.tuples(st.just("attach"), st.sampled_from(PAPERS)),
    st.tuples(st.just("hide"), st.sampled_from(PAPERS)),
)
there = st.one_of(
    st.tuples(st.just("title"), st.sampled_from(["One", "Vier", "Fünf"])),
    st.tuples(st.just("text"), st.sampled_from(TEXTS)),
    st.tuples(st.just("status"), st.sampled_from(["todo", "doing", "blocked", "done", "cancelled"])),
    st.tuples(st.just("assignee"), st.sampled_from(["mei", "jonas", "anna", None])),
    st.tuples(st.just("labels"), st.frozensets(st.sampled_from("bcd"))),
    st.tuples(st.just("priority"), st.sampled_from([None, "urgent", "low"])),
    st.tuples(st.just("due"), st.sampled_from([None, "2026-05-04", "2026-05-06"])),
    st.tuples(st.just("estimate"), st.sampled_from([None, 50, 60])),
    st.tuples(st.just("say"), st.sampled_from(["guten Tag", "x\r\ny"])),
    st.tuples(st.just("edit"), st.sampled_from(["geändert", "nochmal"])),
    st.tuples(st.just("take_back"), st.none()),
    st.tuples(st.just("attach"), st.sampled_from(PAPERS)),
    st.tuples(st.just("detach"), st.none()),
    st.tuples(st.just("work"), st.sampled_from([15, 30])),
    st.tuples(st.just("unlog"), st.none()),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("here"), here),
        st.tuples(st.just("there"), there),
        st.tuples(st.just("between"), there),
        st.tuples(st.just("fault"), st.sampled_from(["unavailable", "lose_answer", "change_nothing"])),
        st.tuples(st.just("round"), st.none()),
    ),
    max_size=14,
)


class MemorySide:
    """Our side in dicts."""

    def __init__(self, office):
        self.people = office.people
        self.task = MemoryTask("Start", TEXTS[0], assignee=office.people[0])
        self.store = MemoryStore(self.task)

    def act(self, name, value):
        said = [c for c in self.task.comments.values() if not c.deleted]
        if name == "say":
            self.task.say("Wang", value.strip())
        elif name in ("attach", "hide"):
            self.task.attach("a.txt", value, public=name == "attach")
        elif name in ("edit", "take_back"):
            if said:
                change = {"text": value} if name == "edit" else {"deleted": True}
                self.task.comments[said[0].id] = replace(said[0], **change)
        elif name == "assignee":
            if value is None and self.task.status == "doing":
                self.task.status = "open"
            self.task.edit(assignee=None if value is None else self.people[value])
        elif name != "status" or value not in ("doing", "done") or self.task.assignee is not None:
            self.task.edit(**{name: value.strip() if isinstance(value, str) else value})


class TableSide:
    """Our side in tables, changed by the verbs that people use."""

    def __init__(self, office):
        self.office = office
        self.task_id, link_id = office.make_task("Start", TEXTS[0])
        self.store = TableStore(office.database, link_id, files=office.files)

    def act(self, name, value):
        office = self.office
        if name in ("attach", "hide"):
            self.attach(value, public=name == "attach")
            return
        with office.database.transaction() as session:
            task, now = session.get_one(Task, self.task_id), office.database.now()
            said = [
                comment
                for comment in comments.stream_of(session, task.request_id, internal=True)
                if comment.task_id == task.id and comment.deleted_at is None
            ]
            if name == "say":
                comments.say(
                    session,
                    now,
                    office.actor,
                    request_id=task.request_id,
                    text=value,
                    stream="public",
                    task_id=task.id,
                )
            elif name == "edit":
                for comment in said[:1]:
                    comment.text = value
            elif name == "take_back":
                for comment in said[:1]:
                    comment.deleted_at = now
            elif name == "assignee":
                person = None if value is None else session.get_one(Person, office.people[value])
                assign_task(session, now, office.actor, task, person)
            elif name == "status":
                if value not in ("doing", "done") or task.assignee_id is not None:
                    set_state(
                        session, now, office.actor, task, value, reason="r" if value == "waiting" else ""
                    )
            else:
                task_writer.write(session, now, office.actor, task, name, value)

    def attach(self, data, *, public):
        stored = self.office.files.put(data)
        with self.office.database.transaction() as session:
            request = session.get_one(Task, self.task_id).request
            now, actor = self.office.database.now(), self.office.actor
            attach_file(session, now, actor, request, stored, "a.txt", public=public)


def act_there(pair, name, value):
    board, ref = pair.sandbox.board, pair.store.look().ref
    if ref is None:
        return
    said = board.item(ref)["comments"]
    if name == "say":
        board.add_comment(ref, "jonas", value)
    elif name == "edit":
        for comment in said[:1]:
            board.edit_comment(comment["id"], "jonas", value)
    elif name == "take_back":
        for comment in said[:1]:
            board.delete_comment(comment["id"], "jonas")
    elif name == "attach":
        board.shelf.put(ref, "jonas", "b.txt", value)
    elif name == "detach":
        for file in board.item(ref)["files"][:1]:
            board.shelf.remove(file["id"], "jonas")
    elif name == "work":
        board.shelf.log_work(ref, "jonas", "2026-03-02", value)
    elif name == "unlog":
        for work in board.item(ref)["work"][:1]:
            board.shelf.unlog_work(work["id"], "jonas")
    elif name == "labels":
        now = set(board.item(ref)["labels"])
        board.change(ref, "jonas", {"labels": {"add": sorted(value - now), "remove": sorted(now - value)}})
    else:
        board.change(ref, "jonas", {name: value})


def play(pair, side, schedule):
    """Carry out a schedule; gives what can be seen of both sides after each round."""
    seen = []
    for kind, what in schedule:
        if kind == "here":
            side.act(*what)
        elif kind == "there":
            act_there(pair, *what)
        elif kind == "between":
            pair.sandbox.faults.before_next_write(lambda what=what: act_there(pair, *what))
        elif kind == "fault":
            pair.sandbox.faults.next(what)
        else:
            pair.round()
            seen.append(view(pair))
    return seen


def view(pair):
    look = pair.store.look()
    there = None
    if look.ref is not None:
        item = pair.item()
        there = [item[name] for name in ("title", "text", "status", "assignee", "labels")]
        there.append([comment["text"] for comment in item["comments"]])
        there.append([(file["name"], file["size"]) for file in item["files"]])
    # Why our own guards declined is said in more words by the tables.
    declined = {name: state.declined and state.declined.reason["id"] for name, state in look.states.items()}
    shown = {name: (declined[name], state.clash) for name, state in look.states.items()}
    return (
        look.fields,
        [(c.text, c.deleted) for c in look.comments],
        there,
        shown,
        len(pair.sandbox.board.items()),
        papers(pair.store),
    )


def papers(store):
    files = store.files()
    copies = sorted((one.origin, one.key, one.state, one.size, one.tries) for one in files.copies)
    ours = sorted((one.name, one.sha256, one.size, one.media_type) for one in files.ours)
    return ours, [store.file_bytes(one[1]) for one in ours], copies, store.worklogs()


def open_pair(office, side):
    pair = make_pair(side.store, office.settings, office.clock)
    pair.files = FileWay("both", 20)
    return pair


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(schedule=steps)
@example(schedule=[("here", ("say", "hello")), ("here", ("take_back", None))])
@example(schedule=[("here", ("say", "hello")), ("round", None), ("here", ("edit", "bonjour"))])
@example(
    schedule=[
        ("here", ("attach", b"one")),
        ("here", ("hide", b"two")),
        ("round", None),
        ("there", ("attach", b"one")),
        ("there", ("attach", b"two")),
        ("there", ("attach", b"large" * 5)),
        ("there", ("work", 15)),
        ("fault", "lose_answer"),
        ("round", None),
        ("there", ("detach", None)),
        ("round", None),
        ("there", ("unlog", None)),
    ]
)
def test_both_stores_answer_alike(office, schedule):
    seen = []
    for side in (MemorySide(office), TableSide(office)):
        pair = open_pair(office, side)
        schedule_to_end = [*schedule, ("round", None), ("round", None), ("round", None), ("round", None)]
        seen.append(play(pair, side, schedule_to_end))
        pair.close()
    assert seen[0] == seen[1]


@settings(max_examples=150, deadline=None)
@given(schedule=steps)
def test_everything_agrees_or_is_shown_once_the_faults_end(schedule):
    class Nobody:
        people = (1, 2)

    side = MemorySide(Nobody)
    from tests.core.execute.sync.conftest import SETTINGS

    pair = make_pair(side.store, SETTINGS)
    play(pair, side, schedule)
    pair.sandbox.faults.clear()
    for _ in range(2):
        pair.round()
    look, item = side.store.look(), pair.item()
    rules = pair._rules
    for name, value in look.fields.items():
        far = item[{"body": "text"}.get(name, name)]
        state = look.states[name]
        if not (state.declined or state.clash):
            wanted = rules[name].outward(value)
            assert tidy(wanted) == tidy(frozenset(far) if name == "labels" else far), name
    assert len(pair.sandbox.board.items()) == 1
    texts = [comment["external_id"] for comment in item["comments"] if comment["external_id"]]
    assert len(texts) == len(set(texts))
    writes, version = pair.wire.writes, side.task.version
    pair.round()
    assert (pair.wire.writes, side.task.version) == (writes, version)
    pair.close()
