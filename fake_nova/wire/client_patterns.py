"""Regular expressions that clients send: compiled within bounds, and searched for within a time."""

from __future__ import annotations

import re
from threading import Lock
from time import thread_time
from typing import Any, Final
from warnings import catch_warnings, simplefilter

from fake_nova.wire.nova_errors import Refused

#: Seconds of CPU that all searches of one request may take.
SECONDS: Final = 0.02

#: The most characters of a pattern.
LONGEST: Final = 255

#: The most brackets within each other; compiling them recurses.
DEEPEST: Final = 30

#: The most parts of a pattern, where a repeated part counts as often as it is repeated, and at least twice.
#: `regex` 2026.11 compiles repetitions within each other in time that is their product.
MOST_PARTS: Final = 2_000

#: One part of a pattern, and how often it is repeated: a sign, a class of signs, or the end of a group. What
#: makes blanks or comments mean nothing hides what a repeat belongs to.
_PART: Final = re.compile(
    r"""(?P<hiding>\(\?(?:\#|[a-zA-Z-]*x))
        |(?P<part>\\.|\[\^?\]?(?:\\.|[^\]\\])*+\]?|.)
        (?P<repeat>[*+?]|\{(?P<least>[0-9]*)(?:,(?P<most>[0-9]*))?\})?[+?]?""",
    re.DOTALL | re.VERBOSE,
)


#: `catch_warnings` changes a list of the whole process.
_COMPILING: Final = Lock()


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

        self._until: Final = thread_time() + SECONDS
        _check(text)
        try:
            with _COMPILING, catch_warnings():  # Python warns of what another version may read differently
                simplefilter("ignore")
                re.compile(text)
                self._pattern: Final[Any] = regex.compile(
                    _without_extensions(text), regex.VERSION0, cache_pattern=False
                )
        except (re.error, regex.error, OverflowError, RecursionError) as error:
            raise Refused(400, f"Invalid regular expression: {error}") from error

    def is_in(self, text: str) -> bool:
        """Whether the pattern is somewhere in *text*.

        Raises:
            Refused: 400, if the request's time for searches is over.
        """
        left = self._until - thread_time()
        try:
            if left <= 0:
                raise TimeoutError
            return self._pattern.search(text, timeout=left) is not None
        except TimeoutError as error:
            why = f"A request may search for {SECONDS * 1000:g} ms of CPU in all."
            raise Refused(400, "Regular expression is too expensive", why=why) from error


def _check(text: str) -> None:
    """Refuse a pattern that would be dear to compile.

    Raises:
        Refused: 400.
    """
    if len(text) > LONGEST:
        raise _too_expensive()
    groups = [0]  # the parts of each group that is open
    for found in _PART.finditer(text):
        if found["hiding"]:
            raise _too_expensive()
        parts = 1
        if found["part"] == "(":
            groups.append(0)
            parts = 0
        elif found["part"] == ")" and len(groups) > 1:
            parts = groups.pop()
        groups[-1] += parts * _times(found)
        if len(groups) > DEEPEST or groups[-1] > MOST_PARTS:
            raise _too_expensive()


def _without_extensions(text: str) -> str:
    """Return a pattern that means to `regex` what *text* means to Python.

    `regex` reads ``a{e<=1}`` as a repeat with errors and ``[[:alpha:]]`` as a class; Python reads signs.
    """
    pieces = []
    for found in _PART.finditer(text):
        part, piece = found["part"], found[0]
        if part == "{":
            piece = "\\" + piece
        elif part[0] == "[":
            piece = "[" + _ESCAPED.sub(_escaped, part[1:]) + piece[len(part) :]
        pieces.append(piece)
    return "".join(pieces)


#: What a backslash is before, or a bracket.
_ESCAPED: Final = re.compile(r"\\.|\[", re.DOTALL)


def _escaped(found: re.Match[str]) -> str:
    return "\\[" if found[0] == "[" else found[0]


def _times(found: re.Match[str]) -> int:
    """Return how often a part counts."""
    if found["repeat"] is None:
        return 1
    numbers = [number for number in (found["least"], found["most"]) if number]
    if any(len(number) > 4 for number in numbers):
        raise _too_expensive()
    return max(2, *map(int, numbers), 2)


def _too_expensive() -> Refused:
    why = (
        f"A pattern may have {LONGEST} characters, {DEEPEST} brackets within each other and {MOST_PARTS} "
        "parts; a repeated part counts as often as it is repeated. It may have no comments, and no flag x."
    )
    return Refused(400, "Regular expression is too expensive", why=why)
