"""What documents are made of: fields that convert nothing, and schemas with known keys only."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Final, NamedTuple
from uuid import UUID

from marshmallow import RAISE, Schema, ValidationError, fields, missing

from fake_nova.cloud.clock import LONGEST
from fake_nova.documents.validation import DocumentError, DocumentPath, Problem, first_duplicate, shown
from fake_nova.images import timestamps
from fake_nova.images.status import ImageStatus

#: Halves of characters, which UTF-8 has no bytes for.
_HALVES: Final = re.compile("[\ud800-\udfff]")


def _is_text(value: object) -> bool:
    """Whether a value is no text, or one that can be written: JSON can name halves of characters."""
    return not isinstance(value, str) or value.isascii() or _HALVES.search(value) is None


class Exactly(fields.Field[Any]):
    """A value of exactly these types that passes a test; nothing is converted on the way in.

    marshmallow's own fields take "5" for 5 and 1 for True, which would hide a mistake in a fixture.
    """

    def __init__(
        self,
        types: tuple[type, ...],
        allowed: str,
        test: Callable[[Any], object] = lambda _: True,
        *,
        make: Callable[[Any], Any] = lambda value: value,
        required: bool = False,
        secret: bool = False,
    ) -> None:
        super().__init__(
            required=required,
            allow_none=True,
            error_messages={"required": f"is missing; allowed: {allowed}"},
        )
        self._types: Final = types
        self._allowed: Final = allowed
        self._test: Final = test
        self._make: Final = make
        self._secret: Final = secret

    def deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        """Return what the value stands for in the domain.

        Raises:
            ValidationError: it is of another type, or not what is allowed.
        """
        if value is missing:
            self._validate_missing(value)
            return value
        if type(value) not in self._types or not _is_text(value) or not self._test(value):
            there = "what is there" if self._secret else shown(value)
            raise ValidationError(f"{there} is not allowed; allowed: {self._allowed}")
        return self._make(value)


def is_uuid(text: str) -> bool:
    """Whether *text* is a UUID in canonical lower-case form."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _is_time(text: str) -> bool:
    try:
        timestamps.parse(text)
    except ValueError:
        return False
    return True


def text_field(
    longest: int, shortest: int = 0, required: bool = False, *, null: bool = False, secret: bool = False
) -> Exactly:
    """Return the field of a text of so many characters, or null if that is allowed."""
    span = f"{shortest} to {longest}" if shortest else f"up to {longest}"
    return Exactly(
        (str, type(None)) if null else (str,),
        f"text of {span} characters" + (" or null" if null else ""),
        lambda text: text is None or shortest <= len(text) <= longest,
        required=required,
        secret=secret,
    )


def uuid_field() -> Exactly:
    """Return the field of a UUID."""
    return Exactly((str,), "a UUID in lower case, such as ee10f19c-503c-44af-af2f-73d5e42f7a17", is_uuid)


def word(words: Iterable[str], required: bool = False, *, separator: str = ", ") -> Exactly:
    """Return the field of one of the words of an enumeration, or of one of several texts."""
    known = {str(word): word for word in words}
    allowed = separator.join(known)
    return Exactly((str,), allowed, known.__contains__, make=known.__getitem__, required=required)


def status_field(required: bool = False) -> Exactly:
    """Return the field of an image's status."""
    return word(ImageStatus, required)


def choice(*choices: str) -> Exactly:
    """Return the field of one of these texts, or null."""
    return Exactly(
        (str, type(None)), ", ".join(choices) + " or null", lambda text: text is None or text in choices
    )


def number(low: int, high: int, null: bool = False, required: bool = False) -> Exactly:
    """Return the field of a whole number within bounds, or null where that is allowed."""
    allowed = f"a whole number from {low} to {high}" + (" or null" if null else "")
    types: tuple[type, ...] = (int, type(None)) if null else (int,)
    return Exactly(types, allowed, lambda value: value is None or low <= value <= high, required=required)


def hexadecimal(longest: int) -> Exactly:
    """Return the field of up to so many hexadecimal digits, or null."""
    return Exactly(
        (str, type(None)),
        f"up to {longest} hexadecimal digits or null",
        lambda text: text is None or (len(text) <= longest and set(text) <= set("0123456789abcdef")),
    )


def flag() -> Exactly:
    """Return the field of true or false."""
    return Exactly((bool,), "true or false")


def time_field(
    allowed: str = "an ISO 8601 time such as 2014-02-10T17:05:01Z",
    test: Callable[[datetime], object] = lambda _: True,
) -> Exactly:
    """Return the field of a time that passes a test."""
    return Exactly(
        (str,), allowed, lambda text: _is_time(text) and test(timestamps.parse(text)), make=timestamps.parse
    )


def are_texts(value: Mapping[Any, Any], shortest: int = 0, longest: int = 10**6) -> bool:
    """Whether all keys and values of a mapping are texts that can be written; keys of these lengths only."""
    return all(
        isinstance(key, str)
        and shortest <= len(key) <= longest
        and isinstance(text, str)
        and _is_text(key)
        and _is_text(text)
        for key, text in value.items()
    )


class Document(Schema):
    """A mapping with known keys only."""

    def __init__(self, **options: Any) -> None:
        super().__init__(unknown=RAISE, **options)
        self.error_messages = {
            **self.error_messages,
            "unknown": f"is not a key here; allowed: {', '.join(self.fields)}",
            "type": f"must be a mapping; allowed keys: {', '.join(self.fields)}",
        }


def mapping(document: type[Document], *, exclude: tuple[str, ...] = ()) -> fields.Nested:
    """Return the field of a document within another."""
    return fields.Nested(document, exclude=exclude, error_messages={"null": NO_MAPPING})


#: What is said of null where a document has to be.
NO_MAPPING: Final = "null is not allowed; allowed: a mapping"


#: The most wrong entries of a list, and wrong places of a document, that are reported.
MOST_WRONG: Final = 1_000


class Entries(fields.List[Any]):
    """A list; of its wrong entries the first `MOST_WRONG` are reported.

    Args:
        field: the field of each entry.
        what: what is allowed in the list, for its messages.
        required: whether the key must be there.
        most: the most entries; None for any number.
        once: what of an entry must not come twice; None for nothing.
    """

    def __init__(
        self,
        field: fields.Field[Any],
        what: str,
        *,
        required: bool = False,
        most: int | None = None,
        once: Callable[[Any], Hashable] | None = None,
    ) -> None:
        no_list = f"must be a list; allowed in it: {what}"
        super().__init__(field, required=required, error_messages={"invalid": no_list, "null": no_list})
        self._most: Final = most
        self._once: Final = once

    def _deserialize(self, value: Any, *_: Any, **options: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        entries, wrong = [], {}
        for index, entry in enumerate(value):
            try:
                entries.append(self.inner.deserialize(entry, **options))
            except ValidationError as error:
                wrong[index] = error.messages
                if len(wrong) == MOST_WRONG and index + 1 < len(value):
                    wrong[index + 1] = [
                        f"this entry and those after it were not checked: {MOST_WRONG} before them are wrong"
                    ]
                    break
        if wrong:
            raise ValidationError(wrong)
        if self._most is not None and len(entries) > self._most:
            raise ValidationError(f"too many (got {len(entries)}); expected at most {self._most}")
        keys = list(map(self._once, entries)) if self._once is not None else []
        if len(set(keys)) < len(keys):
            raise ValidationError(f"{shown(first_duplicate(keys))} comes twice; allowed: once")
        return entries


def list_of(document: type[Document], what: str, **options: Any) -> Entries:
    """Return the field of a list of documents, with the options of `Entries`."""
    return Entries(mapping(document), what, **options)


def load(schema: Schema, document: object) -> dict[str, Any]:
    """Read *document* by *schema* into values of the domain's types; keys left out stay out.

    Raises:
        DocumentError: with every problem at once.
    """
    try:
        values: dict[str, Any] = schema.load(document)  # type: ignore[arg-type]  # it may be anything; load says
    except ValidationError as error:
        problems = list(islice(_problems((), error.messages), MOST_WRONG + 2))
        if len(problems) == MOST_WRONG + 2:
            more = f"more than {MOST_WRONG} places are wrong; these are the first"
            problems[MOST_WRONG:] = [Problem((), more)]
        error.__traceback__ = None  # its frames hold the document, and marshmallow's error holds itself
    else:
        return values
    raise DocumentError(problems)


def _problems(path: DocumentPath, messages: object) -> Iterator[Problem]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _problems(path if key == "_schema" else (*path, key), inner)
    elif isinstance(messages, list):
        for message in messages:
            yield Problem(path, str(message))


def seconds_field() -> Exactly:
    """Return the field of a duration in seconds, 0 or more."""
    return Exactly((int, float), f"seconds from 0 to {LONGEST}", lambda seconds: 0 <= seconds <= LONGEST)


def positive_seconds_field() -> Exactly:
    """Return the field of a duration in seconds, more than 0."""
    allowed = f"seconds, more than 0 and up to {LONGEST}"
    return Exactly((int, float), allowed, lambda seconds: 0 < seconds <= LONGEST)


def non_defaults(record: NamedTuple) -> dict[str, Any]:
    """Return the fields of a record that do not have their defaults."""
    defaults = record._field_defaults
    return {name: value for name, value in record._asdict().items() if value != defaults.get(name)}
