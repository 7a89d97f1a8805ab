"""Conditions that an image must meet to be in a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NamedTuple, Protocol

from fake_nova.images.database import Database
from fake_nova.images.model import Image

IndexKey = tuple[str, ...]

#: Fields with an index for equality. Properties are indexed too, by key and value.
INDEXED_FIELDS = ("name", "status", "min_ram", "min_disk")


class Condition(Protocol):
    """A test that an image must pass to be in a list."""

    def matches(self, image: Image) -> bool:
        """Return whether *image* passes the test."""

    def index_keys(self) -> tuple[IndexKey, ...] | None:
        """Return the keys of indexes that hold exactly the matching images, or None without such indexes."""


class FieldIsOneOf(NamedTuple):
    """The condition that a field equals one of *values*: numbers, booleans or words of an enumeration.

    Without values nothing matches. Text has a condition of its own, because the database compares it.

    Attributes:
        field: the name of an attribute of `Image`.
        values: values of that attribute's type.
    """

    field: str
    values: frozenset[object]

    def matches(self, image: Image) -> bool:
        """Return whether the field has one of the values."""
        return getattr(image, self.field, None) in self.values

    def index_keys(self) -> tuple[IndexKey, ...] | None:
        """Return one key for each value if the field is indexed; () if there are no values, else None."""
        if self.field not in INDEXED_FIELDS:
            return () if not self.values else None
        return tuple((self.field, str(value)) for value in self.values)


class TextIsOneOf(NamedTuple):
    """The condition that the text of a field equals one of several, as the database compares.

    Attributes:
        field: the name of an attribute of `Image`.
        texts: the texts. Those that the database cannot find match nothing.
        keys: their keys of equality.
        database: the database that compares.
    """

    field: str
    texts: tuple[str, ...]
    keys: frozenset[str]
    database: Database

    @classmethod
    def of(cls, field: str, texts: Iterable[str], database: Database) -> TextIsOneOf:
        """Return the condition for *texts*."""
        texts = tuple(texts)
        keys = (database.equality_key(text) for text in texts if database.can_find(text))
        return cls(field, texts, frozenset(keys), database)

    def matches(self, image: Image) -> bool:
        """Return whether the field's text equals one of the texts."""
        text = getattr(image, self.field)
        return text is not None and self.database.equality_key(text) in self.keys

    def index_keys(self) -> tuple[IndexKey, ...] | None:
        """Return one key for each different text if the field is indexed, else None."""
        if self.field not in INDEXED_FIELDS:
            return None
        return tuple((self.field, key) for key in self.keys)


class PropertyEquals(NamedTuple):
    """The condition that an image has a property with this value, as the database compares key and value.

    Attributes:
        key: the key of the property.
        value: its value.
        index_key: the key of the index of such images; None if the database cannot find them.
        database: the database that compares.
    """

    key: str
    value: str
    index_key: IndexKey | None
    database: Database

    @classmethod
    def of(cls, key: str, value: str, database: Database) -> PropertyEquals:
        """Return the condition for *key* and *value*."""
        index_key = property_index_key(key, value, database) if database.can_find(key + value) else None
        return cls(key, value, index_key, database)

    def matches(self, image: Image) -> bool:
        """Return whether a property has this key and this value."""
        if self.database.compares_exactly:
            return image.properties.get(self.key) == self.value
        index_keys = (
            property_index_key(key, value, self.database) for key, value in image.properties.items()
        )
        return any(index_key == self.index_key for index_key in index_keys)

    def index_keys(self) -> tuple[IndexKey, ...]:
        """Return the one index key of this property and value; () if nothing matches."""
        return () if self.index_key is None else (self.index_key,)


class HasTag(NamedTuple):
    """The condition that an image has this tag, as the database compares.

    Attributes:
        tag: the tag as the client spells it.
        database: the database that compares.
    """

    tag: str
    database: Database

    def matches(self, image: Image) -> bool:
        """Return whether *image* has the tag."""
        return self.row_count(image) > 0

    def row_count(self, image: Image) -> int:
        """Return how many of the image's tags equal the tag. Each is a row of the database's answer."""
        if not self.database.can_find(self.tag):
            return 0
        key = self.database.equality_key(self.tag)
        return sum(self.database.equality_key(tag) == key for tag in image.tags)

    def index_keys(self) -> None:
        """Return None, because no index covers tags."""
        return


Comparison = Callable[[Any, Any], bool]

#: Glance's name of a comparison -> the function that compares.
COMPARISONS: Mapping[str, Comparison] = {"gt": gt, "gte": ge, "lt": lt, "lte": le, "eq": eq, "neq": ne}


class FieldCompares(NamedTuple):
    """The condition that a field of an image has a value, and that the value compares as requested.

    Attributes:
        field: the name of an attribute of `Image`.
        comparison: a key of `COMPARISONS`.
        threshold: the right-hand side of the comparison.
    """

    field: str
    comparison: str
    threshold: datetime | int | float | str

    def matches(self, image: Image) -> bool:
        """Return whether the field has a value that compares as requested."""
        value = getattr(image, self.field, None)
        return value is not None and COMPARISONS[self.comparison](value, self.threshold)

    def index_keys(self) -> None:
        """Return None: no index covers a comparison."""
        return


class TextNumberCompares(NamedTuple):
    """The condition that the number that a field's text begins with compares with *threshold* as requested.

    Attributes:
        field: the name of an attribute of `Image`.
        comparison: a key of `COMPARISONS`.
        threshold: the right-hand side of the comparison.
        text_as_number: returns the number of a text.
    """

    field: str
    comparison: str
    threshold: int
    text_as_number: Callable[[str], float]

    def matches(self, image: Image) -> bool:
        """Return whether the field has a text whose number compares as requested."""
        text = getattr(image, self.field)
        return text is not None and COMPARISONS[self.comparison](self.text_as_number(text), self.threshold)

    def index_keys(self) -> None:
        """Return None: no index covers a comparison."""
        return


def property_index_key(key: str, value: str, database: Database) -> IndexKey:
    """Return the key of the index of images that have a property with this key and this value."""
    return ("property", database.equality_key(key), database.equality_key(value))
