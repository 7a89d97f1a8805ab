"""The tutorial and the how-to pages: every block of a page runs, and prints what the page shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fake_nova.testing.fake_nova import FakeNova
from tests.docs.pages import DOCS, blocks_without_use, read_blocks, run_page
from tests.docs.test_how_to_ci import CI_PAGES
from tests.docs.test_how_to_clients import CLIENT_PAGES

HOW_TO = DOCS / "how-to"
PAGES = [DOCS / "tutorial.md", *sorted(page for page in HOW_TO.rglob("*.md") if page.name != "index.md")]

#: Pages without a block.
TEXT_PAGES = ("docker.md",)

#: The pages that can run here; those on CI and some clients have tests of their own.
RUNNABLE = [page for page in PAGES if page.name not in (*CI_PAGES, *CLIENT_PAGES, *TEXT_PAGES)]


def pages(paths: list[Path]) -> pytest.MarkDecorator:
    """Return the mark that runs a test for each of these pages."""
    return pytest.mark.parametrize("page", paths, ids=[str(path.relative_to(DOCS)) for path in paths])


@pytest.fixture(scope="module")
def server() -> Iterator[FakeNova]:
    with FakeNova(fixtures=("default",)) as running:
        yield running


@pages(RUNNABLE)
def test_a_page_works_as_it_says(page: Path, server: FakeNova, tmp_path: Path) -> None:
    server.reset()
    address = server.url.removeprefix("http://")
    addresses = {"localhost:8774": address, "127.0.0.1:8774": address}
    run_page(page, tmp_path, {}, addresses)


@pages([page for page in PAGES if page.name not in CLIENT_PAGES])
def test_every_block_of_a_page_is_run_or_compared(page: Path) -> None:
    run_elsewhere = CI_PAGES.get(page.name, ())[:1]
    assert blocks_without_use(page, run_elsewhere) == []
    assert bool(read_blocks(page)) is (page.name not in TEXT_PAGES)


def test_the_index_links_every_page_once() -> None:
    links = re.findall(r"\]\(([\w/-]+\.md)\)", (HOW_TO / "index.md").read_text(encoding="utf-8"))
    assert sorted(links) == sorted(str(page.relative_to(HOW_TO)) for page in PAGES[1:])
