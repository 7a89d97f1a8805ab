"""A check of regular expressions against the syntax of Python's `re`."""

from __future__ import annotations

import re
from threading import Lock
from typing import Final
from warnings import catch_warnings, simplefilter

#: `catch_warnings` changes global state, so only one thread may compile at a time.
_COMPILE_LOCK: Final = Lock()

#: The maximum number of characters of a regular expression; compiling a longer one may take too long.
_MAX_CHARS: Final = 4_096


def check_syntax(text: str) -> None:
    """Compile a regular expression.

    Raises:
        ValueError: if it is invalid, or too long.
    """
    if len(text) > _MAX_CHARS:
        raise ValueError(f"too long; expected at most {_MAX_CHARS} characters")
    try:
        with _COMPILE_LOCK, catch_warnings():  # a future Python may read some syntax differently
            simplefilter("ignore")
            re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from error
