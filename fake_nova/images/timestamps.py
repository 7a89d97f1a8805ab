"""Parse and format times as OpenStack does."""

from __future__ import annotations

from datetime import UTC, datetime

import iso8601

from fake_nova.support.caching import cached_if_short
from fake_nova.support.messages import quote_python

#: The maximum number of characters in a time; no URL is longer. iso8601 is fast enough for any text of
#: this length.
_MAX_TIME_CHARS = 65_535


@cached_if_short(maxsize=1024, max_chars=64)  # loading a document parses each time twice
def parse(text: str) -> datetime:
    """Parse an ISO 8601 time as OpenStack does (oslo.utils calls iso8601). Without an offset it is in UTC.

    Returns:
        The time, aware, in UTC.

    Raises:
        ValueError: if the text is not a time, names a day or hour that does not exist, or is too long.
    """
    if len(text) > _MAX_TIME_CHARS:
        raise ValueError(f"time: too long (got {len(text)} characters); expected at most {_MAX_TIME_CHARS}")
    try:
        return iso8601.parse_date(text).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(
            f"time: out of range (got {quote_python(text)}); expected one of the years 1 to 9999"
        ) from error


def isoformat_seconds(moment: datetime) -> str:
    """Format a time as Nova and Glance show it: ``2014-03-02T10:00:00Z``, without a fraction."""
    return moment.replace(tzinfo=None, microsecond=0).isoformat() + "Z"


def isoformat_exact(moment: datetime) -> str:
    """Format a time without loss: `parse` returns the same time."""
    return moment.replace(tzinfo=None).isoformat() + "Z"


def isoformat_microseconds(moment: datetime) -> str:
    """Format a time as Nova shows some of a server: with six digits of a fraction, and without Z."""
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds")
