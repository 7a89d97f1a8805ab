"""Redaction of secrets in paths, queries and bodies, for the journal and the logs."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import unquote

#: The text in the place of a secret.
MASK: Final = "***"

#: A token in a path: the segment after ``tokens``, or any text that looks like a Fernet token.
_TOKEN_IN_PATH: Final = re.compile(r"(?<=/tokens/)[^/]+|gAAAAA[A-Za-z0-9_=-]{20,}")

#: Texts within a name whose value is a secret, and whole names of that kind.
_SENSITIVE_SUBSTRINGS: Final = (
    "token|passw|admin_?pass|passphrase|secret|credential|signature|api_?key|private_?key|authorization"
)
_SENSITIVE_WORDS: Final = "pass|pwd?"

#: Every query with a secret contains one of these. Looking for them is faster than trying the patterns.
_PREFILTER: Final = ("token", "pass", "pw", "secret", "credential", "signature", "key", "auth", "gaaaaa")

_SECRET_NAME: Final = re.compile(f"{_SENSITIVE_SUBSTRINGS}|^(?:{_SENSITIVE_WORDS})$", re.IGNORECASE)

#: A query parameter whose value is a secret.
_SECRET_PARAMETER: Final = re.compile(
    rf"((?:(?:{_SENSITIVE_SUBSTRINGS})[^&;=]{{0,50}}|(?<![^&;])(?:{_SENSITIVE_WORDS}))=)[^&;]+", re.IGNORECASE
)

#: A query parameter whose name is percent-encoded, such as ``to%6ben``.
_ENCODED_PARAMETER: Final = re.compile(r"(?<![^&;])([^&;=%]*%[^&;=]*=)[^&;]+")

_UNPRINTABLE: Final = re.compile(r"[^ -~]")


def redact_path(path: str) -> str:
    """Return a path with `MASK` in the place of tokens."""
    return _TOKEN_IN_PATH.sub(MASK, path) if "/tokens/" in path or "gAAAAA" in path else path


def names_secret(text: str) -> bool:
    """Return whether the value with this name is a secret."""
    return _SECRET_NAME.search(text) is not None


def redact_json(value: Any) -> Any:
    """Return a JSON value with `MASK` for each value whose key, or whose path in a patch, names a secret."""
    if isinstance(value, list):
        return [redact_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "value" in value and _SECRET_NAME.search(str(value.get("path", ""))):
        value = {**value, "value": MASK}
    return {key: MASK if _SECRET_NAME.search(key) else redact_json(item) for key, item in value.items()}


def redact_query(query: str) -> str:
    """Return a raw query of at most some thousand characters, with `MASK` in the place of secrets."""
    if "%" in query:
        query = _ENCODED_PARAMETER.sub(_mask_if_secret, query)
    lowercase_query = query.lower()
    for substring in _PREFILTER:
        if substring in lowercase_query:
            break
    else:
        return query
    return _TOKEN_IN_PATH.sub(MASK, _SECRET_PARAMETER.sub(rf"\1{MASK}", query))


def _mask_if_secret(parameter: re.Match[str]) -> str:
    name = unquote(parameter[1]).removesuffix("=")
    return f"{parameter[1]}{MASK}" if _SECRET_NAME.search(name) else parameter[0]


def escape_unprintable(text: str) -> str:
    """Escape the characters that could end a line of a log, or that a header may not contain."""
    return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)
