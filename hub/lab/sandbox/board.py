"""The sandbox tracker's memory: items, comments, labels, a change log; in one SQLite file.

Its quirks: the clock knows whole seconds only, line ends become LF, outer blanks are trimmed.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from hub.core.database import Clock, SystemClock
from hub.lab.sandbox.checked import CHECKED, Wrong, labels_of, trimmed
from hub.lab.sandbox.shelf import Shelf

STATES = ("todo", "doing", "blocked", "done", "cancelled")
PEOPLE = {"mei": "梅 Mei", "jonas": "Jonas", "lin": "林 Lin", "anna": "Anna"}
PRIORITIES = ("urgent", "high", "normal", "low")
# Columns that an older file does not have.
LATER = ("priority", "due", "estimate")
PLAIN = ("title", "text", "status", "assignee", *LATER)

TABLES = """
create table if not exists items (
    key text primary key, number integer unique, title text, text text, status text, assignee text,
    labels text, external_id text, created integer, updated integer, revision integer default 0,
    deleted integer default 0, moved_to text
);
create table if not exists comments (
    id integer primary key autoincrement, item text, author text, text text, external_id text,
    at integer, deleted integer default 0
);
create table if not exists log (
    id integer primary key autoincrement, item text, field text, value text, author text, at integer
);
create table if not exists hooks (name text primary key, url text, secret text);
"""


class NotThere(Exception):
    """No such item (or no longer); ``moved_to`` names its new key."""

    def __init__(self, moved_to: str | None = None) -> None:
        """``moved_to`` is None where the item is gone for good."""
        super().__init__(moved_to)
        self.moved_to = moved_to


class Board:
    """Everything the sandbox tracker knows. Each verb is one transaction."""

    def __init__(
        self,
        path: str = ":memory:",
        *,
        clock: Clock | None = None,
        people: Mapping[str, str] = PEOPLE,
        mails: Mapping[str, str] = MappingProxyType({}),
        changed: Callable[[str], None] = lambda key: None,
    ) -> None:
        """``changed`` is called with the item's key after each committed change."""
        self.people, self.mails = dict(people), dict(mails)
        self._clock = clock or SystemClock()
        self.changed = changed
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(TABLES)
        known = {row["name"] for row in self._db.execute("pragma table_info(items)")}
        for name in LATER:
            if name not in known:
                self._db.execute(f"alter table items add column {name}")
        self.shelf = Shelf(self._db, self._write, self._log, self.now)

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._db.close()

    def forget(self) -> None:
        """Be as new: no item, no log, no hook."""
        with self._write() as db:
            for table in ("items", "comments", "log", "hooks", "files", "work"):
                db.execute(f"delete from {table}")

    def now(self) -> int:
        """The tracker's clock: whole seconds."""
        return int(self._clock.now().timestamp())

    @contextmanager
    def _write(self, key: str | None = None) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("begin immediate")
            try:
                yield self._db
            except BaseException:
                self._db.execute("rollback")
                raise
            self._db.execute("commit")
        if key is not None:
            self.changed(key)

    # ---- items ----

    def items(self, changed_since: int | None = None, external_id: str | None = None) -> list[dict[str, Any]]:
        """Items that are still there, the last changed first."""
        with self._lock:
            rows = self._db.execute(
                "select key from items where not deleted and moved_to is null and updated >= ?"
                " and (? is null or external_id = ?) order by updated desc, number desc",
                (changed_since or 0, external_id, external_id),
            ).fetchall()
            return [self.item(row["key"]) for row in rows]

    def item(self, key: str) -> dict[str, Any]:
        """One item with its comments."""
        with self._lock:
            row = self._db.execute("select * from items where key = ?", (key,)).fetchone()
            if row is None or row["deleted"] or row["moved_to"]:
                raise NotThere(row["moved_to"] if row else None)
            item = {**dict(row), "labels": json.loads(row["labels"])}
            comments = self._db.execute(
                "select id, author, text, external_id, at from comments where item = ? and not deleted"
                " order by id",
                (key,),
            )
            item["comments"] = [dict(comment) for comment in comments]
            item |= self.shelf.of(key)
        for hidden in ("number", "deleted", "moved_to"):
            del item[hidden]
        return item

    def create(self, author: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Make an item."""
        begun = {"title": "", "text": "", "status": STATES[0], **dict.fromkeys(PLAIN[3:])}
        fields = self._clean({**begun, **values})
        labels = sorted(labels_of(values.get("labels", ())))
        with self._lock:
            number = self._db.execute("select coalesce(max(number), 0) + 1 from items").fetchone()[0]
            key = f"SBX-{number}"
            with self._write(key) as db:
                db.execute(
                    f"insert into items (key, number, {', '.join(PLAIN)}, labels, external_id,"
                    f" created, updated) values ({', '.join('?' * (len(PLAIN) + 6))})",
                    (
                        key,
                        number,
                        *(fields[name] for name in PLAIN),
                        json.dumps(labels),
                        values.get("external_id"),
                        self.now(),
                        self.now(),
                    ),
                )
                self._log(db, key, "created", None, author)
        return self.item(key)

    def change(self, key: str, author: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change fields; ``labels`` comes as {"add": […], "remove": […]}."""
        with self._lock:
            before = self.item(key)
            fields = self._clean({name: changes[name] for name in PLAIN if name in changes})
            if "labels" in changes:
                if not isinstance(changes["labels"], Mapping):
                    raise Wrong("labels", 'labels come as {"add": […], "remove": […]}')
                add, remove = (labels_of(changes["labels"].get(way, ())) for way in ("add", "remove"))
                fields["labels"] = sorted((set(before["labels"]) | add) - remove)
            moved = {name: value for name, value in fields.items() if value != before[name]}
            if not moved:
                return before
            with self._write(key) as db:
                for name, value in moved.items():
                    stored = json.dumps(value) if name == "labels" else value
                    db.execute(f"update items set {name} = ? where key = ?", (stored, key))
                    self._log(db, key, name, value, author)
            return self.item(key)

    def log(self, key: str, after: int = 0) -> list[dict[str, Any]]:
        """Who changed which field of an item, oldest first."""
        self.item(key)
        with self._lock:
            rows = self._db.execute("select * from log where item = ? and id > ? order by id", (key, after))
            return [{**dict(row), "value": json.loads(row["value"])} for row in rows]

    def delete(self, key: str) -> None:
        """Take an item away."""
        self.item(key)
        with self._write(key) as db:
            db.execute("update items set deleted = 1, updated = ? where key = ?", (self.now(), key))

    def move(self, key: str, new_key: str) -> None:
        """Give an item another key; the old one tells where it went."""
        self.item(key)
        with self._write(new_key) as db:
            db.execute("update items set key = ?, updated = ? where key = ?", (new_key, self.now(), key))
            for table in ("comments", "log", "files", "work"):
                db.execute(f"update {table} set item = ? where item = ?", (new_key, key))
            db.execute("insert into items (key, moved_to) values (?, ?)", (key, new_key))

    # ---- comments ----

    def add_comment(self, key: str, author: str, text: str, external_id: str | None = None) -> dict[str, Any]:
        """Say something on an item."""
        text = trimmed("text", text)
        if not text:
            raise Wrong("text", "a comment needs a text")
        self.item(key)
        with self._write(key) as db:
            made = db.execute(
                "insert into comments (item, author, text, external_id, at) values (?, ?, ?, ?, ?)",
                (key, author, text, external_id, self.now()),
            ).lastrowid
            self._log(db, key, "comment", made, author)
        return self.comment(int(made or 0))

    def comment(self, comment_id: int) -> dict[str, Any]:
        """One comment."""
        with self._lock:
            row = self._db.execute(
                "select id, item, author, text, external_id, at from comments where id = ? and not deleted",
                (comment_id,),
            ).fetchone()
        if row is None:
            raise NotThere
        return dict(row)

    def edit_comment(self, comment_id: int, author: str, text: str) -> dict[str, Any]:
        """Change what was said."""
        text = trimmed("text", text)
        if not text:
            raise Wrong("text", "a comment needs a text")
        key = self.comment(comment_id)["item"]
        with self._write(key) as db:
            db.execute("update comments set text = ? where id = ?", (text, comment_id))
            self._log(db, key, "comment", comment_id, author)
        return self.comment(comment_id)

    def delete_comment(self, comment_id: int, author: str) -> None:
        """Take a comment away."""
        key = self.comment(comment_id)["item"]
        with self._write(key) as db:
            db.execute("update comments set deleted = 1 where id = ?", (comment_id,))
            self._log(db, key, "comment", comment_id, author)

    # ---- hooks ----

    def register_hook(self, name: str, url: str, secret: str) -> None:
        """Tell this address about changes; the same name again replaces it."""
        with self._write() as db:
            db.execute("insert or replace into hooks values (?, ?, ?)", (name, url, secret))

    def hooks(self) -> list[tuple[str, str]]:
        """Address and secret of each registered hook."""
        with self._lock:
            return [(row["url"], row["secret"]) for row in self._db.execute("select url, secret from hooks")]

    def _log(self, db: sqlite3.Connection, key: str, field: str, value: Any, author: str) -> None:
        made = db.execute(
            "insert into log (item, field, value, author, at) values (?, ?, ?, ?, ?)",
            (key, field, json.dumps(value), author, self.now()),
        ).lastrowid
        db.execute("update items set revision = ?, updated = ? where key = ?", (made, self.now(), key))

    def _clean(self, values: Mapping[str, Any]) -> dict[str, Any]:
        clean = {name: values[name] for name in PLAIN if name in values}
        for name in ("title", "text"):
            if name in clean:
                clean[name] = trimmed(name, clean[name])
        if "title" in clean and not clean["title"]:
            raise Wrong("title", "an item needs a title")
        if "status" in clean and clean["status"] not in STATES:
            raise Wrong("status", f"no such status: {clean['status']}")
        if "assignee" in clean:
            clean["assignee"] = clean["assignee"] or None
            if clean["assignee"] not in (None, *self.people):
                raise Wrong("assignee", f"no such account: {clean['assignee']}")
        if clean.get("priority") not in (None, *PRIORITIES):
            raise Wrong("priority", f"no such priority: {clean['priority']}")
        clean |= {name: CHECKED[name](clean[name]) for name in CHECKED if name in clean}
        return clean
