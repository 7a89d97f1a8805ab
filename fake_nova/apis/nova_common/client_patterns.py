"""Regular expressions that clients send, with limits on their size and on the time of a search."""

from __future__ import annotations

import re
from functools import cached_property
from time import thread_time
from typing import Any, Final

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.support.regex_syntax import check_syntax

#: The maximum number of seconds of CPU time that all searches of one request may take.
MAX_CPU_SECONDS: Final = 0.02

#: What each search adds to that.
MORE_CPU_SECONDS: Final = 0.000_02

#: The maximum number of characters of a pattern.
MAX_PATTERN_CHARS: Final = 255

#: The maximum depth of nested groups, because the compiler recurses into them.
MAX_GROUP_DEPTH: Final = 30

#: The maximum number of parts in a pattern. A repeated part counts once for each repetition, and at least
#: twice. The time that `regex` 2026.11 takes to compile nested repetitions grows with the product of their
#: counts.
MAX_PATTERN_PARTS: Final = 2_000

#: One part of a pattern and its repetition: a character, a class of characters, or the end of a group.
#: *hiding* matches comments and the flag ``x``, which hide the part that a repetition belongs to.
_PART: Final = re.compile(
    r"""(?P<hiding>\(\?(?:\#|[a-zA-Z-]*x))
        |(?P<part>\\.|\[\^?\]?(?:\\.|\[:\^?[a-z]+:\]|[^\]\\])*+\]?|.)
        (?P<repeat>[*+?]|\{(?P<least>[0-9]*)(?:,(?P<most>[0-9]*))?\})?[+?]?""",
    re.DOTALL | re.VERBOSE,
)

#: A pattern whose characters stand for themselves, in every syntax.
_PLAIN: Final = re.compile(r"[\w @:/,=~%&!<>;\"'-]+", re.ASCII)

#: A pattern of such characters, anchors, dots, and repetitions without numbers.
_SIMPLE: Final = re.compile(r"[\w @:/,=~%&!<>;\"'^$.*+?-]+", re.ASCII)

#: A part that a text must contain if it matches a simple pattern.
_REQUIRED_PART: Final = re.compile(r"\^?[\w @:/,=~%&!<>;\"'-]+(?![*?])\$?", re.ASCII)

#: A class whose members depend on their case, within brackets.
_CASED_CLASS: Final = re.compile(r"\[:\^?(?:upper|lower):\]")

#: An escaped character, as group 1, or an opening bracket.
_CLASS_TOKEN: Final = re.compile(r"(\\.)|\[", re.DOTALL)


def plain_text(text: str) -> str:
    """Return a pattern without special characters, which matches what contains it; "" for another pattern."""
    return text if _PLAIN.fullmatch(text) and len(text) <= MAX_PATTERN_CHARS else ""


def required_text(pattern: str) -> str:
    """Return the longest text known to be in every text that matches a valid pattern; "" for none.

    The result has a newline for the beginning or the end of the text. Upper and lower case may differ.
    """
    parts = _REQUIRED_PART.findall(pattern) if _SIMPLE.fullmatch(pattern) else []
    return max(parts, key=len, default="").replace("^", "\n").replace("$", "\n")


class ClientPattern:
    """A regular expression that a client sent, for one request.

    Nova on SQLite searches with Python's `re` (oslo.db's REGEXP), whose time can grow exponentially with the
    length of the pattern. Here `re` only checks the pattern, and the library `regex` searches, because it
    takes a time limit.

    Args:
        text: the pattern, in the syntax of Python's `re`.
        is_of_mariadb: whether it is one of MariaDB, which reads classes such as ``[[:alpha:]]``, ignores
            case, and to which Nova sends ``|`` as a plain character.

    Raises:
        NovaError: 400, if the pattern is invalid or too expensive.
    """

    def __init__(self, text: str, is_of_mariadb: bool = False) -> None:
        self._deadline = thread_time() + MAX_CPU_SECONDS
        self._text: Final = text
        self._is_of_mariadb: Final = is_of_mariadb
        self._plain_text: Final = plain_text(text)
        self._folded_text: Final = self._plain_text.lower()
        if not self._plain_text:
            _ = self._pattern

    @cached_property
    def _pattern(self) -> Any:
        begun_at = thread_time()
        import regex  # noqa: PLC0415  # few requests have a pattern

        self._deadline += thread_time() - begun_at  # the first import takes longer than a search may
        _check_cost(self._text)
        try:
            check_syntax(self._text)
            pattern, flags = _escape_extensions(self._text), regex.VERSION0
            if self._is_of_mariadb:
                escaped_text = self._text.replace("|", r"\|")
                pattern, flags = _as_pcre(escaped_text), flags | regex.IGNORECASE
            return regex.compile(pattern, flags, cache_pattern=False)
        except (ValueError, regex.error, OverflowError, RecursionError) as error:
            raise NovaError(400, f"Invalid regular expression: {error}") from error

    def is_in(self, text: str) -> bool:
        """Return whether *text* contains a match.

        Raises:
            NovaError: 400, if the searches of the request take too long.
        """
        if self._plain_text and (not self._is_of_mariadb or text.isascii()):
            return self._contains_plain_text(text)
        self._deadline += MORE_CPU_SECONDS
        seconds_left = self._deadline - thread_time()
        try:
            if seconds_left <= 0:
                raise TimeoutError
            return self._pattern.search(text, timeout=seconds_left) is not None
        except TimeoutError as error:
            reason = f"All pattern searches of one request share {MAX_CPU_SECONDS * 1000:g} ms of CPU time."
            raise NovaError(400, "Regular expression is too expensive", reason=reason) from error

    def _contains_plain_text(self, text: str) -> bool:
        """Return whether *text*, which is ASCII on MariaDB, contains the pattern; faster than a search."""
        if self._is_of_mariadb:
            return self._folded_text in text.lower()
        return self._plain_text in text


def _check_cost(text: str) -> None:
    """Check that a pattern is cheap to compile.

    Raises:
        NovaError: 400, if it is too long, too deep or has too many parts.
    """
    if len(text) > MAX_PATTERN_CHARS:
        raise _too_expensive_error()
    group_sizes = [0]  # the number of parts in each open group
    for match in _PART.finditer(text):
        if match["hiding"]:
            raise _too_expensive_error()
        size = 1
        if match["part"] == "(":
            group_sizes.append(0)
            size = 0
        elif match["part"] == ")" and len(group_sizes) > 1:
            size = group_sizes.pop()
        group_sizes[-1] += size * _repeat_count(match)
        if len(group_sizes) > MAX_GROUP_DEPTH or group_sizes[-1] > MAX_PATTERN_PARTS:
            raise _too_expensive_error()


def _escape_extensions(text: str) -> str:
    """Return a pattern that means to `regex` what *text* means to `re`.

    `regex` reads ``a{e<=1}`` as fuzzy matching and ``[[:alpha:]]`` as a class; `re` reads plain characters.
    """
    return _PART.sub(_escape_part, text)


def _as_pcre(text: str) -> str:
    """Return a pattern that means to `regex`, ignoring case, what *text* means to PCRE2 10.42 on MariaDB.

    There is no fuzzy matching, ``a{,3}`` are plain characters, and ``[:upper:]`` does not ignore case.
    """
    return _PART.sub(_pcre_part, text)


def _pcre_part(match: re.Match[str]) -> str:
    part = match["part"]
    if part == "{":
        return "\\" + match[0]
    repeat = match[0][len(part) :]
    if match["least"] == "":
        repeat = "\\" + repeat
    return _pcre_class(part) + repeat


def _pcre_class(part: str) -> str:
    """Return a part of a pattern with the classes that do not ignore case taken out of its brackets."""
    alternatives = [f"(?-i:[{cased_class}])" for cased_class in _CASED_CLASS.findall(part)]
    if not alternatives or part[0] != "[":
        return part
    is_negated = part[1] == "^"
    others = _CASED_CLASS.sub("", part)[1 + is_negated : -1]
    if others:
        alternatives.append(f"[{others}]")
    group = "|".join(alternatives)
    return rf"(?:(?!{group})[\s\S])" if is_negated else f"(?:{group})"


def _escape_part(match: re.Match[str]) -> str:
    part = match["part"]
    if part == "{":
        return "\\" + match[0]
    if part[0] != "[":
        return match[0]
    return "[" + _CLASS_TOKEN.sub(lambda token: token[1] or r"\[", part[1:]) + match[0][len(part) :]


def _repeat_count(match: re.Match[str]) -> int:
    """Return how many times a part counts."""
    if match["repeat"] is None:
        return 1
    numbers = [number for number in (match["least"], match["most"]) if number]
    if any(len(number) > 4 for number in numbers):
        raise _too_expensive_error()
    return max([2, *map(int, numbers)])


def _too_expensive_error() -> NovaError:
    reason = (
        f"A pattern may have {MAX_PATTERN_CHARS} characters, {MAX_GROUP_DEPTH} nested groups and "
        f"{MAX_PATTERN_PARTS} parts. A repeated part counts once for each repetition. "
        "Comments and the flag x are not supported."
    )
    return NovaError(400, "Regular expression is too expensive", reason=reason)
