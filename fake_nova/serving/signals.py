"""Signal handlers that stop the server, and ignore signals that would replace its worker and so the cloud."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from typing import Any, Final

#: The log message if the worker process has died.
CLOUD_LOST_MESSAGE: Final = "the process that held the cloud has died, and the cloud with it"

#: Signals by which a server would start another worker, with a cloud of its own, or stop its worker.
#: Windows has none of them.
IGNORED_SIGNALS: Final[tuple[signal.Signals, ...]] = tuple(
    getattr(signal, name)
    for name in ("SIGTTIN", "SIGTTOU", "SIGUSR1", "SIGUSR2", "SIGWINCH")
    if hasattr(signal, name)
)


def install_immediate_exit() -> None:
    """Make SIGINT and SIGTERM end this process at once, until a server installs handlers of its own.

    By default the first process of a container ignores them. The handler calls `os._exit`, because Python
    drops exceptions that are raised in some callbacks. SIGINT stays ignored if it is ignored already, as
    in background jobs of a shell.
    """
    for stop_signal in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(stop_signal) is not signal.SIG_IGN:
            signal.signal(stop_signal, lambda signal_number, _: os._exit(128 + signal_number))


def install_graceful_stop(initial_sighup_handler: Any) -> None:
    """Make SIGINT and SIGHUP stop the server as SIGTERM does, after the requests in flight.

    Args:
        initial_sighup_handler: the handler of SIGHUP at the start. If it is SIG_IGN, as under nohup, SIGHUP
            stays ignored.
    """
    ignore(IGNORED_SIGNALS)

    def stop(*_: object) -> None:
        signal.raise_signal(signal.SIGTERM)

    signal.signal(signal.SIGINT, stop)
    sighup_handler = signal.SIG_IGN if initial_sighup_handler is signal.SIG_IGN else stop
    signal.signal(signal.SIGHUP, sighup_handler)


def ignore(signal_numbers: Sequence[signal.Signals]) -> None:
    """Ignore these signals from now on."""
    for signal_number in signal_numbers:
        signal.signal(signal_number, signal.SIG_IGN)
