"""Control: an emulated cloud from Python, whether it is served in this process or elsewhere."""

from fake_nova.control.client import Control, Login
from fake_nova.control.transport import Document, HttpTransport, Refused, Transport, Unreachable, seconds

__all__ = [
    "Control",
    "Document",
    "HttpTransport",
    "Login",
    "Refused",
    "Transport",
    "Unreachable",
    "seconds",
]
