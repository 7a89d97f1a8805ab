"""Patterns of a library that are compiled when they are first used, and not when it is loaded.

marshmallow 4.4 compiles, as it is loaded, a pattern for the domains of e-mail addresses, which nobody
asks for here. Measured (scripts/bench start): without that the first answer comes 130 ms after the
command instead of 150.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any


class _Later:
    """Stands for a pattern, and is asked for its methods as one."""

    def __init__(self, made: Callable[[], re.Pattern[Any]]) -> None:
        self._made = made

    @cached_property
    def _pattern(self) -> re.Pattern[Any]:
        return self._made()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # ABCMeta asks every attribute of a class for __isabstractmethod__
            raise AttributeError(name)
        return getattr(self._pattern, name)


@contextmanager
def compiled_when_used(module: str) -> Iterator[None]:
    """Let the patterns of *module*, if it is loaded in this block, be compiled when they are first used.

    For a process of its own only: what it loads is not quite what its authors wrote. Other modules get their
    patterns as ever, in other threads, too.
    """
    compile_now = re.compile

    def compile_later(pattern: Any, flags: Any = 0) -> Any:
        if sys._getframe(1).f_globals.get("__name__") != module:  # the only way to tell
            return compile_now(pattern, flags)
        return _Later(lambda: compile_now(pattern, flags))

    re.compile = compile_later
    try:
        yield
    finally:
        re.compile = compile_now
