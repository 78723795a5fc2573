"""Static files: addresses that change with the content, sizes within the budget, nothing inline."""

import gzip
import re

import brotli
import pytest
from flask.testing import FlaskClient

from hub.web.statics import FOLDER

INLINE = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:", re.IGNORECASE)


def _compressed(client: FlaskClient, address: str) -> int:
    """How many bytes travel."""
    with client.get(address, headers={"Accept-Encoding": "gzip"}) as answer:
        size = len(answer.data)
        assert size < 1000 or answer.headers["Content-Encoding"] == "gzip"
        return size


def _assets(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="(/static/[^"]+)"', page)


def test_a_stamped_address_may_be_kept_for_ever(bare: FlaskClient) -> None:
    address = next(a for a in _assets(bare.get("/styleguide/").text) if "hub.css" in a)
    with bare.get(address) as answer:
        assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("address", ["/static/hub.css", "/static/hub.css?v=000000000000"])
def test_another_address_is_asked_again(bare: FlaskClient, address: str) -> None:
    with bare.get(address) as answer:
        assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "address", ["/static/../__init__.py", "/static/%2e%2e/__init__.py", "/static/vendor", "/static/no.js"]
)
def test_nothing_else_is_served(bare: FlaskClient, address: str) -> None:
    assert bare.get(address).status_code == 404


def test_a_file_that_is_known_is_not_sent_again(bare: FlaskClient) -> None:
    tag = bare.get("/static/hub.css").headers["ETag"]
    assert bare.get("/static/hub.css", headers={"If-None-Match": tag}).status_code == 304


def test_a_page_stays_within_its_budget(bare: FlaskClient) -> None:
    page = bare.get("/styleguide/").text
    sizes: dict[str, int] = {"html": len(gzip.compress(page.encode()))}
    assets = _assets(page)
    for address in assets:
        kind = address.split("?")[0].rsplit(".", 1)[1]
        sizes[kind] = sizes.get(kind, 0) + _compressed(bare, address)
    assert len(assets) + 1 <= 7
    assert sizes["html"] <= 15_000
    assert sizes["css"] <= 10_000
    assert sizes["js"] <= 45_000
    assert sum(sizes.values()) <= 70_000


def test_a_public_page_is_small_and_needs_no_script(bare: FlaskClient) -> None:
    page = bare.get("/styleguide/public").text
    assert "<script" not in page
    files = sum(_compressed(bare, address) for address in _assets(page))
    assert len(gzip.compress(page.encode())) + files <= 20_000


@pytest.mark.parametrize("address", ["/styleguide/", "/styleguide/pieces", "/styleguide/public", "/nothing"])
def test_nothing_that_the_policy_forbids_is_in_a_page(bare: FlaskClient, address: str) -> None:
    page = bare.get(address).text
    assert not INLINE.search(page)
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', page)


def test_every_icon_that_is_used_is_drawn() -> None:
    templates = list((FOLDER.parent / "templates").rglob("*.html"))
    used = {name for path in templates for name in re.findall(r'(?:#i-|icon\(")([a-z]+)"', path.read_text())}
    drawn = set(re.findall(r'id="i-([a-z]+)"', (FOLDER.parent / "templates/_icons.html").read_text()))
    assert used <= drawn and used


def test_the_sheet_keeps_to_upright_readable_text() -> None:
    sheet = (FOLDER / "hub.css").read_text()
    assert "font-style: italic" not in sheet and "letter-spacing" not in sheet
    sizes = [int(size) for size in re.findall(r"font(?:-size)?:[^;]*?(\d+)px", sheet)]
    assert min(sizes) >= 12


@pytest.mark.parametrize(("accepts", "comes"), [("br, gzip", "br"), ("gzip", "gzip"), ("identity", None)])
def test_comes_packed_as_the_browser_takes_it(bare: FlaskClient, accepts: str, comes: str | None) -> None:
    with bare.get("/static/hub.js", headers={"Accept-Encoding": accepts}) as answer:
        assert answer.headers.get("Content-Encoding") == comes
        plain = {"br": brotli.decompress, "gzip": gzip.decompress}.get(comes or "", bytes)(answer.data)
        assert plain == (FOLDER / "hub.js").read_bytes()


def test_is_the_same_for_everybody_so_that_no_cookie_makes_a_browser_ask_again(bare: FlaskClient) -> None:
    bare.get("/sign-in")
    with bare.get("/static/hub.css") as answer:
        assert answer.vary.as_set() == {"accept-encoding"}
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_is_only_read(bare: FlaskClient) -> None:
    assert bare.post("/static/hub.css").status_code in (400, 405)
