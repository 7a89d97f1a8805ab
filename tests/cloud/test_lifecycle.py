"""Plans: due steps complete before anybody reads the image."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from fake_nova.images.model import Image
from tests.conftest import Cloud


def test_readers_wait_while_due_steps_are_applied(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    for name in ("one", "two"):
        cloud.ask("POST", "/_admin/images", json={"name": name, "plan": "slow"})
    lifecycle, clock = cloud.emulator.cloud.lifecycle, cloud.emulator.cloud.clock
    clock.advance(2)
    due_times: list[datetime | None] = []
    update = lifecycle._images.update

    def recording_update(image_id: str, change: Callable[[Image], Image]) -> Any:
        due_times.append(lifecycle._next_due)
        return update(image_id, change)

    monkeypatch.setattr(lifecycle._images, "update", recording_update)
    lifecycle.apply_due_steps()
    assert len(due_times) == 2
    assert all(due_time is None or due_time <= clock.now() for due_time in due_times)
