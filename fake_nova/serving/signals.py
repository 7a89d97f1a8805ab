"""Signals: one process holds the cloud, and ends as people expect it."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from typing import Any, Final

#: What is said when the process that serves has died.
CLOUD_LOST: Final = "the process that held the cloud has died, and the cloud with it"

#: Signals at which a server would start another process, with a cloud of its own, or end this one's.
NO_OTHER_PROCESS: Final[Sequence[signal.Signals]] = (
    signal.SIGTTIN,
    signal.SIGTTOU,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGWINCH,
)


def end_at_once() -> None:
    """Let SIGINT and SIGTERM end this process at once, as long as there is nothing to finish.

    The first process of a container would ignore them otherwise. An exception could be lost on its way:
    Python ignores those of some callbacks. A shell starts a command in the background with SIGINT ignored.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda got, _: os._exit(128 + got))


def end_gracefully(hung_up: Any) -> None:
    """Let SIGINT and SIGHUP end the server as SIGTERM does: requests in flight are answered.

    Args:
        hung_up: the handler of SIGHUP at the start; nohup starts a command with SIGHUP ignored.
    """
    ignore(NO_OTHER_PROCESS)
    ends = [signal.SIGINT] if hung_up is signal.SIG_IGN else [signal.SIGINT, signal.SIGHUP]
    for number in ends:
        signal.signal(number, lambda *_: signal.raise_signal(signal.SIGTERM))
    if hung_up is signal.SIG_IGN:
        ignore((signal.SIGHUP,))


def ignore(numbers: Sequence[signal.Signals]) -> None:
    """Ignore these signals."""
    for number in numbers:
        signal.signal(number, signal.SIG_IGN)
