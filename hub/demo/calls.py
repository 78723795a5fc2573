"""People who call the demonstration's administrator, so that the bell has something to show."""

from __future__ import annotations

from sqlalchemy import select

from hub.core import workflow
from hub.core.directory.models import Person
from hub.core.directory.people import actor_of
from hub.core.work.models import ServiceRequest, Task
from hub.core.workflow import Core
from hub.demo.people import MEMBERS

# Bilingual, as all that the demonstration's people write.
SAID = (
    "@{name} 客户希望提前两天完成，可以吗？ The customer would like it two days earlier. May we?",
    "@{name} 这个问题上周也出现过，请看一下。 We have seen this last week, too. Please have a look.",
)


def call_administrator(core: Core) -> None:
    """Whoever works on one of the oldest live tasks asks the administrator something; each once."""
    with core.database.transaction() as session:
        called = session.scalars(select(Person).where(Person.email == MEMBERS[0].email)).one()
        rows = session.execute(
            select(ServiceRequest, Person)
            .join(Task, Task.request_id == ServiceRequest.id)
            .join(Person, Person.id == Task.assignee_id)
            .where(
                ServiceRequest.stage == "execute", ServiceRequest.state == "open", Task.state == "doing",
                Person.id != called.id,
            )
            .order_by(Task.id)
            .limit(len(SAID))
        ).all()  # fmt: skip
        for text, (request, worker) in zip(SAID, rows, strict=False):
            workflow.say(
                core, session, core.database.now(), actor_of(worker), request,
                text=text.format(name=called.name), stream="internal",
            )  # fmt: skip
