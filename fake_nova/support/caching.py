"""Caches for functions of texts that a client sends, and the limits of the caches of rendered images."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Final, TypeVar, TypeVarTuple

Arguments = TypeVarTuple("Arguments")
Result = TypeVar("Result")

#: The maximum number of bytes of fragments in one cache. The cached images, which may be deleted ones, can
#: hold as many.
MAX_CACHED_BYTES: Final = 12_000_000

#: The bytes that a fragment takes in a dict, besides its own.
ENTRY_OVERHEAD: Final = 300


def cached_if_short(
    maxsize: int, max_chars: int
) -> Callable[[Callable[[str, *Arguments], Result]], Callable[[str, *Arguments], Result]]:
    """Return a decorator that caches a function whose first argument is a text, but not for long texts.

    So the cache is bounded in bytes. The other arguments are short, and all are hashable.

    Args:
        maxsize: the maximum number of cached results.
        max_chars: the maximum length of a text whose result is cached, in characters.
    """

    def decorate(function: Callable[[str, *Arguments], Result]) -> Callable[[str, *Arguments], Result]:
        cached_function = lru_cache(maxsize)(function)

        @wraps(function)
        def call(text: str, *others: *Arguments) -> Result:
            if len(text) <= max_chars:
                return cached_function(text, *others)
            return function(text, *others)

        return call

    return decorate


def cached_if_all_short(
    maxsize: int, max_chars: int, count_chars: Callable[..., int]
) -> Callable[[Callable[[*Arguments], Result]], Callable[[*Arguments], Result]]:
    """Return a decorator as `cached_if_short`, for a function with several texts.

    A call is slower than one of `cached_if_short`. So what every request calls, such as the router, has a
    cache of its own.

    Args:
        maxsize: the maximum number of cached results.
        max_chars: the maximum length of the texts whose result is cached, all together, in characters.
        count_chars: returns the length of the texts in the arguments; it gets all of them, by position.
    """

    def decorate(function: Callable[[*Arguments], Result]) -> Callable[[*Arguments], Result]:
        cached_function = lru_cache(maxsize)(function)

        @wraps(function)
        def call(*arguments: *Arguments) -> Result:
            if count_chars(*arguments) <= max_chars:
                return cached_function(*arguments)
            return function(*arguments)

        return call

    return decorate
