"""Rules, surveys and advice with one defect each."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import random
import socket
import subprocess
import sys
import time
from typing import Any

from hub.sdk import (
    Classification,
    Effect,
    Estimate,
    OpenPoint,
    Panel,
    Pick,
    Priority,
    Score,
    TaskDraft,
    Text,
    Veto,
)
from tests.kit.making import WHY, Shelf, finding, instrument

shelf = Shelf()
hook = shelf.hook
COUNT = itertools.count()


@hook("decides by the clock")
def identify_prioritise(self: Any, context: Any) -> Any:
    return Priority(1 if dt.datetime.now(dt.UTC).year > 1 else 3, WHY)


@hook("decides by the time of the machine, quietly")
def assign_estimate(self: Any, context: Any) -> Any:
    return Estimate(1.0 if time.monotonic() else 2.0, WHY)


@hook("decides by chance")
def assign_score(self: Any, context: Any) -> Any:
    return [Score(one.id, random.random(), WHY) for one in context.people]


@hook("asks the network")
def identify_classify(self: Any, context: Any) -> Any:
    socket.socket().close()


@hook("reads a file")
def identify_needs(self: Any, context: Any) -> Any:
    with open(os.devnull) as file:
        file.read()


@hook("starts a process")
def assign_split(self: Any, context: Any) -> Any:
    subprocess.run([sys.executable, "-V"], check=True, capture_output=True)
    return [TaskDraft("One")]


@hook("counts how often it was asked")
def panels(self: Any, context: Any) -> Any:
    return [Panel("side", WHY, ((str(next(COUNT)), ""),))]


@hook("takes five seconds")
def identify_open_points(self: Any, context: Any) -> Any:
    time.sleep(5)


@hook("answers with another type")
def assign_veto(self: Any, context: Any) -> Any:
    return [{"person_id": 1, "reason": "no"}]


@hook("gives an estimate that is no number")
def assign_estimate(self: Any, context: Any) -> Any:
    return Estimate(float("inf"), WHY)


@hook("gives one thing where several are wanted")
def identify_open_points(self: Any, context: Any) -> Any:
    return OpenPoint("body", WHY)


@hook("gives its reason in Chinese only")
def identify_prioritise(self: Any, context: Any) -> Any:
    return Priority(3, Text(zh="普通", en=""))


@hook("gives its reason in English only")
def assign_score(self: Any, context: Any) -> Any:
    return [Score(one.id, 1.0, Text(zh="", en="knows it")) for one in context.people]


@hook("vetoes somebody it was not shown")
def assign_veto(self: Any, context: Any) -> Any:
    return [Veto(9999, WHY)]


@hook("scores somebody it was not shown")
def assign_score(self: Any, context: Any) -> Any:
    return [Score(one.id + 1, 1.0, WHY) for one in context.people]


@hook("picks somebody who was vetoed")
def assign_pick(self: Any, context: Any) -> Any:
    people = context.assign.people
    return Pick(max(one.id for one in people), WHY) if people else None


@hook("picks always the same one of equals")
def assign_pick(self: Any, context: Any) -> Any:
    return Pick(context.ranked[0][0], WHY) if context.ranked else None


@hook("breaks where nobody is left")
def assign_pick(self: Any, context: Any) -> Any:
    return Pick(context.ranked[0][0], WHY)


@hook("invents a category")
def identify_classify(self: Any, context: Any) -> Any:
    return Classification("miscellaneous", WHY)


@hook("ends the process")
def identify_needs(self: Any, context: Any) -> Any:
    sys.exit(1)


@hook("asks every question of a survey under one key")
def evaluate_surveys(self: Any, context: Any) -> Any:
    good = instrument()
    return [instrument(questions=(good.questions[0], good.questions[0]))]


@hook("scores beyond its range")
def evaluate_surveys(self: Any, context: Any) -> Any:
    return [instrument(score=lambda answers: float(answers["satisfaction"]) * 2 if answers else None)]


@hook("makes a score of silence")
def evaluate_surveys(self: Any, context: Any) -> Any:
    return [instrument(score=lambda answers: 3.0)]


@hook("scores by the clock")
def evaluate_surveys(self: Any, context: Any) -> Any:
    return [instrument(score=lambda answers: 3.0 if answers and time.time() else None)]


@hook("asks in English only")
def evaluate_surveys(self: Any, context: Any) -> Any:
    return [instrument(intro=Text(zh="", en="Please"))]


@hook("offers no survey at all")
def evaluate_surveys(self: Any, context: Any) -> Any:
    return []


@hook("finds one cause twice")
def improve_findings(self: Any, context: Any) -> Any:
    return [finding("slow", ()), finding("slow", ())] if context.closed else None


@hook("names a finding by its place in the list")
def improve_findings(self: Any, context: Any) -> Any:
    return [finding(f"first-{one.id}", (one.id,)) for one in context.closed[:1]]


@hook("finds something in nothing")
def improve_findings(self: Any, context: Any) -> Any:
    return [finding("empty", ())]


@hook("speaks of requests it was not shown")
def improve_findings(self: Any, context: Any) -> Any:
    return [finding("strange", (0,))] if context.closed else None


@hook("tells a finding in English only")
def improve_findings(self: Any, context: Any) -> Any:
    return [finding("slow", (), Text(zh="", en="slow"))] if context.closed else None


@hook("judges without numbers")
def improve_effects(self: Any, context: Any) -> Any:
    return Effect("no_evidence", WHY)


@hook("calls every change a success")
def improve_effects(self: Any, context: Any) -> Any:
    return Effect("works" if context.series else "too_early", WHY)


@hook("gives a verdict that does not exist")
def improve_effects(self: Any, context: Any) -> Any:
    return Effect("great", WHY)  # type: ignore[arg-type]


@hook("answers where it is only told")
def workflow_moved(self: Any, context: Any) -> Any:
    return [WHY]


@hook("raises when a request is dropped back")
def workflow_moved(self: Any, context: Any) -> Any:
    return {"identify": None, "assign": None}[context.after]


@hook("keeps everybody waiting when a request moves")
def workflow_moved(self: Any, context: Any) -> Any:
    time.sleep(5)
