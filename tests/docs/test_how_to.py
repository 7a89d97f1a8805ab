"""The tutorial and the how-to pages: every block of a page runs, and prints what the page shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fake_nova.testing.fake_nova import FakeNova
from tests.docs.pages import DOCS, blocks_without_use, run_page

HOW_TO = DOCS / "how-to"
PAGES = [DOCS / "tutorial.md", *sorted(page for page in HOW_TO.rglob("*.md") if page.name != "index.md")]

pages = pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(DOCS)) for page in PAGES])


@pytest.fixture(scope="module")
def server() -> Iterator[FakeNova]:
    with FakeNova(fixtures=("default",)) as running:
        yield running


@pages
def test_a_page_works_as_it_says(page: Path, server: FakeNova, tmp_path: Path) -> None:
    server.reset()
    address = server.url.removeprefix("http://")
    addresses = {"localhost:8774": address, "127.0.0.1:8774": address}
    run_page(page, tmp_path, {}, addresses)


@pages
def test_every_block_of_a_page_is_run_or_compared(page: Path) -> None:
    assert blocks_without_use(page) == []


def test_the_index_links_every_page_once() -> None:
    links = re.findall(r"\]\(([\w/-]+\.md)\)", (HOW_TO / "index.md").read_text(encoding="utf-8"))
    assert sorted(links) == sorted(str(page.relative_to(HOW_TO)) for page in PAGES[1:])
