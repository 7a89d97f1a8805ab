"""`DATABASES`: how the database of the real services stores and compares the columns of an image."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from fake_nova.images import collation

_BLANKS: Final = r"[ \t\n\v\f\r]*"
_NUMBER: Final = re.compile(rf"{_BLANKS}([-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)")
_WHOLE_NUMBER: Final = re.compile(_NUMBER.pattern + _BLANKS)

#: No integer column of a database holds an integer as large as this.
_TOO_LARGE: Final = 2**64


def sqlite_number(text: str) -> int | float | None:
    """Return the number that a text equals on SQLite, as an int if it is whole; None if it is not a number.

    Blanks around it, a plus sign, leading zeros and ``512.0`` are valid; ``abc`` and ``0x10`` are not.
    """
    match = _WHOLE_NUMBER.fullmatch(text)
    if match is None:
        return None
    try:
        return int(match[1])
    except ValueError:
        value = float(match[1])
        return int(value) if value.is_integer() else value


def mariadb_integer(text: str) -> int | None:
    """Return the integer that a text equals on MariaDB; None if it equals none.

    MariaDB compares the number that the text begins with: ``12abc`` is 12, and ``abc`` is 0. It compares
    exactly: 11.9999999999999999999 is not 12, as it is for SQLite (measured).
    """
    match = _NUMBER.match(text)
    approximation = 0.0 if match is None else float(match[1])
    if match is None or approximation == 0:
        return 0
    if not math.isfinite(approximation) or abs(approximation) > _TOO_LARGE:
        return None
    value = Decimal(match[1])
    return int(value) if value == value.to_integral_value() else None


def mariadb_range_number(text: str) -> float:
    """Return the number that a text begins with, or 0, which MariaDB compares with the limit of a range."""
    match = _NUMBER.match(text)
    return 0.0 if match is None else float(match[1])


def _same_text(text: str) -> str:
    return text


@dataclass(frozen=True, eq=False)
class Database:
    """The rules of one database.

    Attributes:
        name: the value of ``--database``.
        label: the name of the product.
        equality_key: returns a key: two texts are equal on the database exactly if their keys are.
        order_key: returns a key: the database sorts two texts as Python sorts their keys.
        parse_number: returns the number that equals a text when it is compared with a column of numbers;
            None if no number does.
        text_as_number: returns the number that a text counts as in a range; None if a range compares texts.
        max_range_limit: the largest number that a range can be limited by, in both directions.
        null_size_in_marker: the size that stands for a missing one if the marker has none.
        has_microseconds: whether columns of times have a fraction. Without it, they hold whole seconds.
        max_value_bytes: the maximum length of the value of a property, in bytes of UTF-8; None for no limit.
        max_key_chars: the maximum length of the name of a property or member, in characters; None for no
            limit.
    """

    name: str
    label: str
    equality_key: Callable[[str], str]
    order_key: Callable[[str], str]
    parse_number: Callable[[str], int | float | None]
    text_as_number: Callable[[str], float] | None
    max_range_limit: float
    null_size_in_marker: float
    has_microseconds: bool
    max_value_bytes: int | None
    max_key_chars: int | None

    @property
    def compares_exactly(self) -> bool:
        """Whether only the same texts are equal."""
        return self.equality_key is _same_text

    def stored_time(self, moment: datetime) -> datetime:
        """Return a time as the database stores it. MariaDB cuts the fraction off."""
        return moment if self.has_microseconds else moment.replace(microsecond=0)

    def can_find(self, text: str) -> bool:
        """Return whether a stored text can equal *text*. On MariaDB, none has characters beyond the BMP."""
        return self.compares_exactly or max(text, default="") <= "\uffff"

    def are_equal(self, text: str | None, other: str | None) -> bool:
        """Return whether two texts are equal; None equals nothing."""
        if text is None or other is None:
            return False
        return text == other or self.equality_key(text) == self.equality_key(other)


#: As nearly every real cloud. Measured with Keystone 30.0.0, Glance 33.0.0 and Nova 34.0.0
#: on MariaDB 10.11.19.
MARIADB: Final = Database(
    name="mariadb",
    label="MariaDB",
    equality_key=collation.equality_key,
    order_key=collation.order_key,
    parse_number=mariadb_integer,
    text_as_number=mariadb_range_number,
    max_range_limit=math.inf,
    null_size_in_marker=0,
    has_microseconds=False,
    max_value_bytes=65_535,
    max_key_chars=255,
)

#: As the tests of OpenStack, and some clouds for development. Measured with the same services.
SQLITE: Final = Database(
    name="sqlite",
    label="SQLite",
    equality_key=_same_text,
    order_key=_same_text,
    parse_number=sqlite_number,
    text_as_number=None,
    max_range_limit=2**63 - 1,
    null_size_in_marker=math.inf,  # on SQLite every text is greater than any number, and Glance asks for ""
    has_microseconds=True,
    max_value_bytes=None,
    max_key_chars=None,
)

#: Name -> database.
DATABASES: Final[Mapping[str, Database]] = MappingProxyType(
    {database.name: database for database in (MARIADB, SQLITE)}
)
