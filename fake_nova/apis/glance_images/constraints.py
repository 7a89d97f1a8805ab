"""Checks of an image before it is stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.images.model import Image, has_unstorable_character

#: The maximum value of min_ram and min_disk.
MAX_INT32 = 2**31 - 1

_TEXT_COLUMNS = ("name", "owner", "disk_format", "container_format")


def check_text_columns(image: Image) -> Image:
    """Return *image* if the database can store its texts: not characters of four bytes (Glance 33.0.0).

    Raises:
        GlanceError: 400 for the first text with such a character.
    """
    check_texts({name: getattr(image, name) for name in _TEXT_COLUMNS})
    check_texts(image.properties)
    return image


def check_texts(texts: Mapping[str, str | None]) -> None:
    """Check that the database can store names and texts.

    Raises:
        GlanceError: 400 for the first name or text with a character of four bytes.
    """
    for name, text in texts.items():
        if has_unstorable_character(name):
            raise GlanceError(400, "Property names can't contain 4 byte unicode.")
        if text is not None and has_unstorable_character(text):
            raise GlanceError(400, f"{name.title()} can't contain 4 byte unicode characters.")


def check_quota(quota: int, kind: str, items: Collection[str]) -> None:
    """Check a quota.

    Args:
        quota: the maximum number of items.
        kind: what the items are, for the error message.
        items: the items of an image.

    Raises:
        GlanceError: 413 if there are more items than *quota*.
    """
    if len(items) > quota:
        sizes = f"Attempted: {len(items)}, Maximum: {quota}"
        raise GlanceError(413, f"The limit has been exceeded on the number of allowed image {kind}. {sizes}")


def check_size(name: str, value: float) -> int:
    """Return *value* as an integer if it is from 0 to `MAX_INT32`.

    The real service fails on a larger value.

    Raises:
        GlanceError: 400 if it is too large or negative.
    """
    if value > MAX_INT32:
        raise GlanceError(400, f"'{name}' value out of range, must not exceed {MAX_INT32}.")
    if value < 0:
        raise GlanceError(400, f"Invalid value '{value}' for parameter '{name}': Cannot be a negative value")
    return int(value)


def check_tags(image: Image) -> Image:
    """Return *image* if the service accepts its list of tags.

    Glance 33.0.0 accepts the same tags if they are added one by one.

    Raises:
        GlanceError: 400 if a tag has a character of four bytes.
    """
    if any(map(has_unstorable_character, image.tags)):
        raise GlanceError(400, "Param values can't contain 4 byte unicode.")
    return image
