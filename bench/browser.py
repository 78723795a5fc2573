"""A browser as far as a server sees one: it keeps connection and cookies, and takes compressed pages."""

from __future__ import annotations

import http.client
import re
import time
import zlib
from http.cookies import SimpleCookie
from urllib.parse import urlencode

_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Browser:
    """One visitor of one hub."""

    def __init__(self, port: int) -> None:
        """Signs in later."""
        self._port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}

    def sign_in(self, email: str, password: str) -> float:
        """Sign in by the form; gives the seconds it took."""
        _, page = self.get("/sign-in")
        found = _TOKEN.search(page)
        if found is None:
            raise RuntimeError(f"no form to sign in:\n{page[:2000]}")
        form = {"csrf_token": found[1], "email": email, "password": password}
        seconds, _ = self._ask("POST", "/sign-in", urlencode(form), 303)
        return seconds

    def twin(self) -> Browser:
        """Another browser of the same person, signed in already."""
        other = Browser(self._port)
        other.cookies.update(self.cookies)
        return other

    def get(self, path: str, *wanted: int) -> tuple[float, str]:
        """A page and the seconds it took; anything but 200, or one of ``wanted``, is an error."""
        return self._ask("GET", path, None, *(wanted or (200,)))

    def _ask(self, method: str, path: str, body: str | None, *wanted: int) -> tuple[float, str]:
        headers = {
            "Accept-Encoding": "gzip",
            "Accept-Language": "zh",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        start = time.perf_counter()
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        seconds = time.perf_counter() - start
        for line in answer.headers.get_all("Set-Cookie", ()):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        if answer.headers.get("Content-Encoding") == "gzip":
            content = zlib.decompress(content, wbits=31)
        if answer.status not in wanted:
            raise RuntimeError(f"{method} {path}: {answer.status}\n{content[:2000]!r}")
        return seconds, content.decode()
