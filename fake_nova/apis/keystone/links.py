"""The base URL of the identity service's links."""

from __future__ import annotations

from fake_nova.wire import endpoints
from fake_nova.wire.context import Context
from fake_nova.wire.request import build_base_url


def base_url(context: Context) -> str:
    """Return the URL that all links of the identity service begin with.

    Unlike Nova and Glance, Keystone trusts X-Forwarded-Proto from any client (measured). If a chain of
    proxies has added several schemes, the last one counts.
    """
    scheme, host, mount = context.request.address
    forwarded_proto = (context.request.header("X-Forwarded-Proto") or "").rpartition(",")[2].strip()
    return f"{build_base_url(forwarded_proto or scheme, host, mount)}{endpoints.own_path(context)}"
