"""Who may drive the admin API: no web page, and nobody without the token where there is one."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from hmac import compare_digest
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fake_nova.wire import nova_errors
from fake_nova.wire.call import Answer, Call

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

#: Ends of host names that no public name server gives an address to (RFC 6761, RFC 6762, RFC 9476 and ICANN's
#: reserved `internal`), so that no page on the Internet can have them point here.
_PRIVATE_ENDS = ("localhost", "local", "internal", "test", "example", "invalid", "alt")


def is_on(call: Call) -> Answer | None:
    """404 where the admin API is switched off."""
    if call.cloud.settings.admin != "off":
        return None
    return nova_errors.error(404, "The admin API is switched off (--admin off).")


def is_permitted(call: Call) -> Answer | None:
    """401 without the admin token where there is one; where there is none, 403 for what a web page sends.

    A page on another origin gives itself away by Origin or Sec-Fetch-Site, one whose host name was rebound to
    this address by Host. Who knows the token is no web page.
    """
    wanted = call.emulator.settings.admin_token
    if wanted is None:
        return _from_a_page(call)
    scheme, _, token = (call.header("Authorization") or "").partition(" ")
    if scheme.lower() == "bearer" and compare_digest(token.strip().encode(), wanted.encode()):
        return None
    answer = nova_errors.error(
        401, "The admin API needs its token: Authorization: Bearer ... (--admin-token)."
    )
    return answer.with_headers(("WWW-Authenticate", "Bearer"))


def _from_a_page(call: Call) -> Answer | None:
    host, settings = call.environ.get("HTTP_HOST", ""), call.emulator.settings
    if host and settings.admin != "public" and not _is_private(host, settings.allowed_host):
        return _refused(f"Host: {host} is a name that others may have let point here")
    origin = call.header("Origin")
    if origin is not None and origin != "/".join(call.origin.split("/")[:3]):
        return _refused(f"Origin: {origin} is another site")
    site = call.header("Sec-Fetch-Site")
    if site not in (None, "same-origin", "none"):
        return _refused(f"Sec-Fetch-Site: {site} is a page of another site")
    return None


def _refused(why: str) -> Answer:
    allowed = (
        "an address, a name that nobody can have on the Internet, or one of --allowed-host, from no other "
        "site; or the admin token"
    )
    return nova_errors.error(403, f"{why}; allowed: {allowed}")


def _is_private(host: str, allowed_hosts: Collection[str]) -> bool:
    """Whether a Host header names an address, an allowed name, or one that nobody can have on the Internet.

    Kubernetes names a service `a.b` or `a.b.svc`: neither `svc` nor most names of namespaces is a domain of
    the Internet. A name whose last part is one, such as `nova.dev`, has to be allowed.
    """
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    try:
        ip_address(name)
    except ValueError:
        last = name.rpartition(".")[2]
        return "." not in name or last in _PRIVATE_ENDS or name in allowed_hosts or not _is_domain(last)
    return True


@cache
def _domains() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415  # takes 60 ms; few requests need it

    return PublicSuffixList(only_icann=True)


def _is_domain(last_part: str) -> bool:
    """Whether the Internet has a domain of this name at its top (the public suffix list)."""
    return _domains().publicsuffix(last_part, accept_unknown=False) is not None
