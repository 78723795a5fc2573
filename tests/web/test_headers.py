"""The headers every answer carries."""

from flask.testing import FlaskClient


def test_forbids_scripts_and_styles_inside_the_page_and_other_hosts(bare: FlaskClient) -> None:
    policy = bare.get("/styleguide/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "http" not in policy


def test_errors_carry_them_too(bare: FlaskClient) -> None:
    for address in ("/nothing", "/broken"):
        headers = bare.get(address).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_tells_caches_that_fragments_differ_from_pages(bare: FlaskClient) -> None:
    assert "HX-Request" in bare.get("/styleguide/").headers["Vary"]


def test_repeats_a_request_id_but_not_just_anything(bare: FlaskClient) -> None:
    assert bare.get("/", headers={"X-Request-Id": "abc-12345"}).headers["X-Request-Id"] == "abc-12345"
    made = bare.get("/", headers={"X-Request-Id": "<script> of somebody"}).headers["X-Request-Id"]
    assert made.isalnum() and len(made) == 16


def test_pages_are_not_kept_by_shared_caches(bare: FlaskClient) -> None:
    assert bare.get("/styleguide/").headers["Cache-Control"] in ("no-store", "private, no-cache")
