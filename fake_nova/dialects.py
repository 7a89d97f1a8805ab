"""`DIALECTS`: where the Huawei Cloud document and Nova, as measured, differ; and dialects with other rows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from fake_nova.images.status import GLANCE_STATUSES_BY_NOVA_STATUS, ImageStatus


class Dialect(NamedTuple):
    """The behavior of one dialect.

    Attributes:
        name: the value of ``--dialect``.
        lists_oldest_first: whether lists start with the oldest image; otherwise with the newest.
        caps_limit: whether a limit above the maximum is a 403, and no limit means the maximum. Otherwise any
            limit is accepted, and no limit means all images.
        lists_killed_images: whether lists contain images whose upload failed, as ERROR. Otherwise only a
            request by id shows them.
        has_identity_v2: whether Keystone's API v2.0 exists, which clients as old as the document need.
        alternate_link_template: the template of an image's alternate link.
        status_filter_aliases: status filter in lower case -> the Glance statuses that it finds. Any
            other filter is compared with Glance's own statuses.
    """

    name: str
    lists_oldest_first: bool
    caps_limit: bool
    lists_killed_images: bool
    has_identity_v2: bool
    alternate_link_template: str
    status_filter_aliases: Mapping[str, tuple[ImageStatus, ...]] = MappingProxyType({})


#: Nova's statuses in lower case -> Glance's. A filter for "deleted" finds nothing.
_STATUS_FILTER_ALIASES: Final[Mapping[str, tuple[ImageStatus, ...]]] = {
    **{nova_status.lower(): statuses for nova_status, statuses in GLANCE_STATUSES_BY_NOVA_STATUS.items()},
    "deleted": (),
}

_PROJECT_LINK: Final = "{root}{project}/images/{image_id}"
_IMAGE_LINK: Final = "{image_url}/images/{image_id}"


class DialectRow(NamedTuple):
    """A rule by which dialects differ.

    Attributes:
        field: the field of `Dialect`.
        values: word -> the value of the field.
    """

    field: str
    values: Mapping[str, Any]


#: Name of a row -> the row. Names and words are part of the contract of fixture files.
DIALECT_ROWS: Final[Mapping[str, DialectRow]] = {
    "order": DialectRow("lists_oldest_first", {"newest_first": False, "oldest_first": True}),
    "limit": DialectRow("caps_limit", {"any": False, "capped": True}),
    "killed": DialectRow("lists_killed_images", {"hidden": False, "listed": True}),
    "status": DialectRow("status_filter_aliases", {"glance": {}, "nova": _STATUS_FILTER_ALIASES}),
    "identity_v2": DialectRow("has_identity_v2", {"absent": False, "present": True}),
    "alternate_link": DialectRow("alternate_link_template", {"image": _IMAGE_LINK, "project": _PROJECT_LINK}),
}

#: The dialects that others are based on. ``huaweicloud`` follows Huawei Cloud's document (Elastic Cloud
#: Server, "Querying Image Details"); ``nova`` was measured on Nova 34.0.0 and Glance 33.0.0.
_BASES: Final = {
    "huaweicloud": Dialect(
        name="huaweicloud",
        lists_oldest_first=True,
        caps_limit=True,
        lists_killed_images=True,
        has_identity_v2=True,
        alternate_link_template=_PROJECT_LINK,
        status_filter_aliases=_STATUS_FILTER_ALIASES,
    ),
    "nova": Dialect(
        name="nova",
        lists_oldest_first=False,
        caps_limit=False,
        lists_killed_images=False,
        has_identity_v2=False,
        alternate_link_template=_IMAGE_LINK,
        status_filter_aliases={},
    ),
}


def with_rows(base: str, rows: Mapping[str, str]) -> Dialect:
    """Return a dialect with other rows than its base.

    Args:
        base: a name of `DIALECTS`.
        rows: name of a row -> word.

    Raises:
        KeyError: if the base, a row or a word does not exist.
    """
    dialect = _BASES[base]
    changes = {DIALECT_ROWS[name].field: DIALECT_ROWS[name].values[word] for name, word in rows.items()}
    new_dialect = dialect._replace(**changes)
    words = [
        f"{name}={word}" for name, word in rows_of(new_dialect).items() if word != rows_of(dialect)[name]
    ]
    return new_dialect._replace(name=",".join((base, *words)))


def rows_of(dialect: Dialect) -> dict[str, str]:
    """Return the word that a dialect has in each row."""
    return {
        name: next(word for word, value in row.values.items() if value == getattr(dialect, row.field))
        for name, row in DIALECT_ROWS.items()
    }


@lru_cache(maxsize=64)
def parse_dialect(text: str) -> Dialect:
    """Return the dialect of a text such as ``nova`` or ``nova,order=oldest_first,limit=capped``.

    Its name is the text that it has in common with all that mean the same.

    Raises:
        KeyError: if the base, a row or a word does not exist, or if a row is there twice.
    """
    base, *parts = text.split(",")
    rows = dict(part.split("=", 1) for part in parts if "=" in part)
    if len(rows) < len(parts):
        raise KeyError(text)
    return with_rows(base, rows)


class _Dialects(dict[str, Dialect]):
    """The dialects with names, and on demand those with other rows."""

    def __missing__(self, text: str) -> Dialect:
        return parse_dialect(text)


#: Name -> dialect; the name may be a text with rows, as `parse_dialect` takes it. Only the bases are listed.
DIALECTS: Final[Mapping[str, Dialect]] = _Dialects(_BASES)

#: The texts that name a dialect, in words.
DIALECT_EXPECTATION: Final = f"{' or '.join(_BASES)}"
