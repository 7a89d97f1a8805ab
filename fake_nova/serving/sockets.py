"""Listening sockets and their URLs."""

from __future__ import annotations

import errno
import socket
import struct
from typing import Final

from fake_nova.errors import ConfigurationError
from fake_nova.support.messages import quote_python

#: The maximum number of connections that wait to be accepted.
BACKLOG: Final = 2048

#: The option by which a port is free again at once, but only one process listens on it. With SO_REUSEADDR,
#: Windows would let several listen.
_PORT_OPTION: Final[int] = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)


def bind_socket(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to *host* and *port*, and does not listen yet.

    Args:
        host: a name or an address of this machine.
        port: the port; 0 picks a free one.

    Raises:
        ConfigurationError: if binding fails; the message says why.
    """
    try:
        info = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", error)
        raise ConfigurationError(
            f"host: cannot be resolved: {reason} (got {quote_python(host)}); "
            "expected a name or address of this machine"
        ) from error
    new_socket = socket.socket(*info[:3])
    new_socket.setsockopt(socket.SOL_SOCKET, _PORT_OPTION, 1)
    new_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        new_socket.bind(info[4])
    except OSError as error:
        new_socket.close()
        raise _listen_error(host, port, error) from error
    return new_socket


def listen(bound_socket: socket.socket) -> None:
    """Start to listen on a bound socket; close it on failure.

    Raises:
        ConfigurationError: if listening fails, for example because another process uses the port.
    """
    host, port = bound_socket.getsockname()[:2]
    try:
        bound_socket.listen(BACKLOG)
    except OSError as error:
        bound_socket.close()
        raise _listen_error(host, port, error) from error


def open_listener(host: str, port: int) -> socket.socket:
    """Return a socket that listens on *host* and *port*; port 0 picks a free one.

    Raises:
        ConfigurationError: if binding or listening fails; the message says why.
    """
    listener = bind_socket(host, port)
    listen(listener)
    return listener


def _listen_error(host: str, port: int, error: OSError) -> ConfigurationError:
    reason = error.strerror
    if error.errno == errno.EADDRINUSE:
        reason = "another process listens there"
    return ConfigurationError(
        f"port: cannot listen: {reason} (got {quote_python(f'{host}:{port}')}); "
        "expected a free port, or 0 to pick one"
    )


def server_url(bound_socket: socket.socket, scheme: str = "http") -> str:
    """Return the URL of the server that listens on a socket, such as ``http://127.0.0.1:8774``."""
    host, port = bound_socket.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def set_idle_timeout(listener: socket.socket, seconds: float) -> None:
    """Make reads and writes on accepted connections fail after *seconds* without a byte.

    The kernel applies the limit to each system call. Python's socket timeout would apply it to a whole
    response, and so cut off slow clients that keep reading.
    """
    timeval = struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000))
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        listener.setsockopt(socket.SOL_SOCKET, option, timeval)
