"""What differs between two texts, word by word."""

from hypothesis import given
from hypothesis import strategies as st

from hub.render.difference import difference

texts = st.text(alphabet="ab 登录\n.é", max_size=40)


def test_words_are_marked_whole_and_chinese_by_character() -> None:
    assert difference("the red cat", "the blue cat") == [
        ("same", "the "), ("gone", "red"), ("new", "blue"), ("same", " cat"),
    ]  # fmt: skip
    assert difference("登录失败", "登录成功") == [("same", "登录"), ("gone", "失败"), ("new", "成功")]


@given(before=texts, after=texts)
def test_both_texts_can_be_read_from_the_parts(before: str, after: str) -> None:
    parts = difference(before, after)
    assert "".join(text for kind, text in parts if kind != "new") == before
    assert "".join(text for kind, text in parts if kind != "gone") == after
