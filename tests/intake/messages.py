"""Mails made by hand, each with what must become of it and words that must be readable afterwards."""

# ruff: noqa: E501 - a mail is read better whole

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field

HEAD = (
    b"From: Li Hua <li@acme.example>\r\nTo: support@example.org\r\nDate: Sat, 21 Nov 2026 08:00:00 +0800\r\n"
)
MIME = b"MIME-Version: 1.0\r\n"


@dataclass(frozen=True)
class Made:
    """One mail: its kind, its bytes, the expected outcome and words that must be found."""

    kind: str
    raw: bytes
    becomes: str = "request"
    says: tuple[str, ...] = ()
    silent: tuple[str, ...] = field(default=())


def mail(number: int, subject: bytes | str, body: bytes, *headers: str, head: bytes = HEAD) -> bytes:
    """A mail from its pieces."""
    raw = subject.encode() if isinstance(subject, str) else subject
    more = "".join(f"{line}\r\n" for line in headers).encode("utf-8", "surrogateescape")
    return b"%sMessage-ID: <m%d@acme.example>\r\nSubject: %s\r\n%s\r\n%s" % (head, number, raw, more, body)


def _word(text: str, charset: str, label: str) -> str:
    return f"=?{label}?B?{base64.b64encode(text.encode(charset)).decode()}?="


def _multi(kind: str, *parts: bytes) -> tuple[str, bytes]:
    body = b"".join(b"--=b\r\n" + part + b"\r\n" for part in parts) + b"--=b--\r\n"
    return f'Content-Type: multipart/{kind}; boundary="=b"', body


def _nested(depth: int) -> tuple[str, bytes]:
    body = b"Content-Type: text/plain\r\n\r\nthe innermost words\r\n"
    for level in range(depth):
        mark = f"=n{level}".encode()
        body = b'Content-Type: multipart/mixed; boundary="%s"\r\n\r\n--%s\r\n%s\r\n--%s--\r\n' % (
            mark,
            mark,
            body,
            mark,
        )
    head, _, inner = body.partition(b"\r\n\r\n")
    return head.decode(), inner


def _text(charset: str) -> str:
    return f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit"


def _dsn(original: str, recipient: str, status: str = "5.1.1", action: str = "failed") -> tuple[str, bytes]:
    return _multi(
        "report; report-type=delivery-status",
        b"Content-Type: text/plain\r\n\r\nYour mail did not arrive.",
        f"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\n"
        f"Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; 550 {status} no such user\r\n".encode(),
        f"Content-Type: message/rfc822\r\n\r\nMessage-ID: {original}\r\nSubject: ours\r\n\r\nours\r\n".encode(),
    )


PLAIN = "Content-Type: text/plain; charset=utf-8"
CHINESE = "打印机坏了，请镕工程师来看看 – 急"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(200))


def charsets() -> Iterator[Made]:
    """Labels that lie."""
    for number, (kind, charset, label) in enumerate((
        ("GB18030 labelled gb2312", "gb18030", "gb2312"), ("GB18030 labelled gbk", "gb18030", "GBK"),
        ("GB18030 labelled iso-8859-1", "gb18030", "iso-8859-1"), ("GB18030 labelled us-ascii", "gb18030", "us-ascii"),
        ("GB18030 labelled utf-8", "gb18030", "utf-8"), ("UTF-8 labelled big5", "utf-8", "big5"),
        ("UTF-8 labelled gb2312", "utf-8", "gb2312"), ("UTF-8 labelled iso-8859-1", "utf-8", "iso-8859-1"),
        ("UTF-8 with an unknown label", "utf-8", "x-mystery"), ("UTF-8 with a byte order mark", "utf-8-sig", "utf-8"),
    ), 100):  # fmt: skip
        yield Made(kind, mail(number, "words", CHINESE.encode(charset), _text(label)), says=(CHINESE,))
    yield Made("no label at all", mail(120, "words", CHINESE.encode("gb18030")), says=(CHINESE,))
    big = "電腦壞了，請協助處理"
    yield Made("Big5", mail(121, "words", big.encode("big5"), _text("big5")), says=(big,))
    yield Made("Big5 labelled gb2312", mail(122, "words", big.encode("big5"), _text("gb2312")), says=(big,))
    jp = "プリンターが動きません"
    yield Made("ISO-2022-JP", mail(123, "words", jp.encode("iso2022_jp"), _text("iso-2022-jp")), says=(jp,))
    yield Made("Shift_JIS", mail(124, "words", jp.encode("cp932"), _text("shift_jis")), says=(jp,))
    yield Made("Latin 1 labelled utf-8", mail(125, "words", "le café est déjà fermé".encode("latin-1"), _text("utf-8")), says=("café est déjà",))  # fmt: skip
    yield Made("UTF-8 subject undeclared", mail(130, CHINESE.encode(), b"x"), says=(CHINESE,))
    yield Made("GBK subject undeclared", mail(131, CHINESE.encode("gb18030"), b"x"), says=(CHINESE,))
    yield Made(
        "subject labelled gb2312", mail(132, _word(CHINESE, "gb18030", "gb2312"), b"x"), says=(CHINESE,)
    )
    data = CHINESE.encode("gb18030")
    halves = " ".join(f"=?gb2312?B?{base64.b64encode(half).decode()}?=" for half in (data[:7], data[7:]))
    yield Made("a character cut in two words", mail(133, halves, b"x"), says=(CHINESE,))
    yield Made(
        "text cut in a character",
        mail(134, "words", CHINESE.encode()[:-2], _text("utf-8")),
        says=(CHINESE[:-3],),
    )


def shapes() -> Iterator[Made]:
    """Structures that are too much, or too little."""
    for depth, says in ((3, ("the innermost words",)), (50, ())):
        yield Made(f"nested {depth} deep", mail(200 + depth, "deep", *reversed(_nested(depth))), says=says)
    yield Made("nested 1,500 deep", mail(204, "deeper", *reversed(_nested(1500))), says=("deeper",))
    for count in (200, 1000):
        kind, body = _multi("mixed", *(b"Content-Type: text/plain\r\n\r\npiece %d" % n for n in range(count)))
        yield Made(f"{count} parts", mail(300 + count, "many", body, kind), says=("piece 0", "piece 150"))
    kind, body = _multi("mixed", b"Content-Type: text/plain\r\n\r\nsee files", *(
        b'Content-Type: image/png\r\nContent-Disposition: attachment; filename="p%d.png"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n%s" % (n, PNG) for n in range(30)
    ))  # fmt: skip
    yield Made("30 files", mail(210, "files", body, kind), says=("see files",))
    kind, body = _multi("related", b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>look <img src='cid:a'></p>",
        b"Content-Type: image/png\r\nContent-ID: <a>\r\nContent-Transfer-Encoding: base64\r\n\r\n" + PNG)  # fmt: skip
    yield Made("an inline image", mail(211, "image", body, kind), says=("look",))
    kind, body = _multi("alternative", b"Content-Type: text/plain\r\n\r\nplain words", b"Content-Type: text/html\r\n\r\n<b>bold words</b>")  # fmt: skip
    yield Made("both forms", mail(212, "both", body, kind), says=("plain words",), silent=("bold",))
    page = "<style>p{color:red}</style><p>第一行<br>second</p><script>alert(1)</script>".encode()
    yield Made("HTML only", mail(213, "html", page, "Content-Type: text/html; charset=utf-8"), says=("第一行\nsecond",), silent=("alert", "color"))  # fmt: skip
    kind, body = _multi("mixed", b"Content-Type: text/plain\r\n\r\nbroken", b"no blank line")
    yield Made("a broken part", mail(214, "broken", body, kind), says=("broken",))
    yield Made(
        "a boundary that never comes",
        mail(215, "lost", b"only words here", 'Content-Type: multipart/mixed; boundary="zz"'),
    )
    yield Made(
        "bad base64",
        mail(216, "packed", b"aGVsbG8gd29ybGQ*!!=", PLAIN, "Content-Transfer-Encoding: base64"),
        says=("packed",),
    )
    yield Made(
        "an unknown encoding",
        mail(217, "odd", b"words", PLAIN, "Content-Transfer-Encoding: x-odd"),
        says=("words",),
    )
    yield Made("no body", mail(218, "nothing to say", b""), says=("nothing to say",))
    yield Made("no subject", mail(219, "", b"only words"), says=("only words",))
    yield Made("nothing but a body", b"just words\r\n", says=("",))
    yield Made("no From", b"Message-ID: <nf@x>\r\nSubject: who\r\n\r\nnobody\r\n", says=("who", "nobody"))
    yield Made(
        "two Subjects", mail(220, "first\r\nSubject: second", b"x"), says=("first",), silent=("second",)
    )
    yield Made("two Froms", b"From: eve@x.example\r\n" + mail(221, "two", b"x"), says=("two",))
    yield Made("bare LF", mail(222, "lines", b"one\r\ntwo").replace(b"\r\n", b"\n"), says=("one\ntwo",))
    yield Made("bare CR", mail(223, "lines", b"one\rtwo"), says=("one",))
    yield Made("NUL bytes", mail(224, b"nu\0l", b"a\0b"), says=("nul", "ab"))
    yield Made(
        "header injection",
        mail(225, "=?utf-8?q?hello=0D=0ABcc=3A_eve=40x.example?=", b"x"),
        says=("hello Bcc: eve@x.example",),
    )
    many = "To: " + ",\r\n ".join(f"p{n}@x.example" for n in range(10_000))
    yield Made("10,000 recipients", mail(226, "crowd", b"x", many), says=("crowd",))
    yield Made("a subject of 50,000 letters", mail(227, "s" * 50_000, b"x"), says=("sss",))
    yield Made("a line of 2 MB", mail(228, "line", b"x" * 2_000_000), says=("line",))
    yield Made("lone surrogates", mail(229, "=?utf-8?q?=ED=A0=80?=", b"x"))
    yield Made("odd dates", mail(230, "when", b"x", "Date: the day before yesterday"), says=("when",))
    yield Made("a mail within a mail", mail(231, "Fwd: x", *reversed(_multi("mixed", b"Content-Type: text/plain\r\n\r\nsee below", b"Content-Type: message/rfc822\r\n\r\n" + mail(232, "inner", b"inner words")))), says=("see below",))  # fmt: skip
    yield Made(
        "an invitation",
        mail(
            233, "Meeting", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR", "Content-Type: text/calendar; method=REQUEST"
        ),
        says=("Meeting",),
    )
    yield Made("encrypted", mail(234, "secret", *reversed(_multi("encrypted", b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1", b"Content-Type: application/octet-stream\r\n\r\nxxxx"))), says=("secret",))  # fmt: skip
    yield Made(
        "a forwarded request",
        mail(
            235,
            "Fwd: order",
            b"please see\r\n\r\n-----Original Message-----\r\nFrom: x\r\n\r\nthe order itself",
        ),
        says=("the order itself",),
    )
    yield Made("empty", b"", "dead")
    yield Made("only blanks", b"\r\n\r\n", "dead")
    yield Made("random bytes", bytes(range(256)) * 20)


def machines() -> Iterator[Made]:
    """Whom nobody should answer."""
    yield Made(
        "out of office", mail(400, "Automatic reply: away", b"away", "Auto-Submitted: auto-replied"), "kept"
    )
    yield Made("out of office in Chinese", mail(401, "自动回复: 我在休假", b"away"), "kept")
    yield Made("an old answering machine", mail(402, "away", b"away", "X-Autoreply: yes"), "kept")
    yield Made(
        "monitoring",
        mail(403, "disk full", b"/dev/sda1 100%", "Auto-Submitted: auto-generated"),
        says=("disk full",),
    )
    yield Made(
        "asks for no answers only",
        mail(404, "help", b"please", "X-Auto-Response-Suppress: All"),
        says=("help",),
    )
    yield Made(
        "a newsletter",
        mail(405, "News", b"buy", "List-Id: <n.example.org>", "Precedence: bulk"),
        says=("News",),
    )
    kind, body = _dsn("<not-ours@x>", "gone@x.example")
    yield Made(
        "a bounce of a strange mail", mail(406, "Undelivered Mail", body, kind, "Return-Path: <>"), "kept"
    )
    yield Made("a plain bounce in Chinese", mail(407, "系统退信", "收件人不存在 gone@x.example".encode(), PLAIN, head=b"From: postmaster@qq.example\r\n"), "kept")  # fmt: skip
    kind, body = _multi(
        "report; report-type=disposition-notification", b"Content-Type: text/plain\r\n\r\nread"
    )
    yield Made("a read receipt", mail(408, "Read: x", body, kind), "kept")
    kind, body = _multi("report; report-type=feedback-report", b"Content-Type: text/plain\r\n\r\nspam")
    yield Made("an abuse report", mail(409, "complaint", body, kind), "kept")


MESSAGES = (*charsets(), *shapes(), *machines())
