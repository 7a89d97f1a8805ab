"""The addresses that a host name stands for."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address


def addresses_of(host: str, port: int) -> list[IPv4Address | IPv6Address]:
    """Return the addresses of a host. Without any, listening fails and reports it."""
    try:
        return [ip_address(host)]  # works without a resolver, which pytest-socket forbids
    except ValueError:
        pass
    try:
        addrinfos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ip_address(str(sockaddr[0]).partition("%")[0]) for *_, sockaddr in addrinfos]
