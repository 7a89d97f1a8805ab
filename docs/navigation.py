"""The navigation of the site: pages in the order in which the index of their folder links to them.

MkDocs calls it as a hook. So a new page needs a link in an ``index.md``, which a test checks.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_LINK = re.compile(r"\]\(([\w./-]+\.md)")

#: A page, or the title of a section with its pages.
Entry = str | dict[str, list[Any]]


def on_config(config: Any) -> Any:
    """Set ``nav`` from the links in the index pages."""
    docs = Path(config["docs_dir"])
    config["nav"] = _section(docs, docs / "index.md")
    return config


def _section(docs: Path, index: Path) -> list[Entry]:
    """Return an index and the pages of its section: those to which no index in a folder below leads."""
    entries: list[Entry] = [str(index.relative_to(docs))]
    for link in dict.fromkeys(_LINK.findall(index.read_text(encoding="utf-8"))):
        page = (index.parent / link).resolve()
        name = str(page.relative_to(docs))
        if _nearest_index(page) == index.parent.resolve():
            entries.append({_title(page): _section(docs, page)} if page.name == "index.md" else name)
    return entries


def _nearest_index(page: Path) -> Path:
    """Return the folder whose index should link to *page*."""
    folder = page.parent.parent if page.name == "index.md" else page.parent
    while not (folder / "index.md").exists():
        folder = folder.parent
    return folder


def _title(page: Path) -> str:
    return page.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
