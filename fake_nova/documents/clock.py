"""Documents of a clock: how it goes, and what it shows."""

from __future__ import annotations

from typing import Any

from fake_nova.cloud.clock import EARLIEST, LATEST, ClockMode, ScopeClock
from fake_nova.documents.fields import (
    Document,
    seconds_field,
    time_field,
    word,
)
from fake_nova.images import timestamps


class ClockStartDocument(Document):
    """How a clock goes at the start."""

    mode = word(ClockMode)
    now = time_field(
        f"an ISO 8601 time such as 2014-02-10T17:05:01Z, from the year {EARLIEST.year} to {LATEST.year}",
        lambda moment: EARLIEST <= moment <= LATEST,
    )


class ClockDocument(ClockStartDocument):
    """How a clock is to go."""

    advance = seconds_field()


def clock_document(clock: ScopeClock) -> dict[str, Any]:
    """Write how a clock goes and what it shows."""
    return {"mode": str(clock.mode), "now": timestamps.exact(clock.now())}
