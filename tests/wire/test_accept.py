"""Accept headers: as WebOb 1.8 reads them for errors, and Nova 34's urlmap for what it sends.

``accept.json`` has headers and what both of them made of each: what Nova sends, and what the middleware.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fake_nova.wire import accept
from fake_nova.wire.content import OFFERS

CASES = json.loads((Path(__file__).parent / "accept.json").read_text(encoding="ascii"))

NAMES = {
    "application/json": "json",
    "application/vnd.openstack.compute+json": "vendor",
    "text/html": "html",
    None: "text",
}


@pytest.mark.parametrize(("header", "_", "expected"), CASES)
def test_the_middleware_sends_what_webob_chooses(header: str, _: str, expected: str) -> None:
    assert NAMES[accept.best(header, ("text/html", "application/json"))] == expected


@pytest.mark.parametrize(("header", "expected", "_"), CASES)
def test_nova_sends_what_its_urlmap_chooses(header: str, expected: str, _: str) -> None:
    assert NAMES[accept.best_of_nova(header, OFFERS) or OFFERS[0]] == expected


@pytest.mark.parametrize("header", ["=", ";", "a/b;q", '"'])
def test_what_nova_itself_fails_on_counts_for_nothing(header: str) -> None:
    assert accept.best_of_nova(header, OFFERS) is None


def test_a_long_header_is_read_in_time_that_grows_with_its_length() -> None:
    for header in (
        "a/b" + " " * 9000 + "!",
        "a/b;x=y," * 9000 + '"',
        "a/b;q=1" + ";x" * 9000 + "=",
        '"' * 9000,
    ):
        assert accept.best(header, ("text/html",)) == "text/html"


@pytest.mark.parametrize("read", [accept.best, accept.best_of_nova])
def test_a_header_that_is_too_long_is_not_read(read: Callable[[str, tuple[str, ...]], str | None]) -> None:
    offers = ("text/html", "application/json")
    short = "application/json" + "," * (16_384 - 16)
    assert read(short, offers) == "application/json"
    assert read(short + ",", offers) != "application/json"
