"""Files: put to a request, taken out as attachments."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, send_file
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.files import Attachment, StoredFile
from hub.core.values import Refusal
from hub.core.work.attachments import attach_file
from hub.web.context import core
from hub.web.requests import answering
from hub.web.requests.forms import FileForm
from hub.web.requests.loading import find
from hub.web.sessions import actor

blueprint = Blueprint("files", __name__)


@blueprint.get("/files/<int:number>")
def show(number: int) -> Response:
    """The bytes of a file, always as an attachment."""
    rights.require(actor(), "see_requests")
    with core().database.reading() as session:
        attachment = session.get(Attachment, number)
        if attachment is None:
            raise Refusal("not_found")
        stored = session.get_one(StoredFile, attachment.sha256)
    return sent(attachment, stored)


def sent(attachment: Attachment, stored: StoredFile) -> Response:
    """The bytes under their name, always as an attachment."""
    response: Response = send_file(
        core().files.open(stored.sha256),
        mimetype=stored.media_type,
        as_attachment=True,
        download_name=attachment.name,
        max_age=0,
        etag=stored.sha256,
    )
    response.content_length = stored.size
    return response


@blueprint.post("/requests/<ref>/files")
def create(ref: str) -> Response:
    """Put files to a request; their bytes are stored before anything is written."""
    form = FileForm()
    with core().database.reading() as session:
        rights.require(actor(), "edit_request", find(session, ref))
    uploads = [file for file in form.files.data or () if file]
    stored = [(core().files.put(file.stream), file.filename) for file in uploads] if form.validate() else []

    def attach(session: Session, now: dt.datetime) -> None:
        row = find(session, ref, hold=True)
        for file, name in stored:
            attach_file(session, now, actor(), row, file, name, public=form.public.data)

    if answering.attempt(form, attach):
        return answering.done(ref, _("The files are here."), "file")
    return answering.again(ref, "file", form)
