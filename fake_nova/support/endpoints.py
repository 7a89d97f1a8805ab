"""The paths of the services: their own, and those that the setting ``prefix`` adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from fake_nova.support.setting_values import ValueKind, list_of

#: Service that can have a prefix -> the path that it always has. The versions of Nova are at the root.
OWN_PATHS: Final[Mapping[str, str]] = {"compute": "", "image": "/image", "identity": "/identity"}

#: Type of a service that the setting ``catalog`` adds -> its path.
ADDED_PATHS: Final[Mapping[str, str]] = {
    "network": "/networking",
    "volumev3": "/volume",
    "object-store": "/object-store",
    "placement": "/placement",
}

#: The first segments that no prefix of Nova hides, because other services have them.
FOREIGN_SEGMENTS: Final = frozenset(
    path.removeprefix("/") for path in ("/_admin", *OWN_PATHS.values(), *ADDED_PATHS.values()) if path
)

#: The first segments that a prefix may not begin with.
_RESERVED_SEGMENTS: Final = FOREIGN_SEGMENTS | {"v2", "v2.1", "healthcheck"}

_PREFIX_PATTERN: Final = rf"({'|'.join(OWN_PATHS)})=(/[A-Za-z0-9._~-]{{1,100}}){{1,5}}/?"


class Prefix(NamedTuple):
    """A path at which a service responds besides its own.

    Attributes:
        service: the service, a key of `OWN_PATHS`.
        path: the path, such as ``/compute``.
    """

    service: str
    path: str


def parse_prefix(text: str) -> Prefix:
    """Return the prefix of a text such as ``compute=/compute``."""
    service, _, path = text.partition("=")
    return Prefix(service, path)


_PREFIX_TEXTS: Final = list_of(
    _PREFIX_PATTERN,
    "a service and a path, such as compute=/compute, image=/image or identity=/identity, whose first "
    f"segment is not one of {', '.join(sorted(_RESERVED_SEGMENTS))}, unless it is the service's own",
    str,
)


def _parse_prefixes(text: str) -> tuple[str, ...]:
    texts = tuple(each.rstrip("/") for each in _PREFIX_TEXTS.parse(text))
    for service, path in map(parse_prefix, texts):
        if path != OWN_PATHS[service] and path.split("/")[1] in _RESERVED_SEGMENTS:
            raise ValueError(text)
    return texts


#: The values of the setting ``prefix``.
PREFIXES: Final = ValueKind(_parse_prefixes, _PREFIX_TEXTS.expectation)

#: The values of the setting ``region``.
REGIONS: Final = list_of(r"[^\s,/]([^,/\x00-\x1f\x7f]{0,253}[^\s,/])?", "a name without a slash", str)

#: The values of the setting ``catalog``.
CATALOG_TYPES: Final = list_of("|".join(ADDED_PATHS), f"one of {', '.join(ADDED_PATHS)}")


def find_ambiguous_prefix(texts: Iterable[str]) -> str | None:
    """Return the first text whose path is also that of another service, or None."""
    services: dict[str, str] = {}
    for text in texts:
        service, path = parse_prefix(text)
        if services.setdefault(path, service) != service:
            return text
    return None


@lru_cache(maxsize=64)
def advertised_paths(texts: tuple[str, ...]) -> Mapping[str, str]:
    """Return service -> the path at which the service catalog has it: its first prefix, or its own path.

    Args:
        texts: the value of the setting ``prefix``.
    """
    prefixes = {prefix.service: prefix.path for prefix in map(parse_prefix, reversed(texts))}
    return MappingProxyType({**OWN_PATHS, **prefixes})
