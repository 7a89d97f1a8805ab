"""Microversions: the version of Nova's API that a request asks for, and the headers of its response."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from fake_nova.errors import FakeNovaError
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


#: Longer headers are not cached, so that the cache is bounded in bytes.
_MAX_CACHED_CHARS: Final = 200


def parse_headers(header: str | None, legacy_header: str | None) -> Microversion:
    """Return the version that a request asks for. The version may be unsupported.

    Args:
        header: ``OpenStack-API-Version``: pairs of service and version. The last pair for ``compute`` counts.
        legacy_header: ``X-OpenStack-Nova-API-Version``: one or more versions. The last one counts if
            *header* has no version for ``compute``.

    Raises:
        MalformedVersion: if it is neither ``MajorNum.MinorNum`` nor ``latest``.
    """
    length = len(header or "") + len(legacy_header or "")
    return (_cached_parse_headers if length <= _MAX_CACHED_CHARS else _parse_headers)(header, legacy_header)


def _parse_headers(header: str | None, legacy_header: str | None) -> Microversion:
    version_text = None
    for pair in (header or "").split(","):
        fields = pair.strip().split(None, 1)
        if len(fields) == 2 and fields[0].lower() == "compute":
            version_text = fields[1].strip()
    if version_text is None and legacy_header is not None:
        version_text = legacy_header.rsplit(",", 1)[-1].strip()
    if version_text is None:
        return MINIMUM
    if version_text == "latest":
        return MAXIMUM
    match = _VERSION_PATTERN.match(version_text)
    if match is None:
        raise MalformedVersion(version_text)
    return Microversion(int(match[1]), int(match[2]))


_cached_parse_headers: Final = lru_cache(maxsize=1024)(_parse_headers)
