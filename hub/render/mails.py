"""Mails in words: text and HTML, in the reader's language and zone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hub.core.database import Database
from hub.core.notices.facts import Facts, Write, Written
from hub.core.notices.rooms import ROOM
from hub.core.values import Refusal
from hub.render import render
from hub.render.reader import N_, Reader
from hub.render.refusals import SENTENCES, explain
from hub.render.words import ALERTS, PRIORITIES

# In both languages, whoever reads: what stands above it is the answer, whatever program quotes it.
DELIMITER = "— 请在此行以上回复 / Reply above this line —"
# Why a notice has not gone, by the id the outbox keeps.
REASONS = {
    "notice_retry": N_("it is tried again: %(text)s"),
    "notice_refused": N_("the mail server refuses it: %(text)s"),
    "notice_broken": N_("it cannot be written: %(text)s"),
    "notice_bounced": N_("mail to this address comes back: %(text)s"),
    "notice_unwanted": N_("the reader wants no mail"),
    "notice_inactive": N_("the person is deactivated"),
    "notice_capped": N_("more than %(most)s in %(minutes)s minutes to one address: is there a machine?"),
    "notice_unclear": N_("it may have arrived, and is not sent again by itself: %(text)s"),
    "notice_off": N_("the connection is off: %(text)s"),
    "notice_old": N_("it waited for more than a day, and is no news any more"),
    "notice_held_by": N_("held back by %(name)s"),
}
# What a mail that came in is, and why it lies where it lies.
NATURES = {
    "human": N_("message"),
    "auto_reply": N_("automatic answer"),
    "auto_generated": N_("written by a machine"),
    "list": N_("from a mailing list"),
    "bounce": N_("a mail that came back"),
    "report": N_("report about a mail"),
    "own": N_("our own mail"),
}
WAYS = {
    "address": N_("here by the address it was sent to"),
    "header": N_("here because it answers a mail of this request"),
    "subject": N_("here by the number in its subject"),
    "early": N_("here because an answer to it came first"),
    "hand": N_("put here by hand"),
    "new": N_("opened this request"),
}
# Why it belongs to no request.
KEPT = {
    "bounce": N_("It says that a mail came back, and belongs to no request known here."),
    "auto_reply": N_("A machine answered to nothing that is known here."),
    "report": N_("It is a receipt or a report, no message."),
}
# What stands at a delivery that became nothing, as the core keeps it.
LEFT = (
    N_("own mail"),
    N_("the same mail is already kept"),
    N_("a report, no message"),
    N_("bounce of a mail this hub did not send"),
    N_("automatic answer to nothing known"),
)
_GAP = re.compile(r"\n{3,}")
STATES = {
    "waiting": N_("waiting"),
    "sending": N_("on its way"),
    "sent": N_("sent"),
    "held": N_("held"),
    "unclear": N_("unclear"),
    "failed": N_("not sent"),
}


def write(database: Database) -> Write:
    """How notices become words, at this database's clock."""
    return lambda facts: written(facts, Reader.of(facts.language, facts.time_zone, database.now()))


def written(facts: Facts, reader: Reader) -> Written:
    """A notice in words; the first line of its text template is the subject."""
    values = {**facts.values, "delimiter": DELIMITER, "priorities": PRIORITIES, "alerts_said": ALERTS}
    text = render(f"mail/{facts.template}.txt", reader, **values)
    subject, _, body = text.partition("\n")
    # A room takes no HTML.
    html = "" if facts.template == ROOM else render(f"mail/{facts.template}.html", reader, **values)
    return Written(" ".join(subject.split()), _GAP.sub("\n\n", body.strip("\n")) + "\n", html)


def because(reason: Mapping[str, Any] | None, reader: Reader) -> str:
    """Why a notice is as it is; a refusal of the core speaks as it does everywhere."""
    if not reason:
        return ""
    values = {"text": "", **{name: value for name, value in reason.items() if name != "id"}}
    if isinstance(values["text"], Mapping):  # as its plugin says it in both languages
        values["text"] = reader.text(values["text"])
    if reason["id"] in REASONS:
        return reader.say(REASONS[reason["id"]], **values)
    if reason["id"] in SENTENCES:
        return explain(Refusal(reason["id"], **values), reader)
    return str(reason["id"])
