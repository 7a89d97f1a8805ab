"""An entry of a fixture document, with the place that error messages name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fake_nova.documents.source_file import SourceFile
from fake_nova.documents.validation import DocumentPath, InvalidEntry


class Entry(NamedTuple):
    """An entry of a list in a document.

    Attributes:
        source: the document.
        path: its path there.
        values: its valid content, in the domain's types.
    """

    source: SourceFile
    path: DocumentPath
    values: Mapping[str, Any]

    @property
    def is_valid(self) -> bool:
        """Whether all of its content is valid. Otherwise only its references are checked."""
        return not isinstance(self.values, InvalidEntry)
