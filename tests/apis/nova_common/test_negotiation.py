"""Accept headers as Nova 34's urlmap reads them.

``accept.json`` of `tests.wire` holds Accept headers, and for each one the formats that Nova and the middleware send.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fake_nova.apis.nova_common import negotiation
from fake_nova.apis.nova_common.negotiation import NOVA_MEDIA_TYPES

CASES = json.loads((Path(__file__).parents[2] / "wire" / "accept.json").read_text(encoding="ascii"))

NAMES = {"application/json": "json", "application/vnd.openstack.compute+json": "vendor"}


@pytest.mark.parametrize(("header", "expected", "_"), CASES)
def test_nova_sends_the_media_type_that_its_urlmap_chooses(header: str, expected: str, _: str) -> None:
    assert (
        NAMES[negotiation.best_nova_media_type(header, NOVA_MEDIA_TYPES) or NOVA_MEDIA_TYPES[0]] == expected
    )


@pytest.mark.parametrize("header", ["=", ";", "a/b;q", '"'])
def test_a_header_that_crashes_nova_is_ignored(header: str) -> None:
    assert negotiation.best_nova_media_type(header, NOVA_MEDIA_TYPES) is None


def test_a_header_that_is_too_long_is_ignored() -> None:
    longest = NOVA_MEDIA_TYPES[1] + "," * (16_384 - len(NOVA_MEDIA_TYPES[1]))
    assert negotiation.best_nova_media_type(longest, NOVA_MEDIA_TYPES) == NOVA_MEDIA_TYPES[1]
    assert negotiation.best_nova_media_type(longest + ",", NOVA_MEDIA_TYPES) is None
