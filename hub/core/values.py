"""Frozen values and protocols that cross the plugin border. Longer than most: it is the whole vocabulary."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from ssl import SSLContext

    from pydantic import BaseModel

Stage = Literal["identify", "assign", "execute", "evaluate", "improve"]
STAGES: tuple[str, ...] = ("identify", "assign", "execute", "evaluate", "improve")
RequestState = Literal["open", "waiting", "closed", "dropped"]
REQUEST_STATES: tuple[RequestState, ...] = ("open", "waiting", "closed", "dropped")
TaskState = Literal["open", "doing", "waiting", "done", "dropped"]
TASK_STATES: tuple[TaskState, ...] = ("open", "doing", "waiting", "done", "dropped")
PRIORITIES = (1, 2, 3, 4)  # 1 urgent, 2 high, 3 normal, 4 low
NEED_KINDS = ("stated", "expected", "unspoken")
GOAL_RESULTS = ("met", "partly", "not_met", "dropped")

# The job that looks at a request again; promised by whoever changes something about it.
LOOK = "look"


# ---- text, refusals, actors ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages, for what plugins say to people."""

    zh: str
    en: str

    def within(self, language: str) -> str:
        """The text in the reader's language, or the other one where it is missing."""
        wanted, other = (self.zh, self.en) if language.startswith("zh") else (self.en, self.zh)
        return wanted or other

    def as_json(self) -> dict[str, str]:
        """The form in which it is stored."""
        return {"zh": self.zh, "en": self.en}


class Refusal(Exception):
    """Something a person may not do now. Carries a message id and values, never a sentence."""

    def __init__(self, message: str, field: str | None = None, **values: Any) -> None:
        """``message`` is an id of the catalogue in ``hub.render``; ``field`` names the input."""
        super().__init__(message, values)
        self.message = message
        self.field = field
        self.values = values


class Retry(Exception):
    """The far side cannot answer now (429, 5xx, time-out): try again, at the earliest ``after``.

    A time that a tracker names holds for its whole connection: until then none of its links calls.
    """

    def __init__(self, reason: str, after: dt.timedelta | None = None) -> None:
        """``reason`` is shown to people; it holds no secret."""
        super().__init__(reason)
        self.reason = reason
        self.after = after


class Held(Retry):
    """We hold ourselves back: our budget is spent, or the far side asked all of us to wait. Nobody is ill."""


class Unclear(Retry):
    """Nobody knows whether the far side has taken it: no answer in time, a lost connection, 5xx, nonsense."""


class Off(Retry):
    """The far side takes nothing until somebody mends the set-up: the connection is paused, people told."""

    def __init__(self, text: Text) -> None:
        """``text`` says what is wrong and what to do; it holds no secret."""
        super().__init__(text.en)
        self.text = text


class Refused(Exception):
    """The far side said no and will say so again (4xx): shown at once, not retried."""

    def __init__(self, reason: str, fields: Sequence[str] = ()) -> None:
        """``fields`` names the canonical fields that were refused; empty means the whole call."""
        super().__init__(reason)
        self.reason = reason
        self.fields = tuple(fields)


ActorKind = Literal["person", "contact", "connection", "plugin", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something. ``role`` is the rights row that applies (see ``hub.core.rights``)."""

    kind: ActorKind
    id: int | None = None
    role: str = "system"
    name: str = ""


SYSTEM = Actor("system")


# ---- what plugins see of the hub's nouns ------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CustomerValue:
    """A customer organisation as plugins see it."""

    id: int
    name: str
    profile: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CategoryValue:
    """A kind of service work: who is able to do it (skill, team)."""

    id: int
    key: str
    title: Text
    skill: str | None = None
    team_id: int | None = None
    keywords: tuple[str, ...] = ()
    hours: float | None = None


@dataclass(frozen=True, slots=True)
class NeedValue:
    """One need of a request: stated, expected or unspoken."""

    id: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class GoalValue:
    """One goal of a request with its result, once scored."""

    id: int
    text: str
    result: str | None = None


@dataclass(frozen=True, slots=True)
class RequestValue:
    """A service request as plugins see it."""

    id: int
    ref: str
    title: str
    body: str
    stage: str
    state: str
    priority: int | None
    category: str | None
    source: str
    created_at: dt.datetime
    wanted_by: dt.date | None
    customer: CustomerValue | None
    labels: tuple[str, ...] = ()
    needs: tuple[NeedValue, ...] = ()
    goals: tuple[GoalValue, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskValue:
    """A task as plugins see it."""

    id: int
    ref: str
    title: str
    body: str
    state: str
    skill: str | None
    team_id: int | None
    hours: float
    assignee_id: int | None = None
    due: dt.date | None = None
    need_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonValue:
    """A candidate for a task. ``load_hours`` are the estimated hours of this person's open tasks."""

    id: int
    name: str
    team_ids: tuple[int, ...]
    skills: Mapping[str, int]
    load_hours: float
    capacity_hours: float
    absent_until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class PastPick:
    """An earlier decision, newest first in a context: what turn-taking reads."""

    person_id: int
    category: str | None
    at: dt.datetime


# ---- identify --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file that came with a draft: its bytes, or (once they are stored) their SHA-256 and size."""

    name: str
    media_type: str
    data: bytes = b""
    sha256: str = ""
    size: int = 0


MailNature = Literal["human", "auto_reply", "auto_generated", "list", "bounce", "report", "own"]


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a report says of a mail that did not arrive (RFC 3464), or was not wanted (RFC 5965)."""

    recipient: str = ""
    # failed, delayed, delivered …; a permanent failure is not tried again. complained: no more mails.
    action: str = "failed"
    status: str = ""
    reason: str = ""
    # The id of the mail it is about.
    message_id: str = ""

    @property
    def is_permanent(self) -> bool:
        """Whether the address takes nothing any more (status 5.x.x, or failed without one)."""
        return self.action == "failed" and not self.status.startswith(("4", "2"))


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A mail as it came: the facts by which the hub finds where it belongs; the plugin decides nothing.

    ``text`` is what was written above the quote, ``full_text`` all of it. ``order`` sorts by arrival.
    ``loop`` is the mark of a hub (X-Hub-Loop), ``authentic`` what our own mail server found out about the
    sender, ``wants_no_answer`` that no machine may answer, and ``notes`` names what was odd, for people.
    """

    message_id: str
    sender: str
    subject: str = ""
    sender_name: str = ""
    recipients: tuple[str, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    nature: MailNature = "human"
    bounce: Bounce | None = None
    text: str = ""
    full_text: str = ""
    at: dt.datetime | None = None
    order: str = ""
    loop: str = ""
    authentic: Literal["pass", "fail", "unknown"] = "unknown"
    notes: tuple[Text, ...] = ()
    wants_no_answer: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """Something new from outside, on its way to becoming a service request.

    ``key`` identifies the draft within its connection: the same key again changes nothing.
    """

    key: str
    title: str
    body: str
    contact_name: str = ""
    contact_email: str = ""
    customer: str = ""
    category: str | None = None
    priority: int | None = None
    wanted_by: dt.date | None = None
    goals: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    language: str | None = None
    files: tuple[IncomingFile, ...] = ()
    # Where it came as a mail: it may turn out to be an answer, and is no request then.
    message: IncomingMessage | None = None


@dataclass(frozen=True, slots=True)
class Hint:
    """A far item that may have changed: look at it again."""

    ref: str


@dataclass(frozen=True, slots=True)
class DeliveryValue:
    """One inbound delivery as it came: raw bytes, lower-case header names."""

    key: str
    headers: Mapping[str, str]
    body: bytes
    received_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ClassifyContext:
    """Asked when a request is new: which category is it?"""

    request: RequestValue
    categories: tuple[CategoryValue, ...]


@dataclass(frozen=True, slots=True)
class Classification:
    """A category and why."""

    category: str
    reason: Text


@dataclass(frozen=True, slots=True)
class PrioritiseContext:
    """Asked when a request has a category and no priority yet."""

    request: RequestValue
    category: CategoryValue | None
    today: dt.date


@dataclass(frozen=True, slots=True)
class Priority:
    """A level (1 urgent … 4 low) and why."""

    level: int
    reason: Text

    def __post_init__(self) -> None:
        """Refuse a level that does not exist, where it is made."""
        if self.level not in PRIORITIES:
            raise ValueError(f"priority {self.level!r} is none of {PRIORITIES}")


@dataclass(frozen=True, slots=True)
class OpenPointsContext:
    """Asked before a request may leave stage 1: what is not yet understood?"""

    request: RequestValue


@dataclass(frozen=True, slots=True)
class OpenPoint:
    """Something that must be closed before the request goes on."""

    key: str
    text: Text


@dataclass(frozen=True, slots=True)
class NeedsContext:
    """Asked when a request is new: which needs does it hold?"""

    request: RequestValue


@dataclass(frozen=True, slots=True)
class NeedDraft:
    """A need somebody suggests, with its evidence."""

    kind: str
    text: str
    evidence: str

    def __post_init__(self) -> None:
        """Refuse a kind that does not exist, where it is made."""
        if self.kind not in NEED_KINDS:
            raise ValueError(f"need kind {self.kind!r} is none of {NEED_KINDS}")


# ---- assign ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SplitContext:
    """Asked when a request reaches stage 2 without tasks."""

    request: RequestValue
    category: CategoryValue | None


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """A task to be made."""

    title: str
    body: str = ""
    skill: str | None = None
    team_id: int | None = None
    hours: float | None = None
    need_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AssignContext:
    """Everything an assignment question may look at; the same value for veto, score and pick."""

    request: RequestValue
    task: TaskValue
    category: CategoryValue | None
    people: tuple[PersonValue, ...]
    recent: tuple[PastPick, ...]
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class Veto:
    """A person who must not get this task."""

    person_id: int
    reason: Text


@dataclass(frozen=True, slots=True)
class Score:
    """A part of a person's score; parts are added up. Higher is better."""

    person_id: int
    points: float
    reason: Text


@dataclass(frozen=True, slots=True)
class PickContext:
    """Who is left after vetoes, best first."""

    assign: AssignContext
    ranked: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Pick:
    """The chosen person and why."""

    person_id: int
    reason: Text


@dataclass(frozen=True, slots=True)
class EstimateContext:
    """Asked for a task without hours; ``past_hours`` are the hours of done tasks of its category."""

    request: RequestValue
    task: TaskValue
    past_hours: tuple[float, ...]
    category: CategoryValue | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """Working hours and why."""

    hours: float
    reason: Text

    def __post_init__(self) -> None:
        """Refuse hours that are no amount of work, where they are made."""
        if not self.hours > 0:
            raise ValueError(f"{self.hours!r} hours are no amount of work")


# ---- evaluate and improve --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a survey or form."""

    key: str
    kind: Literal["scale", "choice", "text", "longtext", "date", "email", "file"]
    label: Text
    required: bool = True
    low: int = 1
    high: int = 5
    choices: tuple[tuple[str, Text], ...] = ()
    help: Text | None = None


@dataclass(frozen=True, slots=True)
class Instrument:
    """A survey a plugin offers: questions and how answers become a score between low and high."""

    key: str
    title: Text
    intro: Text
    questions: tuple[Question, ...]
    score: Callable[[Mapping[str, Any]], float | None]
    low: float = 1.0
    high: float = 5.0
    version: str = "1"


@dataclass(frozen=True, slots=True)
class SurveysContext:
    """Asked when the hub collects its survey instruments."""


@dataclass(frozen=True, slots=True)
class ClosedRequest:
    """What numbers are made of: one request that has been evaluated."""

    id: int
    ref: str
    category: str | None
    team_id: int | None
    closed_at: dt.datetime
    stage_hours: Mapping[str, float]
    score: float | None
    reopened: int
    goals_met: int
    goals_total: int


@dataclass(frozen=True, slots=True)
class FindingsContext:
    """Asked once a night and on request: what stands out in these closed requests?"""

    closed: tuple[ClosedRequest, ...]
    since: dt.datetime
    until: dt.datetime
    # How people call the categories, by key.
    categories: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FindingDraft:
    """Something worth improving. ``key`` is stable, so that one cause makes one finding."""

    key: str
    text: Text
    metric: str
    value: float
    baseline: float
    request_ids: tuple[int, ...]


Direction = Literal["lower", "higher"]


@dataclass(frozen=True, slots=True)
class EffectsContext:
    """Asked at a plan's date: did it work? ``series`` are (when, value) points of its metric.

    ``least_effect`` is the smallest change worth having, in percent of the mean before the start.
    """

    metric: str
    direction: Direction
    series: tuple[tuple[dt.datetime, float], ...]
    started_at: dt.datetime
    least_effect: float


@dataclass(frozen=True, slots=True)
class Effect:
    """A verdict in one of four words, with its reason."""

    verdict: Literal["works", "no_evidence", "harm", "too_early"]
    reason: Text


@dataclass(frozen=True, slots=True)
class Moved:
    """Told after a request has changed its stage or state."""

    request: RequestValue
    before: str
    after: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class PanelsContext:
    """Asked when the request page is drawn."""

    request: RequestValue


@dataclass(frozen=True, slots=True)
class Panel:
    """Values for a named slot of the request page; no HTML crosses the border."""

    slot: Literal["side", "main"]
    title: Text
    rows: tuple[tuple[Text | str, Text | str], ...] = ()
    markdown: str = ""


# ---- the outside world -----------------------------------------------------------------------


@runtime_checkable
class HttpAnswer(Protocol):
    """An answer of the far side, body read whole and capped."""

    @property
    def status(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, by name in any case."""
        ...

    @property
    def body(self) -> bytes:
        """The raw body."""
        ...

    def json(self) -> Any:
        """The body as JSON; raises ``Refused`` where it is none."""
        ...


class Http(Protocol):
    """The one way out, given to a plugin: it knows budget, guard, time-outs and masking.

    A status of 429 or 5xx, a time-out or a lost connection raises ``Retry``; other statuses are
    returned, so that the plugin can translate them. Mailboxes and mail servers speak no HTTP: for
    them it opens plain connections, through the same guard.
    """

    def send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        """Send one request and wait for its answer."""
        ...

    def connect(self, host: str, port: int, seconds: float | None = None) -> Any:
        """A connected ``socket.socket`` whose operations wait ``seconds`` (None: as long as a call may).

        Raises ``Refused`` where the host may not be reached, ``Retry`` where it cannot be reached now.
        """
        ...

    def tls(self) -> SSLContext:
        """How connections are secured: the certificates of the configuration, names checked."""
        ...


@dataclass(frozen=True, slots=True)
class Checked:
    """What *Test connection* found: one sentence that says what to do."""

    ok: bool
    text: Text

    @classmethod
    def unreached(cls, name: str, error: Retry | Refused) -> Checked:
        """Nobody answered, or the hub may not go there; ``name`` is what people call the far side."""
        if isinstance(error, Retry):
            return cls(
                False,
                Text(
                    zh=f"{name} 没有应答（{error.reason}）：请检查根地址，稍后再试",
                    en=f"{name} did not answer ({error.reason}): check the root address and try again later",
                ),
            )
        return cls(
            False,
            Text(
                zh=f"无法访问该地址（{error.reason}）：私有部署请把主机名加入配置 [outbound] allow",
                en=f"The address cannot be reached ({error.reason}): for a private server add its host to"
                " [outbound] allow in the configuration",
            ),
        )


class Source(Protocol):
    """A connection that brings new requests in."""

    def verify(self, delivery: DeliveryValue) -> bool:
        """Is it genuine? Raw body, constant time."""
        ...

    def drafts(self, delivery: DeliveryValue) -> Iterable[Draft]:
        """The drafts in a delivery; raises ``Refused`` where it cannot be read."""
        ...

    def check(self) -> Checked:
        """Look whether the settings can work."""
        ...


@dataclass(frozen=True, slots=True)
class Arrived:
    """A delivery as a polled source found it: its key within the connection, and its raw bytes."""

    key: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Collected:
    """Some of what a polled source holds, and the cursor from which to go on when it is kept."""

    deliveries: tuple[Arrived, ...]
    cursor: Mapping[str, Any]


class PolledSource(Source, Protocol):
    """A source that is asked (``inbound="poll"``); its settings are ``PolledSettings``."""

    def collect(self, cursor: Mapping[str, Any], since: dt.date) -> Iterator[Collected]:
        """What came since the cursor, in batches of a few megabytes.

        Where the cursor means nothing any more: what came since that day; doubles are recognised.

        Each batch is kept, together with its cursor, before the next is asked for: only then may the
        source be tidied up. ``Retry`` and ``Refused`` (a wrong password) show on the health line.
        """
        ...


class Watch(Protocol):
    """A polled source that speaks: what its ``watch()`` gives, or None where it cannot.

    A source need not have ``watch``; looking every few minutes finds the same.
    """

    def fileno(self) -> int:
        """The socket that becomes readable when something is said."""
        ...

    def heard(self) -> bool:
        """Whether what was said is that something came; must not wait. ``Retry``: the connection is lost."""
        ...

    def renew(self) -> None:
        """Begin anew; asked every ten minutes."""
        ...

    def close(self) -> None:
        """End it, without waiting for the far side."""
        ...


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file that goes along with a message."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message on its way out; a channel gives it the form of its medium and decides nothing.

    ``id`` (for mail the Message-ID) was fixed before the first try: a repeat carries the same one, so
    that a message whose receipt was lost is recognised as the same. ``automatic`` says how it came about
    (RFC 3834): ``generated`` by an event, or ``replied`` to what somebody sent. The tokens lead answers
    and bounces back to what they belong to; ``loop`` is the hub's own mark, ``about`` the request's number.
    """

    id: str
    at: dt.datetime
    to: str
    subject: str
    text: str
    to_name: str = ""
    html: str = ""
    automatic: Literal["generated", "replied"] = "generated"
    parent: str = ""
    references: tuple[str, ...] = ()
    reply_token: str = ""
    bounce_token: str = ""
    loop: str = ""
    unsubscribe: str = ""
    files: tuple[OutgoingFile, ...] = ()
    about: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The far side has taken a message over; ``answer`` are its own words."""

    answer: str = ""


class Channel(Protocol):
    """A connection by which people are told something."""

    def check(self) -> Checked:
        """Look whether messages can be sent: address, rights, sender."""
        ...

    def send(self, message: OutgoingMessage) -> Sent:
        """Hand one message over.

        Raises ``Retry`` where it may go later (with ``after`` where nothing else will go before that
        either), ``Unclear`` where it may have been taken, ``Off`` where nothing goes until somebody mends
        the set-up, ``Refused`` where it never will; ``fields`` holds ``to`` where the address is the reason.
        """
        ...


# What only some trackers have; one that does names it among its capabilities.
OPTIONAL_FIELDS = ("priority", "due", "estimate")
CANONICAL_FIELDS = ("title", "body", "status", "assignee", "labels", *OPTIONAL_FIELDS)


@dataclass(frozen=True, slots=True)
class FarComment:
    """A comment on the far side; ``mark`` is the hub's own mark found in it, if any.

    ``internal``: it stands in a private stream there (capability ``private-notes``).
    """

    ref: str
    author: str
    text: str
    at: dt.datetime | None = None
    mark: str | None = None
    internal: bool = False


@dataclass(frozen=True, slots=True)
class FarFile:
    """A file at a far item, without its bytes; what only some may see there is left out."""

    ref: str
    name: str
    size: int
    author: str = ""


@dataclass(frozen=True, slots=True)
class FarWork:
    """Time somebody logged on a far item; it comes over and is never written there."""

    ref: str
    author: str
    day: dt.date
    minutes: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class FarParent:
    """The item that a far item is a part of; ``name`` is what people call it there."""

    ref: str
    name: str


@dataclass(frozen=True, slots=True)
class FarItem:
    """A far item in canonical fields: title, body, status, assignee (str), labels (frozenset).

    Where the capability says so: priority (its name there), due (a day, ISO 8601), estimate (minutes); None
    where there is none. Likewise ``files`` and ``worklogs``: all there are now. ``parent`` is shown here and
    never written there.
    """

    ref: str
    url: str
    fields: Mapping[str, Any]
    version: str
    comments: tuple[FarComment, ...] = ()
    files: tuple[FarFile, ...] = ()
    worklogs: tuple[FarWork, ...] = ()
    parent: FarParent | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """The far item is deleted or can no longer be read."""

    reason: str


@dataclass(frozen=True, slots=True)
class MovedTo:
    """The far item has another reference now."""

    ref: str


@dataclass(frozen=True, slots=True)
class FarChange:
    """One entry of a far change log: who set which field, when.

    ``foreign``: another account than ours made it, for certain. Where people share our account, or the
    tracker does not say whose it is, nobody can tell: False. ``maybe_seen``: by the tracker's coarse clock
    it may be older than the version that was asked from.
    """

    field: str
    value: Any
    author: str
    at: dt.datetime | None
    foreign: bool = False
    maybe_seen: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What a tracker knows, for the mapping.

    ``people`` and ``types`` come as (key, name). ``closed``: the states are all there are. ``moves`` names
    for each state those that may follow, for "" those in which an item begins; None: only trying tells.
    ``required``: canonical fields without which no item can be made. ``fields``: which way a canonical
    field can go (both, out, in, off), where that is less than both. ``mails`` are the mail addresses of
    accounts, where the tracker tells them: people here are proposed by them, and never mapped unasked.
    """

    states: tuple[str, ...]
    people: tuple[tuple[str, str], ...] = ()
    types: tuple[tuple[str, str], ...] = ()
    closed: bool = True
    moves: Mapping[str, tuple[str, ...]] | None = None
    required: tuple[str, ...] = ("title",)
    fields: Mapping[str, str] = field(default_factory=dict)
    timed: tuple[str, ...] = ()
    mails: Mapping[str, str] = field(default_factory=dict)


class Tracker(Protocol):
    """One connection to an outside tracker. It translates; it never decides, retries or stores."""

    capabilities: frozenset[str]
    # How long a new item may be missing from what ``find`` sees.
    find_lag: dt.timedelta

    def check(self) -> Checked:
        """Credentials and rights."""
        ...

    def catalogue(self) -> Catalogue:
        """States and people for the mapping."""
        ...

    def verify(self, delivery: DeliveryValue) -> bool:
        """Is this delivery genuine? Raw body, constant time."""
        ...

    def hints(self, delivery: DeliveryValue) -> Iterable[Hint]:
        """The far references a delivery mentions; tolerant of every odd shape."""
        ...

    def fetch(self, ref: str) -> FarItem | Gone | MovedTo:
        """Read one item, comments included."""
        ...

    def create(self, fields: Mapping[str, Any], mark: str) -> str:
        """Make an item that carries the mark; gives its reference."""
        ...

    def find(self, mark: str) -> str | None:
        """The reference of the item that carries the mark."""
        ...

    def update(self, ref: str, changes: Mapping[str, Any]) -> None:
        """Write only these fields. Sets come as ``SetChange``."""
        ...

    def history(self, ref: str, since: str | None) -> Sequence[FarChange]:
        """Who changed what (capability ``history``)."""
        ...

    def add_comment(self, ref: str, text: str, mark: str) -> str:
        """Add a comment that carries the mark; gives its reference."""
        ...

    def edit_comment(self, ref: str, comment: str, text: str, mark: str) -> None:
        """Change a comment (capability ``edit-comment``)."""
        ...

    def delete_comment(self, ref: str, comment: str) -> None:
        """Take a comment away (capability ``delete-comment``)."""
        ...

    def changed_since(self, cursor: str | None) -> tuple[Sequence[str], str | None]:
        """References changed since the cursor, and the next cursor."""
        ...


@runtime_checkable
class Hooks(Protocol):
    """What a tracker with the capability ``hooks`` can do besides: see to its own webhooks.

    The core calls it where the hub has a public address; without one the regular look alone works.
    """

    def ensure_hook(self, url: str) -> None:
        """Register the hook that sends to ``url``, or set it right where it is; again changes nothing.

        Raises ``Refused`` where the credentials may not: shown, and tried again when they change.
        """
        ...

    def redeliver(self, url: str, cursor: str | None) -> str | None:
        """Ask for deliveries to ``url`` that failed since the cursor once more; gives the next cursor."""
        ...


@runtime_checkable
class Scans(Protocol):
    """A tracker with the capability ``scan``: it can list everything that lies in its connection's scope."""

    def scan(self, cursor: str | None) -> tuple[Sequence[str], str | None]:
        """Some references of the scope, and the cursor behind them; None as cursor begins and ends.

        A reference may come twice; one that changes meanwhile must not be left out.
        """
        ...


@runtime_checkable
class Steps(Protocol):
    """A tracker with the capability ``transitions``: not every state there can follow every other.

    The core walks: it writes one state after the other and looks at each, so ``update`` takes one step.
    """

    def transitions(self, ref: str, status: str) -> Mapping[str, Sequence[str]] | None:
        """For each state those that may follow it, the ones to be preferred first; None: only trying tells.

        ``status`` is where the item was when it was read. Who has no entry leads nobody knows where, and
        is asked about again when the item is there; nothing may be walked through an empty one.
        """
        ...


class KeepsNotes(Protocol):
    """A tracker with the capability ``private-notes``: comments that its customers never see."""

    def add_note(self, ref: str, text: str, mark: str) -> str:
        """Add a private comment that carries the mark; gives its reference."""
        ...


class KeepsFiles(Protocol):
    """A tracker with the capability ``files``: its items hold files, and ``fetch`` names them."""

    def add_file(self, ref: str, file: OutgoingFile) -> str:
        """Put a file to the item; gives its reference there."""
        ...

    def read_file(self, ref: str, file: str) -> bytes:
        """The bytes of a file of the item; ``Refused`` where it cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class SetChange:
    """What to add to and take from a set field."""

    add: frozenset[str]
    remove: frozenset[str]


OpenSource = Callable[[Any, Mapping[str, str], Http, Mapping[str, Any]], Source]
OpenTracker = Callable[[Any, Mapping[str, str], Http, Mapping[str, Any]], Tracker]
OpenChannel = Callable[[Any, Mapping[str, str], Http, Mapping[str, Any]], Channel]


@dataclass(frozen=True, slots=True)
class SourceKind:
    """A kind of intake a plugin offers. ``secrets`` names what is stored encrypted.

    ``inbound`` is how deliveries come: ``hook`` (POST /in/…), ``form`` (a public page) or ``poll``.
    """

    name: str
    title: Text
    settings: type[BaseModel]
    open: OpenSource
    inbound: Literal["hook", "form", "poll"] = "hook"
    secrets: tuple[str, ...] = ()
    questions: Callable[[Any], tuple[Question, ...]] | None = None


@dataclass(frozen=True, slots=True)
class TrackerKind:
    """A kind of outside tracker a plugin offers.

    ``calls_per_minute`` is kept for each credential before a call is made. ``limits`` are the things that
    cannot be done there, one short text each: shown where a connection is made and on its page.
    """

    name: str
    title: Text
    settings: type[BaseModel]
    open: OpenTracker
    secrets: tuple[str, ...] = ()
    calls_per_minute: int | None = None
    limits: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """A kind of channel a plugin offers: how people are told something.

    To a ``person`` goes what is meant for that person; a ``room`` (a chat group) is told what happens to all
    requests. A room cannot know a repeat, so that what may have arrived is not sent again (``Unclear``), and
    much at once becomes one message. ``busy_minutes`` are minutes of the hour in which nothing is sent.
    """

    name: str
    title: Text
    settings: type[BaseModel]
    open: OpenChannel
    secrets: tuple[str, ...] = ()
    audience: Literal["person", "room"] = "person"
    busy_minutes: tuple[int, ...] = ()
    limits: tuple[Text, ...] = ()


Kind = SourceKind | TrackerKind | ChannelKind
