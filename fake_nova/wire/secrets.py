"""Secrets that stand in a path or a query: neither the journal nor a log shows them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

#: What stands for a secret.
MASK: Final = "***"

#: Where a path has a token as a part: after ``tokens``, or any part that looks like one of ours.
_TOKEN_IN_PATH: Final = re.compile(r"(?<=/tokens/)[^/]+|gAAAAA[A-Za-z0-9_=-]{20,}")

#: Parameters whose value is a secret, whatever stands before or after the word in their name.
_SECRET_PARAMETER: Final = re.compile(
    r"((?:token|passw|secret|credential|signature|api_?key|authorization)[^&;=]{0,50}=)[^&;]+", re.IGNORECASE
)


#: Keys of a JSON body whose value is a secret.
_SECRET_KEY: Final = re.compile("passw|secret|token|credential", re.IGNORECASE)


def without_secrets_in_path(path: str) -> str:
    """Return a path with `MASK` for the tokens in it."""
    return _TOKEN_IN_PATH.sub(MASK, path) if "/tokens/" in path or "gAAAAA" in path else path


def without_secrets_in_body(value: Any) -> Any:
    """Return a JSON value with `MASK` for the texts and numbers under keys that name a secret."""
    if isinstance(value, list):
        return [without_secrets_in_body(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {
        key: MASK if _is_secret(key, inner) else without_secrets_in_body(inner)
        for key, inner in value.items()
    }


def _is_secret(key: str, value: object) -> bool:
    return not isinstance(value, (dict, list)) and _SECRET_KEY.search(key) is not None


@lru_cache(maxsize=512)
def without_secrets_in_query(query: str) -> str:
    """Return a raw query, of up to some thousand characters, with `MASK` for the values that are secrets."""
    return _TOKEN_IN_PATH.sub(MASK, _SECRET_PARAMETER.sub(rf"\1{MASK}", query))
