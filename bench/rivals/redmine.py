"""Redmine as Debian packages it, with SQLite and puma; only where the packages are and by root."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from corpus import item
from visitor import Visitor, hidden

from rivals import Missing, Rival

HOME, INSTANCES = Path("/usr/share/redmine"), Path("/var/lib/redmine")
PASSWORD = "a password for this bench"
FILL = """
require 'json'
Setting.rest_api_enabled = 1
Setting.login_required = 0
Setting.notified_events = []
user = User.find_by_login('admin')
user.password = user.password_confirmation = ENV['BENCH_PASSWORD']
user.must_change_passwd = false
user.save!
project = Project.new(name: 'Bench', identifier: 'bench', is_public: true)
project.trackers = Tracker.all
project.enabled_module_names = %w(issue_tracking)
project.save!
now = Time.now.utc
same = { tracker_id: Tracker.first.id, project_id: project.id, status_id: IssueStatus.first.id,
         priority_id: IssuePriority.default.id, author_id: user.id, lock_version: 0, done_ratio: 0,
         created_on: now, updated_on: now, lft: 1, rgt: 2, is_private: false }
items = File.foreach(ENV['BENCH_ITEMS']).map { |line| JSON.parse(line) }
items.each_slice(500) do |some|
  Issue.insert_all(some.map { |one| same.merge(subject: one['title'], description: one['body']) })
end
ids = Issue.pluck(:subject, :id).to_h
said = items.flat_map { |one| one['talk'].map { |text| [ids[one['title']], text] } }
noted = { journalized_type: 'Issue', user_id: user.id, created_on: now, private_notes: false }
noted[:updated_on] = now if Journal.column_names.include?('updated_on')
Journal.insert_all(said.map { |id, text| noted.merge(journalized_id: id, notes: text) }) if said.any?
Issue.connection.execute('UPDATE issues SET root_id = id')
puts user.api_key
"""


class Redmine(Rival):
    """Issues of one project; its search reads every issue."""

    name = "redmine"

    def prepare(self, size: int) -> None:
        """An instance of its own, as the package provides for; gone with ``close``."""
        if not (HOME / "config.ru").exists() or shutil.which("puma") is None:
            raise Missing("Debian's packages redmine, redmine-sqlite and puma are not here")
        if not os.access(INSTANCES, os.W_OK):
            raise Missing(f"{INSTANCES} may not be written to")
        for part in ("config", "files", "log", "tmp/cache", "public/plugin_assets", "db"):
            (self.folder / part).mkdir(parents=True)
        self._instance = f"bench{secrets.token_hex(4)}"
        (INSTANCES / self._instance).symlink_to(self.folder)
        (self.folder / "config" / "database.yml").write_text(
            f"production:\n  adapter: sqlite3\n  database: {self._database}\n  timeout: 15000\n"
        )
        (self.folder / "config" / "secret_key.txt").write_text(secrets.token_hex(40))
        (self.folder / "fill.rb").write_text(FILL)
        environ = {
            **os.environ,
            **self.environ(),
            "BENCH_ITEMS": str(self.write_items(size)),
            "REDMINE_LANG": "en",
        }
        environ["BENCH_PASSWORD"] = PASSWORD
        for task in ("db:migrate", "redmine:load_default_data"):
            self._rails(environ, "rake", task)
        self._key = self._rails(environ, "rails", "runner", str(self.folder / "fill.rb")).split()[-1]

    def _rails(self, environ: dict[str, str], *words: str) -> str:
        return self.run("bundle", "exec", *words, environ=environ, folder=HOME)

    @property
    def _database(self) -> Path:
        return self.folder / "db" / "redmine.sqlite3"

    def environ(self) -> dict[str, str]:
        """Which instance, and where its gems are listed."""
        return {
            "REDMINE_INSTANCE": self._instance, "RAILS_ENV": "production", "SCHEMA": "/dev/null",
            "BUNDLE_GEMFILE": str(HOME / "Gemfile"),
        }  # fmt: skip

    def command(self) -> list[str]:
        """Puma with its usual threads."""
        return [
            "puma", "--dir", str(HOME), "-e", "production", "-b", f"tcp://127.0.0.1:{self.port}",
            "-t", f"2:{self.threads}", "config.ru",
        ]  # fmt: skip

    def sign_in(self) -> Visitor:
        """Its own form."""
        visitor = Visitor(self.port)
        _, page = visitor.get("/login")
        form = {"authenticity_token": hidden(page, "authenticity_token")}
        visitor.post_form("/login", {**form, "username": "admin", "password": PASSWORD})
        return visitor

    def sender(self) -> Visitor:
        """With a key."""
        return Visitor(self.port, {"X-Redmine-API-Key": self._key, "Content-Type": "application/json"})

    def create(self, sender: Visitor, number: int) -> None:
        """Its REST interface."""
        one = item(number)
        issue = {"project_id": "bench", "subject": one.title, "description": one.body}
        sender.ask("POST", "/issues.json", json.dumps({"issue": issue}).encode())

    def titles(self) -> Sequence[str]:
        """From its SQLite file."""
        with closing(sqlite3.connect(self._database)) as database:
            return [title for (title,) in database.execute("SELECT subject FROM issues")]

    def look(self, visitor: Visitor, kind: str, what: str = "") -> tuple[float, str]:
        """The project's issues, fifty at a time; an issue; the search in issues."""
        if kind == "item":
            return visitor.get(f"/issues/{what}")
        if kind == "search":
            return visitor.get(f"/projects/bench/search?q={quote(what)}&issues=1&all_words=1&titles_only=")
        return visitor.get("/projects/bench/issues?per_page=50")

    def close(self) -> None:
        """Take the instance's name away again."""
        if hasattr(self, "_instance"):
            (INSTANCES / self._instance).unlink(missing_ok=True)
