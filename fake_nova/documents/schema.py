"""The base class of all schemas, and the check of a document against one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError

from fake_nova.documents.validation import DocumentError, DocumentPath, Problem
from fake_nova.support.messages import MAX_REPORTED_ERRORS, suggest


class _UnknownKey:
    """The message about an unknown key. It looks for a similar key only when it is printed."""

    __slots__ = ("_key", "_schema")

    def __init__(self, schema: StrictSchema, key: str) -> None:
        self._schema: Final = schema
        self._key: Final = key

    def __str__(self) -> str:
        return f"{self._schema.error_messages['unknown']}{self._schema.suggest_key(self._key)}"


class StrictSchema(Schema):
    """A schema that rejects unknown keys; all other schemas derive from it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(unknown=RAISE, **options)
        self.error_messages = {
            **self.error_messages,
            "unknown": f"unknown key; expected one of: {', '.join(self.fields)}",
            "type": f"not a mapping; expected a mapping with some of the keys: {', '.join(self.fields)}",
        }

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> None:
        """Add to the messages about unknown keys what the user may have meant; marshmallow calls this."""
        if not isinstance(error.messages, dict):
            return
        unknown_message = self.error_messages["unknown"]
        for key, messages in error.messages.items():
            if messages == [unknown_message]:
                messages[0] = _UnknownKey(self, key)

    def suggest_key(self, key: str) -> str:
        """Return the end of the error message for an unknown key: what the user may have meant, or ""."""
        return suggest(key, self.fields)


def load(schema: Schema, document: object) -> dict[str, Any]:
    """Check *document* against *schema* and return its values in the domain's types.

    Keys that the document leaves out are missing in the result too.

    Raises:
        DocumentError: if the document is invalid; it lists the first `MAX_REPORTED_ERRORS` problems. If there
            are more, one more entry says so.
    """
    try:
        values: dict[str, Any] = schema.load(document)  # type: ignore[arg-type]  # load checks the type
    except ValidationError as error:
        problems = list(islice(_iterate_problems((), error.messages), MAX_REPORTED_ERRORS + 2))
        if len(problems) == MAX_REPORTED_ERRORS + 2:
            overflow_message = f"more than {MAX_REPORTED_ERRORS} problems; expected none: these are the first"
            problems[MAX_REPORTED_ERRORS:] = [Problem((), overflow_message)]
        valid_values = error.valid_data if isinstance(error.valid_data, dict) else {}
        error.__traceback__ = None  # frees the document: the error refers to itself and to these frames
    else:
        return values
    raise DocumentError(problems, valid_values)


def _iterate_problems(path: DocumentPath, messages: object) -> Iterator[Problem]:
    if isinstance(messages, Mapping):
        for key, nested_messages in messages.items():
            nested_path = path if key == "_schema" else (*path, key)
            yield from _iterate_problems(nested_path, nested_messages)
    elif isinstance(messages, list):
        for message in messages:
            yield Problem(path, str(message))
