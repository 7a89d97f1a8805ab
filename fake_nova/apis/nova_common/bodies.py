"""The schemas of bodies of requests that the emulator refuses, as Nova 34.0.0 has them in ``bodies.json``."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

from fake_nova.apis.nova_common.requests import is_legacy, minor_version
from fake_nova.apis.nova_common.validation import check_body
from fake_nova.wire.context import Context
from fake_nova.wire.json_schema import Schema


class _Row(NamedTuple):
    """A schema, and the minor versions with it.

    Attributes:
        since: the first one.
        until: the last one; None for no limit.
        on_v2: whether /v2 has the schema.
        schema: the schema.
    """

    since: int
    until: int | None
    on_v2: bool
    schema: Schema


@cache
def _rows() -> dict[str, list[_Row]]:
    """Return operation -> its schemas."""
    document = json.loads(Path(__file__).with_name("bodies.json").read_text("utf-8"))
    return {operation: [_Row(*row) for row in rows] for operation, rows in document.items()}


@cache
def _schema(operation: str, minor: int, is_legacy_request: bool) -> Schema | None:
    for row in _rows().get(operation, ()):
        if is_legacy_request and row.on_v2:
            return row.schema
        if not is_legacy_request and row.since <= minor and (row.until is None or minor <= row.until):
            return row.schema
    return None


def check_named_body(context: Context, operation: str) -> None:
    """Check the body of a request for an operation, if Nova has a schema for it.

    Raises:
        NovaError: 400 with the first error, if the body is invalid.
    """
    schema = _schema(operation, minor_version(context), is_legacy(context))
    if schema is not None:
        check_body(context.json_body, schema, is_legacy(context))
