"""JSON bodies of clients, bounded in their number of values."""

from __future__ import annotations

from typing import Any, Final

from fake_nova import json_reader
from fake_nova.errors import BodyTooLarge

#: The most values in all lists and mappings of a body. A schema looks at each, and words an error for each.
MOST_VALUES: Final = 5_000


def parsed(content: bytes) -> Any:
    """Parse a body.

    Args:
        content: JSON in UTF-8.

    Raises:
        ValueError: if it is not JSON in UTF-8, or nested too deep.
        BodyTooLarge: if it has more than `MOST_VALUES`.
    """
    value = json_reader.loads(content.decode())
    if json_reader.has_more_values(value, MOST_VALUES):
        raise BodyTooLarge
    return value
