"""A real server that breaks off, renumbers, speaks TLS, and wants to know who asks."""

from __future__ import annotations

import datetime as dt
import ipaddress
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hub.core.connections import collecting
from hub.core.connections.models import Delivery
from hub.core.conversation.models import Mail
from hub.core.work.models import ServiceRequest
from hub.core.workflow import chores
from tests.conftest import skip_part
from tests.intake.conftest import ON_BOTH, Mailroom, connect, only_dovecot
from tests.intake.dovecot import Server, find_dovecot, serve
from tests.intake.messages import mail
from tests.intake.proxy import breaking


def test_a_transfer_cut_in_the_middle_goes_on_where_it_was(mailroom: Mailroom, imap: Server) -> None:
    imap.put(*(mail(number, f"m{number}", b"x" * 300_000) for number in range(12)))
    with breaking(imap, 1_500_000, 200_000) as (behind, _cut):
        box = connect(mailroom, behind)
        first = mailroom.collect(box)
        assert 0 < first < 12
        assert mailroom.health(box).failures == 1
        mailroom.clock.advance(hours=1)
        assert mailroom.collect(box) == 0  # cut before the first batch was whole
        assert mailroom.health(box).failures == 2
        mailroom.clock.advance(hours=1)
        assert mailroom.collect(box) == 12 - first
    assert mailroom.count(ServiceRequest) == mailroom.count(Delivery) == 12
    assert mailroom.health(box).failures == 0


@ON_BOTH
def test_a_folder_that_was_really_renumbered_brings_nothing_twice(mailroom: Mailroom, imap: Server) -> None:
    with imap.client() as client:
        client.create("Support")
    imap.put(*(mail(number, f"m{number}", b"x") for number in range(3)), folder="Support")
    box = connect(mailroom, imap, folder="Support")
    assert mailroom.collect(box) == 3
    before = mailroom.health(box).state[collecting.CURSOR]["validity"]
    imap.renumber("Support")
    imap.put(mail(4, "m4", b"x"), folder="Support")
    mailroom.collect(box)
    assert mailroom.health(box).state[collecting.CURSOR]["validity"] != before
    assert mailroom.count(ServiceRequest) == 4
    assert mailroom.collect(box) == 0


@ON_BOTH
def test_of_a_mail_that_is_too_large_the_beginning_is_taken_and_the_rest_stays(
    mailroom: Mailroom, imap: Server
) -> None:
    imap.put(mail(1, "huge", b"the beginning\r\n" + b"x" * 78 * 400_000), mail(2, "after", b"2"))
    assert mailroom.collect(connect(mailroom, imap)) == 2
    with mailroom.database.reading() as session:
        huge = session.query(Mail).filter_by(subject="huge").one()
    assert (huge.text or "").startswith("the beginning")
    assert "too large (312" in huge.notes[0]["en"]
    assert imap.count() == 2


def test_a_large_mail_lies_among_the_files_and_is_read_from_there(mailroom: Mailroom, imap: Server) -> None:
    raw = mail(1, "large", b"the beginning\r\n" + b"x y\r\n" * 400_000)
    imap.put(raw)
    assert mailroom.collect(connect(mailroom, imap)) == 1
    with mailroom.database.reading() as session:
        delivery = session.query(Delivery).one()
    assert (delivery.status, delivery.body) == ("read", b"")
    assert delivery.body_sha256 is not None
    with mailroom.core.files.open(delivery.body_sha256) as file:
        assert file.read() == raw


def test_says_who_asks(mailroom: Mailroom, imap: Server) -> None:
    only_dovecot(imap, "does not write down who asks")
    mailroom.collect(connect(mailroom, imap))
    assert "name=service-hub" in imap.log.read_text()


def _certificates(folder: Path) -> tuple[Path, Path]:
    """An authority, and a server's certificate with its key in one file."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test's authority")])
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)

    def signed(subject: x509.Name, key: ec.EllipticCurvePrivateKey, *more: x509.ExtensionType) -> bytes:
        made = x509.CertificateBuilder(name, subject, key.public_key(), x509.random_serial_number())
        made = made.not_valid_before(start).not_valid_after(start + dt.timedelta(days=30))
        for extension in more:
            made = made.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return made.sign(authority, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    key_id = x509.SubjectKeyIdentifier.from_public_key(authority.public_key())
    bundle, both = folder / "ca.pem", folder / "server.pem"
    bundle.write_bytes(signed(name, authority, x509.BasicConstraints(ca=True, path_length=0), key_id))
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    issued = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id)
    secret = server.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both.write_bytes(signed(own, server, address, issued) + secret)
    return bundle, both


@pytest.fixture
def tls() -> Iterator[tuple[Server, Path]]:
    """A server with a certificate, and who vouches for it."""
    if find_dovecot() is None:
        skip_part("dovecot", "pymap speaks no TLS from the first byte: make imap")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        bundle, both = _certificates(folder)
        with serve(folder, both) as server:
            yield server, bundle


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_reads_over_tls_only_from_whom_an_authority_vouches_for(
    mailroom: Mailroom, tls: tuple[Server, Path], monkeypatch: pytest.MonkeyPatch, security: str
) -> None:
    server, bundle = tls
    port = server.tls_port if security == "tls" else server.port
    server.put(mail(1, "one", b"1"))
    box = connect(mailroom, server, port=port, security=security)
    chores.check_connection(mailroom.core, box)
    checked = mailroom.health(box).state["checked"]
    assert (checked["ok"], "certificate" in checked["text"]["en"].lower()) == (False, True)
    assert mailroom.collect(box) == 0
    assert "certificate" in (mailroom.health(box).last_error or "").lower()
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    mailroom.clock.advance(hours=1)
    assert mailroom.collect(box) == 1
    assert mailroom.health(box).failures == 0
