"""Control: an emulated cloud from Python, whether it is served in this process or elsewhere."""

from fake_nova.control.asking import HttpTransport, Refused, Transport, Unreachable, seconds
from fake_nova.control.control import Control, Login
from fake_nova.control.handles import Document

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
