"""Mails in words: both languages whole, nothing of one in the other, every reason a sentence."""

from __future__ import annotations

import ast
import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from hub.core.notices.facts import Facts
from hub.core.notices.models import STATES as KNOWN_STATES
from hub.render import Reader
from hub.render.mails import DELIMITER, REASONS, STATES, because, written
from hub.render.refusals import SENTENCES
from hub.render.words import ALERTS, TEMPLATES

NOW = dt.datetime(2026, 3, 4, 17, tzinfo=dt.UTC)
HUB = Path(__file__).parents[2] / "hub"
VALUES: dict[str, Any] = {
    "organisation": "Acme", "name": "Li", "ref": "SR-12", "title": "VPN <b>&", "unsubscribe": "https://h/u/1",
    "track": "https://h/t/1", "survey": "https://h/s/1", "author": "Mei",
    "said": "**Now** <script>x</script>", "left_out": ["big.zip"], "until": NOW, "task": "SR-12-1",
    "task_title": "Look", "body": "", "due": NOW.date(),
    "hours": 2.5, "priority": 1, "category": {"zh": "网络", "en": "Network"}, "customer": "Acme",
    "page": "https://h/tasks/SR-12-1", "settings": "https://h/profile/notices/", "by": "Ann", "number": 3,
    "alerts": [
        {"said": said, "by": "Ann <u>", "ref": "SR-12", "title": "VPN <b>&", "page": "https://h/x", "at": NOW}
        for said in ALERTS
    ],
}  # fmt: skip


def mail(template: str, language: str, **values: Any) -> Any:
    facts = Facts(template, language, "Asia/Shanghai", {**VALUES, **values}, "https://h/u/1")
    return written(facts, Reader.of(language, "Asia/Shanghai", NOW))


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_mail_speaks_one_language(template: str) -> None:
    chinese, english = mail(template, "zh"), mail(template, "en")
    for made in (chinese, english):
        # Of several requests.
        assert made.subject.startswith(("[SR-12] ", "Re: [SR-12] ")) != (template == "digest")
        assert "\n" not in made.subject
        assert not re.search(r"\n{3}|\{\{|\{%", made.text)
        assert made.text.count(DELIMITER) == (template in ("confirmation", "reply"))
        assert "https://h/u/1" in made.text
        assert "https://h/u/1" in made.html
    letters = re.sub(rf"{re.escape(DELIMITER)}", "", english.subject + english.text + english.html)
    assert not re.search(r"[\u4e00-\u9fff]", letters.replace("网络", ""))
    assert re.search(r"[\u4e00-\u9fff]", chinese.text.replace(DELIMITER, ""))


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_people_wrote_is_text_and_never_a_tag(template: str) -> None:
    made = mail(template, "en", title="<script>x</script>", name="<i>", organisation="<u>", task_title="<s>")
    assert "<script" not in made.html
    for tag in ("<i>", "<u>", "<s>"):
        assert tag not in made.html


def test_dates_are_those_of_the_readers_zone() -> None:
    assert "2026-03-05" in mail("survey", "en").text  # one in the morning in Shanghai


def test_what_is_not_known_is_left_out() -> None:
    made = mail("assignment", "en", due=None, hours=None, priority=None, category=None, customer="")
    for word in ("Due", "Hours", "Priority", "Category", "Customer", "None"):
        assert word not in made.text + made.html


def kept_reasons() -> set[str]:
    """The ids that the outbox keeps as reasons, wherever they are written down."""
    found = set()
    for path in (HUB / "core/notices").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                found |= {
                    value.value
                    for key, value in pairs
                    if isinstance(key, ast.Constant) and key.value == "id" and isinstance(value, ast.Constant)
                }
    return {str(each) for each in found}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_reason_is_a_sentence(language: str) -> None:
    reader = Reader.of(language, None, NOW)
    assert kept_reasons() == set(REASONS)
    for reason in (*REASONS, "comment_taken_back"):
        said = because({"id": reason, "text": "550 no", "most": 5, "minutes": 10, "name": "Ann"}, reader)
        assert said
        assert reason not in said
        assert "%(" not in said
    assert because(None, reader) == ""
    assert because({"id": "never heard of"}, reader) == "never heard of"


def test_every_state_has_a_word() -> None:
    assert set(STATES) == set(KNOWN_STATES)
    assert "comment_taken_back" in SENTENCES
