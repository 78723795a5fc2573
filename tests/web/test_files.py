"""Files at a request."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from flask.testing import FlaskClient

SignedIn = Callable[..., FlaskClient]
Open = Callable[..., str]


def test_a_page_in_a_file_is_never_shown_as_a_page(signed_in: SignedIn, open_request: Open) -> None:
    ref, browser = open_request(), signed_in()
    data = {"files": (io.BytesIO(b"<script>alert(1)</script>"), "../an offer 报价.html")}
    assert browser.post(f"/requests/{ref}/files", data=data).status_code == 303
    page = browser.get(f"/requests/{ref}").get_data(as_text=True)
    address = re.search(r'href="(/files/\d+)"', page)
    assert address is not None
    sent = browser.get(address[1])
    assert sent.headers["Content-Disposition"].startswith("attachment")
    assert sent.mimetype == "text/plain"
    assert sent.data == b"<script>alert(1)</script>"
    assert sent.content_length == 25


def test_needs_a_file_and_the_right_to_send_one(signed_in: SignedIn, open_request: Open) -> None:
    ref = open_request()
    assert signed_in().post(f"/requests/{ref}/files", data={}).status_code == 422
    viewer = signed_in("viewer", "Vera")
    answer = viewer.post(f"/requests/{ref}/files", data={"files": (io.BytesIO(b"x"), "x.txt")})
    assert answer.status_code == 403
    assert viewer.get("/files/1").status_code == 404
