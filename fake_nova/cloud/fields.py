"""What documents are made of: fields that convert nothing, and schemas with known keys only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

from marshmallow import RAISE, Schema, ValidationError, fields, missing

from fake_nova.cloud.problems import DocumentError, DocumentPath, Problem, shown
from fake_nova.images import timestamps
from fake_nova.images.status import ImageStatus, MemberStatus, Visibility

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


def text_field(longest: int, shortest: int = 0, required: bool = False) -> Exactly:
    """Return the field of a text of so many characters."""
    allowed = f"text of {shortest} to {longest} characters"
    if shortest == 0:
        allowed = f"text of up to {longest} characters"
    return Exactly((str,), allowed, lambda text: shortest <= len(text) <= longest, required=required)


def word(words: type[ImageStatus] | type[Visibility] | type[MemberStatus], required: bool = False) -> Exactly:
    """Return the field of one of the words of an enumeration."""
    known = {str(word): word for word in words}
    return Exactly((str,), ", ".join(known), known.__contains__, make=known.__getitem__, required=required)


def status_field(required: bool = False) -> Exactly:
    """Return the field of an image's status."""
    return word(ImageStatus, required)


def choice(*choices: str) -> Exactly:
    """Return the field of one of these texts, or null."""
    return Exactly(
        (str, type(None)), ", ".join(choices) + " or null", lambda text: text is None or text in choices
    )


def number(low: int, high: int, null: bool = False) -> Exactly:
    """Return the field of a whole number within bounds, or null where that is allowed."""
    allowed = f"a whole number from {low} to {high}" + (" or null" if null else "")
    types: tuple[type, ...] = (int, type(None)) if null else (int,)
    return Exactly(types, allowed, lambda value: value is None or low <= value <= high)


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


def mapping(document: type[Document]) -> fields.Nested:
    """Return the field of a document within another."""
    return fields.Nested(document, error_messages={"null": NO_MAPPING})


#: What is said of null where a document has to be.
NO_MAPPING: Final = "null is not allowed; allowed: a mapping"


def no_list(what: str) -> dict[str, Any]:
    """Return what is said of no list; *what* says what is allowed in it."""
    message = f"must be a list; allowed in it: {what}"
    return {"invalid": message, "null": message}


#: The most wrong entries of a list, and wrong places of a document, that are reported.
MOST_WRONG: Final = 1_000


class Entries(fields.List[Any]):
    """A list; of its wrong entries the first `MOST_WRONG` are reported."""

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
        return entries


def list_of(
    document: type[Document], what: str, *, required: bool = False, most: int | None = None
) -> Entries:
    """Return the field of a list of documents; *what* says what is allowed in it, *most* how many."""

    def check(documents: list[Any]) -> None:
        if most is not None and len(documents) > most:
            raise ValidationError(f"too many (got {len(documents)}); expected at most {most}")

    return Entries(mapping(document), required=required, error_messages=no_list(what), validate=check)


def words(field: Exactly, what: str, *, once: bool = False, most: int | None = None) -> Entries:
    """Return the field of a list of texts; *what* says what is allowed in it, *most* how many."""

    def check(texts: list[str]) -> None:
        if most is not None and len(texts) > most:
            raise ValidationError(f"too many (got {len(texts)}); expected at most {most}")
        if once:
            comes_once(texts)

    return Entries(field, error_messages=no_list(what), validate=check)


def comes_once(texts: list[str]) -> None:
    """Check that no text is in a list twice; ValidationError where one is."""
    if len(set(texts)) < len(texts):
        twice = next(text for text, times in Counter(texts).items() if times > 1)
        raise ValidationError(f"{shown(twice)} comes twice; allowed: once")


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
