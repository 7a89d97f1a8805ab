"""Bodies of the admin API, read at the door."""

from __future__ import annotations

import re
from typing import Any, Final

from marshmallow import Schema

from fake_nova import json_reader
from fake_nova.documents import fields
from fake_nova.documents.validation import DocumentError, once, shown
from fake_nova.documents.yaml_reader import whole_number
from fake_nova.wire import query_string
from fake_nova.wire.call import Call
from fake_nova.wire.nova_errors import Refused

#: Most bytes of a body: a fixture document of some fifty thousand images.
MAX_BODY = 32 * 1024 * 1024

#: Most bytes, and values, of JSON that is about one thing.
MAX_JSON, MOST_VALUES = 256 * 1024, 10_000

_FORM = re.compile(rb"[\w.-]+=[^{\[]*")


def json_of(call: Call, form: str = "", *, many: bool = False) -> Any:
    """Read a JSON body.

    Args:
        call: the request.
        form: a request that takes a form instead, for the error.
        many: it may be about many images, if it begins with them; then only `MAX_BODY` is a bound.

    Raises:
        Refused: 400 where the body is no JSON; of a form it says what it would be in JSON. 413 where it is
            too large.
    """
    content = call.read(MAX_BODY)
    try:
        return _value(content) if many and _MANY.match(content) else _small(content)
    except ValueError as wrong:
        problem = f"not JSON: {wrong}; allowed: a JSON object"
        if _FORM.fullmatch(content) is not None:
            elsewhere = f", or {form}" if form else ""
            problem = f"a form, not JSON; allowed: a JSON object such as {shown(_form(content))}{elsewhere}"
        raise Refused(400, f"body: {problem}") from wrong


def json_or_form(call: Call) -> Any:
    """Read a body as ``curl -d`` sends it: ``status=killed``, or JSON under whatever media type.

    Raises:
        Refused: 400 where it is neither.
    """
    content = call.read(MAX_BODY).strip()
    if content[:1] in (b"{", b"[", b'"'):
        try:
            return _small(content)
        except ValueError as wrong:
            raise Refused(400, f"body: not JSON: {wrong}; allowed: a JSON object or a form") from wrong
    return _form(content)


#: How a body begins that is about many images.
_MANY: Final = re.compile(rb'\s*+\{\s*+"images"\s*+:')

#: Digits that may be too many for a number.
_LONG: Final = re.compile(rb"[0-9]{31}")


def _value(content: bytes) -> Any:
    careful = whole_number if _LONG.search(content) else None  # to ask at each number takes twice the time
    return json_reader.loads(content, pairs=once, whole_number=careful)


def _small(content: bytes) -> Any:
    if len(content) > MAX_JSON:
        raise Refused(413, f"body: too large (got {len(content)} bytes); expected at most {MAX_JSON}")
    value = _value(content)
    if json_reader.has_more_values(value, MOST_VALUES):
        raise Refused(413, f"body: too many values; expected at most {MOST_VALUES}")
    return value


#: Most bytes of a form.
MAX_FORM = 65_536


def _form(content: bytes) -> dict[str, str]:
    if len(content) > MAX_FORM:
        raise Refused(413, f"body: a form of more than {MAX_FORM} bytes; expected fewer, or a JSON object")
    try:
        return once(list(query_string.read(content.decode("latin-1"))))
    except ValueError as wrong:
        raise Refused(400, f"body: {wrong}; allowed: once") from wrong
    except Refused as wrong:
        raise Refused(wrong.status, wrong.message.replace("query", "body", 1)) from wrong


def loaded(schema: Schema, body: object) -> dict[str, Any]:
    """Read a body by *schema*; Refused 400 that says all that is wrong with it."""
    try:
        return fields.load(schema, body)
    except DocumentError as wrong:
        raise Refused(400, "; ".join(map(str, wrong.problems))) from wrong
