"""Makes up years of stories from a seed: the same seed, size and end tell the same stories."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from random import Random

from hub.core.database import EPOCH
from hub.demo import texts
from hub.demo.cast import Asker
from hub.demo.people import CLIENTS
from hub.demo.story import Step, Story
from hub.demo.texts import Topic

HOUR, DAY = 3600, 86400
# A board that is worked on holds so many at a time, however long the history is.
LIVE_SHARE, MOST_LIVE = 0.03, 400
REQUESTS_PER_YEAR, LEAST_YEARS, MOST_YEARS = 20_000, 2, 6
SURVEY_DAYS = 14
# Nothing happens in the last minutes: the seal of the history comes after ten.
MARGIN = 20 * 60
# Closed ones that are younger went quickly: a survey nobody answers takes its two weeks.
RECENT = 45 * DAY
STAGES_OF_40 = "i" * 9 + "a" * 8 + "x" * 11 + "v" * 7 + "m" * 5
LABELS = ((), (), (), (), ("VIP",), ("流程",), ("API",), ("远程", "remote"))


def stories(
    askers: tuple[Asker, ...], size: int, seed: int, until: int, live: int | None = None
) -> Iterator[Story]:
    """``size`` stories in the order in which they begin; the last ``live`` are still open at ``until``."""
    teller = Teller(askers, Random(seed), f"history-{seed}-{until}", until - MARGIN)
    live = min(size, MOST_LIVE, round(size * LIVE_SHARE)) if live is None else min(size, live)
    closed = size - live
    years = min(max(size // REQUESTS_PER_YEAR, LEAST_YEARS), MOST_YEARS)
    first, last = until - years * 365 * DAY, until - 16 * DAY
    for number in range(closed):
        yield teller.ended(number, office(first + (last - first) * number // max(closed, 1)))
    for number in range(live):
        yield teller.alive(closed + number, STAGES_OF_40[number * 27 % 40], (live - number) / live)


def office(at: int) -> int:
    """The moment, or the next morning or Monday when nobody is at work then (9 to 18 in UTC+8)."""
    day, second = divmod(at, DAY)
    if second < HOUR:
        second += HOUR
    elif second > 10 * HOUR:
        day, second = day + 1, HOUR + second % (2 * HOUR)
    weekday = (day + 3) % 7  # 1970 began on a Thursday
    return (day + (7 - weekday if weekday > 4 else 0)) * DAY + second


class Teller:
    """Tells stories one by one; every choice comes from one seeded source."""

    def __init__(
        self, askers: tuple[Asker, ...], random: Random, name: str, until: int, *, wanted: float = 0.25
    ) -> None:
        """``until`` is the last moment at which something may happen; ``wanted`` is the share with a date."""
        self._askers = {title: _likely(askers, topic) for title, topic in texts.BY_TITLE.items()}
        self._wanted = wanted
        self._random = random.random
        self._bits = random.getrandbits
        self._name = name
        self._until = until

    def _below(self, most: int) -> int:
        return int(self._random() * most)

    def begin(self, number: int, at: int, topic: Topic) -> Story:
        """A customer asks; what comes then is added."""
        # RFC 9562, version 7: milliseconds, then chance.
        high, low = f"{at * 1000:012x}", f"{self._bits(62) | 1 << 63:016x}"
        wanted, askers = self._random() < self._wanted, self._askers[topic.title]
        return Story(
            key=f"{self._name}-{number}",
            uid=f"{high[:8]}-{high[8:]}-7{self._bits(12):03x}-{low[:4]}-{low[4:]}",
            asker=askers[self._below(len(askers))],
            title=topic.title,
            body=topic.text,
            goals=(topic.goal,),
            wanted_by=_date(at) + dt.timedelta(days=2 + self._below(9)) if wanted else None,
            labels=LABELS[self._below(len(LABELS))],
            steps=[Step("take", at)],
        )

    def ended(self, number: int, at: int) -> Story:
        """A story that ends: nearly always closed, now and then dropped."""
        topic = texts.TOPICS[self._below(len(texts.TOPICS))]
        story = self.begin(number, at + self._below(HOUR), topic)
        recent = at > self._until - RECENT
        if self._random() < 0.02:
            at = story.steps[0].at
            return story.then((Step("look", at + 5), Step("drop", at + 600, texts.DROPPED[topic.language])))
        at = self._worked(story, topic, self._assigned(story, story.steps[0].at))
        return self._judged(story, topic, at, recent)

    def alive(self, number: int, stage: str, age: float, topic: Topic | None = None) -> Story:
        """A story that stands in one stage now: i, a, x, v or m. ``age`` is 1 for the oldest."""
        topic = topic or texts.TOPICS[self._below(len(texts.TOPICS))]
        days = {"i": 3, "a": 4, "x": 5, "v": 8, "m": 12}[stage]
        at = self._until - int((0.3 + age * days) * DAY)
        if stage == "a" and number % 2:
            topic = texts.UNASSIGNABLE[self._below(len(texts.UNASSIGNABLE))]
        story = self.begin(number, at, topic)
        if stage == "i":
            story.goals = ()
            return story.then((Step("look", at + 5),))
        if stage == "a":
            story.then((Step("look", at + 5),))
            if topic.category == "storage":
                return story.then((Step("look", at + 10),))
            return story.then((Step("wait", at + 1800, texts.PAUSED[topic.language]),))
        at = self._assigned(story, at)
        if stage == "x":
            return self._half_worked(story, topic, at)
        at = self._worked(story, topic, at, pace=0.15)
        if stage == "v":
            return self._cut(story)
        at += HOUR
        blame = texts.BLAME[topic.language]
        story.then((Step("score", at), Step("answer", at + HOUR, blame, 1 + self._below(2))))
        return self._cut(story.then((Step("look", at + HOUR + 5), Step("look", at + HOUR + 10))))

    def _cut(self, story: Story) -> Story:
        story.steps = [step for step in story.steps if step.at <= self._until]
        return story

    def _assigned(self, story: Story, at: int) -> int:
        story.then((Step("look", at + 5), Step("look", at + 10)))
        if self._random() < 0.1:
            story.steps.append(Step("note", at + 900, texts.NOTED[_language(story)]))
        return at + 900

    def _half_worked(self, story: Story, topic: Topic, at: int) -> Story:
        at += 300 + self._below(4 * HOUR)
        how = self._random()
        if how < 0.6:
            story.then((Step("start", at), Step("say", at + 600, texts.SAID[topic.language][self._below(2)])))
        elif how < 0.75:
            story.steps.append(Step("hold", at, texts.HELD[topic.language]))
        if how < 0.3:
            story.steps.append(Step("reply", at + 1200, texts.REPLIED[topic.language][1 + self._below(2)]))
        return self._cut(story)

    def _worked(self, story: Story, topic: Topic, at: int, pace: float = 1.0) -> int:
        """Every task is done; gives when the customer was asked."""
        said, hour = texts.SAID[topic.language], HOUR * pace
        for task in range(len(topic.stated)):
            at = office(at + int(self._random() * 8 * hour)) if pace == 1.0 else at + int(hour)
            if self._random() < 0.6:
                story.steps.append(Step("start", at, "", 0, task))
            if self._random() < 0.25:
                story.steps.append(Step("say", at + 300, said[self._below(2)], 0, task))
            if self._random() < 0.1:
                story.steps.append(Step("reply", at + 500, texts.REPLIED[topic.language][1 + self._below(2)]))
            worked = int((0.5 + 6 * self._random() ** 2) * hour)
            at = office(at + 600 + worked) if pace == 1.0 else at + 600 + worked
            if self._random() < 0.25:
                story.steps.append(Step("log", at - 30, "", 15 + worked // 60, task))
            story.steps.append(Step("finish", at, "", 0, task))
        if self._random() < 0.4:
            story.steps.append(Step("say", at + 20, said[2]))
        story.then((Step("look", at + 25), Step("look", at + 30)))
        return at + 30

    def _judged(self, story: Story, topic: Topic, at: int, recent: bool) -> Story:
        """Goals scored, survey answered or not, closed; a bad answer is a finding first."""
        language, luck = topic.language, self._random()
        asked = at
        at = office(at + 600 + self._below(6 * HOUR))
        if luck < 0.9:
            story.steps.append(Step("score", at))
        else:
            story.steps.append(Step("score", at, texts.PARTLY[language], 1 if luck < 0.97 else 2))
        answered = recent or self._random() < 0.5
        happy = 0
        if answered:
            at = office(at + HOUR + self._below(24 * HOUR))
            happy = (5, 5, 5, 5, 4, 4, 4, 4, 4, 3, 3, 5, 4, 5, 4, 3, 4, 5, 2, 1)[self._below(20)]
            words = texts.PRAISE if happy > 4 else texts.BLAME if happy < 3 else {}
            story.steps.append(Step("answer", at, words.get(language, ""), happy))
        else:
            at = asked + SURVEY_DAYS * DAY + self._below(600)
        story.then((Step("look", at + 5), Step("look", at + 10)))
        if answered and happy < 3:
            return self._dismissed(story, language, at)
        if not recent and self._random() < 0.02:
            return self._reopened(story, language, at)
        return story

    def _dismissed(self, story: Story, language: str, at: int) -> Story:
        at = office(at + 4 * HOUR)
        return story.then((Step("dismiss", at, texts.DISMISSED[language]), Step("look", at + 5)))

    def _reopened(self, story: Story, language: str, at: int) -> Story:
        """Nothing was left to do after all: back, judged anew, and a finding."""
        at = office(at + 20 * HOUR)
        story.then(
            (Step("reopen", at), Step("look", at + 5), Step("look", at + 10), Step("score", at + HOUR))
        )
        # Where the survey is still open the first look cannot go on; the one after its end does.
        at += HOUR + 5
        story.then((Step("look", at), Step("look", at + 5)))
        return self._dismissed(story, language, at)


def _likely(askers: tuple[Asker, ...], topic: Topic) -> tuple[Asker, ...]:
    """Who would ask for this: customers of the small firm or units of the large one, in their language."""
    outside = topic.category in ("feature", "rollout", "defect")
    units = {client.name for client in (CLIENTS[3:] if outside else CLIENTS[:3])}
    likely = tuple(a for a in askers if a.customer in units and a.language == topic.language)
    return likely or askers


def _date(at: int) -> dt.date:
    return (EPOCH + dt.timedelta(seconds=at)).date()


def _language(story: Story) -> str:
    return texts.BY_TITLE[story.title].language
