"""The half-year behind the two companies: what went badly, what was tried, and that it helped."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from hub.demo import texts
from hub.demo.cast import Asker
from hub.demo.script import DAY, HOUR, STAGES_OF_40, Teller, office
from hub.demo.story import Step, Story
from hub.demo.texts import Topic

# Days before now: the slow network work is found and a plan begins, is judged, the next plan begins.
FOUND, JUDGED, AGAIN = 95, 30, 28
FIRST_DAY, WINDOW = 230, 90
SEED = 88


class Past:
    """Tells the closed requests and those on the board; always the same ones, counted from ``now``."""

    def __init__(self, askers: tuple[Asker, ...], now: int) -> None:
        """``now`` is in whole seconds since 1970."""
        self._now = now
        self._random = Random(SEED)
        self._teller = Teller(askers, self._random, "companies", now - HOUR // 3, wanted=0.7)
        self._count = 0

    def before(self) -> Iterator[Story]:
        """Until the first plan: network requests take days."""
        for number in range(17):
            yield self._closed("network", FIRST_DAY, FOUND + 6, number / 17, hours=38 + number % 4)
        # The finding compares within its window, where the others must be the more.
        for number, category in enumerate(
            ("application", "access", "data", "feature", "hardware", "rollout") * 2
        ):
            yield self._closed(category, FOUND + WINDOW - 1, FOUND + 6, number / 12, hours=5 + number % 3)

    def after(self) -> Iterator[Story]:
        """Since the first plan: network requests take hours; applications disappoint, payroll comes back."""
        for number in range(10):
            yield self._closed("network", FOUND - 2, JUDGED + 8, number / 10, hours=5 + number % 3)
        for number, happy in enumerate((3, 2, 4, 2, 3, 1, 3, 4)):
            yield self._closed("application", FOUND - 2, AGAIN + 7, number / 8, hours=9, happy=happy)
        for number in range(8):
            yield self._closed("payroll", FOUND - 4, 14, number / 8, hours=6, reopened=number in (2, 5))
        for number, category in enumerate(("access", "data", "feature", "hardware", "rollout")):
            yield self._closed(category, 60, 10, number / 5, hours=5 + number % 3)

    def board(self, *, tracked: bool) -> Iterator[Story]:
        """Forty requests over the five stages; with a tracker two defects among them."""
        for number in range(40):
            topic = texts.DEFECTS[number // 20] if tracked and number in (19, 21) else None
            topic = topic or (
                None if STAGES_OF_40[number] == "a" else texts.TOPICS[number * 7 % len(texts.TOPICS)]
            )
            story = self._teller.alive(self._next(), STAGES_OF_40[number], 1 - number % 9 / 9, topic)
            # Half of them come with the sender's word on how urgent it is; the rules judge the others.
            if number % 2:
                story.priority = texts.BY_TITLE[story.title].priority
            yield story

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _closed(
        self,
        category: str,
        first: int,
        last: int,
        place: float,
        *,
        hours: int,
        happy: int = 0,
        reopened: bool = False,
    ) -> Story:
        """One closed request, between two days before now, with so many hours of execution."""
        topics = [topic for topic in texts.TOPICS if topic.category == category]
        topic = topics[self._count % len(topics)]
        at = office(self._now - int((first - (first - last) * place) * DAY) + self._count * 997 % HOUR)
        story = self._teller.begin(self._next(), at, topic)
        story.category = category
        story.then(self._worked(topic, at, hours))
        at += (hours + 3) * HOUR
        happy = happy or 4 + self._count % 2
        words = {1: texts.BLAME, 2: texts.BLAME, 5: texts.PRAISE}.get(happy, {})
        story.then(
            (
                Step("score", at, texts.PARTLY[topic.language] if happy < 3 else "", int(happy < 3)),
                Step("answer", at + 20 * HOUR, words.get(topic.language, ""), happy),
                Step("look", at + 20 * HOUR + 5),
                Step("look", at + 20 * HOUR + 10),
            )
        )
        at += 24 * HOUR
        if reopened:
            story.then(
                (Step("reopen", at), Step("look", at + 5), Step("look", at + 10), Step("score", at + HOUR))
            )
            story.then((Step("look", at + HOUR + 5), Step("look", at + HOUR + 10)))
            at += 2 * HOUR
        if reopened or happy < 3:
            story.then((Step("dismiss", at, texts.DISMISSED[topic.language]), Step("look", at + 5)))
        return story

    def _worked(self, topic: Topic, at: int, hours: int) -> Iterator[Step]:
        said = texts.SAID[topic.language]
        yield from (Step("look", at + 60), Step("look", at + 120))
        for task in range(len(topic.stated)):
            yield Step("start", at + HOUR + task * 600, "", 0, task)
        yield Step("say", at + HOUR + 1500, said[self._count % 2])
        done = at + (hours + 1) * HOUR
        for task in range(len(topic.stated)):
            yield Step("log", done, "", 30 * hours, task) if hours < 24 else Step("log", done, "", 480, task)
            yield Step("finish", done + task, "", 0, task)
        yield from (Step("say", done + 30, said[2]), Step("look", done + 60), Step("look", done + 120))
