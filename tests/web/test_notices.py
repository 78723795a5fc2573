"""The page on which one chooses how to be told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from hub.app import Hub
from hub.core.directory.models import Person
from hub.core.notices.models import Wishes

SignedIn = Callable[..., FlaskClient]
CHOSEN = {
    "assignment": "digest", "mention": "mail", "unseen": "bell", "quiet_from": "22:00", "quiet_to": "07:30",
    "weekends": "", "digest_at": "09:15", "mails": "y",
}  # fmt: skip
PATH = "/profile/notices/"


def test_keeps_what_is_chosen_and_shows_it(hub: Hub, signed_in: SignedIn) -> None:
    lead = signed_in("manager")
    assert "nobody has connected a mail server" in lead.get(PATH).text
    assert lead.post(PATH, data=CHOSEN).status_code == 303
    with hub.core.database.reading() as session:
        kept = session.query(Wishes).one()
        assert session.query(Person).one().mails
    assert (kept.quiet_from, kept.quiet_to, kept.weekends, kept.digest_at) == (1320, 450, False, 555)
    assert kept.channels == {"assignment": "digest", "mention": "mail", "unseen": "bell"}
    page = BeautifulSoup(lead.get(PATH).text, "html.parser")
    shown = {field["name"]: field["value"] for field in page.select("[type=radio][checked], [type=time]")}
    assert shown == {name: CHOSEN[name] for name in shown}
    assert len(shown) == 6


def test_only_leads_are_asked_about_what_only_they_are_told(signed_in: SignedIn) -> None:
    ann = signed_in("member", "Ann")
    assert 'name="unseen"' not in ann.get(PATH).text
    chosen = {name: value for name, value in CHOSEN.items() if name != "unseen"}
    assert ann.post(PATH, data=chosen).status_code == 303


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"quiet_to": ""}, "quiet_to"),
        ({"quiet_to": "22:00"}, "quiet_to"),
        ({"quiet_from": "25:99"}, "quiet_from"),
        ({"digest_at": ""}, "digest_at"),
        ({"mention": "pigeon"}, "mention"),
    ],
)
def test_says_at_the_field_what_is_wrong(signed_in: SignedIn, wrong: dict[str, str], field: str) -> None:
    answer = signed_in("manager").post(PATH, data={**CHOSEN, **wrong})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_the_bell_and_the_account_lead_there(signed_in: SignedIn) -> None:
    ann = signed_in("member", "Ann")
    for page in ("/bell/", "/profile/"):
        assert f'href="{PATH}"' in ann.get(page).text
