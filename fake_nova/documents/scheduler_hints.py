"""The field of scheduler hints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fake_nova.documents.fields import StrictField

_KEYWORDS: Final[Mapping[str, Any]] = {
    "additionalProperties": {"type": ["string", "array"], "items": {"type": "string"}}
}


def _are_hints(value: Mapping[Any, Any]) -> bool:
    return all(isinstance(name, str) and _is_hint(hint) for name, hint in value.items())


def _is_hint(hint: object) -> bool:
    return all(isinstance(text, str) for text in hint) if isinstance(hint, list) else isinstance(hint, str)


def hints_field() -> StrictField:
    """Return a field for scheduler hints: a mapping of texts to texts or lists of texts."""
    expectation = "a mapping of hints to texts or lists of texts"
    return StrictField((dict,), expectation, _are_hints, keywords=_KEYWORDS)
