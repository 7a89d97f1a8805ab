"""The microversion of a request, from either of its two headers."""

from __future__ import annotations

import pytest

from fake_nova.apis.nova_common.microversion import MalformedVersion, parse_headers
from fake_nova.wire.context import Microversion


@pytest.mark.parametrize(
    ("header", "legacy", "version"),
    [
        (None, None, "2.1"),
        ("compute 2.7", None, "2.7"),
        ("COMPUTE   2.7 ", None, "2.7"),
        ("compute 2.7, volume 3.1, compute 2.8", None, "2.8"),
        ("volume 3.5", None, "2.1"),
        ("compute", None, "2.1"),
        ("2.7", None, "2.1"),
        ("", None, "2.1"),
        ("compute latest", None, "2.104"),
        (None, "2.9", "2.9"),
        (None, "latest", "2.104"),
        (None, "2.9, 2.11", "2.11"),
        ("compute 2.7", "2.9", "2.7"),
        ("volume 3.5", "2.9", "2.9"),
        ("compute 2.999", None, "2.999"),
    ],
)
def test_the_version_is_parsed_as_the_service_parses_it(
    header: str | None, legacy: str | None, version: str
) -> None:
    assert str(parse_headers(header, legacy)) == version


@pytest.mark.parametrize("text", ["abc", "2", "2.1.1", "2.01", "", "v2.1", "LATEST", "-2.1", "2.-1", "0.1"])
def test_an_invalid_version_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(MalformedVersion) as error_info:
        parse_headers(None, text)
    assert str(error_info.value) == text


def test_versions_are_ordered_numerically() -> None:
    assert Microversion(2, 9) < Microversion(2, 10) < Microversion(3, 0)
