"""Regular expressions that clients send: compiled within bounds, and searched for within a time."""

from __future__ import annotations

import re
from time import monotonic
from typing import Any, Final

from fake_nova.wire.bodies import Refused

#: Seconds that all searches of one request may take.
SECONDS: Final = 0.02

#: The most characters of a pattern.
LONGEST: Final = 255

#: The most brackets within each other; compiling them recurses.
_DEEPEST: Final = 30

#: A number of repetitions that is too large.
_REPEATS: Final = re.compile(r"[0-9]{4,}")


class ClientPattern:
    """A regular expression of a client, for one request.

    Nova over SQLite searches by Python's own expressions (oslo.db's REGEXP), which may take time that is
    exponential in the length of the pattern. So Python says here whether a pattern is one, and the library
    `regex`, which takes a time limit, searches.

    Args:
        text: the pattern.

    Raises:
        Refused: 400, if it is not a pattern, or one that is too dear.
    """

    def __init__(self, text: str) -> None:
        import regex  # noqa: PLC0415  # few requests have a pattern

        _check(text)
        try:
            re.compile(text)
            self._pattern: Final[Any] = regex.compile(text, regex.VERSION0)
        except (re.error, regex.error, OverflowError, RecursionError, Warning) as error:
            raise Refused(400, f"Invalid regular expression: {error}") from error
        self._until: Final = monotonic() + SECONDS

    def is_in(self, text: str) -> bool:
        """Whether the pattern is somewhere in *text*.

        Raises:
            Refused: 400, if the request's time for searches is over.
        """
        left = self._until - monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            return self._pattern.search(text, timeout=left) is not None
        except TimeoutError as error:
            why = (
                f"The searches took longer than {SECONDS * 1000:g} ms, which is the most that a request has."
            )
            raise Refused(400, "Regular expression is too expensive", why=why) from error


def _check(text: str) -> None:
    """Refuse a pattern that would be dear to compile."""
    nested = deepest = 0
    for sign in text[: LONGEST + 1]:
        nested += (sign in "([") - (sign in ")]")
        deepest = max(deepest, nested)
    if len(text) > LONGEST or _REPEATS.search(text) is not None or deepest > _DEEPEST:
        raise Refused(
            400,
            "Regular expression is too expensive",
            why=f"A pattern may have {LONGEST} characters, {_DEEPEST} brackets within each other, and no "
            "number of four digits.",
        )
