"""Real requests with something changed: none fails, and every answer is well-formed.

`scripts/fuzz` sends a hundred times as many, over sockets too, and minds the time.
"""

from __future__ import annotations

import pytest

from tests.speed.batches import CLOUDS, offences

#: Batches of 250 requests, two for each kind of cloud.
BATCHES = range(2 * len(CLOUDS))


@pytest.mark.parametrize("number", BATCHES)
def test_changed_requests_get_answers_that_are_well_formed(number: int) -> None:
    assert [str(offence) for offence in offences(seed=13, number=number)] == []
