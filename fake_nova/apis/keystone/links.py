"""Where the identity service's own links lead."""

from __future__ import annotations

from fake_nova.wire.call import Call, origin_of


def root(call: Call) -> str:
    """Return the address that the service's own links begin with.

    Unlike the other services, it takes the scheme from X-Forwarded-Proto whoever sends that (measured); the
    last one, where a chain of proxies has written several.
    """
    scheme, host, mount = call.address
    said = (call.header("X-Forwarded-Proto") or "").rpartition(",")[2].strip()
    return f"{origin_of(said or scheme, host, mount)}/identity"
