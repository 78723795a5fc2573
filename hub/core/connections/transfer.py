"""Raw bytes over a plugin's way out: a form with a file in it, and a download that may be sent elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from urllib.parse import SplitResult, urljoin, urlsplit

from hub.core.values import Http, HttpAnswer, OutgoingFile, Refused

MOST_HOPS = 5
REDIRECTS = (301, 302, 303, 307, 308)


def multipart(
    file: OutgoingFile, field: str = "file", values: Mapping[str, str] | None = None
) -> tuple[bytes, str]:
    """The body of a form with this file, and its ``Content-Type`` (RFC 7578).

    Names are UTF-8 with quotes and line ends escaped as browsers do it (WHATWG HTML, 4.10.21.8).
    """
    # No content can hold its own digest; and the same form is the same bytes each time it is sent.
    digest = hashlib.sha256(file.data)
    for value in (values or {}).values():
        digest.update(value.encode())
    edge = f"hub-{digest.hexdigest()}"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n{value}\r\n'
        for name, value in (values or {}).items()
    ]
    parts.append(
        f'--{edge}\r\nContent-Disposition: form-data; name="{_quoted(field)}";'
        f' filename="{_quoted(file.name)}"\r\nContent-Type: {file.media_type}\r\n\r\n'
    )
    body = "".join(parts).encode() + file.data + f"\r\n--{edge}--\r\n".encode()
    return body, f"multipart/form-data; boundary={edge}"


def _quoted(name: str) -> str:
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")


def download(http: Http, url: str, headers: Mapping[str, str]) -> HttpAnswer:
    """Read a file whose host may send us elsewhere; gives the last answer.

    ``headers`` (the credential is among them) go to the first host alone, and to nobody once it has sent
    us away. What is secured stays so.
    """
    asked = first = urlsplit(url)
    for _ in range(MOST_HOPS):
        answer = http.send("GET", asked.geturl(), headers=headers)
        if answer.status not in REDIRECTS:
            return answer
        following = urlsplit(urljoin(asked.geturl(), answer.headers.get("Location", "")))
        if following.scheme not in ("https", first.scheme):
            raise Refused("the file is at an address that is not secured")
        if _origin(following) != _origin(first):
            headers = {}
        asked = following
    raise Refused("the file's address leads on and on")


def _origin(place: SplitResult) -> tuple[str, str | None, int | None]:
    return place.scheme, place.hostname, place.port
