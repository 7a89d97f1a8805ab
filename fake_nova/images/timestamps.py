"""Times as OpenStack writes and reads them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

#: The forms that oslo.utils' parse_isotime takes (measured, rule 17 of the record): a year, a month behind a
#: hyphen, a day with hyphens or without, a time behind T or a blank, with colons or without, a fraction
#: behind a dot or a comma, an offset. No week dates, no ordinal dates, no lower-case t or z.
_ISO8601 = re.compile(
    r"(?P<year>[0-9]{4})"
    r"(?:(?:-(?P<month>[0-9]{1,2})|(?P<month2>[0-9]{2})(?!$))"
    r"(?:(?:-(?P<day>[0-9]{1,2})|(?P<day2>[0-9]{2}))"
    r"(?:[ T](?P<hour>[0-9]{2})(?::?(?P<minute>[0-9]{2}))?"
    r"(?::?(?P<second>[0-9]{1,2})(?:[.,](?P<fraction>[0-9]+))?)?"
    r"(?P<zone>Z|(?P<sign>[-+])(?P<zone_hour>[0-9]{2}):?(?P<zone_minute>[0-9]{2})?)?"
    r")?)?)?$"
)


#: Longer texts are read anew each time, so that the cache is bounded in bytes.
_LONGEST_REMEMBERED = 64


def parse(text: str) -> datetime:
    """Read an ISO 8601 time as OpenStack does; without an offset it is UTC.

    Returns:
        The moment, in UTC.

    Raises:
        ValueError: the text is no such time, or there is no such day or hour.
    """
    return (_remembered if len(text) <= _LONGEST_REMEMBERED else _parse)(text)


def _parse(text: str) -> datetime:
    match = _ISO8601.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not an ISO 8601 time")
    part = match.groupdict()
    zone: timezone = UTC
    if part["sign"]:
        offset = timedelta(hours=int(part["zone_hour"]), minutes=int(part["zone_minute"] or 0))
        zone = timezone(-offset if part["sign"] == "-" else offset)
    try:
        return datetime(
            int(part["year"]),
            int(part["month"] or part["month2"] or 1),
            int(part["day"] or part["day2"] or 1),
            int(part["hour"] or 0),
            int(part["minute"] or 0),
            int(part["second"] or 0),
            int((part["fraction"] or "0")[:6].ljust(6, "0")),
            tzinfo=zone,
        ).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is out of range") from error


_remembered = lru_cache(maxsize=1024)(_parse)  # a document's times are read twice: is it one, and which


def whole_seconds(moment: datetime) -> str:
    """Write a moment as Nova and Glance show it: ``2014-03-02T10:00:00Z``, without a fraction."""
    return moment.replace(tzinfo=None, microsecond=0).isoformat() + "Z"


def exact(moment: datetime) -> str:
    """Write a moment so that `parse` gives the very same one back."""
    return moment.replace(tzinfo=None).isoformat() + "Z"
