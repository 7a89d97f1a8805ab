"""Documents of a clock: how it goes, and what it shows."""

from __future__ import annotations

from typing import Any

from fake_nova.cloud.clock import EARLIEST, LATEST, ClockMode, ScopeClock
from fake_nova.documents.fields import (
    StrictSchema,
    enum_field,
    seconds_field,
    time_field,
)
from fake_nova.images import timestamps


class ClockStartSchema(StrictSchema):
    """How a clock goes at the start."""

    mode = enum_field(ClockMode)
    now = time_field(
        f"an ISO 8601 time such as 2014-02-10T17:05:01Z, from the year {EARLIEST.year} to {LATEST.year}",
        lambda moment: EARLIEST <= moment <= LATEST,
    )


class ClockSchema(ClockStartSchema):
    """How a clock is to go."""

    advance = seconds_field()


def serialize_clock(clock: ScopeClock) -> dict[str, Any]:
    """Write how a clock goes and what it shows."""
    return {"mode": str(clock.mode), "now": timestamps.isoformat_exact(clock.now())}
