"""A test double for OpenStack Nova's images API.

The names below are imported on first use, so that importing the package or its pytest plugin loads neither
Flask nor Faker.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from fake_nova._version import __version__

if TYPE_CHECKING:
    from fake_nova.app import create_app as create_app
    from fake_nova.control import Control as Control
    from fake_nova.errors import FakeNovaError as FakeNovaError
    from fake_nova.serving.threaded import ThreadServer as ThreadServer
    from fake_nova.settings import Settings as Settings
    from fake_nova.testing.fake_nova import FakeNova as FakeNova
    from fake_nova.testing.shared_clouds import MakeFakeNova as MakeFakeNova


#: Public name -> the module that defines it.
_HOMES = {
    "Control": "fake_nova.control",
    "FakeNova": "fake_nova.testing.fake_nova",
    "FakeNovaError": "fake_nova.errors",
    "MakeFakeNova": "fake_nova.testing.shared_clouds",
    "Settings": "fake_nova.settings",
    "ThreadServer": "fake_nova.serving.threaded",
    "create_app": "fake_nova.app",
}

__all__ = [
    "Control",
    "FakeNova",
    "FakeNovaError",
    "MakeFakeNova",
    "Settings",
    "ThreadServer",
    "__version__",
    "create_app",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
