"""The door to htmx."""

import json

from flask import Flask

from hub.web import htmx, styleguide


def test_whole_pages_for_boosted_links_and_restored_history(bare_app: Flask) -> None:
    for extra in ("HX-Boosted", "HX-History-Restore-Request"):
        with bare_app.test_request_context(headers={"HX-Request": "true", extra: "true"}):
            assert not htmx.wants_fragment()
    with bare_app.test_request_context(headers={"HX-Request": "true"}):
        assert htmx.wants_fragment()


def test_events_may_hold_chinese(bare_app: Flask) -> None:
    with bare_app.test_request_context():
        header = htmx.respond("", events={"moved": {"to": "任务分配"}}).headers["HX-Trigger"]
    assert header.isascii()
    assert json.loads(header) == {"moved": {"to": "任务分配"}}


def test_any_way_of_swapping_may_be_named(bare_app: Flask) -> None:
    with bare_app.test_request_context():
        for way in ("beforebegin", "afterbegin", "morph", "innerHTML show:top"):
            assert htmx.respond("", reswap=way).headers["HX-Reswap"] == way


def test_what_was_typed_into_a_prompt_is_decoded(bare_app: Flask) -> None:
    with bare_app.test_request_context(headers={"HX-Request": "true", "HX-Prompt": "%E5%8E%9F%E5%9B%A0"}):
        assert htmx.prompt() == "原因"


def test_a_block_alone_where_htmx_asks(bare_app: Flask) -> None:
    with bare_app.test_request_context(headers={"HX-Request": "true"}):
        part = htmx.page("styleguide/public.html", "size", small=True).get_data(as_text=True)
        assert part.strip() == "small-page"
    with bare_app.test_request_context():
        form = styleguide.Example(meta={"csrf": False})
        assert "<html" in htmx.page("styleguide/public.html", "size", small=True, form=form).get_data(
            as_text=True
        )


def test_a_toast_is_escaped_and_swapped_out_of_band(bare_app: Flask) -> None:
    with bare_app.test_request_context():
        toast = htmx.toast("<b>SR-1</b>", undo="/requests/SR-1/undo")
    assert 'hx-swap-oob="beforeend:#toasts"' in toast
    assert "&lt;b&gt;" in toast
    assert 'name="csrf_token"' in toast
