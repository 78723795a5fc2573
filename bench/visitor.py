"""A client of any of the peers: it keeps its connection and its cookies."""

from __future__ import annotations

import http.client
import re
import time
import zlib
from collections.abc import Mapping
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit


class Answer(Exception):
    """An answer that was not the one wanted."""


class Visitor:
    """One client of one server."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self._port, self._headers = port, dict(headers or {})
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> tuple[float, str]:
        """A page and the seconds it took."""
        start = time.perf_counter()
        _, text = self.ask("GET", path)
        return time.perf_counter() - start, text

    def post_form(self, path: str, values: Mapping[str, str]) -> str:
        """Post a form as a browser would, and follow where it leads."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, urlencode(values).encode(), kind)[1]

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        most: int = 399,
    ) -> tuple[int, str]:
        """One question; redirects are followed, a status above ``most`` is an error."""
        base = f"http://127.0.0.1:{self._port}"
        sent = {"Accept-Encoding": "gzip", "Referer": f"{base}/", "Origin": base, **self._headers}
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self._connection.request(method, path, body, {**sent, **(headers or {})})
        answer = self._connection.getresponse()
        content = answer.read()
        for line in answer.headers.get_all("Set-Cookie", ()):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        if answer.headers.get("Content-Encoding") == "gzip":
            content = zlib.decompress(content, wbits=31)
        text = content.decode("utf-8", "replace")
        if answer.status > most:
            raise Answer(f"{method} {path}: {answer.status}\n{text[:3000]}")
        if answer.status in (301, 302, 303):
            target = urlsplit(urljoin(base + path, answer.headers["Location"]))
            return self.ask("GET", target.path + (f"?{target.query}" if target.query else ""))
        return answer.status, text


def hidden(page: str, name: str) -> str:
    """The value of a form's hidden field, such as a forgery token."""
    for tag in re.findall(r"<input[^>]*>", page):
        if re.search(rf'name="{re.escape(name)}"', tag) and (found := re.search(r'value="([^"]*)"', tag)):
            return found[1]
    raise Answer(f"no field {name}:\n{page[:2000]}")
