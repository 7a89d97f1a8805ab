"""A cache for functions of a text that a client sends, and the limits of the caches of rendered images."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Final, TypeVar, TypeVarTuple, Unpack

Arguments = TypeVarTuple("Arguments")
Result = TypeVar("Result")

#: The maximum number of bytes of fragments in one cache. The cached images, which may be deleted ones, can
#: hold as many.
MAX_CACHED_BYTES: Final = 12_000_000

#: The bytes that a fragment takes in a dict, besides its own.
ENTRY_OVERHEAD: Final = 300


def cached_if_short(
    maxsize: int, max_chars: int
) -> Callable[[Callable[[str, Unpack[Arguments]], Result]], Callable[[str, Unpack[Arguments]], Result]]:
    """Return a decorator that caches a function, but not for long texts. So the cache is bounded in bytes.

    The first argument of the function is the text. All arguments are hashable.

    Args:
        maxsize: the maximum number of cached results.
        max_chars: the maximum length of a text whose result is cached, in characters.
    """

    def decorate(
        function: Callable[[str, Unpack[Arguments]], Result],
    ) -> Callable[[str, Unpack[Arguments]], Result]:
        cached_function = lru_cache(maxsize)(function)

        @wraps(function)
        def call(text: str, *args: *Arguments) -> Result:
            return (cached_function if len(text) <= max_chars else function)(text, *args)

        return call

    return decorate
