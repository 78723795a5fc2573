"""The mapping of a tracker's connection: which way each field goes, and what stands for what."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.directory.models import Person
from hub.core.execute import catalogue as catalogues
from hub.core.execute import likely
from hub.core.execute.misfits import misfits
from hub.core.execute.settings import SyncSettings
from hub.core.execute.wanted import Wanted
from hub.core.values import CANONICAL_FIELDS, TASK_STATES, Catalogue, Refusal
from hub.render.words import DIRECTIONS, FIELDS, POLICIES, STATES
from hub.web import htmx
from hub.web.connections import find, steps
from hub.web.context import core, reader, sentence
from hub.web.forms import row_number
from hub.web.requests.answering import do
from hub.web.sessions import actor

blueprint = Blueprint("mapping", __name__, url_prefix="/connections/<int:number>")
Wrong = dict[str, list[str]]


@blueprint.get("/mapping")
def edit(number: int) -> str:
    """The mapping as it is; where the tracker was not asked yet, how to ask it."""
    rights.require(actor(), "edit_connections")
    with core().database.reading() as session:
        row = _tracker(session, number)
    return _page(row, Wanted.of(SyncSettings.part_of(row.settings)), {})


@blueprint.post("/mapping")
def update(number: int) -> Response | tuple[str, int]:
    """Save the mapping, or say at each choice why it cannot work."""
    rights.require(actor(), "edit_connections")
    with core().database.reading() as session:
        row = _tracker(session, number)
        known = catalogues.known(session, core().database.now(), row).catalogue
        people = set(session.scalars(select(Person.id).where(Person.active)))
    wanted, taken = _typed(request.form), request.form.get("take", "")
    if taken:
        wanted = _with_taken(wanted, _proposed(known or _open(wanted), wanted), taken)
    wrong: Wrong = {}
    for refusal in misfits(wanted, known or _open(wanted), people):
        wrong.setdefault(refusal.field or "", []).append(sentence(refusal))
    if not wrong:
        wrong = _save(number, wanted)
    if wrong:
        return _page(row, wanted, wrong), 422
    flash(_("The mapping is saved."), "ok")
    if taken:
        return redirect(url_for("mapping.edit", number=number, _anchor="people"), 303)
    return redirect(url_for("walk.show", number=number), 303)


def _save(number: int, wanted: Wanted) -> Wrong:
    """What the kind's own model or somebody faster has against it."""
    try:
        with core().database.transaction() as session:
            held = find(session, number, hold=True)
            typed = row_number(request.form.get("version"))
            if typed is not None and typed != held.version:
                raise Refusal("version_conflict", ref=held.name, yours=typed, current=held.version)
            settings = {**held.settings, **wanted.settings()}
            manage.change(
                session, core().database.now(), actor(), core().registry, core().opener.keys, held,
                settings=settings,
            )  # fmt: skip
            held.state = {**held.state, steps.MAPPED: core().database.now().isoformat()}
    except Refusal as refusal:
        if refusal.message == "not_allowed":
            raise
        return {"": [sentence(refusal)]}
    return {}


@blueprint.post("/catalogue")
def ask(number: int) -> Response:
    """Have a worker ask the tracker for its states and people."""
    do(lambda session, _now: catalogues.promise_catalogue(session, actor(), find(session, number)))
    if htmx.wants_fragment():
        return htmx.respond(_progress(number))
    return redirect(url_for("mapping.edit", number=number), 303)


@blueprint.get("/catalogue")
def asked(number: int) -> Response:
    """How the asking goes; 286 ends it, and the page comes anew where there was nothing to choose from."""
    rights.require(actor(), "see_connections")
    if core().jobs.is_pending(catalogues.READ_CATALOGUE, f"connection:{number}"):
        return htmx.respond(_progress(number))
    answer = htmx.respond(_progress(number), status=286)
    if request.args.get("first"):
        answer.headers["HX-Refresh"] = "true"
    return answer


def _progress(number: int) -> str:
    with core().database.reading() as session:
        row = _tracker(session, number)
        known = catalogues.known(session, core().database.now(), row)
    return render_template("connections/_catalogue.html", row=row, known=known, asking=_asking(number))


def _asking(number: int) -> bool:
    return core().jobs.is_pending(catalogues.READ_CATALOGUE, f"connection:{number}")


def _page(row: Connection, wanted: Wanted, wrong: Wrong) -> str:
    with core().database.reading() as session:
        known = catalogues.known(session, core().database.now(), row)
        people = list(session.scalars(select(Person).where(Person.active).order_by(Person.name)))
        walk = steps.of(session, row)
    there = known.catalogue or _open(wanted)
    states = list(dict.fromkeys([*there.states, *wanted.read, *wanted.written.values()]))
    return render_template(
        "connections/mapping.html",
        row=row,
        wanted=wanted,
        wrong=wrong,
        known=known,
        there=there,
        states=[state for state in states if state],
        options={
            "directions": [(name, reader().say(said)) for name, said in DIRECTIONS.items()],
            "policies": [(name, reader().say(said)) for name, said in POLICIES.items()],
            "here": [(name, reader().say(STATES[name])) for name in TASK_STATES],
            "far": [(state, state) for state in states if state],
        },
        people=people,
        proposed=_proposed(there, wanted),
        asking=_asking(row.id),
        fields=[name for name in CANONICAL_FIELDS if there.fields.get(name) != "off"],
        lacking=[name for name in CANONICAL_FIELDS if there.fields.get(name) == "off"],
        task_states=TASK_STATES,
        walk=walk,
        words={"fields": FIELDS, "states": STATES},
    )


def _proposed(there: Catalogue, wanted: Wanted) -> dict[int, likely.Proposal]:
    """Who there is probably who here, for those without an account."""
    with core().database.reading() as session:
        people = session.scalars(select(Person).where(Person.active)).all()
    known = [likely.Known(person.id, person.name, person.email) for person in people]
    return likely.proposals(there, known, wanted.people)


def _with_taken(wanted: Wanted, proposed: dict[int, likely.Proposal], taken: str) -> Wanted:
    """With the proposal of one person accepted, or with all that go by the mail address."""
    accepted = {
        person: proposal.account
        for person, proposal in proposed.items()
        if taken == str(person) or (taken == "mail" and proposal.by == "mail")
    }
    return replace(wanted, people={**wanted.people, **accepted})


def _typed(form: MultiDict[str, str]) -> Wanted:
    def under(prefix: str) -> dict[str, str]:
        return {
            name.removeprefix(prefix): value.strip()
            for name, value in form.items()
            if name.startswith(prefix)
        }

    read = {form.get(f"far_{at}", ""): state for at, state in under("read_").items()}
    named = {row_number(key): account for key, account in under("person_").items()}
    people = {person: account for person, account in named.items() if person is not None}
    return Wanted(
        under("direction_"), under("policy_"), under("written_"),
        {far: state for far, state in read.items() if far}, people, row_number(form.get("default_person")),
    )  # fmt: skip


def _open(wanted: Wanted) -> Catalogue:
    """What may be chosen where nothing is known: what the mapping names already."""
    states = dict.fromkeys([*wanted.written.values(), *wanted.read])
    return Catalogue(tuple(state for state in states if state), closed=False, required=())


def _tracker(session: Session, number: int) -> Connection:
    row = find(session, number)
    if row.family != "tracker":
        raise Refusal("not_a_tracker", field="connection", name=row.name)
    return row
