"""What to record of a cloud."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


def _ignore(_: int) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOptions:
    """Options of a record.

    Attributes:
        name: only images of this name; None for any.
        status: only images of this status, in Glance's word; None for any.
        owner: only images of the project with this id; None for any.
        limit: at most so many images, the newest ones; None for all.
        since: only images that were updated at this time or later, aware; None for any.
        members: whether to read the members of the images that the caller's project owns.
        anonymize: whether to replace ids, names and addresses by pseudonyms.
        dialect: the dialect to write; None to find it out.
        database: the database to write; None to find it out.
        on_progress: called with the number of images that were read, after each page.
    """

    name: str | None = None
    status: str | None = None
    owner: str | None = None
    limit: int | None = None
    since: datetime | None = None
    members: bool = False
    anonymize: bool = True
    dialect: str | None = None
    database: str | None = None
    on_progress: Callable[[int], None] = _ignore
