"""Settings of Python's garbage collector and of glibc's allocator for large stores.

The collector would visit every image again and again, and stop every thread meanwhile, with many images for
longer than a second. Frozen objects are excluded from it.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Final

#: Numbers of glibc's mallopt parameters (malloc.h): the maximum number of heaps, and the number of free bytes
#: at the end of a heap from which they are returned to the system.
_ARENA_MAX: Final = -8
_TRIM_THRESHOLD: Final = -1

#: Set in a process that is only a server. In other processes, freezing would affect objects of others.
_IS_SERVER: Final = Event()


def freeze_for_server() -> None:
    """Mark this process as a dedicated server, and exclude existing objects from garbage collection."""
    _IS_SERVER.set()
    _limit_malloc_arenas()
    freeze_heap()


def _limit_malloc_arenas() -> None:
    """Make glibc return unused memory to the system; other C libraries do so by default.

    By default glibc has one heap for each of many threads, and fragments them. With two heaps, hostile
    requests leave less memory behind.
    """
    import ctypes  # noqa: PLC0415  # slow to import, and only a server needs it

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 2)
        mallopt(_TRIM_THRESHOLD, 131_072)


def freeze_heap() -> None:
    """Exclude existing objects from garbage collection, but only in a dedicated server."""
    if _IS_SERVER.is_set():
        gc.freeze()


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause garbage collection while many long-lived objects are created, then call `freeze_heap`.

    Images are created faster without collections, which would find nothing to free.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
        freeze_heap()
