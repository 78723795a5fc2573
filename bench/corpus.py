"""What everybody is asked to hold: requests in English and Chinese, and words that few of them have."""

from __future__ import annotations

from dataclasses import dataclass

SUBJECTS = ("printer", "parcel", "account", "router", "contract", "licence", "monitor", "delivery")
TROUBLES = ("does not start", "arrived damaged", "is locked", "is too slow", "was sent twice", "is missing")
ENGLISH = (
    "We noticed it this morning and tried everything the manual says, without any change. ",
    "A colleague saw the same last week at the other site. Please tell us how long it will take. ",
)
CHINESE = (
    "我们今天早上发现这个问题，已经按照说明书试过所有办法，没有任何变化。",
    "另一个办公室的同事上周也遇到了同样的情况，请告诉我们需要多长时间解决。",
)
# Each word stands in one of so many items, inside a sentence.
EVERY = 250
RARE = {7: "The customer waits for a quotation.", 8: "请尽快重新开具发票给客户。"}
WORDS = {"en": ("quotation", 7), "zh": ("发票", 8)}
# One item in so many is talked about: by that many comments, each a few sentences.
TALKED_ABOUT, COMMENTS = 100, 6


@dataclass(frozen=True)
class Item:
    """One request as it is sent to everybody."""

    number: int
    title: str
    body: str


def item(number: int) -> Item:
    """The item of this number; its title is its own."""
    subject, trouble = SUBJECTS[number % len(SUBJECTS)], TROUBLES[number // 8 % len(TROUBLES)]
    rare = RARE.get(number % EVERY, "")
    body = f"{ENGLISH[number % 2]}{CHINESE[number // 2 % 2]}{rare}{ENGLISH[(number + 1) % 2]}"
    return Item(number, f"Case {number}: the {subject} {trouble}", body)


def talk(number: int) -> list[str]:
    """What was said about the item of this number, oldest first; about most of them nothing."""
    if number % TALKED_ABOUT:
        return []
    return [
        f"{ENGLISH[turn % 2]}\n\n{CHINESE[turn // 2 % 2]}{ENGLISH[(turn + 1) % 2]}"
        for turn in range(COMMENTS)
    ]


def having(language: str, size: int) -> list[Item]:
    """The items among the first ``size`` that hold the language's rare word."""
    _, rest = WORDS[language]
    return [item(number) for number in range(size) if number % EVERY == rest]
