"""The kinds of faults that the tests of pipelines put in, one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

#: Name -> the effect of a fault.
FAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "503": {"status": 503, "retry_after": 1},
    "500": {"status": 500},
    "429": {"status": 429, "retry_after": 1},
    "reset": {"connection": "reset"},
    "cut": {"connection": "cut"},
    "malformed": {"body": "malformed"},
    "expired": {"token": "expired"},
    "delay": {"delay": 0.05},
}
