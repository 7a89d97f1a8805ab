"""What the database refuses to store, so that the real service fails with a 500.

fake_nova responds with a 400 or a 409 in the service's own format, and with a hint that says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from fake_nova.errors import FailureKind, ServiceFailure
from fake_nova.images.database import Database
from fake_nova.images.model import Image
from fake_nova.support.messages import quote_python


def check_property_keys(image: Image, old: Image | None, database: Database) -> None:
    """Check that no two keys of an image's properties are equal for the database.

    The row of a removed property stays, and keeps its key: only the same spelling may come back. Glance
    writes additions first, so a key that goes in the same write counts, too (Glance 33.0.0 over MariaDB,
    measured).

    Raises:
        ServiceFailure: if two keys are equal.
    """
    if database.compares_exactly:
        return
    old_keys = () if old is None else (*old.properties, *old.removed_keys)
    keys = list(dict.fromkeys((*old_keys, *image.properties)))
    keys_by_equality: dict[str, str] = {}
    for key in keys:
        other = keys_by_equality.setdefault(database.equality_key(key), key)
        if other != key and key in image.properties:
            raise _not_unique("properties", key, other, database)


def check_lengths(image: Image, database: Database) -> None:
    """Check that keys, values and members fit into their columns.

    Raises:
        ServiceFailure: for the first text that is too long.
    """
    if database.max_value_bytes is None or database.max_key_chars is None:
        return
    for key, value in image.properties.items():
        if len(key) > database.max_key_chars:
            raise _too_long("properties", f"{len(key)} characters", f"{database.max_key_chars}", database)
        size = len(value) if 3 * len(value) <= database.max_value_bytes else len(value.encode())
        if size > database.max_value_bytes:
            where = f"properties[{quote_python(key)}]"
            raise _too_long(where, f"{size} bytes", f"{database.max_value_bytes}", database)
    for member in image.members:
        if len(member.project_id) > database.max_key_chars:
            length = f"{len(member.project_id)} characters"
            raise _too_long("member", length, f"{database.max_key_chars}", database)


def tags_refusal(
    old_tags: tuple[str, ...], new_tags: tuple[str, ...], database: Database
) -> ServiceFailure | None:
    """Return the error for a tag that the database cannot remove, because it equals another one; else None.

    Glance first adds the new tags and then removes the others, one by one. It fails when several rows equal
    the tag (Glance 33.0.0 over MariaDB, measured).
    """
    if database.compares_exactly or old_tags == new_tags:
        return None
    rows = dict.fromkeys((*old_tags, *new_tags))
    for tag in (tag for tag in old_tags if tag not in new_tags):
        others = [row for row in rows if row != tag and database.are_equal(row, tag)]
        if others:
            return _not_unique("tags", tag, others[0], database)
    return None


def removed_keys(image: Image, old: Image) -> tuple[str, ...]:
    """Return the keys of properties that an image no longer has, but that the database still holds."""
    keys: Iterable[str] = dict.fromkeys((*old.removed_keys, *old.properties))
    return tuple(key for key in keys if key not in image.properties)


def _not_unique(where: str, text: str, other: str, database: Database) -> ServiceFailure:
    message = (
        f"{where}: two texts are equal on {database.label} "
        f"(got {quote_python(text)} beside {quote_python(other)}); "
        "expected texts that differ in more than case, accents and trailing blanks"
    )
    return ServiceFailure(FailureKind.EQUAL_TEXTS, message, database.label)


def _too_long(where: str, length: str, limit: str, database: Database) -> ServiceFailure:
    return ServiceFailure(
        FailureKind.TEXT_TOO_LONG,
        f"{where}: too long (got {length}); expected at most {limit}",
        database.label,
    )
