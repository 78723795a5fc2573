"""Who there is probably who here: one of one or nobody, and the mail address before the name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.core.execute.likely import Known, proposals
from hub.core.values import Catalogue

WORDS = st.sampled_from(["Mei", "mei ", "Jonas", "Lin", ""])
MAILS = st.sampled_from(["mei@a.cn", "MEI@a.cn", "jonas@a.cn", ""])


def there(*people: tuple[str, str, str]) -> Catalogue:
    return Catalogue(
        ("open",),
        tuple((account, name) for account, name, _mail in people),
        mails={account: mail for account, _name, mail in people if mail},
    )


ANN, BO = Known(1, "Ann Li", "ann@a.cn"), Known(2, "Bo Wang", "bo@a.cn")


def test_the_mail_address_speaks_first_whatever_the_name_is() -> None:
    found = proposals(there(("x7", "A. Li", "ANN@a.cn "), ("y", "Ann Li", "")), [ANN, BO], {})
    assert {person: (one.account, one.by) for person, one in found.items()} == {1: ("x7", "mail")}


def test_a_name_alone_is_proposed_where_it_is_one_of_one() -> None:
    assert proposals(there(("y", " ann li", "")), [ANN, BO], {})[1].by == "name"
    twins = [ANN, Known(3, "Ann Li", "ann.li@b.cn")]
    assert proposals(there(("y", "Ann Li", "")), twins, {}) == {}
    assert proposals(there(("y", "Ann Li", ""), ("z", "Ann Li", "")), [ANN], {}) == {}


def test_the_same_name_with_another_address_is_somebody_else() -> None:
    assert proposals(there(("y", "Ann Li", "ann.li@elsewhere.cn")), [ANN], {}) == {}


def test_two_accounts_with_one_address_are_nobodys() -> None:
    assert proposals(there(("y", "A", "ann@a.cn"), ("z", "B", "ann@a.cn")), [ANN], {}) == {}


def test_who_has_an_account_and_what_is_taken_are_left_alone() -> None:
    far = there(("y", "Ann Li", "ann@a.cn"))
    assert proposals(far, [ANN, BO], {1: "other"}) == {}
    assert proposals(far, [ANN, BO], {2: "y"}) == {}
    # Emptied, somebody is proposed again.
    assert set(proposals(far, [ANN, BO], {1: ""})) == {1}


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), WORDS, MAILS), max_size=4, unique_by=lambda one: one[0]),
    st.lists(st.tuples(st.integers(1, 4), WORDS, MAILS), max_size=4, unique_by=lambda one: one[0]),
    st.dictionaries(st.integers(1, 4), st.sampled_from(["a", "b", ""]), max_size=2),
)
def test_nobody_is_proposed_twice_and_no_address_that_differs(
    far: list[tuple[str, str, str]], people: list[tuple[int, str, str]], mapped: dict[int, str]
) -> None:
    known = [Known(*one) for one in people]
    found = proposals(there(*far), known, mapped)
    accounts = [one.account for one in found.values()]
    assert len(accounts) == len(set(accounts))
    assert not set(accounts) & {account for account in mapped.values() if account}
    mails = {account: mail.casefold() for account, _name, mail in far if mail}
    for one in known:
        if one.id in found and found[one.id].account in mails:
            assert (one.email or "").casefold() == mails[found[one.id].account]
            assert found[one.id].by == "mail"
