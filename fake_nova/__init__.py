"""A test double for OpenStack Nova's images API, with Glance and Keystone beside it.

The layers, from the bottom up. Each imports only from the lines before its own:

- ``support``, ``errors``: helpers that know nothing of OpenStack, and the exceptions.
- ``images``: the images of one cloud and the queries of lists, compared and sorted as the *database* does it,
  MariaDB or SQLite.
- ``dialects``, ``settings``: where the two emulated services differ (the *dialect*), and the options.
- ``cloud``: one *emulator* holds the *cloud* that projects share, and one more for each *scope*. A reset
  begins a new *generation* at the *initial state*. A *plan* changes an image's status after some time or
  after some *polls*.
- ``documents``: reads and writes YAML and JSON. What the fixtures describe is the *seed*.
- ``wire``: HTTP for all APIs: routing, faults, the *journal* of requests, and the *hint* of a response.
- ``apis``: a folder for each API, with its route table, checks, views and errors.
- ``serving``: the WSGI application, and the servers that run it.
- ``control``, ``clients``: the admin API from Python, and requests and httpx without a socket.
- ``app``: Flask around the WSGI application.
- ``testing``, ``faults``, ``cli``: the pytest plugin, each fault without pytest, and the command line.

A request goes from ``serving.wsgi`` to ``wire.pipeline``, which matches its route (``wire.routing``), runs
the checks and the view of its API (``apis``) on the cloud, and adds the hint (``wire.hints``).

docs/explanation/glossary.md has all of these words. The names below are imported on first use, so that
importing the package or its pytest plugin loads neither Flask nor Faker.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from fake_nova._version import __version__

if TYPE_CHECKING:
    from fake_nova import faults as faults
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
    if name == "faults":
        return import_module("fake_nova.faults")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
