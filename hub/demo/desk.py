"""What the replica of the verbs knows beforehand: catalogue, people and the adviser's answers as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from hub.core.assign.choose import KEPT_CANDIDATES, KEPT_VETOES
from hub.core.assign.people import candidates
from hub.core.identify.understand import categories_of
from hub.core.values import CategoryValue, Instrument, PersonValue
from hub.core.workflow import Core, Settings
from hub.demo import adviser, texts
from hub.demo.cast import Cast
from hub.demo.rows import dumps
from hub.demo.story import answers


@dataclass(frozen=True)
class Subject:
    """Everything about one topic that is the same for each of its requests."""

    topic: texts.Topic
    category: CategoryValue
    title: str
    goal: str
    reasons: str
    # Who can do it, best first as the ranking puts them, with the constant part of their JSON.
    able: tuple[tuple[int, str, str], ...]
    vetoes: str
    ruled_out: int


class Desk:
    """The desk at which the history was worked: the same people, catalogue and settings as the hub's."""

    def __init__(
        self, core: Core, session: Session, cast: Cast, connection: tuple[int, str], instrument: Instrument
    ) -> None:
        """``connection`` is the id and kind by which everything came in."""
        people = candidates(session, core.database.now())
        categories = {category.key: category for category in categories_of(session)}
        self.settings: Settings = core.settings
        self.cast = cast
        self.connection, self.source = connection
        self.instrument, self.instrument_version = instrument.key, instrument.version
        # The plugin's arithmetic, asked beforehand: there are few answers.
        self.scores = {happy: instrument.score(answers(happy, "")) for happy in range(1, 6)}
        self.loads = {person.id: person.load_hours for person in people}
        self.people = len(people)
        self.names = {id_: actor.name for id_, actor in cast.actors.items()}
        self.subjects = {
            title: _subject(topic, categories[topic.category], people)
            for title, topic in texts.BY_TITLE.items()
        }
        self.profiles = {asker.id: dumps(dict(asker.profile)) for asker in cast.askers}


def _subject(topic: texts.Topic, category: CategoryValue, people: tuple[PersonValue, ...]) -> Subject:
    skill = category.skill or ""
    able = sorted(
        (person for person in people if skill in person.skills),
        key=lambda person: (-person.skills[skill], person.id),
    )
    out = [[person.id, adviser.LACKS.as_json()] for person in people if skill not in person.skills]
    reasons = {"category": adviser.CATEGORY.as_json(), "priority": adviser.PRIORITY.as_json()}
    return Subject(
        topic,
        category,
        dumps({"title": topic.title}),
        dumps({"text": topic.goal}),
        dumps(reasons),
        tuple(_ranked(person, person.skills[skill]) for person in able),
        dumps(out[:KEPT_VETOES]),
        len(out),
    )


def _ranked(person: PersonValue, level: int) -> tuple[int, str, str]:
    """A candidate's JSON before and after the one number that changes: the load."""
    points = adviser.POINTS_PER_LEVEL * level
    parts = dumps([[points, adviser.skilled(level).as_json()]])
    return person.id, f'{{"person":{person.id},"points":{points},"load":', f',"parts":{parts}}}'


KEPT = KEPT_CANDIDATES
