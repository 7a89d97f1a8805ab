"""The pictures of terminals show what their commands print today."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import pages
from tests.docs.pictures import ASSETS, PICTURES, read_text, text_without_blanks


@pytest.mark.parametrize("file", PICTURES)
def test_a_picture_shows_what_its_commands_print(file: str, tmp_path: Path) -> None:
    output = PICTURES[file](tmp_path)
    assert read_text(ASSETS / file) == text_without_blanks(output), (
        f"run scripts/pictures; it printed:\n{output}"
    )


@pytest.mark.parametrize("file", PICTURES)
def test_a_picture_stands_on_pages_with_a_text_in_its_place(file: str) -> None:
    texts = [re.findall(rf"!\[(.*)\]\([\w/.]*{file}\)", page.read_text(encoding="utf-8")) for page in pages()]
    alternatives = [text for texts_of_page in texts for text in texts_of_page]
    assert len(alternatives) == 2
    assert min(map(len, alternatives)) > 40


@pytest.mark.parametrize("file", PICTURES)
def test_a_picture_loads_nothing(file: str) -> None:
    svg = (ASSETS / file).read_text(encoding="utf-8")
    assert re.findall(r"@import|@font-face|url\((?!#)|href=", svg) == []
