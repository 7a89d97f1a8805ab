"""README.md stays short, and shows what a newcomer needs first."""

from __future__ import annotations

from tests.docs.pages import blocks, read

README = "README.md"


def readme_blocks(kind: str) -> list[str]:
    return [block.code for block in blocks(kind) if block.page == README]


def test_the_readme_has_at_most_200_lines() -> None:
    assert len(read(README).splitlines()) <= 200


def test_its_commands_are_those_that_serve_and_test() -> None:
    assert [text.split() for text in readme_blocks("console") if "$" not in text] == [
        ["scripts/serve"],
        ["scripts/test"],
    ]


def test_its_examples_are_ten_lines_of_pytest_and_five_of_curl() -> None:
    (example,) = readme_blocks("python")
    assert len(example.splitlines()) <= 10
    (session,) = (text for text in readme_blocks("console") if "$" in text)
    assert len(session.splitlines()) <= 5
