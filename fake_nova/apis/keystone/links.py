"""Where the identity service's own links lead."""

from __future__ import annotations

from fake_nova.wire.call import Context, build_base_url


def base_url(context: Context) -> str:
    """Return the address that the service's own links begin with.

    Unlike the other services, it takes the scheme from X-Forwarded-Proto whoever sends that (measured); the
    last one, where a chain of proxies has written several.
    """
    scheme, host, mount = context.address
    forwarded_proto = (context.header("X-Forwarded-Proto") or "").rpartition(",")[2].strip()
    return f"{build_base_url(forwarded_proto or scheme, host, mount)}/identity"
