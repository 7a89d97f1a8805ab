"""Where a request found its service, and the URLs of services in responses."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from fake_nova.support.endpoints import FOREIGN_SEGMENTS, OWN_PATHS, Prefix, parse_prefix
from fake_nova.wire.context import Context
from fake_nova.wire.request import PREFIX_KEY
from fake_nova.wire.response import Response

Environ = dict[str, Any]


class _PrefixPattern(NamedTuple):
    """A pattern whose groups are the prefixes, and the prefix of each group."""

    pattern: re.Pattern[str]
    prefixes: tuple[Prefix, ...]


@lru_cache(maxsize=64)
def _compile(texts: tuple[str, ...]) -> _PrefixPattern:
    longest_first = sorted(map(parse_prefix, texts), key=lambda prefix: len(prefix.path), reverse=True)
    groups = ("/+".join(map(re.escape, prefix.path.split("/")[1:])) for prefix in longest_first)
    alternatives = "|".join(f"({group})" for group in groups)
    return _PrefixPattern(re.compile(f"/*(?:{alternatives})(?![^/])"), tuple(longest_first))


def strip_prefix(environ: Environ, texts: tuple[str, ...]) -> Environ:
    """Return the WSGI environment of the same request without its prefix.

    A path below a prefix of Nova stays if its next segment belongs to another service.

    Args:
        environ: the WSGI environment.
        texts: the value of the setting ``prefix``.
    """
    path = environ.get("PATH_INFO") or ""
    pattern, prefixes = _compile(texts)
    match = pattern.match(path)
    if match is None or match.lastindex is None:
        return environ
    prefix = prefixes[match.lastindex - 1]
    rest = path[match.end() :]
    own_path = OWN_PATHS[prefix.service]
    mount = environ.get("SCRIPT_NAME", "")
    if not own_path:
        if rest.lstrip("/").partition("/")[0] in FOREIGN_SEGMENTS:
            return environ
        environ = {**environ, "SCRIPT_NAME": mount + prefix.path}
    return {**environ, "PATH_INFO": own_path + rest, PREFIX_KEY: prefix}


def respond_below_prefixes(
    respond: Callable[[Environ], Response], texts: tuple[str, ...]
) -> Callable[[Environ], Response]:
    """Return a function that responds to requests below the prefixes as to those without them.

    Args:
        respond: responds to the request of a WSGI environment.
        texts: the value of the setting ``prefix``.
    """
    return lambda environ: respond(strip_prefix(environ, texts))


def own_path(context: Context) -> str:
    """Return the path at which the client found the service that responds, for its links to itself."""
    prefix: Prefix | None = context.request.environ.get(PREFIX_KEY)
    return OWN_PATHS[context.service.name] if prefix is None else prefix.path


def own_url(context: Context) -> str:
    """Return the URL at which the client found the service that responds."""
    return context.request.origin + own_path(context)


def service_path(context: Context, service: str) -> str:
    """Return the path of a service: that of the request, or else that of the service catalog."""
    prefix: Prefix | None = context.request.environ.get(PREFIX_KEY)
    if prefix is not None and prefix.service == service:
        return prefix.path
    return context.cloud.settings.service_paths[service]


def service_url(context: Context, service: str) -> str:
    """Return the URL of a service: scheme, host, mount and `service_path`."""
    return context.request.origin + service_path(context, service)
