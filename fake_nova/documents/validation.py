"""The problems of a document, and the exception that carries them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import islice
from typing import Any, Final, NamedTuple

from fake_nova.errors import FakeNovaError

DocumentPath = tuple[str | int, ...]


class Problem(NamedTuple):
    """One problem of a document: its path and its message."""

    path: DocumentPath
    message: str

    @property
    def location(self) -> str:
        """The path in the usual notation, such as ``images[3].status``."""
        text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return text.lstrip(".") or "document"

    def __str__(self) -> str:
        return f"{self.location}: {self.message}"


def join_names(names: Collection[str], limit: int = 20) -> str:
    """Join *names* with commas; after *limit* names, only the number of the others follows."""
    joined_names = ", ".join(islice(names, limit))
    return joined_names if len(names) <= limit else f"{joined_names} and {len(names) - limit} more"


class DocumentError(FakeNovaError):
    """A document is invalid.

    Attributes:
        problems: the problems found.
        valid_values: the valid values, in the domain's types.
    """

    def __init__(self, problems: list[Problem], valid_values: Mapping[str, Any]) -> None:
        super().__init__(problems)
        self.problems: Final = problems
        self.valid_values: Final = valid_values


class InvalidEntry(dict[str, Any]):
    """The valid values of a list's entry that has an invalid value too."""
