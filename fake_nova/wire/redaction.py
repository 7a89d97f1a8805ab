"""Secrets that stand in a path or a query: neither the journal nor a log shows them."""

from __future__ import annotations

import re
from typing import Any, Final

#: What stands for a secret.
MASK: Final = "***"

#: Where a path has a token as a part: after ``tokens``, or any part that looks like one of ours.
_TOKEN_IN_PATH: Final = re.compile(r"(?<=/tokens/)[^/]+|gAAAAA[A-Za-z0-9_=-]{20,}")

#: Words within a name whose value is a secret, and names that are such words.
_SENSITIVE_SUBSTRINGS: Final = (
    "token|passw|admin_?pass|passphrase|secret|credential|signature|api_?key|private_?key|authorization"
)
_SENSITIVE_WORDS: Final = "pass|pwd?"

#: One of these is in each query with a secret. To look for them takes a tenth of the time of the patterns.
_PREFILTER_SUBSTRINGS: Final = (
    "token",
    "pass",
    "pw",
    "secret",
    "credential",
    "signature",
    "key",
    "auth",
    "gaaaaa",
)

_SECRET_NAME: Final = re.compile(f"{_SENSITIVE_SUBSTRINGS}|^(?:{_SENSITIVE_WORDS})$", re.IGNORECASE)

#: Parameters whose value is a secret.
_SECRET_PARAMETER: Final = re.compile(
    rf"((?:(?:{_SENSITIVE_SUBSTRINGS})[^&;=]{{0,50}}|(?<![^&;])(?:{_SENSITIVE_WORDS}))=)[^&;]+", re.IGNORECASE
)

_UNPRINTABLE: Final = re.compile(r"[^ -~]")


def redact_path(path: str) -> str:
    """Return a path with `MASK` for the tokens in it."""
    return _TOKEN_IN_PATH.sub(MASK, path) if "/tokens/" in path or "gAAAAA" in path else path


def redact_json(value: Any) -> Any:
    """Return a JSON value with `MASK` for the values under keys that name a secret."""
    if isinstance(value, list):
        return [redact_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: MASK if _SECRET_NAME.search(key) else redact_json(item) for key, item in value.items()}


def redact_query(query: str) -> str:
    """Return a raw query, of up to some thousand characters, with `MASK` for the values that are secrets."""
    lowercase_query = query.lower()
    for substring in _PREFILTER_SUBSTRINGS:
        if substring in lowercase_query:
            break
    else:
        return query
    return _TOKEN_IN_PATH.sub(MASK, _SECRET_PARAMETER.sub(rf"\1{MASK}", query))


def escape_unprintable(text: str) -> str:
    """Escape what could end a line of a log, or is not allowed in a header."""
    return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)
