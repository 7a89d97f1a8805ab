"""One fixture document, with the positions of its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from fake_nova.documents.validation import DocumentPath, Problem
from fake_nova.documents.yaml_reader import SourcePositions


class SourceFile(NamedTuple):
    """One fixture document.

    Attributes:
        name: its name in error messages.
        raw: the parsed content, unchecked.
        positions: finds the line and column of a path.
        values: the valid content, in the domain's types.
        problems: the problems that its schema found.
    """

    name: str
    raw: Any
    positions: SourcePositions
    values: Mapping[str, Any] = MappingProxyType({})
    problems: Sequence[Problem] = ()

    def locate(self, path: DocumentPath | None) -> str:
        """Return name, line and column of *path*, such as ``a.yaml:3:5``; only the name if *path* is None."""
        return self.name if path is None else "{}:{}:{}".format(self.name, *self.positions.find(path))

    def error(self, path: DocumentPath, message: str) -> str:
        """Return an error line with the position of *path* and *message*."""
        return f"{self.locate(path)}: {Problem(path, message)}"
