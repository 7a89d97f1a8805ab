"""The admin API from Python: the same methods for a server in this process and for one elsewhere."""

from fake_nova.control.client import Control, Login
from fake_nova.control.transport import (
    AdminError,
    Document,
    HttpTransport,
    Transport,
    Unreachable,
    parse_seconds,
)

__all__ = [
    "AdminError",
    "Control",
    "Document",
    "HttpTransport",
    "Login",
    "Transport",
    "Unreachable",
    "parse_seconds",
]
