"""Whether the process of a server runs, and which process listens on a port."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from fake_nova.errors import ConfigurationError
from fake_nova.support.messages import quote_python

_MAX_PID: Final = 2**31 - 1

#: The state of a listening socket in /proc/net/tcp.
_LISTENING: Final = "0A"


class _Process(NamedTuple):
    """A process.

    Attributes:
        state: the letter of its state, such as ``S``; see proc(5).
        parent: the id of its parent.
    """

    state: str
    parent: int


def parse_pid(text: str) -> int:
    """Return the process id that the value of ``--pid`` stands for.

    Raises:
        ConfigurationError: if it is invalid, or if this system cannot check processes.
    """
    if os.name == "nt":  # there os.kill(pid, 0) would end the process
        raise ConfigurationError(
            f"--pid: cannot be checked on Windows (got {quote_python(text)}); expected --url-file"
        )
    if text.isascii() and text.isdecimal() and len(text) <= 20 and 0 < int(text) <= _MAX_PID:
        return int(text)
    raise ConfigurationError(
        f"--pid: invalid value (got {quote_python(text)}); "
        "expected the id of a process, such as $! after fake-nova serve &"
    )


def is_running(pid: int) -> bool:
    """Return whether a process runs; one that has ended, and whose parent has not noticed, does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's process
        return True
    process = _read_process(pid)
    return process is None or process.state not in ("Z", "X")


def foreign_listener(url: str, pid: int) -> int | None:
    """Return another process than *pid* and its descendants that listens on the port of *url*.

    It is None if *pid* or a descendant listens there, if the URL is that of another machine, or if the
    system does not say: only Linux does, and only about processes of the same user.
    """
    address = urlsplit(url)
    if not is_loopback(address.hostname or ""):
        return None
    port = address.port or {"https": 443}.get(address.scheme, 80)
    listeners = set(_listeners(port))
    if any(pid in _ancestors(listener) for listener in listeners):
        return None
    return min(listeners, default=None)


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine: ``localhost``, or an address such as ``127.0.0.1``."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _listeners(port: int) -> Iterator[int]:
    """Yield the ids of the processes that listen on a port."""
    links = set(_listening_links(port))
    if not links:
        return
    for folder in Path("/proc").glob("[0-9]*/fd"):
        if not links.isdisjoint(_descriptor_links(folder)):
            yield int(folder.parent.name)


def _listening_links(port: int) -> Iterator[str]:
    """Yield the targets of links to sockets that listen on a port, such as ``socket:[4711]``; see proc(5)."""
    for name in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in Path(f"/proc/net/{name}").read_text(encoding="ascii").splitlines()[1:]:
                _, local_address, _, state, *_, inode = line.split()[:10]
                if state == _LISTENING and int(local_address.rpartition(":")[2], 16) == port:
                    yield f"socket:[{inode}]"


def _descriptor_links(folder: Path) -> Iterator[str]:
    """Yield the targets of a process's descriptors; none if it has ended, or is another user's."""
    with suppress(OSError):
        for descriptor in folder.iterdir():
            with suppress(OSError):  # closed since
                yield str(descriptor.readlink())


def _ancestors(pid: int) -> Iterator[int]:
    """Yield the id of a process, of its parent, and so on."""
    while pid > 0:
        yield pid
        process = _read_process(pid)
        pid = 0 if process is None else process.parent


def _read_process(pid: int) -> _Process | None:
    """Return what the system says about a process, or None if it says nothing."""
    with suppress(OSError):
        state, parent = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b") ")[2].split()[:2]
        return _Process(state.decode(), int(parent))
    return None
