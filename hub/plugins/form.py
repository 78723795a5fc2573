"""Intake by a public form: the page posts answers, the plugin makes a draft of them."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hub.sdk import (
    Checked,
    DeliveryValue,
    Draft,
    IncomingFile,
    Question,
    Refused,
    SourceKind,
    Text,
    WrongSetting,
    hookimpl,
)

Asked = Literal["no", "optional", "required"]
LONGEST_TITLE = 300


def choices(lines: str) -> tuple[tuple[str, Text], ...]:
    """The category choices written as ``key | Chinese | English``, one a line."""
    found = []
    for line in filter(str.strip, lines.splitlines()):
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 3 or not all(parts):
            said = line.strip()
            raise WrongSetting(
                Text(zh=f"“{said}”应写成：键 | 中文 | 英文", en=f"“{said}” is not: key | Chinese | English")
            )
        found.append((parts[0], Text(zh=parts[1], en=parts[2])))
    return tuple(found)


def _readable(lines: str) -> str:
    choices(lines)
    return lines


class FormSettings(BaseModel):
    """Which questions the form asks, and what it says above them."""

    model_config = ConfigDict(extra="forbid")

    title_zh: str = Field("提交服务请求", min_length=1, title="Title (Chinese)")
    title_en: str = Field("Send a service request", min_length=1, title="Title (English)")
    intro_zh: str = Field("", title="Introduction (Chinese)")
    intro_en: str = Field("", title="Introduction (English)")
    description: Asked = Field("required", title="Description")
    categories: Annotated[str, AfterValidator(_readable)] = Field(
        "",
        title="Categories to choose from",
        description="One a line: key | Chinese | English. Empty: not asked.",
        json_schema_extra={"format": "textarea"},
    )
    category: Asked = Field("optional", title="Category")
    wanted_by: Asked = Field("optional", title="Wanted by")
    outcome: Asked = Field("optional", title="Expected outcome")
    name: Asked = Field("required", title="Name")
    email: Asked = Field("required", title="E-mail")
    file: Asked = Field("optional", title="File")
    customer: str = Field("", title="Customer", description="Requests from here belong to this customer.")

    @property
    def title(self) -> Text:
        """What stands above the form."""
        return Text(zh=self.title_zh, en=self.title_en)

    @property
    def intro(self) -> Text:
        """What stands under the title."""
        return Text(zh=self.intro_zh, en=self.intro_en)


def questions(settings: FormSettings) -> tuple[Question, ...]:
    """The form's questions, in the order in which they are asked; the title is always one of them."""
    offered = choices(settings.categories)
    solved = Text(zh="怎样才算解决了？请写下可以检查的结果。", en="How will you know that it is solved?")
    outcome = Text(zh="期望结果", en="Expected outcome")
    asked: list[tuple[Asked, Question]] = [
        ("required", Question("title", "text", Text(zh="标题", en="Title"))),
        (settings.description, Question("body", "longtext", Text(zh="描述", en="Description"))),
        (
            settings.category if offered else "no",
            Question("category", "choice", Text(zh="类别", en="Category"), choices=offered),
        ),
        (settings.wanted_by, Question("wanted_by", "date", Text(zh="期望完成日期", en="Wanted by"))),
        (settings.outcome, Question("outcome", "longtext", outcome, help=solved)),
        (settings.name, Question("name", "text", Text(zh="姓名", en="Name"))),
        (settings.email, Question("email", "email", Text(zh="电子邮箱", en="E-mail"))),
        (settings.file, Question("file", "file", Text(zh="附件", en="File"))),
    ]
    return tuple(_asked(question, how) for how, question in asked if how != "no")


def _asked(question: Question, how: Asked) -> Question:
    return Question(
        question.key,
        question.kind,
        question.label,
        how == "required",
        choices=question.choices,
        help=question.help,
    )


class FormSource:
    """One public form. Its page lies in the hub, so a delivery is the hub's own JSON of answers."""

    def __init__(self, settings: FormSettings) -> None:
        """``settings`` say which questions were asked."""
        self._settings = settings
        self._choices = {key for key, _ in choices(settings.categories)}

    def check(self) -> Checked:
        """A form needs nothing from outside."""
        return Checked(True, Text(zh="表单可以使用。", en="The form is ready."))

    def verify(self, delivery: DeliveryValue) -> bool:
        """Always genuine: whoever holds the link may post, and the page that posts is the hub's."""
        return True

    def drafts(self, delivery: DeliveryValue) -> Iterable[Draft]:
        """One draft, keyed like its delivery, so that posting twice makes one request."""
        answers = _answers(delivery.body)
        body, title = _text(answers, "body"), _text(answers, "title")
        title = title or body.partition("\n")[0].strip()
        if not title:
            raise Refused("title: a text is wanted, nothing was given")
        category = _text(answers, "category")
        goals = tuple(line.strip() for line in _text(answers, "outcome").splitlines() if line.strip())
        return [
            Draft(
                key=delivery.key,
                title=title[:LONGEST_TITLE],
                body=body,
                contact_name=_text(answers, "name"),
                contact_email=_text(answers, "email"),
                customer=self._settings.customer,
                category=category if category in self._choices else None,
                wanted_by=_date(_text(answers, "wanted_by")),
                goals=goals,
                language=_text(answers, "language") or None,
                files=_files(answers.get("file")),
            )
        ]


def _answers(body: bytes) -> Mapping[str, Any]:
    try:
        answers = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(f"body: not JSON ({type(error).__name__})") from None
    if not isinstance(answers, dict):
        raise Refused(f"body: an object is wanted, {type(answers).__name__} was given")
    return answers


def _text(answers: Mapping[str, Any], key: str) -> str:
    value = answers.get(key)
    if value is not None and not isinstance(value, str):
        raise Refused(f"{key}: a text is wanted, {type(value).__name__} was given")
    # JSON can spell what no database stores: the zero byte and half a surrogate pair.
    return (value or "").replace("\0", "").encode("utf-8", "replace").decode().strip()


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(f"wanted_by: {text[:40]!r} is not a date") from None


def _files(value: Any) -> tuple[IncomingFile, ...]:
    """Files as the page sends them: name, type, and data (base64) or digest and size of stored bytes."""
    given = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(_file(item) for item in given)


def _file(item: Any) -> IncomingFile:
    if not isinstance(item, dict):
        raise Refused(f"file: an object is wanted, {type(item).__name__} was given")
    try:
        data = base64.b64decode(_text(item, "data"), validate=True)
    except (binascii.Error, ValueError):
        raise Refused("file.data: not base64") from None
    kind = _text(item, "media_type") or "application/octet-stream"
    size = item.get("size")
    return IncomingFile(
        _text(item, "name") or "file",
        kind,
        data,
        _text(item, "sha256"),
        size if isinstance(size, int) and not isinstance(size, bool) else 0,
    )


def open_form(settings: FormSettings, *_unused: object) -> FormSource:
    """The object behind one form connection."""
    return FormSource(settings)


class FormPlugin:
    """Offers the kind of intake ``form``."""

    name = "form"
    api = ">=1.0,<2"
    title = Text(zh="公开表单", en="Public form")

    @hookimpl
    def identify_sources(self) -> Sequence[SourceKind]:
        """The form kind."""
        return (
            SourceKind(self.name, self.title, FormSettings, open_form, inbound="form", questions=questions),
        )


plugin = FormPlugin()
