"""Signed links to files: good for one public file of one linked task, until a day."""

import datetime as dt
import hashlib

import pytest
from cryptography.fernet import Fernet

from hub.core.connections.secrets import KeyRing
from hub.core.execute.sync.files import OurFile
from hub.core.execute.sync.sharing import LASTS, Sharing
from hub.core.files import Attachment, attach
from hub.core.values import Refusal

PAPER = b"what the customer sent"
FILE = OurFile(hashlib.sha256(PAPER).hexdigest(), "a `b`\n@jonas #12.txt", len(PAPER))


@pytest.fixture
def sharing():
    return Sharing(KeyRing([Fernet.generate_key().decode()]), "https://hub.example.org/", "en")


@pytest.fixture
def shared(office):
    """The number of a link to a task with one public file."""
    task_id, link_id = office.make_task()
    with office.database.transaction() as session:
        stored, now = office.files.put(PAPER), office.database.now()
        attach(session, stored, "paper.txt", ("tasks", task_id), office.actor, now, public=True)
    return link_id


def token_of(sharing, office, link_id, file=FILE):
    said = sharing.note_of(link_id, office.database.now())(file)
    return said.partition("https://hub.example.org/d/")[2].partition(">")[0]


def opened(sharing, office, token, later=dt.timedelta(0)):
    with office.database.reading() as session:
        return sharing.opened(session, token, office.database.now() + later)[0].name


def test_a_note_tells_the_name_harmlessly_the_size_the_address_and_the_last_day(sharing):
    said = sharing.note_of(7, dt.datetime(2026, 3, 1, tzinfo=dt.UTC))(FILE)
    assert said.startswith("File `a 'b' @jonas #12.txt` (0.1 kB):\n\n<https://hub.example.org/d/7-")
    assert said.endswith("The link works until 2026-05-30.")
    chinese = Sharing(sharing.keys, "https://h", "zh").note_of(7, dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
    assert chinese(OurFile("0" * 64, "照片.png", 2_340_000)).startswith("文件 `照片.png`（2.3 MB）：")


def test_a_link_opens_its_file_until_its_last_day(sharing, office, shared):
    token = token_of(sharing, office, shared)
    assert opened(sharing, office, token) == "paper.txt"
    assert opened(sharing, office, token, LASTS) == "paper.txt"
    with pytest.raises(Refusal, match="link_expired"):
        opened(sharing, office, token, LASTS + dt.timedelta(days=1))


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_link_that_was_changed_is_unknown(sharing, office, shared, place):
    parts = token_of(sharing, office, shared).split("-")
    parts[place] = {0: str(shared + 1), 1: str(int(parts[1]) + 1), 2: "0" * 16, 3: "a" * 26}[place]
    with pytest.raises(Refusal, match="link_unknown"):
        opened(sharing, office, "-".join(parts))


@pytest.mark.parametrize("token", ["", "-", "x" * 400, "1-2-3-4", "９-739000-" + "0" * 16 + "-" + "a" * 26])
def test_what_is_no_link_is_unknown(sharing, office, token):
    with pytest.raises(Refusal, match="link_unknown"):
        opened(sharing, office, token)


def test_another_hub_does_not_know_it(sharing, office, shared):
    other = Sharing(KeyRing([Fernet.generate_key().decode()]), "https://hub.example.org", "en")
    with pytest.raises(Refusal, match="link_unknown"):
        opened(other, office, token_of(sharing, office, shared))


def test_it_ends_when_the_file_becomes_internal(sharing, office, shared):
    token = token_of(sharing, office, shared)
    with office.database.transaction() as session:
        session.query(Attachment).one().public = False
    with pytest.raises(Refusal, match="link_unknown"):
        opened(sharing, office, token)
