"""Where the identity service's own links lead."""

from __future__ import annotations

from fake_nova.wire.request import build_base_url
from fake_nova.wire.service import Context


def base_url(context: Context) -> str:
    """Return the address that the service's own links begin with.

    Unlike the other services, it takes the scheme from X-Forwarded-Proto whoever sends that (measured); the
    last one, where a chain of proxies has written several.
    """
    scheme, host, mount = context.request.address
    forwarded_proto = (context.request.header("X-Forwarded-Proto") or "").rpartition(",")[2].strip()
    return f"{build_base_url(forwarded_proto or scheme, host, mount)}/identity"
