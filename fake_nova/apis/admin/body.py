"""Functions that read and check the bodies and queries of admin requests."""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from marshmallow import Schema

from fake_nova.apis.admin.errors import MAX_BODY_BYTES, Refusal
from fake_nova.documents.schema import load as load_document
from fake_nova.documents.validation import DocumentError
from fake_nova.errors import InvalidQuery
from fake_nova.support import json_reader
from fake_nova.support.json_reader import parse_whole_number, reject_duplicate_keys
from fake_nova.support.messages import quote_json
from fake_nova.wire import query_string
from fake_nova.wire.context import Context
from fake_nova.wire.request import Request

#: The maximum number of bytes, and of values, in JSON that does not begin with a list of images.
MAX_JSON_BYTES = 256 * 1024
MAX_VALUES = 10_000

_FORM_PATTERN = re.compile(rb"[\w.-]+=[^{\[]*")

#: The beginning of a body with a list of images.
_IMAGE_LIST_START: Final = re.compile(rb'\s*+(\[\s*+\{|\{\s*+"images"\s*+:)')


#: The whitespace of JSON; Python's `bytes.strip` would remove other characters, too.
_JSON_WHITESPACE: Final = b" \t\r\n"


def parse_json(context: Context, form_request: str = "", *, bulk: bool = False) -> Any:
    """Read a JSON body.

    Args:
        context: the context of the request.
        form_request: a request that takes a form instead, for the error message.
        bulk: whether the body may begin with a list of images. Such a body may have `MAX_BODY_BYTES`.

    Raises:
        Refusal: 400 if the body is not JSON (if it is a form, the message shows it as JSON); 413 if it is
            too large.
    """
    content = context.request.read_body(MAX_BODY_BYTES)
    is_image_list = bulk and _IMAGE_LIST_START.match(content) is not None
    load_json = _load_json if is_image_list else _load_small_json
    try:
        return load_json(content)
    except ValueError as error:
        problem = f"invalid JSON ({error}); expected a JSON object"
        if _FORM_PATTERN.fullmatch(content) is not None:
            alternative = f", or {form_request}" if form_request else ""
            example = quote_json(_parse_form(content))
            problem = f"a form, not JSON; expected a JSON object such as {example}{alternative}"
        raise Refusal(400, f"body: {problem}") from error


def parse_json_or_form(context: Context) -> Any:
    """Read a body as ``curl -d`` sends it: a form such as ``status=killed``, or JSON, under any media type.

    Raises:
        Refusal: 400 if the body is neither; 413 if it is too large.
    """
    content = context.request.read_body(MAX_BODY_BYTES).strip(_JSON_WHITESPACE)
    if content[:1] in (b"{", b"[", b'"'):
        try:
            return _load_small_json(content)
        except ValueError as error:
            raise Refusal(400, f"body: invalid JSON ({error}); expected a JSON object or a form") from error
    return _parse_form(content)


#: A run of digits that may be too long for a number.
_LONG_DIGITS: Final = re.compile(rb"[0-9]{31}")


def _load_json(content: bytes) -> Any:
    # Calling a function for each number doubles the time, so only a document with long digits does it.
    integer_parser = parse_whole_number if _LONG_DIGITS.search(content) else None
    return json_reader.loads(content, pairs_hook=reject_duplicate_keys, parse_int=integer_parser)


def _load_small_json(content: bytes) -> Any:
    if len(content) > MAX_JSON_BYTES:
        raise Refusal(413, f"body: too large (got {len(content)} bytes); expected at most {MAX_JSON_BYTES}")
    value = _load_json(content)
    if json_reader.has_more_values(value, MAX_VALUES):
        raise Refusal(413, f"body: too many values; expected at most {MAX_VALUES}")
    return value


#: The maximum number of bytes of a form.
MAX_FORM_BYTES = 65_536


def _parse_form(content: bytes) -> dict[str, str]:
    if len(content) > MAX_FORM_BYTES:
        limit = f"at most {MAX_FORM_BYTES}, or a JSON object"
        raise Refusal(413, f"body: form too large (got {len(content)} bytes); expected {limit}")
    try:
        return reject_duplicate_keys(list(query_string.parse(content.decode("latin-1"))))
    except ValueError as error:
        raise Refusal(400, f"body: {error}; expected each key once") from error
    except InvalidQuery as error:
        raise Refusal(400, error.message.replace("query", "body", 1)) from error


def query_params(request: Request) -> dict[str, str]:
    """Return the query parameters of a request. `check_query` rejects repeated ones."""
    return dict(query_string.parse(request.query_string))


def load(schema: Schema, payload: object) -> dict[str, Any]:
    """Check a body against *schema*, and return its values.

    Raises:
        Refusal: 400 with all problems of the body.
    """
    try:
        return load_document(schema, payload)
    except DocumentError as error:
        raise Refusal(400, "; ".join(map(str, error.problems))) from error


class Additions(NamedTuple):
    """The documents of a request that adds one thing, or several as a list.

    Attributes:
        documents: the loaded documents.
        is_list: whether the response has a list, too.
    """

    documents: list[dict[str, Any]]
    is_list: bool


def load_additions(context: Context, schema: Schema, list_schema: Schema) -> Additions:
    """Read a body with one document, or with several as a list or in a mapping of one key.

    Args:
        context: the context of the request.
        schema: the schema of one document.
        list_schema: a schema with one field, a list of documents.

    Raises:
        Refusal: 400 with all problems of the body.
    """
    payload = parse_json(context)
    (name,) = list_schema.fields
    if isinstance(payload, list) or (isinstance(payload, dict) and name in payload):
        return Additions(load_wrapped(list_schema, payload), is_list=True)
    return Additions([load(schema, payload)], is_list=False)


def load_wrapped(schema: Schema, payload: object) -> Any:
    """Check a body of one key against *schema*, and return the value of that key.

    A body may leave the key out, as fixture files do: `"active"` means `{"status": "active"}`, and a list of
    steps means `{"steps": [...]}`.

    Args:
        schema: a schema with one field.
        payload: a mapping with that key, or its value alone.

    Returns:
        The value; None if the mapping is empty and the schema does not require the key.

    Raises:
        Refusal: 400 with all problems of the body.
    """
    (name,) = schema.fields
    document = payload if isinstance(payload, dict) else {name: payload}
    return load(schema, document).get(name)
