"""Functions whose results are cached, unless the texts in their arguments are long."""

from __future__ import annotations

from fake_nova.support.caching import cached_if_all_short, cached_if_short


@cached_if_short(maxsize=8, max_chars=3)
def box(text: str) -> list[str]:
    return [text]


@cached_if_all_short(maxsize=8, max_chars=3, count_chars=lambda first, _, last: len(first) + len(last))
def join(first: str, number: int, last: str) -> list[str]:
    return [first, str(number), last]


def test_the_result_of_a_short_text_is_cached() -> None:
    assert box("abc") is box("abc")


def test_the_result_of_a_long_text_is_built_each_time() -> None:
    assert box("abcd") == ["abcd"]
    assert box("abcd") is not box("abcd")


def test_the_length_of_all_texts_together_counts() -> None:
    assert join("ab", 1, "c") is join("ab", 1, "c")
    assert join("ab", 1, "c") != join("ab", 2, "c")
    assert join("ab", 1, "cd") == ["ab", "1", "cd"]
    assert join("ab", 1, "cd") is not join("ab", 1, "cd")
