"""Stored files: bytes once, rows for what they belong to."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from hub.core.database import Database
from hub.core.files import MARK, FileStore, Stored, StoredFile, attach, attachments_of, file_name, media_type
from hub.core.values import SYSTEM, Actor, Refusal

NOW = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore((tmp_path / "files").as_uri())


def on_disk(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


@pytest.mark.parametrize("data", [b"", b"hello", bytes(range(256)) * 20_000])
def test_gives_back_what_was_put(store: FileStore, data: bytes) -> None:
    stored = store.put(io.BytesIO(data))
    assert (stored.sha256, stored.size) == (hashlib.sha256(data).hexdigest(), len(data))
    with store.open(stored.sha256) as file:
        assert file.read() == data


def test_the_same_bytes_are_stored_once(store: FileStore, tmp_path: Path) -> None:
    assert store.put(b"same") == store.put(io.BytesIO(b"same"))
    assert len(on_disk(tmp_path)) == 1


def test_many_writers_of_the_same_bytes_agree(store: FileStore, tmp_path: Path) -> None:
    found: list[str] = []

    def put() -> None:
        found.append(store.put(b"x" * 100_000).sha256)

    threads = [threading.Thread(target=put) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(on_disk(tmp_path)) == 1


def test_a_file_that_is_too_large_leaves_nothing_behind(store: FileStore, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as caught:
        store.put(b"12345", most=4)
    assert (caught.value.message, caught.value.values) == ("file_too_large", {"most": 4})
    assert on_disk(tmp_path) == []
    assert store.put(b"1234", most=4)


def test_a_source_that_breaks_off_leaves_nothing_behind(store: FileStore, tmp_path: Path) -> None:
    class Breaking(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                raise OSError("gone")
            return super().read(3)

    with pytest.raises(OSError, match="gone"):
        store.put(Breaking(b"123456"))
    assert on_disk(tmp_path) == []


@pytest.mark.parametrize("sha256", ["0" * 64, "../../etc/passwd", "", "ab" * 31 + "/."])
def test_says_that_a_file_is_missing(store: FileStore, sha256: str) -> None:
    with pytest.raises(Refusal) as caught:
        store.open(sha256)
    assert caught.value.message == "file_missing"


def test_works_behind_another_kind_of_url() -> None:
    store = FileStore("memory://hub-files")
    with store.open(store.put(b"in memory").sha256) as file:
        assert file.read() == b"in memory"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a..", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7", "application/pdf"),
        (b"PK\x03\x04..", "application/zip"),
        ("你好\n".encode(), "text/plain"),
        (b"<html><script>", "text/plain"),
        (b"<svg onload=x>", "text/plain"),
        (b"MZ\x90\x00", "application/octet-stream"),
        ("你好".encode("gbk"), "application/octet-stream"),
        (b"a\0b", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_tells_what_bytes_are_and_names_nothing_a_browser_would_run(data: bytes, expected: str) -> None:
    assert media_type(data) == expected


def test_a_long_text_is_a_text_wherever_it_is_cut(store: FileStore) -> None:
    for shift in range(4):
        assert store.put(b"a" * shift + "字".encode() * 400_000).media_type == "text/plain"


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("report.pdf", "report.pdf"),
        ("合同 2026.docx", "合同 2026.docx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a.txt", "a.txt"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie_ x.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("..", "file"),
        ("", "file"),
        (".htaccess", "htaccess"),
        ("NUL.txt", "_NUL.txt"),
        ('a"b.txt', "a_b.txt"),
        ("e\u0301.txt", "\u00e9.txt"),
        ("x" * 300 + ".docx", "x" * 145 + ".docx"),
        ("." + "x" * 300, "x" * 150),
    ],
)
def test_names_are_made_safe(given_name: str, expected: str) -> None:
    assert file_name(given_name) == expected


@settings(deadline=None)
@given(st.text())
def test_every_name_becomes_one_that_is_safe_and_stays_so(name: str) -> None:
    safe = file_name(name)
    assert 0 < len(safe) <= 150
    assert not set(safe) & set('/\\\r\n\0"<>|')
    assert file_name(safe) == safe


def test_attachments_belong_to_one_thing(database: Database, store: FileStore) -> None:
    stored = store.put(PNG)
    person = Actor("person", 7, "member", "Li")
    with database.transaction() as session:
        attach(session, stored, "a/b.png", ("request", 1), person, NOW, public=True)
        attach(session, stored, "again.png", ("request", 1), SYSTEM, NOW)
        attach(session, stored, "else.png", ("task", 1), SYSTEM, NOW, public=True)
    with database.reading() as session:
        all_of_it = attachments_of(session, ("request", 1))
        shown = attachments_of(session, ("request", 1), public_only=True)
        assert session.scalar(select(func.count()).select_from(StoredFile)) == 1
    assert [(attachment.name, file.media_type) for attachment, file in all_of_it] == [
        ("b.png", "image/png"),
        ("again.png", "image/png"),
    ]
    assert [(attachment.uploaded_by_id, attachment.at) for attachment, _ in shown] == [(7, NOW)]


def test_what_is_known_of_bytes_does_not_change_with_the_next_sender(
    database: Database, store: FileStore
) -> None:
    stored = store.put(PNG)
    with database.transaction() as session:
        attach(session, stored, "a.png", ("request", 1), SYSTEM, NOW)
        attach(session, Stored(stored.sha256, 0, "text/html"), "b.html", ("request", 1), SYSTEM, NOW)
        assert session.get_one(StoredFile, stored.sha256).media_type == "image/png"


def test_a_process_that_looks_into_another_store_is_refused(
    database: Database, store: FileStore, tmp_path: Path
) -> None:
    store.check(database)
    store.check(database)
    elsewhere = FileStore(f"file://{tmp_path / 'elsewhere'}")
    with pytest.raises(Refusal, match="store_unknown") as refused:
        elsewhere.check(database)
    # As the sentence says: whoever knows that the files are gone may say so.
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / refused.value.values["file"]).write_text(refused.value.values["mark"])
    elsewhere.check(database)


def test_a_store_of_another_hub_is_refused(database: Database, store: FileStore, tmp_path: Path) -> None:
    store.check(database)
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / MARK).write_text("another hub")
    with pytest.raises(Refusal, match="store_unknown"):
        FileStore(f"file://{tmp_path / 'theirs'}").check(database)
