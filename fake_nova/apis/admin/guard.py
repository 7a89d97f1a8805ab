"""Who may drive the admin API: no web page, and nobody without the token where there is one."""

from __future__ import annotations

from hmac import compare_digest
from ipaddress import ip_address
from urllib.parse import urlsplit

from fake_nova.wire import bodies
from fake_nova.wire.call import Answer, Call

#: Ends of host names that no public name server gives an address to (RFC 6761, RFC 6762, RFC 9476 and ICANN's
#: reserved `internal`), so that no page on the Internet can have them point here.
_PRIVATE_ENDS = ("localhost", "local", "internal", "test", "example", "invalid", "alt")


def is_on(call: Call) -> Answer | None:
    """404 where the admin API is switched off."""
    if call.cloud.settings.admin != "off":
        return None
    return bodies.error(404, "The admin API is switched off (--admin off).")


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
    answer = bodies.error(401, "The admin API needs its token: Authorization: Bearer ... (--admin-token).")
    return answer.with_headers(("WWW-Authenticate", "Bearer"))


def _from_a_page(call: Call) -> Answer | None:
    host = call.environ.get("HTTP_HOST", "")
    if host and not _is_private(host):
        return _refused(f"Host: {host} is a name that others may have let point here")
    origin = call.header("Origin")
    if origin is not None and origin != "/".join(call.origin.split("/")[:3]):
        return _refused(f"Origin: {origin} is another site")
    site = call.header("Sec-Fetch-Site")
    if site not in (None, "same-origin", "none"):
        return _refused(f"Sec-Fetch-Site: {site} is a page of another site")
    return None


def _refused(why: str) -> Answer:
    allowed = "an address, a name without a dot or a private one, from no other site; or the admin token"
    return bodies.error(403, f"{why}; allowed: {allowed}")


def _is_private(host: str) -> bool:
    """Whether a Host header names an address, or a name that cannot be had on the Internet."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    try:
        ip_address(name)
    except ValueError:
        return "." not in name.rstrip(".") or name.rstrip(".").rpartition(".")[2] in _PRIVATE_ENDS
    return True
