"""What is wrong with a document, and where."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Final, NamedTuple

DocumentPath = tuple[str | int, ...]


class Problem(NamedTuple):
    """One thing that is wrong with a document: where, and what is there against what is allowed."""

    path: DocumentPath
    message: str

    @property
    def place(self) -> str:
        """The path as people write it: ``images[3].status``."""
        text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return text.lstrip(".") or "document"

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


def shown(value: object) -> str:
    """Write a value as it stands in a document, cut where it is long."""
    text = ""
    for piece in json.JSONEncoder(ensure_ascii=False, default=str).iterencode(value):
        text += piece
        if len(text) > 80:  # the rest may be without end
            text = text[:77] + "..."
            break
    return text.encode("utf-8", "backslashreplace").decode()


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a mapping of what JSON has in braces; ValueError for a key that comes twice, and would be lost."""
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise ValueError(f"the key {shown(twice)} comes twice")
    return found


class DocumentError(Exception):
    """A document is wrong; *problems* is everything that is."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems: Final = problems
