"""Microversions: the version of Nova's API that a request asks for, and the headers of its response."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from fake_nova.errors import FakeNovaError
from fake_nova.support.caching import cached_if_short
from fake_nova.wire.context import Microversion

HEADER: Final = "OpenStack-API-Version"
LEGACY_HEADER: Final = "X-OpenStack-Nova-API-Version"

#: The keys of these headers in a WSGI environment.
ENVIRON_KEY: Final = "HTTP_OPENSTACK_API_VERSION"
LEGACY_ENVIRON_KEY: Final = "HTTP_X_OPENSTACK_NOVA_API_VERSION"


@lru_cache(maxsize=1024)
def response_headers(version: Microversion | None) -> tuple[tuple[str, str], ...]:
    """Return the headers of a response at a version, with Vary twice and in this order (measured)."""
    if version is None:
        return ()
    versions = (HEADER, f"compute {version}"), (LEGACY_HEADER, str(version))
    return (*versions, ("Vary", HEADER), ("Vary", LEGACY_HEADER))


#: The first and the last version of the recorded Nova 34.0.0.
MINIMUM: Final = Microversion(2, 1)
MAXIMUM: Final = Microversion(2, 104)

_VERSION_PATTERN: Final = re.compile(r"([1-9][0-9]{0,99})\.([1-9][0-9]{0,99}|0)$")


class MalformedVersion(FakeNovaError):
    """A header is not a version. `str` gives the value that was sent."""


def parse_headers(header: str | None, legacy_header: str | None) -> Microversion:
    """Return the version that a request asks for. The version may be unsupported.

    Args:
        header: ``OpenStack-API-Version``: pairs of service and version. The last pair for ``compute`` counts.
        legacy_header: ``X-OpenStack-Nova-API-Version``: one or more versions. The last one counts if
            *header* has no version for ``compute``.

    Raises:
        MalformedVersion: if it is neither ``MajorNum.MinorNum`` nor ``latest``.
    """
    version = _parse_header(header) if header else None
    if version is None and legacy_header is not None:
        version = _parse_legacy_header(legacy_header)
    return MINIMUM if version is None else version


@cached_if_short(maxsize=512, max_chars=200)
def _parse_header(header: str) -> Microversion | None:
    """Return the version of the last pair for ``compute``, or None if there is none."""
    pairs = (pair.strip().split(None, 1) for pair in header.split(","))
    texts = [pair[1].strip() for pair in pairs if len(pair) == 2 and pair[0].lower() == "compute"]
    return _parse_version(texts[-1]) if texts else None


@cached_if_short(maxsize=512, max_chars=200)
def _parse_legacy_header(header: str) -> Microversion:
    """Return the last version."""
    return _parse_version(header.rsplit(",", 1)[-1].strip())


def _parse_version(text: str) -> Microversion:
    if text == "latest":
        return MAXIMUM
    match = _VERSION_PATTERN.match(text)
    if match is None:
        raise MalformedVersion(text)
    return Microversion(int(match[1]), int(match[2]))
