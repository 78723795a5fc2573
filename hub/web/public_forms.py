"""Public forms: a plugin's questions, answers kept as a delivery, a link to follow what comes of it."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any, BinaryIO, cast

from flask import Blueprint, current_app, make_response, redirect, render_template, request, session, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from hub.core.connections.letterbox import Letter, store
from hub.core.connections.opening import Opened
from hub.core.surveys.answers import read_answers
from hub.core.values import Question, Refusal, SourceKind
from hub.core.work.public import make_link
from hub.web import outside
from hub.web.context import core, reader, sentence
from hub.web.guards import limiter, public

blueprint = outside.speaks(Blueprint("public_forms", __name__))
MOST_FILES = 10
# People do not see this field; programs that fill in whatever they find do.
TRAP = "website"
SENT = "sent_form"
_KEY = re.compile(r"[0-9a-f]{32}")


@blueprint.get("/f/<slug>")
@public
def show(slug: str) -> Response:
    """The form, with a fresh key that makes two sendings of it one."""
    return _page(_form(slug), uuid.uuid4().hex)


@blueprint.post("/f/<slug>")
@public
@limiter.limit(outside.POSTS)
def create(slug: str) -> Response:
    """Keep the answers as a delivery, and make the link by which the sender follows them."""
    opened = _form(slug)
    key = request.form.get("key", "")
    key = key if _KEY.fullmatch(key) else uuid.uuid4().hex
    if request.form.get(TRAP):
        return redirect(url_for("public_forms.thanks", slug=slug), 303)
    questions = _questions(opened)
    answers, wrong = read_answers(questions, request.form)
    uploads = {question.key: _uploads(question, wrong) for question in questions if question.kind == "file"}
    files = {} if wrong else _stored(uploads, opened.max_bytes, wrong)
    if wrong:
        return _page(opened, key, wrong=wrong, status=422)
    body = json.dumps({**answers, **files, "language": reader().language}, ensure_ascii=False).encode()
    now = core().database.now()
    with core().database.transaction() as writing:
        store(writing, Letter(opened.id, key, {"content-type": "application/json"}, body, now))
        token = make_link(writing, now, connection_id=opened.id, delivery_key=key)
    session[SENT] = [slug, token]
    return redirect(url_for("public_forms.thanks", slug=slug), 303)


@blueprint.get("/f/<slug>/thanks")
@public
def thanks(slug: str) -> Response:
    """The thank-you page; it shows the tracking link once."""
    opened = _form(slug)
    sent = session.pop(SENT, None)
    token = sent[1] if sent and sent[0] == slug else None
    base = (current_app.config["PUBLIC_URL"] or request.host_url).rstrip("/")
    address = f"{base}{url_for('tracking.show', token=token)}" if token else None
    page = make_response(
        render_template("public_forms/thanks.html", form=opened.settings, slug=slug, address=address)
    )
    page.headers["Cache-Control"] = "no-store"
    return page


def _form(slug: str) -> Opened:
    opened = core().opener.by_slug(slug)
    if opened is None or not _is_form(opened):
        raise Refusal("not_found")
    if opened.paused:
        raise Refusal("form_closed")
    return opened


def _is_form(opened: Opened) -> bool:
    return isinstance(opened.offered, SourceKind) and opened.offered.inbound == "form"


def _questions(opened: Opened) -> tuple[Question, ...]:
    assert isinstance(opened.offered, SourceKind)
    return opened.offered.questions(opened.settings) if opened.offered.questions else ()


def _page(
    opened: Opened, key: str, *, wrong: dict[str, Refusal] | None = None, status: int = 200
) -> Response:
    errors = {name: sentence(refusal) for name, refusal in (wrong or {}).items()}
    page = render_template(
        "public_forms/show.html",
        form=opened.settings,
        name=opened.name,
        questions=_questions(opened),
        key=key,
        trap=TRAP,
        values=request.form,
        errors=errors,
        sent_files=any(request.files.getlist(name) for name in request.files),
    )
    return make_response(page, status)


def _uploads(question: Question, wrong: dict[str, Refusal]) -> list[FileStorage]:
    files = [file for file in request.files.getlist(question.key) if file.filename]
    if not files and question.required:
        wrong[question.key] = Refusal("required", field=question.key)
    if len(files) > MOST_FILES:
        wrong[question.key] = Refusal("too_many", field=question.key, most=MOST_FILES)
    return files


def _stored(
    uploads: dict[str, list[FileStorage]], most: int, wrong: dict[str, Refusal]
) -> dict[str, list[dict[str, Any]]]:
    """The files as the delivery names them; their bytes are in the store when this returns."""
    found: dict[str, list[dict[str, Any]]] = {}
    for key, files in uploads.items():
        try:
            for file in files:
                kept = core().files.put(cast(BinaryIO, file.stream), most)
                found.setdefault(key, []).append(
                    {
                        "name": file.filename,
                        "media_type": kept.media_type,
                        "sha256": kept.sha256,
                        "size": kept.size,
                    }
                )
        except Refusal as refusal:
            wrong[key] = refusal
    return found
