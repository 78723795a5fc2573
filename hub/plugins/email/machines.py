"""Who wrote it: a person, a machine, or a report about a mail (RFC 3834, 3464, 3462, 8098, 5965)."""

from __future__ import annotations

import re
from email.message import Message

from hub.plugins.email.charset import header
from hub.sdk import Bounce, MailNature

_ANSWERED = re.compile(
    r"^\s*(?:自动回复|自動回覆|Automatic reply|Auto(?:matic)?[- ]?(?:reply|response)|Out of (?:the )?office"
    r"|Automatische Antwort|Abwesenheit|Réponse automatique)\s*[:：\]】-]", re.I,
)  # fmt: skip
_RETURNED = re.compile(
    r"undeliver(?:ed|able)|delivery (?:status notification|failure|has failed|report|problem)|returned mail|"
    r"failure notice|failed mail|mail delivery (?:failed|system|subsystem|warning)|could not be delivered|"
    r"non remis|"
    r"系统退信|退信|无法投递|投递失败|未能送达|邮件被退回|unzustellbar|message.{0,20}(?:not|un)deliver", re.I,
)  # fmt: skip
# No person has this address, whatever the subject says.
_MAILER = re.compile(r"^(?:mailer[-_.]?daemon|mdaemon|mail-daemon)\b", re.I)
_DAEMON = re.compile(r"^(?:mailer[-_.]?daemon|postmaster|mdaemon|mail-daemon|bounce[s]?|ndr)\b", re.I)
_ROBOT = re.compile(r"^(?:no-?reply|do-?not-?reply|noreply|notifications?|alerts?|monitor(?:ing)?)\b", re.I)
# Words of X-Auto-Response-Suppress that mean an answer like ours.
_NO_ANSWERS = frozenset({"all", "autoreply", "dr"})
_SAYS_ANSWERED = (
    "x-autoreply", "x-autorespond", "x-autoresponder", "x-mail-autoreply", "auto-reply",
    "x-ms-exchange-inbox-rules-loop",
)  # fmt: skip
_LISTS = ("list-id", "list-unsubscribe", "list-post", "feedback-id")
_ID = re.compile(r"^message-id:\s*(<[^<>\s]+>)", re.I | re.M)
_ADDRESS = re.compile(r"[\w.+=-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_OWN_LINE = re.compile(r"^<([\w.+=-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)>")
_STATUS = re.compile(r"(?<![\d.])([245])\.\d{1,3}\.\d{1,3}(?![\d.])")
LOOK_AT = 20_000  # letters of a report that is plain text


def nature_of(message: Message, sender: str, subject: str) -> MailNature:
    """What kind of mail this is, by its headers alone."""
    content = message.get_content_type()
    if content == "multipart/report":
        kind = str(message.get_param("report-type") or "").lower()
        return "bounce" if kind in ("delivery-status", "") else "report"
    local = sender.partition("@")[0]
    null = str(message.get("Return-Path", "")).strip() == "<>"
    if (
        message.get("X-Failed-Recipients")
        or _MAILER.match(local)
        or ((null or not sender or _DAEMON.match(local)) and _RETURNED.search(subject))
    ):
        return "bounce"
    submitted = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    precedence = str(message.get("Precedence", "")).strip().lower()
    if (
        submitted == "auto-replied"
        or precedence == "auto_reply"
        or any(str(message.get(name, "no")).strip().lower() not in ("no", "") for name in _SAYS_ANSWERED)
        or _ANSWERED.match(subject)
    ):
        return "auto_reply"
    if _DAEMON.match(local) and null:
        return "bounce"
    if submitted not in ("no", "") or _ROBOT.match(local) or _DAEMON.match(local) or null:
        return "auto_generated"
    if precedence in ("bulk", "junk", "list") or any(message.get(name) for name in _LISTS):
        return "list"
    return "human"


def wants_no_answer(message: Message) -> bool:
    """Whether the sender asks machines not to answer (MS-OXCMAIL); people write such mails, too."""
    asked = str(message.get("X-Auto-Response-Suppress", "")).lower()
    return not _NO_ANSWERS.isdisjoint(re.split(r"[\s,;]+", asked))


def bounce_of(message: Message, text: str) -> Bounce:
    """What a report says: from its machine part, else from its words."""
    recipient, action, status, reason, original = _from_parts(message)
    words = text[:LOOK_AT]
    if not original and (found := _ID.search(words)):
        original = found[1]
    if not recipient:
        recipient = header(message.get("X-Failed-Recipients", "")).partition(",")[0].strip()
    if not recipient:
        recipient = _named(words)
    if not status and (code := _STATUS.search(words)):
        status = code[0]
    if not reason:
        reason = next((line.strip() for line in words.splitlines() if _STATUS.search(line)), "")
    return Bounce(recipient.lower()[:254], action or "failed", status, reason[:300], original)


def complaint_of(message: Message) -> Bounce | None:
    """What an abuse report says of our mail: whose reader complains (RFC 5965); None for any other report."""
    if str(message.get_param("report-type") or "").lower() != "feedback-report":
        return None
    recipient = ""
    for part in message.walk():
        if part.get_content_type() == "message/feedback-report" and part.is_multipart():
            fields = part.get_payload(0)
            if isinstance(fields, Message):
                recipient = header(fields.get("Original-Rcpt-To", "")).strip(" <>")
    found = recipient.lower()[:254] if _ADDRESS.fullmatch(recipient) else ""
    return Bounce(found, "complained", message_id=_from_parts(message)[4])


def _named(words: str) -> str:
    """The address a report speaks of: one on a line of its own, else the first that is no postmaster's."""
    lines = [line.strip() for line in words.splitlines()]
    found = [match[1] for line in lines if (match := _OWN_LINE.match(line))]
    found += [match[0] for match in _ADDRESS.finditer(words)]
    return next((one for one in found if not _DAEMON.match(one)), "")


def _from_parts(message: Message) -> tuple[str, str, str, str, str]:
    recipient = action = status = reason = original = ""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            blocks = part.get_payload()
            for block in blocks if isinstance(blocks, list) else []:
                if not isinstance(block, Message):
                    continue
                # The one the sender named is the one we know; a gateway's own form of it is none.
                named = (block.get("Original-Recipient"), block.get("Final-Recipient"))
                given = [header(one).rpartition(";")[2].strip(" <>") for one in named if one]
                did = str(block.get("Action", "failed")).strip().lower().partition(" ")[0]
                # What some servers write for it.
                did = "failed" if did in ("failure", "error") else did
                if given and (not recipient or did == "failed"):
                    recipient = next((one for one in given if _ADDRESS.fullmatch(one)), "")
                    action = did
                    status = str(block.get("Status", "")).strip().partition(" ")[0]
                    reason = header(block.get("Diagnostic-Code", "")).partition(";")[2].strip()
        elif kind in ("message/rfc822", "message/rfc822-headers", "text/rfc822-headers") and not original:
            inner = part.get_payload(0) if part.is_multipart() else None
            if isinstance(inner, Message):
                original = str(inner.get("Message-ID", "")).strip()
            elif (data := part.get_payload(decode=True)) and isinstance(data, bytes):
                found = _ID.search(data.decode("latin-1"))
                original = found[1] if found else ""
    return recipient, action, status, reason, original
