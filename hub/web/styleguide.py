"""Every piece of the macros file on one page, for whoever builds pages. Only in development."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from hub.core.values import STAGES, Question, Refusal, Text
from hub.web import context
from hub.web.forms import Form
from hub.web.guards import public

blueprint = Blueprint("styleguide", __name__, url_prefix="/styleguide")

TITLES = (
    "VPN 断线频繁，远程办公受影响",
    "Payroll export fails for March cost centre",
    "打印机 3F-07 卡纸并报错 E-52",
    "Onboard 12 new hires – laptops & access",
    "客户门户登录超时（生产环境）",
    "Quarterly firewall rule review",
    "合同审批流程新增法务节点",
    "工单附件上传失败（>20MB）",
)
TAGS = (
    ("数据",),
    ("Payroll", "cost centre", "SAP"),
    ("访问权限", "流程"),
    ("API",),
    (),
    ("A very long tag of somebody", "网络"),
)
CHOICES = (("a", Text(zh="三楼", en="Third floor")), ("b", Text(zh="四楼", en="Fourth floor")))
QUESTIONS = (
    Question("asked_scale", "scale", Text(zh="您满意吗？", en="Are you satisfied?")),
    Question("asked_choice", "choice", Text(zh="在哪里？", en="Where is it?"), choices=CHOICES),
    Question(
        "asked_text", "text", Text(zh="编号", en="Number"), required=False,
        help=Text(zh="在设备背面。", en="On the back of the device."),
    ),
    Question("asked_longtext", "longtext", Text(zh="还有什么？", en="Anything else?"), required=False),
    Question("asked_date", "date", Text(zh="期望日期", en="Wanted by"), required=False),
    Question("asked_email", "email", Text(zh="邮箱", en="E-mail")),
    Question("asked_file", "file", Text(zh="照片", en="Photographs"), required=False),
)  # fmt: skip
OWNERS = ("陈晓", "Tom", None, "王磊", "Li Na")


class Example(Form):
    """One field of each kind."""

    title = StringField(_l("Title"), [InputRequired(), Length(max=20)])
    body = TextAreaField(_l("Description"), description=_l("Markdown works here."))
    priority = SelectField(
        _l("Priority"), choices=[SelectChoice("2", _l("High")), SelectChoice("3", _l("Normal"))]
    )
    wanted_by = DateField(_l("Wanted by"))
    kind = RadioField(
        _l("Kind"),
        choices=[SelectChoice("a", _l("Question")), SelectChoice("b", _l("Incident"))],
        default="a",
    )
    agree = BooleanField(_l("Tell me when it is done"))


def _cards(now: dt.datetime) -> dict[str, list[dict[str, object]]]:
    cards: dict[str, list[dict[str, object]]] = {stage: [] for stage in STAGES}
    for n in range(40):
        cards[STAGES[n * 7 % 5]].append(
            {
                "ref": f"SR-{1203 + 3 * n}",
                "url": f"#card-SR-{1203 + 3 * n}",
                "title": TITLES[n % len(TITLES)],
                "priority": n % 5 or None,
                "due": now + dt.timedelta(hours=(-5, 3, 18, 50, 98)[n * 3 % 5], minutes=1),
                "tags": TAGS[n % len(TAGS)],
                "comments": n % 9,
                "links": n % 3,
                "owner": OWNERS[n % len(OWNERS)],
                "move_url": "/styleguide/refuse",
                "version": 1,
            }
        )
    return cards


@blueprint.get("/")
@public
def index() -> str:
    """The board with a request beside it."""
    now = context.core().database.now()
    return render_template("styleguide/board.html", cards=_cards(now), now=now)


@blueprint.get("/pieces")
@public
def pieces() -> str:
    """All other pieces."""
    now = context.core().database.now()
    typed = MultiDict({"title": "A title that is far too long for its field", "wanted_by": "tomorrow"})
    wrong = Example(typed, meta={"csrf": False})
    wrong.validate()
    wrong.form_errors.append(_("Nothing was saved."))
    return render_template(
        "styleguide/pieces.html", form=Example(), wrong=wrong, now=now, ago=dt.timedelta(minutes=5)
    )


@blueprint.get("/public")
@public
def outside() -> str:
    """A page for people outside."""
    return render_template(
        "styleguide/public.html",
        form=Example(meta={"csrf": False}),
        small=request.args.get("small"),
        questions=QUESTIONS,
    )


@blueprint.post("/refuse")
@public
def refuse() -> str:
    """Refuse a move, so that the card goes back."""
    raise Refusal("task_without_owner", ref="SR-1254-2")
