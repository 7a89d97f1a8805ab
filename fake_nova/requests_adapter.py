"""Sessions of requests that reach a cloud in this process; see `fake_nova.clients.requests`."""

from fake_nova.clients.requests import InProcessAdapter, session

__all__ = ["InProcessAdapter", "session"]
