"""Conditions that an image must meet to be in a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NamedTuple, Protocol

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
    """The condition that a field of an image equals one of *values*. Without values nothing matches.

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
        return tuple(field_key(self.field, value) for value in self.values)


class PropertyEquals(NamedTuple):
    """The condition that an image has a property with exactly this value.

    Attributes:
        key: the key of the property.
        value: its value.
    """

    key: str
    value: str

    def matches(self, image: Image) -> bool:
        """Return whether the property has the value."""
        return image.properties.get(self.key) == self.value

    def index_keys(self) -> tuple[IndexKey, ...]:
        """Return the one index key of this property and value."""
        return (("property", self.key, self.value),)


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


def field_key(name: str, value: object) -> IndexKey:
    """Return the index key of images whose field *name* has *value*; None and "" have different keys."""
    return (name,) if value is None else (name, str(value))
