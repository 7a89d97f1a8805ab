"""Mutated real requests: none fails, and every response is well-formed.

`scripts/fuzz` sends a hundred times as many, also over sockets, and checks the time of each.
"""

from __future__ import annotations

import pytest

from tests.speed.batches import CLOUDS, offences

#: Batches of 250 requests, two for each kind of cloud.
BATCHES = range(2 * len(CLOUDS))


@pytest.mark.parametrize("number", BATCHES)
def test_mutated_requests_get_well_formed_responses(number: int) -> None:
    assert [str(offence) for offence in offences(seed=13, number=number)] == []
