"""The field of a dialect: a name, a text with rows, or a mapping of rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fake_nova.dialects import DIALECT_EXPECTATION, DIALECT_ROWS, DIALECTS, Dialect, with_rows
from fake_nova.documents.fields import StrictField

#: What JSON Schema can say about the text of a dialect.
DIALECT_KEYWORDS: Final = {"pattern": f"^({'|'.join(DIALECTS)})(,[a-z0-9_]+=[a-z_]+)*$"}

_PROPERTIES: Final = {
    "base": {"enum": list(DIALECTS)},
    **{name: {"enum": list(row.values)} for name, row in DIALECT_ROWS.items()},
}

_MAPPING: Final = {"properties": _PROPERTIES, "required": ["base"], "additionalProperties": False}


def _read(value: str | Mapping[str, Any]) -> Dialect:
    """Return the dialect of a value.

    Raises:
        KeyError: if the base, a row or a word does not exist.
        TypeError: if a word is a list or a mapping.
    """
    if isinstance(value, str):
        return DIALECTS[value]
    rows = dict(value)
    return with_rows(rows.pop("base"), rows)


def _is_dialect(value: str | Mapping[str, Any]) -> bool:
    try:
        _read(value)
    except (KeyError, TypeError):
        return False
    return True


def _name(value: str | Mapping[str, Any]) -> str:
    return _read(value).name


def dialect_field(**options: Any) -> StrictField:
    """Return a field for a dialect as text; the loaded value is its name."""
    return StrictField(
        (str,), DIALECT_EXPECTATION, _is_dialect, convert=_name, keywords=DIALECT_KEYWORDS, **options
    )


def dialect_or_rows_field() -> StrictField:
    """Return a field for a dialect as text, or as a mapping of ``base`` and rows."""
    expectation = f"{DIALECT_EXPECTATION}, or a mapping of base and rows: {', '.join(DIALECT_ROWS)}"
    keywords = {**DIALECT_KEYWORDS, **_MAPPING}
    return StrictField((str, dict), expectation, _is_dialect, convert=_name, keywords=keywords)
