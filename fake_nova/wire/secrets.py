"""Secrets that stand in a path or a query: neither the journal nor a log shows them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

#: What stands for a secret.
MASK: Final = "***"

#: Where a path has a token as a part (Keystone v2.0).
_TOKEN_IN_PATH: Final = re.compile(r"(/v2\.0/tokens/)[^/]+")

#: Parameters whose value is a secret, whatever stands before or after the word in their name.
_SECRET_PARAMETER: Final = re.compile(
    r"((?:token|passw|secret|credential|signature|api_?key|authorization)[^&;=]{0,50}=)[^&;]+", re.IGNORECASE
)


def without_secrets_in_path(path: str) -> str:
    """Return a path with `MASK` for the tokens in it."""
    return _TOKEN_IN_PATH.sub(rf"\1{MASK}", path) if "/tokens/" in path else path


@lru_cache(maxsize=512)
def without_secrets_in_query(query: str) -> str:
    """Return a raw query, of up to some thousand characters, with `MASK` for the values that are secrets."""
    return _SECRET_PARAMETER.sub(rf"\1{MASK}", query)
