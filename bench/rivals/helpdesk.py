"""django-helpdesk from PyPI: its REST interface and its staff pages on SQLite, served by waitress."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from urllib.parse import quote

from corpus import item
from visitor import Visitor, hidden

from rivals import Rival

PASSWORD = "a password for this bench"
PACKAGES = (
    "django-helpdesk==2.6.1", "django==5.2.19", "djangorestframework==3.18.3", "waitress==3.0.2",
    "setuptools<81",
)  # fmt: skip
SETTINGS = """
from pathlib import Path
HERE = Path(__file__).parent
SECRET_KEY = "only for this bench"
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    "django.contrib.messages", "django.contrib.staticfiles", "django.contrib.sites",
    "django.contrib.humanize", "rest_framework", "rest_framework.authtoken", "helpdesk",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware", "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "urls"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.debug", "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth", "django.contrib.messages.context_processors.messages",
    ]},
}]
DATABASES = {"default": {
    "ENGINE": "django.db.backends.sqlite3", "NAME": HERE / "db.sqlite3",
    "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"},
}}
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": [
    "rest_framework.authentication.TokenAuthentication",
    "rest_framework.authentication.SessionAuthentication",
]}
SITE_ID = 1
USE_TZ = True
STATIC_URL = "/static/"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
LOGIN_URL = "/login/"
HELPDESK_TEAMS_MODE_ENABLED = False
HELPDESK_ACTIVATE_API_ENDPOINT = True
"""
URLS = """
from django.urls import include, path
urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]
"""
FILL = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
import django
django.setup()
from django.contrib.auth import get_user_model
from helpdesk.models import FollowUp, Queue, Ticket
from rest_framework.authtoken.models import Token
user = get_user_model().objects.create_superuser("bench", "bench@example.org", sys.argv[2])
queue = Queue.objects.create(title="Bench", slug="bench")
items = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
Ticket.objects.bulk_create(
    (Ticket(queue=queue, title=one["title"], description=one["body"], submitter_email="a@example.org",
            priority=3) for one in items), batch_size=500)
tickets = dict(Ticket.objects.values_list("title", "id"))
FollowUp.objects.bulk_create(
    FollowUp(ticket_id=tickets[one["title"]], title="Comment", comment=text, public=True, user=user)
    for one in items for text in one["talk"])
print(Token.objects.create(user=user).key)
"""
SERVE = """
import os, sys
os.chdir(sys.argv[3])
sys.path.insert(0, sys.argv[3])
os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
from django.core.wsgi import get_wsgi_application
from waitress import serve
serve(get_wsgi_application(), host="127.0.0.1", port=int(sys.argv[1]), threads=int(sys.argv[2]))
"""


class Helpdesk(Rival):
    """Tickets in a queue; its list is a page and the rows that page asks for."""

    name = "helpdesk"

    def prepare(self, size: int) -> None:
        """A small project around it, as its documentation describes one."""
        self.install(*PACKAGES)
        for name, text in (("settings", SETTINGS), ("urls", URLS), ("fill", FILL), ("serve", SERVE)):
            (self.folder / f"{name}.py").write_text(text)
        self.run(str(self.python), "-m", "django", "migrate", "--settings=settings", "--pythonpath=.")
        said = self.run(str(self.python), "fill.py", str(self.write_items(size)), PASSWORD)
        self._token = said.split()[-1]

    def command(self) -> list[str]:
        """The project behind waitress."""
        return [
            str(self.python), str(self.folder / "serve.py"), str(self.port), str(self.threads),
            str(self.folder),
        ]  # fmt: skip

    def sign_in(self) -> Visitor:
        """Its own form."""
        visitor = Visitor(self.port)
        _, page = visitor.get("/login/")
        form = {"csrfmiddlewaretoken": hidden(page, "csrfmiddlewaretoken")}
        visitor.post_form("/login/", {**form, "username": "bench", "password": PASSWORD, "next": "/tickets/"})
        return visitor

    def sender(self) -> Visitor:
        """With a token."""
        return Visitor(self.port, {"Authorization": f"Token {self._token}"})

    def create(self, sender: Visitor, number: int) -> None:
        """Its REST interface."""
        one = item(number)
        values = {
            "queue": 1, "title": one.title, "description": one.body, "priority": 3,
            "submitter_email": "a@example.org",
        }  # fmt: skip
        sender.ask("POST", "/api/tickets/", json.dumps(values).encode(), {"Content-Type": "application/json"})

    def titles(self) -> Sequence[str]:
        """From its SQLite file."""
        with closing(sqlite3.connect(self.folder / "db.sqlite3")) as database:
            return [title for (title,) in database.execute("SELECT title FROM helpdesk_ticket")]

    def look(self, visitor: Visitor, kind: str, what: str = "") -> tuple[float, str]:
        """Its list with the first fifty rows, a ticket, or its search."""
        if kind == "item":
            return visitor.get(f"/tickets/{what}/")
        start = time.perf_counter()
        asked = f"?search_type=header&q={quote(what)}" if kind == "search" else ""
        _, shell = visitor.get(f"/tickets/{asked}")
        rows = re.search(r"/datatables_ticket_list/([^\"']+)", shell)
        assert rows, shell[-2000:]
        wanted = "draw=1&start=0&length=50&order[0][column]=0&order[0][dir]=asc"
        _, found = visitor.get(f"/datatables_ticket_list/{rows[1]}?{wanted}")
        return time.perf_counter() - start, shell + found
