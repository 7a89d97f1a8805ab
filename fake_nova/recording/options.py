"""What to record of a cloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fake_nova.dialects import DIALECTS
from fake_nova.errors import ConfigurationError
from fake_nova.images import timestamps
from fake_nova.images.database import DATABASES
from fake_nova.images.status import ImageStatus
from fake_nova.support.messages import quote_python
from fake_nova.support.setting_values import TEXT, ValueKind, choice, number, whole_number


def _ignore(_: int) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOptions:
    """Options of a record.

    Attributes:
        name: only images of this name; None for any.
        status: only images of this status, in Glance's word; None for any.
        owner: only images of the project with this id, and an admin's servers; None for any.
        limit: at most so many images, and so many servers, the newest ones; None for all.
        since: only images and servers that were updated at this time or later, aware; None for any.
        members: whether to read the members of the images that the caller's project owns.
        servers: whether to read servers, flavors, key pairs and quotas, too.
        is_own_only: whether an admin's record leaves out the servers, key pairs and quotas of others.
        anonymize: whether to replace ids, names and addresses by pseudonyms.
        dialect: the dialect to write; None to find it out.
        database: the database to write; None to find it out.
        on_progress: called with the number of images and servers that were read, after each page.
    """

    name: str | None = None
    status: str | None = None
    owner: str | None = None
    limit: int | None = None
    since: datetime | None = None
    members: bool = False
    servers: bool = False
    is_own_only: bool = False
    anonymize: bool = True
    dialect: str | None = None
    database: str | None = None
    on_progress: Callable[[int], None] = _ignore


#: Name of an option of the command -> the kind of its values.
KINDS: Final[Mapping[str, ValueKind]] = {
    "name": TEXT,
    "status": choice(*ImageStatus),
    "owner": TEXT,
    "limit": whole_number(1, 10**6),
    "since": ValueKind(timestamps.parse, "an ISO 8601 time such as 2024-02-10T17:05:01Z"),
    "dialect": choice(*DIALECTS),
    "database": choice(*DATABASES),
    "rate": number(float, 0.01, 10_000, "requests per second from 0.01 to 10000"),
}


def parse_option(name: str, text: str | None) -> Any:
    """Return the value of an option of the command; None if it is not given.

    Args:
        name: a name of `KINDS`.
        text: the text on the command line, or None.

    Raises:
        ConfigurationError: if the text is invalid.
    """
    if text is None:
        return None
    kind = KINDS[name]
    try:
        return kind.parse(text)
    except (KeyError, ValueError) as error:
        problem = f"--{name}: invalid value (got {quote_python(text)})"
        raise ConfigurationError(f"{problem}; expected {kind.expectation}") from error
