"""The pages of the documentation, README.md among them, and their code blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pytest

ROOT: Final = Path(__file__).parents[2]
README: Final = ROOT / "README.md"
DOCS: Final = ROOT / "docs"

_BLOCK: Final = re.compile(r"^( *)```(\w*)([^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_TITLE: Final = re.compile(r'title="([^"]+)"')


class Block(NamedTuple):
    """A code block of a page.

    Attributes:
        page: the page's path from the root of the project.
        line: the number of its first line.
        kind: the first word after the fence, such as ``python``.
        title: the name of the file that it shows, written as ``title="conftest.py"``; "" if it has no name.
        text: its lines.
    """

    page: str
    line: int
    kind: str
    title: str
    text: str


def pages() -> list[Path]:
    """Return README.md and all pages of the documentation."""
    return [README, *sorted(DOCS.rglob("*.md"))]


@cache
def read(page: str) -> str:
    """Return the text of a page, by its path from the root of the project."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(*kinds: str) -> Iterator[Block]:
    """Yield the code blocks of all pages that are of one of these *kinds*, or all without kinds."""
    for path in pages():
        page = str(path.relative_to(ROOT))
        for match in _BLOCK.finditer(read(page)):
            indent, kind, attributes, text = match.groups()
            if not kinds or kind in kinds:
                title = _TITLE.search(attributes)
                line = read(page).count("\n", 0, match.start()) + 2
                yield Block(page, line, kind, title[1] if title else "", text.replace(f"\n{indent}", "\n"))


def parameters(found_blocks: Iterator[Block]) -> list[object]:
    """Return the blocks as parameters of a test, named by page and line."""
    return [pytest.param(block, id=f"{block.page}:{block.line}") for block in found_blocks]
