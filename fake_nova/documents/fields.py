"""Building blocks of schemas: fields that accept exact types only."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from marshmallow import ValidationError, fields, missing

from fake_nova.cloud.clock import MAX_DURATION
from fake_nova.documents.schema import StrictSchema
from fake_nova.documents.validation import InvalidEntry
from fake_nova.documents.vocabulary import suggest_glance_status
from fake_nova.images import timestamps
from fake_nova.images.status import ImageStatus
from fake_nova.support.messages import MAX_REPORTED_ERRORS, first_duplicate, quote_json

#: Error messages for null in place of a mapping, and after the last invalid entry of a list that is checked.
MAPPING_EXPECTED: Final = "invalid value (got null); expected a mapping"
_STOPPED_MESSAGE: Final = "stopped after {} invalid entries; expected valid entries before this one"

#: Surrogates, which UTF-8 cannot encode.
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


def _is_encodable(value: object) -> bool:
    """Return whether UTF-8 can encode a value; JSON escapes can name lone surrogates, which it cannot."""
    return not isinstance(value, str) or value.isascii() or _SURROGATES.search(value) is None


class StrictField(fields.Field[Any]):
    """A field that accepts values of exact types that pass a test.

    marshmallow's own fields accept "5" for 5 and 1 for True, which would hide mistakes in fixtures.

    Args:
        types: the accepted types; subclasses are not accepted, so True is not an int.
        expectation: the accepted values in words, for error messages.
        test: returns a true value if it accepts the value; by default every value passes.
        convert: turns an accepted value into the domain's value; by default the value stays as it is.
        required: whether the key must be there.
        null: whether null is accepted too; it stays None.
        secret: whether error messages leave out the value.
        attribute: the key of the loaded value; None for the name of the field.
        suggest: returns the end of the error message for a value: what the user may have meant, or "".
        keywords: the part of *test* that JSON Schema can state, for `fake_nova.documents.json_schema`.
    """

    def __init__(
        self,
        types: tuple[type, ...],
        expectation: str,
        test: Callable[[Any], object] = lambda _: True,
        *,
        convert: Callable[[Any], Any] = lambda value: value,
        required: bool = False,
        null: bool = False,
        secret: bool = False,
        attribute: str | None = None,
        suggest: Callable[[Any], str] = lambda _: "",
        keywords: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self.expectation: Final = f"{expectation} or null" if null else expectation
        self.types: Final = types
        self.null: Final = null
        self.keywords: Final = keywords
        messages: dict[str, Any] = {"required": f"missing; expected {self.expectation}"}
        super().__init__(required=required, attribute=attribute, allow_none=True, error_messages=messages)
        self._test: Final = test
        self._convert: Final = convert
        self._secret: Final = secret
        self._suggest: Final = suggest

    def deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        """Check a value and return the domain's value for it.

        Raises:
            ValidationError: if the value has another type, has lone surrogates, or fails the test.
        """
        if value is missing:
            self._validate_missing(value)
            return value
        if value is None and self.null:
            return None
        if type(value) not in self.types or not _is_encodable(value) or not self._test(value):
            description = "a secret value" if self._secret else quote_json(value)
            problem = f"invalid value (got {description}); expected {self.expectation}"
            raise ValidationError(problem + self._suggest(value))
        return self._convert(value)


#: A UUID of 32 digits, in upper or lower case, and four hyphens.
_UUID_KEYWORDS: Final = {
    "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
    "maxLength": 36,  # in Python, $ matches before a newline at the end too
}


def is_uuid(text: str) -> bool:
    """Return whether *text* is a UUID of 32 digits, in upper or lower case, and four hyphens."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def text_field(max_length: int, min_length: int = 0, **options: Any) -> StrictField:
    """Return a field for text.

    Args:
        max_length: the maximum length in characters.
        min_length: the minimum length in characters.
        options: those of `StrictField`.
    """
    lengths = f"{min_length} to {max_length}" if min_length else f"up to {max_length}"
    expectation = f"text of {lengths} characters"
    keywords = {"minLength": min_length, "maxLength": max_length}
    options = {"keywords": keywords, **options}
    return StrictField((str,), expectation, lambda text: min_length <= len(text) <= max_length, **options)


def uuid_field(
    expectation: str = "a UUID such as ee10f19c-503c-44af-af2f-73d5e42f7a17", null: bool = False
) -> StrictField:
    """Return a field for a UUID; its case stays as it is, because Glance does not change it either.

    Args:
        expectation: the accepted values in words, for error messages.
        null: whether null is accepted too.
    """
    return StrictField((str,), expectation, is_uuid, null=null, keywords=_UUID_KEYWORDS)


def enum_field(enum: Iterable[str], *, separator: str = ", ", **options: Any) -> StrictField:
    """Return a field for one of the members of *enum*, or one of several strings.

    Args:
        enum: a `StrEnum` class or strings; a loaded value is the member itself.
        separator: what separates the members in error messages.
        options: those of `StrictField`.
    """
    members = {str(member): member for member in enum}
    json_values: list[str | None] = list(members)
    if options.get("null"):
        json_values.append(None)
    options = {
        "suggest": partial(_suggest_other_case, members),
        "convert": members.__getitem__,
        "keywords": {"enum": json_values},
        **options,
    }
    return StrictField((str,), separator.join(members), members.__contains__, **options)


def _suggest_other_case(members: Iterable[str], value: object) -> str:
    """Return the end of an error message for a member in other capitals, such as " (write active)", or ""."""
    text = value.lower() if isinstance(value, str) else None
    return next((f" (write {member})" for member in members if member.lower() == text), "")


def status_field(required: bool = False) -> StrictField:
    """Return a field for an image status."""
    return enum_field(ImageStatus, required=required, suggest=_suggest_status)


def _suggest_status(value: object) -> str:
    return suggest_glance_status(value) or _suggest_other_case(ImageStatus, value)


def choice_field(*choices: str) -> StrictField:
    """Return a field for one of *choices*, or null."""
    return enum_field(choices, null=True)


def integer_field(minimum: int, maximum: int, **options: Any) -> StrictField:
    """Return a field for a whole number from *minimum* to *maximum*; *options* are those of `StrictField`."""
    expectation = f"a whole number from {minimum} to {maximum}"
    options = {"keywords": {"minimum": minimum, "maximum": maximum}, **options}
    return StrictField((int,), expectation, lambda number: minimum <= number <= maximum, **options)


def count_field(minimum: int = 1, **options: Any) -> StrictField:
    """Return a field for a whole number from *minimum* to 10**9; *options* are those of `StrictField`."""
    return integer_field(minimum, 10**9, **options)


def hex_field(max_length: int) -> StrictField:
    """Return a field for up to *max_length* hexadecimal digits, or null."""
    is_hex = re.compile(f"[0-9a-f]{{0,{max_length}}}").fullmatch
    keywords = {"pattern": "^[0-9a-f]*$", "maxLength": max_length}
    return StrictField((str,), f"up to {max_length} hexadecimal digits", is_hex, null=True, keywords=keywords)


def boolean_field() -> StrictField:
    """Return a field for true or false."""
    return StrictField((bool,), "true or false")


#: The form of an ISO 8601 time, as iso8601 2.1.0 reads it. Days that do not exist have the form, too.
_TIME_FORM: Final = {
    "pattern": r"^[0-9]{4}((-[0-9]{1,2}|[0-9]{2}(?!$))((-[0-9]{1,2}|[0-9]{2})"
    r"([ T][0-9]{2}(:?[0-9]{2})?(:?[0-9]{1,2}([.,][0-9]+)?)?(Z|[-+][0-9]{2}:?([0-9]{2})?)?)?)?)?$"
}


def time_field(
    expectation: str = "an ISO 8601 time such as 2014-02-10T17:05:01Z",
    test: Callable[[datetime], object] = lambda _: True,
    **more: Any,
) -> StrictField:
    """Return a field for an ISO 8601 time.

    Args:
        expectation: the accepted values in words, for error messages.
        test: returns a true value if it accepts the time.
        more: options of `StrictField`.
    """

    def is_valid(text: str) -> object:
        try:
            return test(timestamps.parse(text))
        except ValueError:
            return False

    return StrictField((str,), expectation, is_valid, convert=timestamps.parse, keywords=_TIME_FORM, **more)


def is_string_mapping(value: Mapping[Any, Any], min_key_length: int = 0, max_key_length: int = 10**6) -> bool:
    """Return whether a mapping has only encodable strings as keys and values.

    Args:
        value: the mapping, with keys and values of any type.
        min_key_length: the minimum length of a key, in characters.
        max_key_length: the maximum length of a key, in characters.
    """
    return all(
        isinstance(key, str)
        and min_key_length <= len(key) <= max_key_length
        and isinstance(text, str)
        and _is_encodable(key)
        and _is_encodable(text)
        for key, text in value.items()
    )


#: JSON Schema of a mapping of texts.
TEXTS_KEYWORDS: Final[Mapping[str, Any]] = {"additionalProperties": {"type": "string"}}

#: JSON Schema of a mapping of texts whose keys have 1 to 255 characters.
NAMED_TEXTS_KEYWORDS: Final[Mapping[str, Any]] = {
    **TEXTS_KEYWORDS,
    "propertyNames": {"minLength": 1, "maxLength": 255},
}


def nested_field(schema: type[StrictSchema], *, exclude: tuple[str, ...] = ()) -> fields.Nested:
    """Return a field for a document inside another document.

    Args:
        schema: the schema of the inner document.
        exclude: fields of the schema that the inner document must not have.
    """
    return fields.Nested(schema, exclude=exclude, error_messages={"null": MAPPING_EXPECTED})


class StrictList(fields.List[Any]):
    """A list field that reports at most `MAX_REPORTED_ERRORS` invalid entries, and then that it stopped.

    Args:
        field: the field of each entry.
        items: the accepted entries in words, for error messages.
        required: whether the key must be there.
        max_items: the maximum number of entries; None for no limit.
        unique_by: returns a key that no two entries may share; None if entries may be equal.
    """

    def __init__(
        self,
        field: fields.Field[Any],
        items: str,
        *,
        required: bool = False,
        max_items: int | None = None,
        unique_by: Callable[[Any], Hashable] | None = None,
    ) -> None:
        not_a_list = f"not a list; expected a list of {items}"
        super().__init__(field, required=required, error_messages={"invalid": not_a_list, "null": not_a_list})
        self.max_items: Final = max_items
        self.unique_by: Final = unique_by
        self.items: Final = items

    def _deserialize(self, value: Any, *_: Any, **options: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        entries = []
        errors = {}
        for index, entry in enumerate(value):
            try:
                entries.append(self.inner.deserialize(entry, **options))
            except ValidationError as error:
                valid_values = error.valid_data if isinstance(error.valid_data, dict) else {}
                entries.append(InvalidEntry(valid_values))
                errors[index] = error.messages
                if len(errors) == MAX_REPORTED_ERRORS and index + 1 < len(value):
                    errors[index + 1] = [_STOPPED_MESSAGE.format(MAX_REPORTED_ERRORS)]
                    break
        if errors:
            raise ValidationError(errors, valid_data=entries)
        self._check_length(entries)
        self._check_uniqueness(entries)
        return entries

    def _check_length(self, entries: list[Any]) -> None:
        if self.max_items is not None and len(entries) > self.max_items:
            raise ValidationError(f"too many (got {len(entries)}); expected at most {self.max_items}")

    def _check_uniqueness(self, entries: list[Any]) -> None:
        if self.unique_by is None:
            return
        keys = list(map(self.unique_by, entries))
        if len(set(keys)) < len(keys):
            duplicate = quote_json(first_duplicate(keys))
            raise ValidationError(f"repeated value (got {duplicate} twice); expected it once")


def nested_list_field(schema: type[StrictSchema], items: str, **options: Any) -> StrictList:
    """Return a field for a list of documents; *options* are those of `StrictList`."""
    return StrictList(nested_field(schema), items, **options)


def seconds_field(maximum: int = MAX_DURATION) -> StrictField:
    """Return a field for a duration of 0 to *maximum* seconds."""
    keywords = {"minimum": 0, "maximum": maximum}
    return StrictField(
        (int, float), f"seconds from 0 to {maximum}", lambda number: 0 <= number <= maximum, keywords=keywords
    )


def positive_seconds_field() -> StrictField:
    """Return a field for a duration of more than 0 and up to `MAX_DURATION` seconds."""
    expectation = f"seconds, more than 0 and up to {MAX_DURATION}"
    keywords = {"exclusiveMinimum": 0, "maximum": MAX_DURATION}
    return StrictField(
        (int, float), expectation, lambda seconds: 0 < seconds <= MAX_DURATION, keywords=keywords
    )
