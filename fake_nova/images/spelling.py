"""Explain that an image was found, or missed, only because of how the database compares text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from fake_nova.images.conditions import Condition, HasTag, PropertyEquals, TextIsOneOf
from fake_nova.images.database import MARIADB
from fake_nova.images.model import Image


class TextPair(NamedTuple):
    """Two texts that are equal on MariaDB and differ all the same.

    Attributes:
        where: what the texts are, such as ``name``.
        image_text: the text of the image.
        request_text: the text of the request.
    """

    where: str
    image_text: str
    request_text: str

    def __str__(self) -> str:
        texts = f'{self.where} "{self.image_text}" equals "{self.request_text}"'
        return f"{texts} on MariaDB: differs in {self.difference}"

    @property
    def difference(self) -> str:
        """In what the texts differ: case, accents or trailing blanks."""
        image_text = self.image_text.rstrip(" ")
        request_text = self.request_text.rstrip(" ")
        differences = []
        if image_text.lower() != request_text.lower():
            differences.append("accents")
        elif image_text != request_text:
            differences.append("case")
        if len(self.image_text) - len(image_text) != len(self.request_text) - len(request_text):
            differences.append("trailing blanks")
        return " and ".join(differences)


def _first_pair(where: str, image_texts: Iterable[str], request_texts: Iterable[str]) -> TextPair | None:
    """Return the first text of the image that equals one of the request; None if two are the same."""
    pairs = [
        TextPair(where, image_text, request_text)
        for image_text in image_texts
        for request_text in request_texts
        if MARIADB.are_equal(image_text, request_text)
    ]
    if any(pair.image_text == pair.request_text for pair in pairs):
        return None
    return next(iter(pairs), None)


def _pair_of_field(condition: TextIsOneOf, image: Image) -> TextPair | None:
    text = getattr(image, condition.field)
    return None if text is None else _first_pair(condition.field, (str(text),), condition.texts)


def _pair_of_property(condition: PropertyEquals, image: Image) -> TextPair | None:
    for key, value in image.properties.items():
        if not MARIADB.are_equal(key, condition.key) or not MARIADB.are_equal(value, condition.value):
            continue
        if key != condition.key:
            return TextPair("property key", key, condition.key)
        return _first_pair(f"property {key}", (value,), (condition.value,))
    return None


def _pair_of_tag(condition: HasTag, image: Image) -> TextPair | None:
    return _first_pair("tag", image.tags, (condition.tag,))


#: Type of condition -> the function that returns the texts of an image and the condition that are only equal
#: on MariaDB, or None.
_PAIR_FINDERS: Mapping[type[Condition], Callable[[Any, Image], TextPair | None]] = MappingProxyType(
    {TextIsOneOf: _pair_of_field, PropertyEquals: _pair_of_property, HasTag: _pair_of_tag}
)


def text_pair(condition: Condition, image: Image) -> TextPair | None:
    """Return two different texts, of an image and a condition, that are equal on MariaDB; else None."""
    find = _PAIR_FINDERS.get(type(condition))
    return None if find is None else find(condition, image)


def explain_match(conditions: Iterable[Condition], images: Iterable[Image]) -> str:
    """Explain the first image that meets the conditions only on MariaDB; "" if there is none."""
    text_conditions = [condition for condition in conditions if type(condition) in _PAIR_FINDERS]
    if not text_conditions:
        return ""
    pairs = (text_pair(condition, image) for image in images for condition in text_conditions)
    pair = next((pair for pair in pairs if pair is not None), None)
    return "" if pair is None else f"{pair}."
