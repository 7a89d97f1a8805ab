"""How the plugin waits for a server elsewhere, and how pytest reports errors of the plugin."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

from fake_nova.control import Control, Unreachable
from fake_nova.errors import ConfigurationError, FakeNovaError

#: The default of ``fake_nova_start_timeout``, in seconds.
START_TIMEOUT: Final = 30

#: The time after which a server that refuses connections is regarded as dead, in seconds.
REFUSED_TIMEOUT: Final = 0.5

#: The stash key of the reason why the server cannot be used.
_UNREACHABLE_KEY: Final = pytest.StashKey[str]()

#: The maximum time for one response while waiting, in seconds.
_RESPONSE_TIMEOUT: Final = 5


def wait_for_server(url: str, timeout: float | None, ca_file: str | None = None) -> None:
    """Wait until the server at *url* is ready.

    Args:
        url: the server's URL.
        timeout: seconds to wait. None waits for `START_TIMEOUT`, or for `REFUSED_TIMEOUT` if nothing listens.
        ca_file: the file with the server's CA certificate; see `fake_nova.control.Control`.

    Raises:
        Unreachable: if the server is not ready in time, or if the URL is invalid.
    """
    try:
        _wait(Control(url, timeout=_RESPONSE_TIMEOUT, ca_file=ca_file), timeout)
    except ConfigurationError as error:  # every further test would fail for the same reason
        raise Unreachable(f"--fake-nova-url: {str(error).removeprefix('url: ')}") from None


def _wait(server: Control, timeout: float | None) -> None:
    if timeout is not None:
        server.wait(timeout)
        return
    deadline = time.monotonic() + START_TIMEOUT
    try:
        server.wait(REFUSED_TIMEOUT)
    except Unreachable as error:
        if error.is_refused:
            raise
        server.wait(max(0, deadline - time.monotonic()))


@contextmanager
def report_errors(
    session: pytest.Session, error_class: type[FakeNovaError] = FakeNovaError
) -> Iterator[None]:
    """Return a context manager that fails the test with only the message of an error of fake_nova.

    If a server does not respond, the session stops: each further test would fail for the same reason.

    Args:
        session: pytest's session.
        error_class: the class of these errors; others pass through.
    """
    __tracebackhide__ = True
    reason = session.stash.get(_UNREACHABLE_KEY, None)
    if reason is not None:  # pytest-xdist 3.5 does not stop
        pytest.fail(reason, pytrace=False)
    try:
        yield
    except error_class as error:
        message = getattr(error, "message", str(error))
        if isinstance(error, Unreachable):
            session.stash[_UNREACHABLE_KEY] = message
            session.shouldfail = message
        raise pytest.fail.Exception(message, pytrace=False) from None
