"""Addresses in texts: hosts of URLs, and addresses of e-mail, IPv4, IPv6 and network cards."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

#: A URL up to its host: the scheme, and the host.
_URL: Final = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)(\[[0-9a-f:.]+\]|[^/:\s\"'?#\[\]@,]+)")

_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")

_MAC: Final = re.compile(
    r"(?i)(?<![0-9a-f:.-])(?:[0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2})"
    r"(?![0-9a-f:-]|\.[0-9a-f])"
)

_IPV4: Final = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9]|\.[0-9])")

#: What may be an IPv6 address: hexadecimal digits with at least two colons.
_IPV6: Final = re.compile(
    r"(?i)(?<![0-9a-z:.])[0-9a-f]{0,4}:[0-9a-f:]*:[0-9a-f:.]*(?<![:.])(?![0-9a-z:])|(?<![0-9a-z:.])::"
)

#: Hosts that are the same on each machine.
_LOCAL_HOSTS: Final = frozenset(("localhost", "localhost.localdomain"))

#: Returns the text to write instead of an address of some kind.
Replace = Callable[[str, str], str]


def replace_addresses(text: str, replace: Replace) -> str:
    """Return a text with each address replaced.

    Args:
        text: the text.
        replace: returns what to write, from a kind of `fake_nova.recording.pseudonyms` and the address.
    """
    if not any(mark in text for mark in (":", ".", "@", "-")):
        return text
    text = _MAIL.sub(lambda match: replace("e-mail addresses", match[0]), text)
    text = _URL.sub(lambda match: match[1] + _replace_host(match[2], replace), text)
    text = _MAC.sub(lambda match: replace("MAC addresses", match[0]), text)
    text = _IPV4.sub(lambda match: _replace_ipv4(match[0], replace), text)
    return _IPV6.sub(lambda match: _replace_ipv6(match[0], replace), text)


def _replace_host(host: str, replace: Replace) -> str:
    is_address = host.startswith("[") or _IPV4.fullmatch(host) is not None
    if is_address or host.lower() in _LOCAL_HOSTS:
        return host
    return replace("hosts", host)


def _replace_ipv4(text: str, replace: Replace) -> str:
    try:
        address = IPv4Address(text)
    except AddressValueError:
        return text
    return text if address.is_loopback or address.is_unspecified else replace("IPv4 addresses", text)


def _replace_ipv6(text: str, replace: Replace) -> str:
    try:
        address = IPv6Address(text)
    except AddressValueError:
        return text
    return text if address.is_loopback or address.is_unspecified else replace("IPv6 addresses", text)
