"""A real IMAP server on this machine: Dovecot, with an account and folders of its own."""

from __future__ import annotations

import imaplib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER, PASSWORD, ACCESS_TOKEN = "support", "a pass phrase", "ya29.an-access-token"

TLS = "ssl = yes\nssl_cert = <{0}\nssl_key = <{0}"
DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
{tls}
imap_id_log = *
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
mail_location = maildir:{folder}/mail/%n
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
first_valid_uid = 0
first_valid_gid = 0
mail_uid = {uid}
mail_gid = {gid}
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = {folder}/users
}}
passdb {{
  driver = passwd-file
  mechanisms = xoauth2
  args = {folder}/tokens
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%n
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  # How often somebody is wrong is counted by the tests, not made slower and slower here.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Processed {{
    auto = create
  }}
  mailbox Large {{
    auto = create
  }}
}}
"""


@dataclass
class Server:
    """One account on a real server."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    tls_port: int = 0
    host: str = "127.0.0.1"
    user: str = USER
    password: str = PASSWORD

    @contextmanager
    def client(self) -> Iterator[imaplib.IMAP4]:
        """A plain conversation, as somebody's mail program has it."""
        client = imaplib.IMAP4(self.host, self.port)
        client.login(self.user, self.password)
        try:
            yield client
        finally:
            client.logout()

    def put(self, *mails: bytes, folder: str = "INBOX") -> None:
        """Lay mails into a folder, as they are."""
        with self.client() as client:
            for mail in mails:
                status, said = client.append(folder, "", "", mail)  # type: ignore[arg-type]
                assert status == "OK", said

    def count(self, folder: str = "INBOX", criteria: str = "ALL") -> int:
        """How many mails lie in a folder."""
        with self.client() as client:
            client.select(folder, readonly=True)
            _, found = client.search(None, criteria)
            return len((found[0] or b"").split())

    def renumber(self, folder: str) -> None:
        """Give the folder another UIDVALIDITY and its mails other uids, as a moved server does."""
        with self.client() as client:
            client.rename(folder, "Aside")
            client.create(folder)
            client.select("Aside")
            status, said = client.copy("1:*", folder)
            assert status == "OK", said


def find_dovecot() -> str | None:
    """Where the program is."""
    return shutil.which("dovecot") or next(
        (path for path in ("/usr/sbin/dovecot", "/usr/local/sbin/dovecot") if Path(path).exists()), None
    )


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def serve(folder: Path, certificate: Path | None = None) -> Iterator[Server]:
    """Run a server of one's own in this folder; with a certificate and its key it speaks TLS."""
    port, program = free_port(), find_dovecot()
    tls_port = free_port() if certificate else 0
    if program is None:
        raise FileNotFoundError("no IMAP server: make imap")
    command = _dovecot(program, folder, port, tls_port, certificate)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = Server("dovecot", port, process, folder / "dovecot.log", tls_port)
    try:
        wait_for(server)
        yield server
    finally:
        process.terminate()
        process.wait(10)


def _dovecot(program: str, folder: Path, port: int, tls_port: int, certificate: Path | None) -> list[str]:
    import grp
    import pwd

    root = os.getuid() == 0
    uid = pwd.getpwnam("nobody").pw_uid if root else os.getuid()
    gid = pwd.getpwuid(uid).pw_gid
    (folder / "mail").mkdir(parents=True)
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::\n", encoding="utf-8")
    (folder / "tokens").write_text(f"{USER}:{{PLAIN}}{ACCESS_TOKEN}::::\n", encoding="utf-8")
    if root:
        os.chown(folder / "mail", uid, gid)
        for above in (folder, *folder.parents):
            if above.stat().st_uid == 0 and above != Path("/"):
                above.chmod(above.stat().st_mode | 0o011)
    config = folder / "dovecot.conf"
    config.write_text(
        DOVECOT.format(
            folder=folder,
            port=port,
            tls_port=tls_port,
            tls=f"ssl = yes\nssl_cert = <{certificate}\nssl_key = <{certificate}"
            if certificate
            else "ssl = no",
            uid=uid,
            gid=gid,
            user=pwd.getpwuid(uid).pw_name,
            group=grp.getgrgid(gid).gr_name,
        ),
        encoding="utf-8",
    )
    return [program, "-F", "-c", str(config)]


def wait_for(server: Server) -> None:
    """Until somebody can sign in."""
    until = time.monotonic() + 20
    while True:
        assert server.process.poll() is None, f"{server.name} ended with {server.process.returncode}"
        try:
            with server.client():
                return
        except (OSError, imaplib.IMAP4.error):
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
