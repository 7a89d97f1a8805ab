"""Microversions: which version of Nova's API a request asks for, and what the answer says of it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from fake_nova.errors import FakeNovaError

HEADER: Final = "OpenStack-API-Version"
LEGACY_HEADER: Final = "X-OpenStack-Nova-API-Version"

#: What these are called in a WSGI environment.
WSGI_HEADER: Final = "HTTP_OPENSTACK_API_VERSION"
WSGI_LEGACY_HEADER: Final = "HTTP_X_OPENSTACK_NOVA_API_VERSION"


class Microversion(NamedTuple):
    """A version such as 2.35."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


@lru_cache(maxsize=1024)
def headers(version: Microversion | None) -> tuple[tuple[str, str], ...]:
    """Return what an answer at a version carries: Vary twice, in this order (measured)."""
    if version is None:
        return ()
    return (
        (HEADER, f"compute {version}"),
        (LEGACY_HEADER, str(version)),
        ("Vary", HEADER),
        ("Vary", LEGACY_HEADER),
    )


#: The first and the last version of the recorded Nova 34.0.0.
MINIMUM: Final = Microversion(2, 1)
MAXIMUM: Final = Microversion(2, 104)

_FORM: Final = re.compile(r"([1-9][0-9]{0,99})\.([1-9][0-9]{0,99}|0)$")


class MalformedVersion(FakeNovaError):
    """The header is no version; str() is the text that was sent."""


#: Longer headers are read anew each time, so that the cache is bounded in bytes.
_LONGEST_REMEMBERED: Final = 200


def read(header: str | None, legacy: str | None) -> Microversion:
    """Return the version that a request asks for; it may be one that is not supported.

    Args:
        header: ``OpenStack-API-Version``: pairs of service and version, of which the last compute one counts.
        legacy: ``X-OpenStack-Nova-API-Version``: a version, or several, of which the last counts. It counts
            only where *header* names no compute version.

    Raises:
        MalformedVersion: it is not ``MajorNum.MinorNum`` nor ``latest``.
    """
    length = len(header or "") + len(legacy or "")
    return (_remembered if length <= _LONGEST_REMEMBERED else _read)(header, legacy)


def _read(header: str | None, legacy: str | None) -> Microversion:
    text = None
    if header is not None:
        for pair in header.split(","):
            words = pair.strip().split(None, 1)
            if len(words) == 2 and words[0].lower() == "compute":
                text = words[1].strip()
    if text is None and legacy is not None:
        text = legacy.rsplit(",", 1)[-1].strip()
    if text is None:
        return MINIMUM
    if text == "latest":
        return MAXIMUM
    match = _FORM.match(text)
    if match is None:
        raise MalformedVersion(text)
    return Microversion(int(match[1]), int(match[2]))


_remembered: Final = lru_cache(maxsize=1024)(_read)
