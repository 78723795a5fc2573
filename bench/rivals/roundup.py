"""Roundup from PyPI, its classic template on SQLite: by its own server, and tuned behind waitress.

Its installation guide starts ``roundup-server name=home``, which forks for each connection. Behind waitress,
with the tracker kept open between requests, it was measured two to four times as fast.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from urllib.parse import quote

from corpus import item
from visitor import Visitor, hidden

from rivals import Missing, Rival

PASSWORD = "a password for this bench"
NOBODY = "nobody"
COLUMNS = "id,activity,title,creator,assignedto,status"
FILL = """
import json, sys
from roundup import instance
db = instance.open("home").open("admin")
# It commits thousands of times; a power cut in the middle of this would only begin it anew.
db.conn.execute("PRAGMA synchronous = OFF")
for line in open(sys.argv[1], encoding="utf-8"):
    one = json.loads(line)
    messages = [
        db.msg.create(content=text, author="1", summary=one["title"]) for text in (one["body"], *one["talk"])
    ]
    db.issue.create(title=one["title"], messages=messages, status="1", priority="3")
db.commit()
"""
SERVE = """
import sys
from roundup.cgi.wsgi_handler import RequestDispatcher
from waitress import serve
app = RequestDispatcher(sys.argv[3], feature_flags={"cache_tracker": ""})
def mounted(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/tracker" or path.startswith("/tracker/"):
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = "/tracker", path[len("/tracker"):]
    return app(environ, start_response)
serve(mounted, host="127.0.0.1", port=int(sys.argv[1]), threads=int(sys.argv[2]))
"""


class Roundup(Rival):
    """Issues with messages; search by its own index of words."""

    name = "roundup"

    def prepare(self, size: int) -> None:
        """Install the classic tracker; mail goes nowhere."""
        self.install("roundup==2.6.0", "waitress==3.0.2")
        admin = str(self.folder / "env" / "bin" / "roundup-admin")
        self.run(admin, "-i", "home", "install", "classic", "sqlite")
        config = self.folder / "home" / "config.ini"
        text = config.read_text()
        for name, value in (
            ("web", self._web),
            ("domain", "localhost"),
            ("host", "localhost"),
        ):
            text = re.sub(rf"^#?{name} = NO DEFAULT$", f"{name} = {value}", text, flags=re.MULTILINE)
        text = re.sub(r"^#?messages_to_author = .*$", "messages_to_author = no", text, flags=re.MULTILINE)
        text = re.sub(r"^#?debug = $", "debug = mail.log", text, flags=re.MULTILINE)
        config.write_text(text)
        self.run(admin, "-i", "home", "initialise", PASSWORD)
        (self.folder / "fill.py").write_text(FILL)
        self.run(str(self.python), "fill.py", str(self.write_items(size)))

    def command(self) -> list[str]:
        """As its guide says; it refuses to run as root."""
        server = self.folder / "env" / "bin" / "roundup-server"
        return [str(server), *self._somebody(), "-p", str(self.port), f"tracker={self.folder / 'home'}"]

    def _somebody(self) -> tuple[str, ...]:
        if os.getuid():
            return ()
        # The folder is the bench's own, which nobody else may enter.
        self.folder.parent.chmod(0o711)
        for path in (self.folder, self.folder / "home", *(self.folder / "home").rglob("*")):
            shutil.chown(path, NOBODY)
        return ("-u", NOBODY)

    @property
    def _web(self) -> str:
        return f"http://127.0.0.1:{self.port}/tracker/"

    def _visitor(self) -> Visitor:
        # A form from elsewhere is refused: it looks at where one comes from.
        return Visitor(self.port, {"Referer": self._web})

    def sign_in(self) -> Visitor:
        """Its own form."""
        visitor = self._visitor()
        _, page = visitor.get("/tracker/")
        form = {
            "__login_name": "admin", "__login_password": PASSWORD, "@action": "Login",
            "@csrf": hidden(page, "@csrf"), "__came_from": self._web,
        }  # fmt: skip
        visitor.post_form("/tracker/", form)
        return visitor

    def sender(self) -> Visitor:
        """With a session: a password with each call would cost it a tenth of a second."""
        return self.sign_in()

    def create(self, sender: Visitor, number: int) -> None:
        """Its REST interface: the message first, then the issue that holds it."""
        one = item(number)
        message = self._post(sender, "msg", {"content": one.body, "author": "1"})
        self._post(
            sender, "issue", {"title": one.title, "messages": [message], "status": "1", "priority": "3"}
        )

    def _post(self, sender: Visitor, kind: str, values: dict[str, object]) -> str:
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "X-Requested-With": "rest",
        }
        _, text = sender.ask("POST", f"/tracker/rest/data/{kind}", json.dumps(values).encode(), headers)
        return str(json.loads(text)["data"]["id"])

    def titles(self) -> Sequence[str]:
        """From its SQLite file."""
        path = next((self.folder / "home" / "db").glob("db"))
        with closing(sqlite3.connect(path)) as database:
            return [title for (title,) in database.execute("SELECT _title FROM _issue WHERE __retired__ = 0")]

    def look(self, visitor: Visitor, kind: str, what: str = "") -> tuple[float, str]:
        """Its index page, fifty at a time; an issue; its search by words."""
        index = f"/tracker/issue?@columns={COLUMNS}&@sort=-activity&@pagesize=50&@startwith=0&@dispname=x"
        if kind == "item":
            return visitor.get(f"/tracker/issue{what}")
        if kind == "search":
            return visitor.get(f"{index}&@search_text={quote(what)}")
        return visitor.get(f"{index}&@filter=status&status=-1,1,2,3,4,5,6,7")


class TunedRoundup(Roundup):
    """The same tracker as its WSGI application in a pool of threads, as many as the others have."""

    name = "roundup@waitress"
    tunes = Roundup.name

    def prepare(self, size: int) -> None:
        """A copy of the other's folder, which has been filled before."""
        filled = self.folder.parent / Roundup.name
        if not (filled / "fill.py").exists():
            raise Missing("Roundup is not here")
        shutil.copytree(filled / "home", self.folder / "home")
        (self.folder / "env").symlink_to(filled / "env")
        config = self.folder / "home" / "config.ini"
        text = re.sub(r"^web = .*$", f"web = {self._web}", config.read_text(), flags=re.MULTILINE)
        config.write_text(text)
        (self.folder / "serve.py").write_text(SERVE)

    def command(self) -> list[str]:
        """Waitress, and the tracker open."""
        home = str(self.folder / "home")
        return [str(self.python), str(self.folder / "serve.py"), str(self.port), str(self.threads), home]
