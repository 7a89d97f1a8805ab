"""Schemas and serialization of a cloud's clock."""

from __future__ import annotations

from typing import Any

from fake_nova.cloud.clock import EARLIEST, LATEST, ClockMode, CloudClock
from fake_nova.documents.fields import enum_field, seconds_field, time_field
from fake_nova.documents.schema import StrictSchema
from fake_nova.images import timestamps


class ClockStartSchema(StrictSchema):
    """The schema of a clock at the start of a cloud: its mode and its time."""

    mode = enum_field(ClockMode)
    now = time_field(
        f"an ISO 8601 time such as 2014-02-10T17:05:01Z, from the year {EARLIEST.year} to {LATEST.year}",
        lambda moment: EARLIEST <= moment <= LATEST,
    )


class ClockSchema(ClockStartSchema):
    """The schema of a change to a running clock; `advance` moves it ahead by that many seconds."""

    advance = seconds_field()


def serialize_clock(clock: CloudClock) -> dict[str, Any]:
    """Return the mode and the current time of *clock* as a document."""
    return {"mode": str(clock.mode), "now": timestamps.isoformat_exact(clock.now())}
