"""Timestamps: accepted formats and their values."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fake_nova.images import timestamps

NOON = datetime(2019, 7, 8, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2019-07-08T12:00:00Z", NOON),
        ("2019-07-08 12:00:00", NOON),
        ("20190708T120000Z", NOON),
        ("2019-07-08T14:00:00+02:00", NOON),
        ("2019-07-08T08:15:00-0345", NOON),
        ("2019", datetime(2019, 1, 1, tzinfo=UTC)),
        ("2019-07-08T12:00:00.25Z", NOON.replace(microsecond=250_000)),
        ("2019-07-08T12:00:00,1234567Z", NOON.replace(microsecond=123_456)),
        (
            "2019-07-08T12:00:00.2" + "9" * 40,
            NOON.replace(microsecond=300_000),
        ),  # iso8601 rounds to 28 digits
    ],
)
def test_every_time_format_of_openstack_is_parsed(text: str, moment: datetime) -> None:
    assert timestamps.parse(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "1562587200",
        "2019-07-08t12:00:00z",
        "2019-W28-1",
        "2019-07-08T24:00:00Z",
        "2019-02-30T12:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "2019-07-08T12:00:00." + "1" * 70_000,
    ],
)
def test_times_that_openstack_refuses_are_invalid(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        timestamps.parse(text)


def test_the_api_shows_whole_seconds_and_the_store_keeps_microseconds() -> None:
    moment = NOON.replace(microsecond=5)
    assert timestamps.isoformat_seconds(moment) == "2019-07-08T12:00:00Z"
    assert timestamps.parse(timestamps.isoformat_exact(moment)) == moment
