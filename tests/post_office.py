"""A real SMTP server on this machine that keeps what it was given and refuses what it is told to refuse."""

from __future__ import annotations

import base64
import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD, ACCESS_TOKEN = "hub@example.org", "a password of many words", "ya29.an-access-token"
LOST = "lost"  # taken over, but the receipt never arrives


@dataclass(frozen=True)
class Taken:
    """A mail the server has taken over."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    secured: bool

    @property
    def message(self) -> EmailMessage:
        """The mail as a mail program reads it."""
        return cast(EmailMessage, message_from_bytes(self.raw, policy=policy.default))

    def __getitem__(self, header: str) -> str:
        return str(self.message[header] or "")

    def text(self, kind: str = "plain") -> str:
        """The text or HTML part."""
        part = self.message.get_body((kind,))
        return str(part.get_content()).replace("\r\n", "\n") if part else ""


@dataclass
class PostOffice:
    """The server's handler: ``on["DATA"] = ["451 later"]`` answers the next one so; then all is well."""

    taken: list[Taken] = field(default_factory=list)
    on: dict[str, list[str]] = field(default_factory=dict)
    # Called with every mail that was taken over: somebody's answering machine, for instance.
    delivered: Callable[[Taken], None] = lambda taken: None
    host: str = "127.0.0.1"
    port: int = 0
    # The mechanism of every attempt to sign in.
    sign_ins: list[str] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def _answer(self, step: str) -> str | None:
        waiting = self.on.get(step)
        return waiting.pop(0) if waiting else None

    async def auth_XOAUTH2(self, server: SMTP, arguments: list[str]) -> AuthResult:
        """AUTH with an access token (Microsoft 365, Gmail); who is refused is told why and says nothing."""
        given = base64.b64decode(arguments[1]).decode()
        self.sign_ins.append("XOAUTH2")
        if given == f"user={USER}\1auth=Bearer {ACCESS_TOKEN}\1\1":
            return AuthResult(success=True)
        answer = await server.challenge_auth('{"status":"401","schemes":"bearer","scope":"mail"}')
        assert answer == b""
        return AuthResult(success=False, handled=False)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """MAIL FROM."""
        if no := self._answer("MAIL"):
            return no
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """RCPT TO."""
        if no := self._answer("RCPT"):
            return no
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """The mail itself."""
        no = self._answer("DATA")
        if no and no != LOST:
            return no
        sender, raw = (envelope.mail_from or "").strip("<>"), cast(bytes, envelope.original_content)
        taken = Taken(sender, tuple(envelope.rcpt_tos), raw, session.ssl is not None)
        with self.arrived:
            self.taken.append(taken)
            self.arrived.notify_all()
        self.delivered(taken)
        if no == LOST:
            cast(Any, server.transport).abort()
        return f"250 2.0.0 Ok: queued as {len(self.taken):04}"


def _authenticate(server: SMTP, _session: Session, _envelope: Envelope, how: str, given: Any) -> AuthResult:
    server.event_handler.sign_ins.append(how)
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=right, handled=False)


@contextmanager
def open_office(
    *, certificate: Path | None = None, sign_in: bool = False, port: int = 0
) -> Iterator[PostOffice]:
    """Serve on a free port; with a certificate STARTTLS is offered and demanded."""
    office = PostOffice()
    options: dict[str, Any] = {}
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        options.update(tls_context=context, require_starttls=True)
    if sign_in:
        # aiosmtpd warns of a server that demands it in the clear; one that merely looks is as strict here.
        secured = certificate is not None
        options.update(authenticator=_authenticate, auth_required=secured, auth_require_tls=secured)
    controller = Controller(office, hostname=office.host, port=port or _free_port(), **options)
    controller.start()
    office.port = controller.port
    try:
        yield office
    finally:
        controller.stop()


def _free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def make_certificate(folder: Path, name: str = "localhost", address: str = "127.0.0.1") -> Path:
    """A certificate that is its own authority, for this name and address; the key lies beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ipaddress.ip_address(address))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    path.with_suffix(".key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path
