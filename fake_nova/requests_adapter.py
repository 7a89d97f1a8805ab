"""Sessions of requests that reach a cloud in this process; see `fake_nova.clients.requests`."""

from fake_nova.clients.requests import DirectAdapter, session

__all__ = ["DirectAdapter", "session"]
