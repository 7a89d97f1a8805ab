"""Checks that protect the admin API: the admin token if one is set, otherwise no requests from web pages."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from hmac import compare_digest
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fake_nova.support.messages import quote_python
from fake_nova.wire.context import Context
from fake_nova.wire.error_responses import json_error_response
from fake_nova.wire.response import Response

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

#: Top-level domains that public name servers do not resolve (RFC 6761, RFC 6762, RFC 9476, and `internal`,
#: which ICANN reserved). A website cannot make such a name point to this server.
_PRIVATE_TLDS = ("localhost", "local", "internal", "test", "example", "invalid", "alt")


def require_enabled(context: Context) -> Response | None:
    """Return 404 if the admin API is switched off."""
    if context.cloud.settings.admin != "off":
        return None
    message = "/_admin: switched off by --admin off; expected a server with --admin local or public"
    return json_error_response(404, message)


def _is_page(context: Context) -> bool:
    """Return whether a request is for the page or a file of it, which are the same on every server."""
    request = context.request
    is_page = request.path in ("/_admin", "/_admin/") or request.path.startswith("/_admin/page/")
    return is_page and request.method in ("GET", "HEAD")


def authorize(context: Context) -> Response | None:
    """Return 401 if an admin token is set and the request lacks it. Without one, return 403 to web pages.

    Everybody may read the page and its files, so that a browser can show where to enter the token.

    The headers Origin and Sec-Fetch-Site reveal a page of another site. Host reveals DNS rebinding. A request
    with the admin token is not checked further: web pages do not know the token.
    """
    if _is_page(context):
        return None
    admin_token = context.emulator.settings.admin_token
    if admin_token is None:
        return _refuse_browser(context)
    scheme, _, token = (context.request.header("Authorization") or "").partition(" ")
    if scheme.lower() == "bearer" and compare_digest(token.strip().encode(), admin_token.encode()):
        return None
    message = 'Authorization: not the admin token; expected "Bearer" and the token of --admin-token'
    return json_error_response(401, message).with_headers(("WWW-Authenticate", "Bearer"))


def _refuse_browser(context: Context) -> Response | None:
    request = context.request
    settings = context.emulator.settings
    host = request.environ.get("HTTP_HOST", "")
    if host and settings.admin != "public" and not _is_private(host, settings.allowed_host):
        problem = f"Host: public name (got {quote_python(host)}), refused to prevent DNS rebinding"
        return _forbidden(problem, "an IP address, a name of --allowed-host")
    origin = request.header("Origin")
    if origin is not None and origin != "/".join(request.base_url.split("/")[:3]):
        return _forbidden(f"Origin: another site (got {quote_python(origin)})", "this site, no Origin")
    fetch_site = request.header("Sec-Fetch-Site")
    if fetch_site not in (None, "same-origin", "none"):
        problem = f"Sec-Fetch-Site: a page of another site (got {quote_python(fetch_site)})"
        return _forbidden(problem, "same-origin, none")
    return None


def _forbidden(problem: str, expectation: str) -> Response:
    return json_error_response(403, f"{problem}; expected {expectation}, or the admin token")


def _is_private(host: str, allowed_hosts: Collection[str]) -> bool:
    """Return whether a Host header has an IP address, an allowed name, or a name outside of public DNS.

    Kubernetes names a service `a.b` or `a.b.svc`. Neither `svc` nor most namespaces are top-level domains. A
    name such as `nova.dev` needs --allowed-host, because `dev` is one.
    """
    try:
        hostname = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    try:
        ip_address(hostname)
    except ValueError:
        tld = hostname.rpartition(".")[2]
        is_known = "." not in hostname or tld in _PRIVATE_TLDS or hostname in allowed_hosts
        return is_known or _public_suffixes().publicsuffix(tld, accept_unknown=False) is None
    return True


@cache
def _public_suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415  # slow to import, and few requests need it

    return PublicSuffixList(only_icann=True)
