"""Parsing of JSON bodies, with a limit on the number of values."""

from __future__ import annotations

from typing import Any, Final

from fake_nova.errors import BodyTooLarge
from fake_nova.support import json_reader

#: The maximum number of values in all lists and objects of a body. A schema checks each, and may write an
#: error for each.
MAX_VALUES: Final = 5_000


def parse(content: bytes) -> Any:
    """Parse a JSON body.

    Args:
        content: JSON in UTF-8.

    Raises:
        ValueError: if it is not JSON in UTF-8, or nested too deep.
        BodyTooLarge: if it has more than `MAX_VALUES` values.
    """
    value = json_reader.loads(content.decode())
    if json_reader.has_more_values(value, MAX_VALUES):
        raise BodyTooLarge
    return value
