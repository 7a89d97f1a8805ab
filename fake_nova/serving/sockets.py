"""Sockets that servers listen on."""

from __future__ import annotations

import errno
import resource
import socket
import struct
from typing import Final

from fake_nova.errors import Unusable

#: Connections that wait to be accepted.
BACKLOG: Final = 2048

#: File descriptors that are for other things than connections.
_RESERVED: Final = 64

#: The most connections at the same time.
_MOST_CONNECTIONS: Final = 4096


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to *host* and *port*, and does not listen yet.

    Args:
        host: a name or an address of this machine.
        port: 0 takes a free one.

    Raises:
        Unusable: if it cannot be bound; the message says why.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", error)
        raise Unusable(f"host: {host!r} is no address of this machine: {why}") from error
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise _cannot_listen(host, port, error) from error
    return bound


def listen(bound: socket.socket) -> None:
    """Let a bound socket listen.

    Raises:
        Unusable: if another process listens there; the socket is closed then.
    """
    host, port = bound.getsockname()[:2]
    try:
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        raise _cannot_listen(host, port, error) from error


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens on *host* and *port*; port 0 takes a free one.

    Raises:
        Unusable: if it cannot; the message says why.
    """
    listener = bound_socket(host, port)
    listen(listener)
    return listener


def _cannot_listen(host: str, port: int, error: OSError) -> Unusable:
    why = error.strerror
    if error.errno == errno.EADDRINUSE:
        why = "another process has it; choose another port, or 0 for a free one"
    return Unusable(f"port: {host}:{port} cannot be listened on: {why}")


def url_of(bound: socket.socket) -> str:
    """Return the URL of a server on this socket."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def most_connections() -> int:
    """Return how many connections there may be at the same time, so that file descriptors do not run out.

    Where this process may open more files than it does by default, as on macOS, it does from now on.
    """
    wanted = _MOST_CONNECTIONS + _RESERVED
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return _MOST_CONNECTIONS
    return max(4, min(soft - _RESERVED, _MOST_CONNECTIONS))


def limit_silence(listener: socket.socket, seconds: float) -> None:
    """Let a read or write on an accepted connection fail after *seconds* without a byte.

    The kernel counts the seconds for each system call. A timeout of Python's counts them for a whole answer,
    so it would cut off a slow client that goes on reading.
    """
    limit = struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000))
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        listener.setsockopt(socket.SOL_SOCKET, option, limit)
