"""A real Redmine (Debian's package, SQLite) on loopback, with a project and two accounts of its own.

Debian lets several instances live beside one another under ``/var/lib/redmine``; this one lies in a temporary
folder and only its link stands there, for as long as the tests run.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

SOURCE, INSTANCES = Path("/usr/share/redmine"), Path("/var/lib/redmine")
PACKAGES = "redmine redmine-sqlite ruby-sqlite3 puma"
START_S = 240
SEED = """
Setting.rest_api_enabled = 1
Setting.login_required = 1
Setting.notified_events = []
Setting.text_formatting = 'common_mark' if Redmine::WikiFormatting.format_names.include?('common_mark')
p = Project.new(name: 'App', identifier: 'app', is_public: false)
p.trackers = Tracker.all
p.enabled_module_names = %w(issue_tracking)
p.save!
# Nobody may go to Rejected: what Redmine does with a status that the workflow does not allow.
WorkflowTransition.where(new_status_id: IssueStatus.find_by_name('Rejected').id).delete_all
f = IssueCustomField.new(name: 'hub_ref', field_format: 'string', is_for_all: true, is_filter: true)
f.trackers = Tracker.all; f.save!
keys = %w(hub mei).map do |login|
  u = User.new(firstname: login.capitalize, lastname: 'Test', mail: "#{login}@example.test", language: 'de')
  u.login = login; u.password = u.password_confirmation = 'a-long-pass-12'; u.save!
  Member.create!(project: p, principal: u, roles: [Role.find_by_name('Manager')])
  [u.api_key, u.id]
end
File.write(ENV['TOLD'], { keys: keys, field: f.id, format: Setting.text_formatting }.to_json)
"""


def missing():
    """What is not there, in words; None where all is."""
    if not SOURCE.is_dir() or shutil.which("puma") is None or shutil.which("bundle") is None:
        return f"Redmine is not installed (Debian: apt-get install {PACKAGES})"
    return None if os.access(INSTANCES, os.W_OK) else f"{INSTANCES} cannot be written"


class Redmine:
    """One instance: begun cold, stopped and started again at will."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("config", "files", "log", "tmp/cache", "public/plugin_assets", "db"):
            (folder / name).mkdir(parents=True)
        self._link = INSTANCES / f"hubtest-{secrets.token_hex(4)}"
        self._link.symlink_to(folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        database = (
            f"production:\n  adapter: sqlite3\n  database: {folder}/db/redmine.sqlite3\n  timeout: 15000\n"
        )
        (folder / "config/database.yml").write_text(database)
        (folder / "config/secret_key.txt").write_text(secrets.token_hex(40))
        mail = {"default": {"email_delivery": {"delivery_method": ":test"}}}
        (folder / "config/configuration.yml").write_text(json.dumps(mail))
        self._environ = {
            **os.environ,
            "REDMINE_INSTANCE": self._link.name,
            "RAILS_ENV": "production",
            "SCHEMA": "/dev/null",
            "REDMINE_LANG": "en",
            "BUNDLE_GEMFILE": str(SOURCE / "Gemfile"),
            "TOLD": str(folder / "told.json"),
        }
        self._process = None

    def begin(self):
        """Make the database and its people."""
        (self.folder / "seed.rb").write_text(SEED)
        for task in ("db:migrate", "redmine:load_default_data"):
            self._run(["bundle", "exec", "rake", task])
        self._run(["bundle", "exec", "rails", "runner", str(self.folder / "seed.rb")])
        told = json.loads((self.folder / "told.json").read_text())
        (self.key, self.bot), (self.mei_key, self.mei) = told["keys"]
        self.field, self.format = told["field"], told["format"]

    def _run(self, command):
        done = subprocess.run(command, cwd=SOURCE, env=self._environ, capture_output=True, text=True)
        assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]

    def start(self):
        """Serve, and wait until it answers."""
        bind = self.url.replace("http://", "tcp://")
        with (self.folder / "log/puma.log").open("a") as log:
            self._process = subprocess.Popen(
                ["puma", "-e", "production", "-b", bind, "-t", "2:5", "config.ru"],
                cwd=SOURCE,
                env=self._environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        end = time.monotonic() + START_S
        while time.monotonic() < end and self._process.poll() is None:
            try:
                self.call("GET", "/users/current.json")
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise AssertionError((self.folder / "log/puma.log").read_text()[-2000:])

    def stop(self):
        """Stop serving; the database stays."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(60)
            self._process = None

    def close(self):
        """Leave nothing behind."""
        self.stop()
        self._link.unlink()

    def call(self, method, path, body=None, key=None):
        """A call of somebody there: Mei, unless another key is given."""
        headers = {"X-Redmine-API-Key": key or self.mei_key, "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def edit(self, ref, **values):
        """Mei changes an issue."""
        self.call("PUT", f"/issues/{ref}.json", {"issue": values})

    def issue(self, ref):
        """An issue with all there is."""
        return self.call("GET", f"/issues/{ref}.json?include=journals")["issue"]

    def numbers(self):
        """Every issue of the project."""
        rows = self.call("GET", "/issues.json?status_id=*&project_id=app&limit=100")["issues"]
        return [str(row["id"]) for row in rows]
