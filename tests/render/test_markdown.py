"""What people write becomes harmless HTML."""

import pytest

from hub.render import markdown


def test_shows_commonmark_with_tables() -> None:
    html = markdown("**a** `b`\n\n| x | y |\n|---|---|\n| 1 | 2 |")
    assert "<strong>a</strong>" in html and "<code>b</code>" in html and "<td>1</td>" in html


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,hi)",
        '<a href="x" style="position:fixed">y</a>',
        "![pixel](https://elsewhere.example/p.png)",
    ],
)
def test_lets_nothing_act_or_load(source: str) -> None:
    html = markdown(source)
    assert not any(
        word in html for word in ("<script", "<img", 'href="javascript', 'href="data', '<a href="x"')
    )


def test_links_say_nothing_about_the_reader() -> None:
    assert 'rel="noopener noreferrer nofollow"' in markdown("[x](https://example.org)")
