"""Control: an emulated cloud from Python, whether it is served in this process or elsewhere."""

from fake_nova.control.asking import Document, HttpTransport, Refused, Transport, Unreachable, seconds
from fake_nova.control.control import Control, Login

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
