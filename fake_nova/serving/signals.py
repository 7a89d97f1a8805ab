"""Signals: one process holds the cloud, and ends as people expect it."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from typing import Any, Final

#: What is said when the process that serves has died.
CLOUD_LOST_MESSAGE: Final = "the process that held the cloud has died, and the cloud with it"

#: Signals at which a server would start another process, with a cloud of its own, or end this one's.
IGNORED_SIGNALS: Final[Sequence[signal.Signals]] = (
    signal.SIGTTIN,
    signal.SIGTTOU,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGWINCH,
)


def install_immediate_exit() -> None:
    """Let SIGINT and SIGTERM end this process at once, as long as there is nothing to finish.

    The first process of a container would ignore them otherwise. An exception could be lost on its way:
    Python ignores those of some callbacks. A shell starts a command in the background with SIGINT ignored.
    """
    for stop_signal in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(stop_signal) is not signal.SIG_IGN:
            signal.signal(stop_signal, lambda signal_number, _: os._exit(128 + signal_number))


def install_graceful_stop(initial_sighup_handler: Any) -> None:
    """Let SIGINT and SIGHUP end the server as SIGTERM does: requests in flight are answered.

    Args:
        initial_sighup_handler: the handler of SIGHUP at the start; nohup starts a command with SIGHUP
            ignored.
    """
    ignore(IGNORED_SIGNALS)
    stop_signals = (
        [signal.SIGINT] if initial_sighup_handler is signal.SIG_IGN else [signal.SIGINT, signal.SIGHUP]
    )
    for stop_signal in stop_signals:
        signal.signal(stop_signal, lambda *_: signal.raise_signal(signal.SIGTERM))
    if initial_sighup_handler is signal.SIG_IGN:
        ignore((signal.SIGHUP,))


def ignore(signal_numbers: Sequence[signal.Signals]) -> None:
    """Ignore these signals."""
    for signal_number in signal_numbers:
        signal.signal(signal_number, signal.SIG_IGN)
