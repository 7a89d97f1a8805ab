"""Links between README.md, the pages of the documentation and other files lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, README, ROOT, pages, read

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^( *)```.*?^\1```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def links(path: Path) -> Iterator[tuple[str, str]]:
    """Yield target and anchor of each link of a page to a file or heading of this project."""
    text = _CODE.sub("", read(str(path.relative_to(ROOT))))
    for target in _LINK.findall(text):
        if not target.startswith(("https://", "http://", "mailto:")):
            file, _, anchor = target.partition("#")
            yield file, anchor


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as MkDocs and the forges name them."""
    text = _CODE.sub(
        lambda match: match[0] if "\n" not in match[0] else "", read(str(path.relative_to(ROOT)))
    )
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(path: Path) -> None:
    for file, anchor in links(path):
        target = (path.parent / file).resolve() if file else path
        assert target.is_file(), f"{file} does not exist; expected a path from {path.parent}"
        if path != README:
            assert target.is_relative_to(DOCS), (
                f"{file} is not a page of the site; name it in code style instead"
            )
        if anchor:
            assert anchor in anchors(target), f"{target.name} has no heading #{anchor}"


@pytest.mark.parametrize(
    "page",
    [path for path in pages() if path not in (README, DOCS / "index.md")],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_the_index_of_its_folder_links_to_each_page(page: Path) -> None:
    folder = page.parent.parent if page.name == "index.md" else page.parent
    while not (folder / "index.md").exists():
        folder = folder.parent
    assert page in {(folder / file).resolve() for file, _ in links(folder / "index.md")}


def test_the_index_of_the_how_to_pages_links_each_once() -> None:
    folder = DOCS / "how-to"
    pages_below = [path for path in folder.rglob("*.md") if path.name != "index.md"]
    targets = [(folder / file).resolve() for file, _ in links(folder / "index.md")]
    assert sorted(targets) == sorted(pages_below)


def test_the_readme_links_each_how_to_page_once() -> None:
    folder = DOCS / "how-to"
    targets = [README.parent / file for file, _ in links(README)]
    assert sorted(path for path in targets if path.is_relative_to(folder)) == sorted(folder.rglob("*.md"))
